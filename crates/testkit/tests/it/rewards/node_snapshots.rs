//! Snapshots of reward programmes, from a node with the contracts: what was read is what the model
//! came to, and where the node goes on, logs lead from one snapshot to the other.

mod gauge_v5;
mod master_chef;
mod v3_staker;
mod vote_escrow;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidemill_feed_evm::snapshot::{AtBlock, BlockChoice, SnapshotBlock, SnapshotError};
use tidemill_feed_evm::snapshot::{ChainReader, read_at_block};
use tidemill_feed_evm::{
    LogPlace, ProgrammeContracts, ProgrammeLogs, ProgrammeTransaction, RawLog, TransactionCall,
};
use tidemill_market::{FoldedProgramme, NoPools, ProgrammeFold};
use tidemill_model::Address;
use tidemill_rewards::Moment;
use tidemill_store::{ProgrammeState, read_programme_state, write_programme_state};
use tidemill_testkit::anvil::AnvilMirror;
use tidemill_units::{BlockNumber, LogIndex, Timestamp};

use crate::anvil::node_reader::NodeReader;
use crate::anvil::wait;

/// Reads something at the last block.
fn latest<T>(
    reader: &dyn ChainReader,
    read: impl AsyncFn(&AtBlock<'_>) -> Result<T, SnapshotError>,
) -> Result<(SnapshotBlock, T), SnapshotError> {
    wait(read_at_block(reader, BlockChoice::Latest, 1, read))
}

/// Folds what the node's transactions after a block say, and answers how many events that were.
fn fold_after(
    start: FoldedProgramme,
    contracts: &ProgrammeContracts,
    asked: &[tidemill_testkit::Address],
    node: &mut AnvilMirror,
    from: BlockNumber,
) -> (ProgrammeFold, usize) {
    let reader = NodeReader::new(&node.chain.node);
    let mut logs = BTreeMap::<_, Vec<RawLog>>::new();
    for log in reader.logs_after(asked, from) {
        logs.entry(log.transaction).or_default().push(log);
    }
    let decoder = ProgrammeLogs::new(contracts);
    let (mut fold, mut events) = (ProgrammeFold::new(start), 0);
    for number in from.0 + 1..=node.chain.head().unwrap() {
        let block = json!([format!("{number:#x}"), true]);
        let block = node.chain.request("eth_getBlockByNumber", &block).unwrap();
        for transaction in block["transactions"].as_array().unwrap() {
            let call = call(transaction, number, &block);
            let hash = tidemill_model::Bytes32(bytes(&transaction["hash"]).try_into().unwrap());
            let own = logs.remove(&Some(hash)).unwrap_or_default();
            let receipt = json!([transaction["hash"]]);
            let receipt = node.chain.request("eth_getTransactionReceipt", &receipt).unwrap();
            if receipt["status"] != "0x1" {
                continue;
            }
            let told = ProgrammeTransaction {
                logs: &own,
                call: Some(&call),
                range_of: &|_| None,
                left_of: &|_| None,
            };
            for event in decoder.decode(&told).unwrap() {
                let now = Moment { at: call.time.unwrap(), block: call.place.block };
                let folded = fold.apply(&event.log, now, &NoPools);
                assert!(folded.is_ok(), "{folded:?}: {event:?}");
                events += 1;
            }
        }
    }
    assert!(logs.is_empty(), "{logs:?}");
    (fold, events)
}

fn call(transaction: &Value, number: u64, block: &Value) -> TransactionCall {
    let time = u64::from_str_radix(&block["timestamp"].as_str().unwrap()[2..], 16).unwrap();
    TransactionCall {
        from: Address(bytes(&transaction["from"]).try_into().unwrap()),
        to: Address(bytes(&transaction["to"]).try_into().unwrap()),
        input: bytes(&transaction["input"]).into(),
        place: LogPlace { block: BlockNumber(number), log_index: LogIndex(u32::MAX) },
        time: Some(Timestamp(time)),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    revm::primitives::hex::decode(value.as_str().unwrap()).unwrap()
}

/// Writes a state to its file and reads it again.
fn through_file(state: impl Into<ProgrammeState>) {
    let state = state.into();
    let text = write_programme_state(&state).unwrap();
    assert_eq!(read_programme_state(&text).unwrap(), state);
}
