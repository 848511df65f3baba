use std::collections::VecDeque;

use tidemill_model::{FeedChange, FeedItem, GapCause};
use tidemill_units::InstantUs;

use super::merge::{Fault, FeedRecord};

/// A recording of a feed with its holes and its end made known.
///
/// * Candles: where one is missing, there is a gap from the instant at which it should have been
///   known until the next one is; after the last one likewise.
/// * Trades: where a number is missing, there is a gap from the trade before it, known from the
///   trade behind it on, and over at once.
/// * Trades, quotes and mark prices: a gap after the last one.
/// * Funding and series come when they come: no hole can be seen, and no end.
pub struct Watched<I> {
    records: I,
    waiting: VecDeque<FeedRecord>,
    last: Option<(FeedItem, Option<InstantUs>)>,
    until: Option<InstantUs>,
    is_over: bool,
}

/// A candle that begins before the one before it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the candle that begins at {0} us overlaps the one before it")]
struct Overlap(InstantUs);

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Watched<I> {
    /// Returns the records with what is missing between them.
    pub fn new(records: I) -> Self {
        Self { records, waiting: VecDeque::new(), last: None, until: None, is_over: false }
    }

    /// Returns the same of a recording that is known to go on until an instant, which is when it is
    /// over, or after the last item if that is later.
    pub fn until(records: I, until: Option<InstantUs>) -> Self {
        Self { until, ..Self::new(records) }
    }

    fn note(&mut self, record: FeedRecord) -> Result<(), Fault> {
        if let FeedRecord::Item { item, seen_at } = record {
            let hole = match &self.last {
                Some((last, _)) => hole_between(last, &item)?,
                None => None,
            };
            self.waiting.extend(hole.into_iter().flatten());
            self.last = Some((item, seen_at));
        }
        self.waiting.push_back(record);
        Ok(())
    }
}

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Iterator for Watched<I> {
    type Item = Result<FeedRecord, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.waiting.pop_front() {
            return Some(Ok(record));
        }
        if self.is_over {
            return None;
        }
        match self.records.next() {
            Some(Err(error)) => {
                self.is_over = true;
                return Some(Err(error));
            }
            Some(Ok(record)) => {
                if let Err(error) = self.note(record) {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
            None => {
                self.is_over = true;
                if let Some((item, seen_at)) = &self.last {
                    self.waiting.extend(end_after(item, *seen_at, self.until));
                }
            }
        }
        self.waiting.pop_front().map(Ok)
    }
}

pub(super) fn gap(at: InstantUs, since: InstantUs, cause: GapCause) -> FeedRecord {
    FeedRecord::Change { at, change: FeedChange::Gap { since, cause } }
}

pub(super) fn restored(at: InstantUs) -> FeedRecord {
    FeedRecord::Change { at, change: FeedChange::Restored }
}

/// Returns the gap between two items, and its end.
fn hole_between(last: &FeedItem, next: &FeedItem) -> Result<Option<[FeedRecord; 2]>, Fault> {
    match (last, next) {
        (FeedItem::Candle { interval, candle: last }, FeedItem::Candle { candle: next, .. }) => {
            let expected = interval.end_of(last.open_time).unwrap_or(InstantUs(i64::MAX));
            if next.open_time < expected {
                return Err(Box::new(Overlap(next.open_time)));
            }
            let known = interval.end_of(expected);
            let there = interval.end_of(next.open_time);
            let (Some(known), Some(there)) = (known, there) else { return Ok(None) };
            let cause = GapCause::NotRecorded;
            let hole = [gap(known, expected, cause), restored(there)];
            Ok((next.open_time > expected).then_some(hole))
        }
        (FeedItem::Trade(last), FeedItem::Trade(next)) => {
            let is_next = last.id.checked_add(1) == Some(next.id);
            let hole = [gap(next.time, last.time, GapCause::OutOfSequence), restored(next.time)];
            Ok((!is_next).then_some(hole))
        }
        _ => Ok(None),
    }
}

/// Returns the gaps after the last item, which was seen then where that was recorded.
fn end_after(
    last: &FeedItem,
    seen_at: Option<InstantUs>,
    until: Option<InstantUs>,
) -> Vec<FeedRecord> {
    let cause = GapCause::Ended;
    let after = |time: InstantUs| {
        let end = until.map_or(time, |until| until.max(time));
        vec![gap(end, end, cause)]
    };
    match last {
        FeedItem::Candle { interval, candle } => {
            let end = interval.end_of(candle.open_time);
            let over = until.and_then(|until| interval.end_of(interval.start_of(until)?)).max(end);
            // What was still recorded then had no candles; behind it nothing was.
            let missing = (over > end).then_some((end, GapCause::NotRecorded));
            let known = |(since, cause): (Option<InstantUs>, _)| {
                let since = since?;
                Some(gap(interval.end_of(since)?, since, cause))
            };
            missing.into_iter().chain([(over, cause)]).filter_map(known).collect()
        }
        FeedItem::Trade(trade) => after(trade.time),
        FeedItem::Mark(mark) => after(mark.time),
        FeedItem::Quote(quote) => quote.time.or(seen_at).map(after).unwrap_or_default(),
        FeedItem::Funding(_) | FeedItem::Observation(_) => Vec::new(),
    }
}
