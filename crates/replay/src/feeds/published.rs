use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use tidemill_catalogue::{SeriesValue, Source, Span};
use tidemill_model::{FeedItem, Observation};
use tidemill_units::InstantUs;

use super::folder::{FolderFault, key, not_recorded};
use super::merge::{Fault, FeedRecord};
use super::watch::restored;

/// Values of a series in the order in which they were published; the folder has them in the order
/// of the times they are of.
///
/// A value waits until no later one can have been published before it: until one is read whose
/// own time is no earlier. A hole is a gap from when its first value was due, which is as long
/// after its time as the newest value until then was published after its own, until a value of
/// behind the hole is published. So it follows from nothing that was published later.
pub(super) struct Published<I> {
    from: Source,
    rows: I,
    /// Which thing is meant; the first row's where the configuration says nothing.
    item: Option<Box<str>>,
    is_stated: bool,
    waiting: BinaryHeap<Reverse<Waiting>>,
    /// The values read.
    row: u64,
    /// The time of the last value read.
    read_to: Option<InstantUs>,
    holes: VecDeque<Span>,
    in_hole: bool,
    /// The instant at which the last one given was known.
    given_to: Option<InstantUs>,
    /// The newest time of those given, and how long after it that was published, in microseconds.
    newest: Option<(InstantUs, i64)>,
    others: BTreeSet<Box<str>>,
    is_over: bool,
}

/// The most values that wait for others: 2^20.
const MOST_WAITING: usize = 1 << 20;

/// The most things of a series that an error lists.
const LISTED: usize = 12;

/// A value, the place of its row, and its order: by when it was published, then by its time.
#[derive(PartialEq, Eq)]
struct Waiting {
    observation: Observation,
    row: u64,
}

impl Waiting {
    fn order(&self) -> (InstantUs, InstantUs, u64) {
        (self.observation.published_at, self.observation.time, self.row)
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl<I: Iterator<Item = Result<SeriesValue, Fault>>> Published<I> {
    /// Returns the values of an item, or of the only one there is.
    pub(super) fn new(from: Source, item: Option<String>, rows: I, holes: Vec<Span>) -> Self {
        Self {
            from,
            rows,
            is_stated: item.is_some(),
            item: item.map(String::into_boxed_str),
            waiting: BinaryHeap::new(),
            row: 0,
            read_to: None,
            holes: holes.into(),
            in_hole: false,
            given_to: None,
            newest: None,
            others: BTreeSet::new(),
            is_over: false,
        }
    }

    fn take(&mut self, value: SeriesValue) -> Result<(), FolderFault> {
        let SeriesValue { item, observation } = value;
        self.row = self.row.saturating_add(1);
        let chosen = self.item.get_or_insert_with(|| item.clone());
        if *chosen != item {
            if self.others.len() < LISTED {
                self.others.insert(item);
            }
            return Ok(());
        }
        self.read_to = Some(observation.time);
        self.waiting.push(Reverse(Waiting { observation, row: self.row }));
        if self.waiting.len() > MOST_WAITING {
            return Err(self.wrong(self.row, "more than 1048576 values before it wait for others"));
        }
        Ok(())
    }

    fn wrong(&self, row: u64, what: &'static str) -> FolderFault {
        FolderFault::Row { from: self.from.clone(), row, what }
    }

    /// Gives what nothing that is still to come can be before.
    fn ready(&mut self) -> Option<Result<FeedRecord, FolderFault>> {
        let Some(Reverse(next)) = self.waiting.peek() else {
            // Nothing comes any more, and what was due by then is missing.
            let is_missing = self.is_over && !self.in_hole && self.newest.is_some();
            let due = self.due().filter(|_| is_missing);
            return due.map(|(due, since)| Ok(self.open_hole(due, since)));
        };
        let (at, time, row) = next.order();
        if !self.is_over && self.read_to.is_none_or(|read_to| at > read_to) {
            return None;
        }
        if self.given_to > Some(at) {
            let what = "it was published before its time, and before values of earlier times";
            return Some(Err(self.wrong(row, what)));
        }
        if let Some(change) = self.change_before(at, time) {
            return Some(Ok(change));
        }
        let Reverse(Waiting { observation, .. }) = self.waiting.pop()?;
        self.given_to = Some(at);
        if self.newest.is_none_or(|(newest, _)| time > newest) {
            self.newest = Some((time, at.us_since(time).unwrap_or(0).max(0)));
        }
        let item = FeedItem::Observation(observation);
        Some(Ok(FeedRecord::Item { item, seen_at: None }))
    }

    /// Returns how the feed's standing changes before a value that is known then is given.
    fn change_before(&mut self, at: InstantUs, time: InstantUs) -> Option<FeedRecord> {
        loop {
            let hole = self.holes.front().copied()?;
            let is_behind = hole.to <= time.0;
            if self.in_hole {
                if !is_behind {
                    return None;
                }
                self.holes.pop_front();
                self.in_hole = false;
                self.given_to = Some(at);
                return Some(restored(at));
            }
            if let Some((due, since)) = self.due()
                && (due <= at || is_behind)
            {
                return Some(self.open_hole(due.min(at), since));
            }
            // The feed had not begun, so that nothing was missing yet.
            if !is_behind {
                return None;
            }
            self.holes.pop_front();
        }
    }

    /// Returns when the first value of the next hole was due, and its time; `None` before any
    /// value.
    fn due(&self) -> Option<(InstantUs, InstantUs)> {
        let (hole, (_, lag_us)) = (self.holes.front()?, self.newest?);
        let due = InstantUs(hole.from.saturating_add(lag_us));
        Some((due.max(self.given_to.unwrap_or(due)), InstantUs(hole.from)))
    }

    fn open_hole(&mut self, at: InstantUs, since: InstantUs) -> FeedRecord {
        self.in_hole = true;
        self.given_to = Some(at);
        not_recorded(at, since)
    }

    /// The rows are over: what was never said, or said of too many things, is an error.
    fn end(&mut self) -> Result<(), FolderFault> {
        let more = if self.others.len() < LISTED { "" } else { ", and perhaps others" };
        let mut names: Vec<&str> = self.others.iter().map(AsRef::as_ref).collect();
        let chosen = self.item.as_deref().unwrap_or_default();
        if self.read_to.is_none() {
            if names.is_empty() {
                return Err(FolderFault::Empty { from: self.from.clone() });
            }
            let allowed = format!("one of {}{more}", names.join(", "));
            return Err(key("feed.item", &chosen, &allowed));
        }
        if !self.is_stated && !names.is_empty() {
            names.push(chosen);
            names.sort_unstable();
            let allowed = format!("the one of {}{more} that is meant", names.join(", "));
            return Err(key("feed.item", &"missing", &allowed));
        }
        Ok(())
    }
}

impl<I: Iterator<Item = Result<SeriesValue, Fault>>> Iterator for Published<I> {
    type Item = Result<FeedRecord, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready() {
                if ready.is_err() {
                    self.stop();
                }
                return Some(ready.map_err(Fault::from));
            }
            if self.is_over {
                return None;
            }
            let read = match self.rows.next() {
                Some(Ok(row)) => self.take(row).map_err(Fault::from),
                Some(Err(error)) => Err(error),
                None => {
                    self.is_over = true;
                    self.end().map_err(Fault::from)
                }
            };
            if let Err(error) = read {
                self.stop();
                return Some(Err(error));
            }
        }
    }
}

impl<I> Published<I> {
    fn stop(&mut self) {
        self.is_over = true;
        self.waiting.clear();
    }
}
