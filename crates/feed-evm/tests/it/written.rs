//! Logs as contracts write them, made by hand from signatures.

use alloy_primitives::keccak256;
use tidemill_feed_evm::{LogPlace, RawLog};
use tidemill_model::{Address, Bytes32};
use tidemill_units::{BlockNumber, LogIndex, Timestamp, U256};

/// An address of one byte repeated.
pub(crate) fn contract(byte: u8) -> Address {
    Address([byte; 20])
}

/// A field that is an address.
pub(crate) fn of(address: Address) -> U256 {
    U256::from_be_slice(&address.0)
}

pub(crate) fn number(number: u64) -> U256 {
    U256::from(number)
}

/// A log of a contract: its event, the indexed fields and the others.
pub(crate) fn log(address: Address, signature: &str, indexed: &[U256], others: &[U256]) -> RawLog {
    let mut topics = vec![Bytes32(keccak256(signature.as_bytes()).0)];
    topics.extend(indexed.iter().map(|word| Bytes32(word.to_be_bytes())));
    let data: Vec<u8> = others.iter().flat_map(|word| word.to_be_bytes::<32>()).collect();
    RawLog {
        address: Some(address),
        topics,
        data: data.into(),
        place: LogPlace::default(),
        block_hash: None,
        time: Some(Timestamp(1_700_000_000)),
        transaction: Some(Bytes32([1; 32])),
    }
}

/// A transfer of a token.
pub(crate) fn transfer(token: Address, from: Address, to: Address, amount: u64) -> RawLog {
    let signature = "Transfer(address,address,uint256)";
    log(token, signature, &[of(from), of(to)], &[number(amount)])
}

/// Puts logs at the places of one block, one after another.
pub(crate) fn in_block(block: u64, logs: Vec<RawLog>) -> Vec<RawLog> {
    let at = |(log_index, log): (u32, RawLog)| {
        let place = LogPlace { block: BlockNumber(block), log_index: LogIndex(log_index) };
        RawLog { place, ..log }
    };
    (0..).zip(logs).map(at).collect()
}
