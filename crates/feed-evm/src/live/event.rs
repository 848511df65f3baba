use tidemill_units::BlockNumber;

use crate::rpc::{BlockHeader, CallError, RpcError};
use crate::{LogPlace, RawLog};

/// What happens at the chain's end. In order: every block's parent is the last block that was
/// told and not reverted, except right after a gap that says it loses blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveEvent {
    /// A block, with all its logs that were asked for.
    Block {
        /// Its header.
        header: BlockHeader,
        /// The logs, in the chain's order.
        logs: Vec<RawLog>,
    },
    /// A block that was told is no longer on the chain. A reorganisation reverts the newest first,
    /// then tells the blocks of the new branch.
    Reverted {
        /// The header as it was told.
        header: BlockHeader,
    },
    /// From this block on nothing is known, until [`LiveEvent::Restored`].
    Gap {
        /// The first block not told.
        since: BlockNumber,
        /// Why.
        cause: LiveGap,
    },
    /// What follows is the chain again; what was missed comes first, unless the gap lost it.
    Restored,
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiveGap {
    /// The socket was lost. Blocks are asked for until there is one again; none is lost.
    #[error("the socket was lost: {0}")]
    Dropped(String),
    /// No node answered. None is lost.
    #[error("no node answers: {0}")]
    NoAnswer(CallError),
    /// A node answered what cannot be true. None is lost: the block is asked for again.
    #[error("{0}")]
    Wrong(RpcError),
    /// The socket told a log that the block's answer had not had. The block is reverted and told
    /// again; none is lost.
    #[error("the log at {0} was left out")]
    MissedLog(LogPlace),
    /// A reorganisation that goes further back than headers are kept. What was told of those
    /// blocks has to be thrown away: they are not reverted one by one.
    #[error("a reorganisation goes below block {oldest_kept}; {kept} headers are kept")]
    TooDeep {
        /// The oldest header that is kept.
        oldest_kept: BlockNumber,
        /// How many are.
        kept: usize,
    },
    /// More blocks were missed than are fetched here; a backfill has to fetch those between.
    #[error("blocks {from} to {to} were missed; at most {most} are made up for here")]
    TooFarBehind {
        /// The first that is missing.
        from: BlockNumber,
        /// The last that is missing.
        to: BlockNumber,
        /// How many are made up for.
        most: usize,
    },
}

impl LiveGap {
    /// Whether blocks are lost: what comes after does not follow on what was told.
    pub fn loses_blocks(&self) -> bool {
        match self {
            Self::TooDeep { .. } | Self::TooFarBehind { .. } => true,
            Self::Dropped(_) | Self::NoAnswer(_) | Self::Wrong(_) | Self::MissedLog(_) => false,
        }
    }
}
