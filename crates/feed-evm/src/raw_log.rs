use std::fmt;

use alloy_primitives::Bytes;
use tidemill_model::{Address, Bytes32};
use tidemill_units::{BlockNumber, LogIndex, Timestamp};

/// A log as a contract wrote it, and where it stands on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLog {
    /// Who wrote it; some files are of one contract and leave it out.
    pub address: Option<Address>,
    /// The event's signature hash, then the indexed fields; at most four.
    pub topics: Vec<Bytes32>,
    /// The other fields.
    pub data: Bytes,
    /// Its block and its place there.
    pub place: LogPlace,
    /// The block's hash, where it is told.
    pub block_hash: Option<Bytes32>,
    /// The block's time, where it is told.
    pub time: Option<Timestamp>,
    /// The transaction, where it is told.
    pub transaction: Option<Bytes32>,
}

/// Where a log stands on its chain; ordered as the chain is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPlace {
    /// The block.
    pub block: BlockNumber,
    /// Its place among the block's logs.
    pub log_index: LogIndex,
}

impl fmt::Display for LogPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "block {}, log index {}", self.block, self.log_index)
    }
}
