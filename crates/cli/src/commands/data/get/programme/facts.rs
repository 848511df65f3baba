use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use tidemill_feed_evm::rpc::{Ask, Opened};
use tidemill_feed_evm::snapshot::{
    AtBlock, BlockChoice, ContractCall, EndpointReader, SnapshotError, Words, read_at_block,
};
use tidemill_feed_evm::{RawLog, TransactionCall};
use tidemill_model::{Address, Bytes32, ProgrammeKind};
use tidemill_units::{BlockNumber, Tick, TickRange, U256};

use crate::failure::Failure;

/// A reorganisation while a constant is read is answered by reading it again.
const TRIES: u32 = 3;
/// Where `positions(uint256)` has the ticks.
const LOWER: usize = 5;
const UPPER: usize = 6;
const TICKS: &str = "a tick";

/// What a programme's logs do not say and nodes do.
pub(super) struct Facts<'a> {
    nodes: &'a Opened,
    /// Of a staker of positions: whose positions.
    position_manager: Option<Address>,
    /// Ticks of positions that were asked for.
    pub(super) ranges: BTreeMap<U256, TickRange>,
}

/// A transaction as nodes tell it, as far as it is needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    from: String,
    to: Option<String>,
    input: String,
    block_hash: Option<String>,
}

impl<'a> Facts<'a> {
    pub(super) async fn new(
        nodes: &'a Opened,
        programme: Address,
        kind: ProgrammeKind,
    ) -> Result<Self, Failure> {
        let position_manager = match kind == ProgrammeKind::V3Staker {
            true => Some(address(nodes, programme, "nonfungiblePositionManager()").await?),
            false => None,
        };
        Ok(Self { nodes, position_manager, ranges: BTreeMap::new() })
    }

    /// Asks for the call of the transaction that a log is of.
    pub(super) async fn call(&self, log: &RawLog) -> Result<Option<TransactionCall>, Failure> {
        let Some(hash) = log.transaction else { return Ok(None) };
        let params = json!([hash.to_string()]);
        let ask = Ask { method: "eth_getTransactionByHash", params };
        let (_, told) = self.nodes.endpoints.any(0, &ask).await.map_err(Failure::input)?;
        let Transaction { from, to, input, block_hash } = told;
        let wrong = |what: &str| Failure::input(format!("transaction {hash}: {what}"));
        let block: Option<Bytes32> = block_hash.and_then(|hash| hash.parse().ok());
        if block != log.block_hash {
            return Err(wrong("a node tells it of another block than its logs"));
        }
        let parsed = |text: &str| text.parse().map_err(|_| wrong("a node tells no address"));
        let Some(to) = to else { return Ok(None) };
        Ok(Some(TransactionCall {
            from: parsed(&from)?,
            to: parsed(&to)?,
            input: input.parse().map_err(|_| wrong("a node tells no input"))?,
            place: log.place,
            time: log.time,
        }))
    }

    /// Asks for a position's ticks, which never change: now, or where it is burned by now, at the
    /// block of its deposit.
    pub(super) async fn learn(&mut self, position: U256, at: BlockNumber) -> Result<(), Failure> {
        let none = || Failure::input(format!("position {position}: nobody tells its ticks"));
        let manager = self.position_manager.ok_or_else(none)?;
        let call = ContractCall::new(manager, "positions(uint256)", &[position]);
        let answer = match ask(self.nodes, &call, BlockChoice::Latest).await {
            Err(SnapshotError::Reverted { .. }) => {
                ask(self.nodes, &call, BlockChoice::Number(at)).await
            }
            other => other,
        };
        let read = |words: Words| -> Result<TickRange, SnapshotError> {
            let (lower, upper) = (words.signed(LOWER, TICKS)?, words.signed(UPPER, TICKS)?);
            Ok(TickRange { lower: Tick(lower), upper: Tick(upper) })
        };
        let range = answer.and_then(read).map_err(Failure::input)?;
        self.ranges.insert(position, range);
        Ok(())
    }
}

/// Asks a contract for one of its constants.
pub(super) async fn address(
    nodes: &Opened,
    contract: Address,
    signature: &'static str,
) -> Result<Address, Failure> {
    let call = ContractCall::new(contract, signature, &[]);
    let answer = ask(nodes, &call, BlockChoice::Latest).await;
    answer.and_then(|words| words.address(0)).map_err(Failure::input)
}

async fn ask(
    nodes: &Opened,
    call: &ContractCall,
    block: BlockChoice,
) -> Result<Words, SnapshotError> {
    let reader = EndpointReader::new(&nodes.endpoints, 0);
    let read = async |at: &AtBlock<'_>| at.call(call).await;
    read_at_block(&reader, block, TRIES, read).await.map(|(_, words)| words)
}
