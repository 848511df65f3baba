use tidemill_model::Bytes32;
use tidemill_units::BlockNumber;

use crate::RawLog;
use crate::rpc::{BlockHeader, CallError};

/// What there is in a range of blocks.
///
/// Chunks come in the chain's order, each beginning where the last one ended, and end at blocks
/// that depend on the options alone: a backfill that was killed and one that was not give the same
/// chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The first block.
    pub from: BlockNumber,
    /// The last block.
    pub to: BlockNumber,
    /// The logs asked for, in the chain's order, with their blocks' hashes and times.
    pub logs: Vec<RawLog>,
    /// Headers, by number: of every block, or of those with logs.
    pub headers: Vec<BlockHeader>,
    /// The blocks of which nothing is known, in order; there are no logs or headers of them here.
    pub gaps: Vec<Gap>,
}

/// Blocks of which nothing is known, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first.
    pub from: BlockNumber,
    /// The last.
    pub to: BlockNumber,
    /// Why.
    pub cause: GapCause,
}

/// Why nothing is known of some blocks: what every node said last.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GapCause {
    /// No node answered with what could be relied on.
    #[error("no node gave logs that can be relied on: {0}")]
    Failed(CallError),
    /// One block has more logs than any node gives at once.
    #[error("the block has more logs than any node gives at once: {0}")]
    TooManyLogs(CallError),
}

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The first block that is not yet kept.
    pub next: BlockNumber,
    /// The hash of the block before it, if that is known.
    pub parent: Option<Bytes32>,
}

/// Where chunks go.
pub trait Sink: Send {
    /// Where to go on: what was kept so that it survives the process being killed. `None` at the
    /// start.
    ///
    /// Errors: what is kept cannot be read.
    fn progress(&self) -> Result<Option<Resume>, SinkError>;

    /// Keeps a chunk. When this returns, it and everything before it must survive; when it does
    /// not, [`Sink::progress`] must say as before, and the same chunk comes again, or else say
    /// that it is kept whole.
    ///
    /// Errors: it cannot be kept; the backfill stops there.
    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError>;
}

/// Why a sink cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SinkError(pub Box<dyn std::error::Error + Send + Sync>);
