use std::fmt;
use std::time::Duration;

use tidemill_model::{Bytes32, ChainId};
use tidemill_units::{BlockNumber, Timestamp};

use crate::LogPlace;

/// Why a node gave no answer that can be used: which node, asked what, and what went wrong. Its
/// text never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{endpoint}: {method}: {fault}")]
pub struct RpcError {
    /// The node, as it may be shown.
    pub endpoint: String,
    /// What it was asked.
    pub method: &'static str,
    /// What went wrong.
    pub fault: RpcFault,
}

/// What can go wrong with one request to one node; [`RpcFault::class`] says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RpcFault {
    /// No whole answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection ended before the whole answer was there.
    #[error("the answer ended early: {0}")]
    Lost(String),
    /// Another status than success, and no JSON-RPC error with it.
    #[error("HTTP status {status}{}", told(.retry_after))]
    Http {
        /// The status.
        status: u16,
        /// The wait its `Retry-After` tells.
        retry_after: Option<Duration>,
    },
    /// An answer longer than is read.
    #[error("the answer is longer than {limit} bytes")]
    BodyTooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// No JSON, or JSON that is cut off.
    #[error("the answer is no JSON: {0}")]
    NotJson(String),
    /// An answer to another question: a wrong id, too few or too many answers of a batch.
    #[error("the answer is to another question: {0}")]
    OtherAnswer(String),
    /// A JSON-RPC error.
    #[error("error {code}: {message}")]
    Answer {
        /// The code.
        code: i64,
        /// The words, cut at 300 characters.
        message: String,
    },
    /// JSON, but not of the kind that the method answers with.
    #[error("the answer cannot be read: {0}")]
    Shape(String),
    /// `null` where there has to be something: the node does not have the block.
    #[error("the node does not have it")]
    Nothing,
    /// A node of another chain.
    #[error("the chain is {}; allowed is {}", found.0, expected.0)]
    WrongChain {
        /// The chain that was meant.
        expected: ChainId,
        /// The node's.
        found: ChainId,
    },
    /// A node whose newest block is too far behind.
    #[error("the newest block is {head}, the other nodes' {best}")]
    Lagging {
        /// Its newest block.
        head: BlockNumber,
        /// The newest of all nodes, or what is needed.
        best: BlockNumber,
    },
    /// A node whose newest block is too old.
    #[error("the newest block is of {}, {} seconds ago", time.0, age_seconds)]
    StaleHead {
        /// The block's time.
        time: Timestamp,
        /// Its age by the clock of this machine.
        age_seconds: u64,
    },
    /// An answer that cannot be true.
    #[error("{0}")]
    Data(DataFault),
}

/// What shows that an answer of logs or headers cannot be true, or cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataFault {
    /// A log that says not where it stands.
    #[error("a log has no {0}")]
    LogWithout(&'static str),
    /// A log of a block that was not asked for.
    #[error("a log at {0} is outside the blocks asked for")]
    OutsideRange(LogPlace),
    /// A log that the query does not match.
    #[error("the log at {0} is not one asked for")]
    NotAsked(LogPlace),
    /// Two logs at one place.
    #[error("two logs at {0}")]
    Twice(LogPlace),
    /// A log that a reorganisation took back.
    #[error("the log at {0} is marked as removed")]
    Removed(LogPlace),
    /// Logs of one block with two hashes, or with another than the header's.
    #[error("the logs of block {block} are of another block: {log} where {header} is expected")]
    OtherBlock {
        /// The block.
        block: BlockNumber,
        /// The hash with the logs.
        log: Bytes32,
        /// The header's.
        header: Bytes32,
    },
    /// A header for another block than asked for.
    #[error("asked for block {asked}, answered {found}")]
    OtherHeader {
        /// The block asked for.
        asked: BlockNumber,
        /// The header's number.
        found: BlockNumber,
    },
    /// A header whose parent is not the block before.
    #[error("block {block} names the parent {named}, but the block before it is {before}")]
    BrokenLink {
        /// The later block.
        block: BlockNumber,
        /// The parent's hash in its header.
        named: Bytes32,
        /// The hash of the block before.
        before: Bytes32,
    },
    /// A log whose index is higher than the block's gas could have paid for.
    #[error("the block's gas does not pay for a log at {0}")]
    ImplausibleIndex(LogPlace),
    /// A log that the header's bloom filter rules out.
    #[error("the bloom filter of the block rules out the log at {0}")]
    NotInBloom(LogPlace),
    /// A block that has logs which an answer left out.
    #[error("block {0} has logs that the answer left out")]
    Hole(BlockNumber),
    /// A block that may have logs, none came, and nothing else could confirm that.
    #[error("nothing confirms that block {0} has no such logs")]
    HoleUnconfirmed(BlockNumber),
    /// Two nodes that say different things, neither of which contains the other.
    #[error("two nodes disagree about the logs of blocks {from} to {to}")]
    Disagreement {
        /// The first block.
        from: BlockNumber,
        /// The last.
        to: BlockNumber,
    },
}

/// Every node failed: what each said last, in the order they were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// One failure a node; never more than there are nodes.
    pub failures: Vec<RpcError>,
}

impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.failures.is_empty() {
            return formatter.write_str("there is no node to ask");
        }
        for (index, failure) in self.failures.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(formatter, "{comma}{failure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CallError {}

impl CallError {
    /// The range limit among the failures, if one is.
    pub(crate) fn range_limit(&self) -> Option<super::RangeLimit> {
        self.failures.iter().find_map(|failure| failure.fault.range_limit())
    }
}

fn told(wait: &Option<Duration>) -> String {
    wait.map(|wait| format!(", to be asked again after {wait:?}")).unwrap_or_default()
}
