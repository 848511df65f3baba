use tidemill_model::{Bytes32, PoolBuild, PoolEvent};

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
