use tidemill_model::{Bytes32, PoolBuild, PoolEvent};
use tidemill_units::BlockNumber;

use crate::protocols::{pancake_v3, slipstream, uniswap_v3, uniswap_v4};
use crate::{LogPlace, RawLog};

/// What a pool's log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Something that a tape has.
    Event(PoolEvent),
    /// Something that changes neither prices nor liquidity nor fees: the event's name.
    Irrelevant(&'static str),
    /// Something about another pool, where one contract keeps many.
    OtherPool,
}

/// A log that is not what its contract writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct DecodeError {
    /// Where it stands.
    pub place: LogPlace,
    /// What is wrong with it.
    pub fault: DecodeFault,
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// No event of the contract has this signature.
    #[error("a {contract} writes no log with topic {topic}")]
    UnknownEvent {
        /// The contract.
        contract: &'static str,
        /// The first topic.
        topic: Bytes32,
    },
    /// An anonymous log.
    #[error("the log has no topic")]
    NoTopic,
    /// Topics or data that are no encoding of the event's fields.
    #[error("`{event}` is not encoded as its signature says: {detail}")]
    Encoding {
        /// The event.
        event: &'static str,
        /// What the decoder says.
        detail: String,
    },
    /// A log of a contract that is not asked for, or without the contract's address among others'.
    #[error("the log is of {found}, which is none of the contracts asked for")]
    OtherContract {
        /// The contract, or that none is told.
        found: String,
    },
    /// Something that happened and that no tape has an event for.
    #[error("`{event}` cannot be told on a tape: {detail}")]
    Unplaced {
        /// The event.
        event: &'static str,
        /// Why not.
        detail: &'static str,
    },
    /// A log before the one that was read last.
    #[error("the log is not after the one before it, {before}, and further back than is sorted")]
    OutOfOrder {
        /// The log read before it.
        before: LogPlace,
    },
    /// Two logs of one place that differ.
    #[error("two logs have this place and differ in {field}")]
    Conflict {
        /// The first field that differs.
        field: &'static str,
    },
    /// A log whose block's time nobody tells.
    #[error("the time of the block is not told")]
    NoTime,
    /// A log in a block that the start already contains.
    #[error("the log is in or before block {start}, whose state the tape starts from")]
    BeforeStart {
        /// The block.
        start: BlockNumber,
    },
    /// A transaction with more logs than are held at once.
    #[error("the transaction has more than {most} logs of these contracts")]
    TooManyLogs {
        /// The most.
        most: usize,
    },
    /// A value that the contract's own type cannot have.
    #[error("`{event}` has {field} {found}; allowed is {allowed}")]
    Value {
        /// The event.
        event: &'static str,
        /// The field.
        field: &'static str,
        /// What it is.
        found: String,
        /// What is allowed.
        allowed: &'static str,
    },
}

/// Returns what a log of a concentrated pool says.
///
/// Errors: a log that no such contract writes, or that is not encoded as its event says.
pub fn decode_pool_log(build: &PoolBuild, log: &RawLog) -> Result<Decoded, DecodeError> {
    let decoded = match build {
        PoolBuild::UniswapV3 => uniswap_v3::decode(log),
        PoolBuild::PancakeV3 { .. } => pancake_v3::decode(log),
        PoolBuild::Slipstream { .. } => slipstream::decode(log),
        PoolBuild::UniswapV4 { pool_id, .. } => uniswap_v4::decode(*pool_id, log),
    };
    decoded.map_err(|fault| DecodeError { place: log.place, fault })
}
