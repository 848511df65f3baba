//! The least that liquidity at a tape's start can have been.
//!
//! Liquidity is never below zero. Where more was burned than minted since the start, what was there
//! at the start was at least the difference, at whatever moment that was largest.

use tidemill_model::PoolEvent;

use super::curve::{Bucket, bucket_of, liquidity_change};

/// For each stretch between two ticks that mints and burns mention, the least that the sum of
/// changes ever was: a tree over the ticks, in which a change waits at the highest nodes that its
/// range covers until something below them is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Floor {
    ticks: Vec<Bucket>,
    nodes: Vec<Waiting>,
}

/// Changes that all stretches below a node share and that have not been handed down to them.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    sum: i128,
    /// The least that the sum was, zero before the first change included.
    least: i128,
}

impl Waiting {
    /// Takes in changes that came later.
    fn then(&mut self, later: Self) {
        self.least = self.least.min(self.sum.saturating_add(later.least));
        self.sum = self.sum.saturating_add(later.sum);
    }
}

/// A node of the tree and the stretches below it.
#[derive(Clone, Copy)]
struct Node {
    place: usize,
    from: usize,
    until: usize,
}

impl Node {
    fn children(self) -> [Self; 2] {
        let middle = self.from.midpoint(self.until);
        let first = self.place.saturating_mul(2);
        [
            Self { place: first, from: self.from, until: middle },
            Self { place: first.saturating_add(1), from: middle, until: self.until },
        ]
    }

    fn is_leaf(self) -> bool {
        self.until.saturating_sub(self.from) <= 1
    }
}

impl Floor {
    /// Reads off all events what they say of the liquidity before the first of them.
    pub(super) fn of<'a>(
        events: impl Iterator<Item = &'a PoolEvent> + Clone,
        spacing: i32,
    ) -> Self {
        let range = |event: &PoolEvent| {
            let (range, by) = liquidity_change(event)?;
            Some(([range.lower, range.upper].map(|tick| bucket_of(tick, spacing)), by))
        };
        let mut ticks: Vec<Bucket> =
            events.clone().filter_map(range).flat_map(|(range, _)| range).collect();
        ticks.sort_unstable();
        ticks.dedup();
        let nodes = ticks.len().checked_next_power_of_two().unwrap_or(0).saturating_mul(2);
        let mut floor = Self { nodes: vec![Waiting::default(); nodes], ticks };
        for ([lower, upper], by) in events.filter_map(range) {
            let [from, until] =
                [lower, upper].map(|tick| floor.ticks.partition_point(|t| *t < tick));
            floor.change(floor.root(), [from, until], Waiting { sum: by, least: by.min(0) });
        }
        floor
    }

    fn root(&self) -> Node {
        Node { place: 1, from: 0, until: self.ticks.len() }
    }

    /// Returns the least liquidity that a bucket can have had.
    pub(super) fn at(&self, bucket: Bucket) -> i128 {
        let place = self.ticks.partition_point(|tick| *tick <= bucket);
        let Some(place) = place.checked_sub(1) else { return 0 };
        let mut node = self.root();
        let mut all = self.waiting(node);
        // What waits higher up came later.
        while !node.is_leaf() {
            let [left, right] = node.children();
            node = if place < left.until { left } else { right };
            let mut earlier = self.waiting(node);
            earlier.then(all);
            all = earlier;
        }
        all.least.saturating_neg()
    }

    fn waiting(&self, node: Node) -> Waiting {
        self.nodes.get(node.place).copied().unwrap_or_default()
    }

    fn take_in(&mut self, node: Node, later: Waiting) {
        if let Some(waiting) = self.nodes.get_mut(node.place) {
            waiting.then(later);
        }
    }

    fn change(&mut self, node: Node, range: [usize; 2], by: Waiting) {
        let [from, until] = range;
        if until <= node.from || node.until <= from {
            return;
        }
        if from <= node.from && node.until <= until {
            self.take_in(node, by);
            return;
        }
        let waiting = self.waiting(node);
        if let Some(emptied) = self.nodes.get_mut(node.place) {
            *emptied = Waiting::default();
        }
        for child in node.children() {
            self.take_in(child, waiting);
            self.change(child, range, by);
        }
    }
}

#[cfg(test)]
mod tests;
