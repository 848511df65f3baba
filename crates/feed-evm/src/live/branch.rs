use std::collections::VecDeque;

use tidemill_model::Bytes32;
use tidemill_units::{BlockNumber, LogIndex};

use crate::rpc::BlockHeader;

/// The newest blocks that were told, each the parent of the next.
#[derive(Debug)]
pub(super) struct Branch {
    most: usize,
    blocks: VecDeque<Told>,
}

/// A block that was told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) header: BlockHeader,
    /// Which logs were told with it; nothing is known of the one that was gone on from.
    pub(super) logs: Option<Vec<LogIndex>>,
}

impl Branch {
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), blocks: VecDeque::new() }
    }

    pub(super) fn tip(&self) -> Option<&BlockHeader> {
        self.blocks.back().map(|told| &told.header)
    }

    pub(super) fn oldest(&self) -> Option<BlockNumber> {
        self.blocks.front().map(|told| told.header.number)
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn find(&self, hash: Bytes32) -> Option<&Told> {
        self.blocks.iter().rev().find(|told| told.header.hash == hash)
    }

    /// Adds a block on top; the oldest is forgotten when there are too many.
    pub(super) fn push(&mut self, header: BlockHeader, logs: Option<Vec<LogIndex>>) {
        while self.blocks.len() >= self.most {
            self.blocks.pop_front();
        }
        self.blocks.push_back(Told { header, logs });
    }

    /// Takes the newest block off, unless it is the one of this hash.
    pub(super) fn pop_above(&mut self, hash: Bytes32) -> Option<BlockHeader> {
        let above = self.tip().is_some_and(|tip| tip.hash != hash);
        if above { self.blocks.pop_back().map(|told| told.header) } else { None }
    }

    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }
}
