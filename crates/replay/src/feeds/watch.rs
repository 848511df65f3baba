use std::collections::VecDeque;
use std::error::Error;

use tidemill_model::{FeedChange, FeedItem, GapCause};
use tidemill_units::InstantUs;

use super::merge::FeedRecord;

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
    is_over: bool,
}

type Fault = Box<dyn Error + Send + Sync>;

/// A candle that begins before the one before it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the candle that begins at {0} us overlaps the one before it")]
struct Overlap(InstantUs);

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Watched<I> {
    /// Returns the records with what is missing between them.
    pub fn new(records: I) -> Self {
        Self { records, waiting: VecDeque::new(), last: None, is_over: false }
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
                let last = self.last.as_ref();
                self.waiting.extend(last.and_then(|(item, seen_at)| end_after(item, *seen_at)));
            }
        }
        self.waiting.pop_front().map(Ok)
    }
}

fn gap(at: InstantUs, since: InstantUs, cause: GapCause) -> FeedRecord {
    FeedRecord::Change { at, change: FeedChange::Gap { since, cause } }
}

/// Returns the gap between two items, and its end.
fn hole_between(last: &FeedItem, next: &FeedItem) -> Result<Option<[FeedRecord; 2]>, Fault> {
    let restored = |at| FeedRecord::Change { at, change: FeedChange::Restored };
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

/// Returns the gap after the last item, which was seen then where that was recorded.
fn end_after(last: &FeedItem, seen_at: Option<InstantUs>) -> Option<FeedRecord> {
    let cause = GapCause::Ended;
    match last {
        FeedItem::Candle { interval, candle } => {
            let end = interval.end_of(candle.open_time)?;
            Some(gap(interval.end_of(end)?, end, cause))
        }
        FeedItem::Trade(trade) => Some(gap(trade.time, trade.time, cause)),
        FeedItem::Mark(mark) => Some(gap(mark.time, mark.time, cause)),
        FeedItem::Quote(quote) => quote.time.or(seen_at).map(|time| gap(time, time, cause)),
        FeedItem::Funding(_) | FeedItem::Observation(_) => None,
    }
}
