use std::sync::{Mutex, PoisonError};

use crate::rpc::RangeLimit;

/// How many blocks each node is asked for at once: what it has shown to bear.
#[derive(Debug)]
pub(super) struct Ranges {
    most: u64,
    widths: Mutex<Vec<u64>>,
}

impl Ranges {
    /// Starts with `most` for each of so many nodes.
    pub(super) fn new(nodes: usize, most: u64) -> Self {
        Self { most, widths: Mutex::new(vec![most; nodes]) }
    }

    /// The blocks to ask a node for.
    pub(super) fn width(&self, node: usize) -> u64 {
        let widths = self.widths.lock().unwrap_or_else(PoisonError::into_inner);
        widths.get(node).copied().unwrap_or(self.most).max(1)
    }

    /// A node has answered for so many: it may be asked for a quarter more. Narrower answers, from
    /// the end of a chunk, say nothing.
    pub(super) fn answered(&self, node: usize, blocks: u64) {
        self.change(node, |width| {
            let more = width.saturating_add(width / 4).saturating_add(1);
            if blocks >= width { more.min(self.most) } else { width }
        });
    }

    /// A node would not answer for so many from a block on. Returns how many it is to be asked
    /// for: what it suggests if that is fewer and begins there, or else half.
    pub(super) fn refused(&self, node: usize, from: u64, blocks: u64, limit: RangeLimit) -> u64 {
        let half = (blocks / 2).max(1);
        let suggested = limit.suggested.filter(|(first, _)| *first == from);
        let named = suggested.map(|(first, last)| last.saturating_sub(first).saturating_add(1));
        let next = named.filter(|named| *named < blocks).unwrap_or(half);
        self.change(node, |width| width.min(next));
        next
    }

    fn change(&self, node: usize, change: impl FnOnce(u64) -> u64) {
        let mut widths = self.widths.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(width) = widths.get_mut(node) {
            *width = change(*width).max(1);
        }
    }
}

#[cfg(test)]
mod tests;
