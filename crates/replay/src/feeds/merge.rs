use std::error::Error;

use tidemill_exec_sim::{FeedFault, SeenItem};
use tidemill_model::{EventBody, FeedChange, FeedData, FeedEvent, FeedId, FeedItem, Latency};
use tidemill_units::InstantUs;

/// What a source of one feed yields: files and catalogues alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedRecord {
    /// Something that the feed said.
    Item {
        /// What.
        item: FeedItem,
        /// When it was seen, where that was recorded; else it follows from the feed's latency.
        seen_at: Option<InstantUs>,
    },
    /// Its standing changes.
    Change {
        /// When that can be known, by the feed's own clock.
        at: InstantUs,
        /// How.
        change: FeedChange,
    },
}

/// What can go wrong in a source of a feed.
pub(super) type Fault = Box<dyn Error + Send + Sync>;

/// The records of one feed in the order in which they became known, read as they are needed.
pub type FeedRecords<'a> =
    Box<dyn Iterator<Item = Result<FeedRecord, Box<dyn Error + Send + Sync>>> + 'a>;

/// One feed to be merged.
pub struct FeedSource<'a> {
    /// Its number in the run.
    pub feed: FeedId,
    /// Its name, for errors.
    pub name: String,
    /// How long what it says takes until it is seen.
    pub latency: Latency,
    /// What it says.
    pub records: FeedRecords<'a>,
}

/// Feeds merged into one stream, ordered by when each record is seen.
///
/// A record is seen its feed's latency after it became known: a candle after its end, an
/// observation after it was published, anything else after its own time. Where a source recorded
/// when it was seen, that counts, though never before it could be known and never before the
/// record before it. Of records that are seen at the same instant, those of the feed that was
/// added first come first, and of one feed those that its source yields first. One record of each
/// feed is held at a time.
pub struct FeedMerge<'a> {
    sources: Vec<Head<'a>>,
    is_over: bool,
}

struct Head<'a> {
    source: FeedSource<'a>,
    next: Option<SeenItem>,
    has_begun: bool,
    last: Option<InstantUs>,
    /// The latest instant that followed from the latency.
    last_stated: Option<InstantUs>,
}

impl<'a> FeedMerge<'a> {
    /// Returns the merge of these feeds.
    pub fn new(sources: Vec<FeedSource<'a>>) -> Self {
        let head =
            |source| Head { source, next: None, has_begun: false, last: None, last_stated: None };
        Self { sources: sources.into_iter().map(head).collect(), is_over: false }
    }

    fn earliest(&mut self) -> Result<Option<SeenItem>, FeedFault> {
        for head in &mut self.sources {
            if !head.has_begun {
                head.has_begun = true;
                head.advance()?;
            }
        }
        let seen_at = |head: &Head<'_>| head.next.as_ref().map(|item| item.seen_at);
        let waiting = self.sources.iter_mut().filter(|head| head.next.is_some());
        // The first of the least, so that ties go to the feed that was added first.
        let Some(head) = waiting.min_by_key(|head| seen_at(head)) else { return Ok(None) };
        let item = head.next.take();
        head.advance()?;
        Ok(item)
    }
}

impl Iterator for FeedMerge<'_> {
    type Item = Result<SeenItem, FeedFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.earliest().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Head<'_> {
    fn advance(&mut self) -> Result<(), FeedFault> {
        let next = self.source.records.next().transpose();
        let next = next.map_err(|error| self.fault(error.to_string()))?;
        let Some(record) = next else { return Ok(()) };
        let (feed, latency) = (self.source.feed, self.source.latency);
        let (happened_at, seen_at, body) = match record {
            FeedRecord::Change { at, change } => {
                let body = EventBody::Feed(FeedEvent { feed, change });
                // A change is known between the items around it, whatever their recorded times.
                let seen_at = latency.after(at).max(self.last.unwrap_or(at));
                (at, seen_at, body)
            }
            FeedRecord::Item { item, seen_at } => {
                let known_from = item.known_from().or(seen_at);
                let known_from = known_from.ok_or_else(|| {
                    self.fault(String::from(
                        "an item says neither when it was nor when it was seen",
                    ))
                })?;
                let body = EventBody::Data(Box::new(FeedData { feed, item }));
                (known_from, self.seen_at(known_from, seen_at)?, body)
            }
        };
        self.last = Some(seen_at);
        self.next = Some(SeenItem { happened_at, seen_at, body });
        Ok(())
    }

    fn seen_at(
        &mut self,
        known_from: InstantUs,
        recorded: Option<InstantUs>,
    ) -> Result<InstantUs, FeedFault> {
        if let Some(recorded) = recorded {
            return Ok(recorded.max(known_from).max(self.last.unwrap_or(recorded)));
        }
        let seen_at = self.source.latency.after(known_from);
        if let Some(last) = self.last_stated.filter(|last| *last > seen_at) {
            return Err(self.fault(format!("seen at {seen_at} us, after {last} us")));
        }
        self.last_stated = Some(seen_at);
        Ok(seen_at.max(self.last.unwrap_or(seen_at)))
    }

    fn fault(&self, reason: String) -> FeedFault {
        FeedFault { feed: self.source.name.clone(), reason }
    }
}
