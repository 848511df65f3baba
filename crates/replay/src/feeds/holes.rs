use std::collections::VecDeque;

use tidemill_catalogue::Span;
use tidemill_model::{FeedChange, FeedItem, GapCause};
use tidemill_units::InstantUs;

use super::folder::not_recorded;
use super::merge::{Fault, FeedRecord};
use super::watch::restored;

/// Records with the holes that a manifest names as gaps of the feed.
///
/// * Trades, quotes, mark prices and funding: a gap from the hole's beginning to its end.
/// * Candles: those that are missing show as such ([`Watched`](super::Watched)); one that is there
///   in spite of a hole is in a gap, from its own end until a candle outside of the hole is known.
///
/// Holes before the first record say nothing, since the feed has not begun.
pub(super) struct Holes<I> {
    records: I,
    holes: VecDeque<Span>,
    is_open: bool,
    has_begun: bool,
    /// Whether what it says is of instants, not of intervals.
    is_of_instants: bool,
    waiting: VecDeque<FeedRecord>,
    is_over: bool,
}

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Holes<I> {
    /// Returns the records with these holes, which ascend.
    pub(super) fn new(records: I, holes: Vec<Span>) -> Self {
        let (holes, waiting) = (holes.into(), VecDeque::new());
        Self {
            records,
            holes,
            is_open: false,
            has_begun: false,
            is_of_instants: false,
            waiting,
            is_over: false,
        }
    }

    fn note(&mut self, record: FeedRecord) {
        match &record {
            FeedRecord::Item { item: FeedItem::Candle { interval, candle }, .. } => {
                let end = interval.end_of(candle.open_time).unwrap_or(InstantUs(i64::MAX));
                self.candle(candle.open_time, end);
            }
            FeedRecord::Item { item, seen_at } => {
                self.is_of_instants = true;
                if let Some(time) = item.known_from().or(*seen_at) {
                    self.advance(time);
                }
            }
            // The recording is over: what is missing before its end comes first.
            FeedRecord::Change { at, change: FeedChange::Gap { cause: GapCause::Ended, .. } }
                if self.is_of_instants =>
            {
                self.advance(*at);
            }
            FeedRecord::Change { change: FeedChange::Gap { .. }, .. } => {}
            // Something else has ended inside of the hole.
            FeedRecord::Change { change: FeedChange::Restored, .. } if self.is_open => return,
            FeedRecord::Change { change: FeedChange::Restored, .. } => {}
        }
        self.has_begun = true;
        self.waiting.push_back(record);
    }

    /// Opens and closes what lies before a time, or around it.
    fn advance(&mut self, time: InstantUs) {
        while let Some(hole) = self.holes.front().copied().filter(|hole| hole.from <= time.0) {
            let is_past = hole.to <= time.0;
            if !self.is_open && (self.has_begun || !is_past) {
                let from = InstantUs(hole.from);
                self.waiting.push_back(not_recorded(from, from));
                self.is_open = true;
            }
            if !is_past {
                return;
            }
            if self.is_open {
                self.waiting.push_back(restored(InstantUs(hole.to)));
                self.is_open = false;
            }
            self.holes.pop_front();
        }
    }

    fn candle(&mut self, start: InstantUs, end: InstantUs) {
        while self.holes.front().is_some_and(|hole| hole.to <= start.0) {
            self.holes.pop_front();
        }
        let is_in_hole = self.holes.front().is_some_and(|hole| hole.from < end.0);
        if is_in_hole && !self.is_open {
            self.waiting.push_back(not_recorded(end, start));
        } else if self.is_open && !is_in_hole {
            self.waiting.push_back(restored(end));
        }
        self.is_open = is_in_hole;
    }
}

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Iterator for Holes<I> {
    type Item = Result<FeedRecord, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.waiting.pop_front() {
                return Some(Ok(record));
            }
            if self.is_over {
                return None;
            }
            match self.records.next() {
                Some(Ok(record)) => self.note(record),
                Some(Err(error)) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
                None => {
                    self.is_over = true;
                    let last = self.holes.back().filter(|_| self.is_of_instants);
                    if let Some(hole) = last.copied() {
                        self.advance(InstantUs(hole.from));
                    }
                }
            }
        }
    }
}
