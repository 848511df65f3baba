use std::time::Duration;

use crate::rpc::{BlockHeader, LogQuery};

/// What to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRequest {
    /// Which logs.
    pub query: LogQuery,
    /// The block to go on from, a backfill's last; the newest is the first told when `None`.
    pub after: Option<BlockHeader>,
}

/// How to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    /// How many headers are kept: the depth of a reorganisation that can be reverted.
    pub kept_headers: usize,
    /// How many missed blocks are made up for at once.
    pub catch_up: usize,
    /// The time between two questions for the newest block while there is no socket, and before a
    /// lost one is tried again.
    pub poll: Duration,
    /// How long a socket may say nothing before it is tried, and then left.
    pub silence: Duration,
    /// Whether a block's bloom filter is believed: it rules logs out, and raises doubt where none
    /// came. To be switched off for chains whose filters are empty or leave out some logs.
    pub by_bloom: bool,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            kept_headers: 256,
            catch_up: 1_024,
            poll: Duration::from_secs(4),
            silence: Duration::from_secs(30),
            by_bloom: true,
        }
    }
}
