use tidemill_units::BlockNumber;

use super::chunk::{Gap, SinkError};
use crate::rpc::{CallError, LogQuery};

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackfillRequest {
    /// Which logs.
    pub query: LogQuery,
    /// The first block.
    pub from: BlockNumber,
    /// The last block.
    pub to: BlockNumber,
}

/// How to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackfillOptions {
    /// Which headers are fetched; they are most of the cost, and what holes are found by.
    pub headers: HeadersKept,
    /// How many nodes have to give the same logs.
    pub agreement: Agreement,
    /// The blocks of a chunk, which end at multiples of it; at least one. Chunks of different
    /// sizes hold the same rows.
    pub chunk_blocks: u64,
    /// Chunks fetched at once; so many are in memory. At least one.
    pub window: usize,
    /// How far the last block has to be below a node's newest, so that no reorganisation takes it
    /// back.
    pub confirmations: u64,
    /// So many chunks in a row of which nothing is known end the backfill; the last of them is not
    /// handed on. At least one.
    pub lost_chunks: u32,
}

/// Which headers are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadersKept {
    /// Of every block. Parents are checked, and a block whose bloom filter speaks of logs that
    /// did not come is asked for elsewhere.
    Every,
    /// Of blocks with logs, for their hashes and times. A left-out block is noticed only if two
    /// nodes have to agree. For chains whose bloom filters are empty or leave out some logs.
    OfLogs,
}

/// How many nodes have to give the same logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// One, and a second where a bloom filter raises doubt.
    One,
    /// Two, for every range.
    Two,
}

impl Default for BackfillOptions {
    fn default() -> Self {
        Self {
            headers: HeadersKept::Every,
            agreement: Agreement::One,
            chunk_blocks: 2_000,
            window: 4,
            confirmations: 64,
            lost_chunks: 2,
        }
    }
}

/// Why a backfill ends before its last block. What was handed on stays, and the next run goes on
/// from there.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The last block is before the first.
    #[error("blocks {from} to {to}; allowed is a last block that is not before the first")]
    Range {
        /// The first block.
        from: BlockNumber,
        /// The last block.
        to: BlockNumber,
    },
    /// An option that would mean nothing.
    #[error("{0} is zero; allowed is at least one")]
    Zero(&'static str),
    /// Two nodes have to agree, and there are not two.
    #[error("{usable} nodes have the blocks asked for; allowed are two or more to agree: {others}")]
    NotTwo {
        /// How many there are.
        usable: usize,
        /// What is wrong with the others.
        others: CallError,
    },
    /// No node has the last block, or not so far below its newest.
    #[error("block {to} and {confirmations} after it are not there yet: {heads}")]
    BeyondHead {
        /// The last block asked for.
        to: BlockNumber,
        /// How many have to follow it.
        confirmations: u64,
        /// What each node has.
        heads: CallError,
    },
    /// Too many chunks in a row of which nothing is known.
    #[error("blocks {} to {} and those before them: {}", .0.from, .0.to, .0.cause)]
    Lost(Box<Gap>),
    /// The sink cannot go on.
    #[error("what was fetched cannot be kept: {0}")]
    Sink(#[from] SinkError),
}
