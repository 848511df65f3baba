//! Feeds from sources of a data folder.

use tidemill_catalogue::{
    BookRow, Catalogue, CatalogueError, Dataset, Range, ReadAhead, Record, Seen, SeriesValue,
    Source, Span,
};
use tidemill_model::{BestQuote, Candle, FeedItem, Funding, GapCause, Interval, MarkPrice, Trade};
use tidemill_units::InstantUs;

use super::book_fold::BookFold;
use super::holes::Holes;
use super::merge::{Fault, FeedRecord, FeedRecords};
use super::published::Published;
use super::watch::Watched;
use crate::ConfigError;
use crate::config::not_allowed;

/// A source of a data folder, read as a feed.
///
/// Only files that its manifest names count. What the manifest knows to be missing, or what nobody
/// asked for between two stretches of it, is a gap; its coverage also says when the recording is
/// over. Rows come in the order of their keys and are read as they are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFeed {
    /// The data folder.
    pub data: String,
    /// Which of its sources: of candles, trades, quotes, a book, funding, marks or a series.
    pub source: Source,
    /// Of a series that tells of several things, the one that is meant.
    pub item: Option<String>,
}

/// Why a source cannot be read as a feed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderFault {
    /// A key of the configuration.
    #[error("{key} is {value}; allowed is {allowed}")]
    Key { key: &'static str, value: String, allowed: String },
    /// What the folder says.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// What is wrong with a row, counted from 1 in the order of keys; of a book, with a change.
    #[error("{from}: row {row}: {what}")]
    Row { from: Source, row: u64, what: &'static str },
    /// No row.
    #[error("{from}: there is nothing in it")]
    Empty { from: Source },
}

impl FolderFault {
    /// Returns it as an error of the configuration, where it is about a key.
    pub(super) fn of_key(&self) -> Option<ConfigError> {
        match self {
            Self::Key { key, value, allowed } => Some(not_allowed(key, value, allowed)),
            Self::Catalogue(_) | Self::Row { .. } | Self::Empty { .. } => None,
        }
    }
}

/// The most sources that an error lists.
const LISTED: usize = 12;

/// A source that was opened, and what its manifest says of time.
struct Opened<R: Record> {
    rows: ReadAhead<R>,
    holes: Vec<Span>,
    /// The last instant that was recorded.
    until: Option<InstantUs>,
}

impl FolderFeed {
    /// Returns the unit of its values; `None` of anything but a series.
    pub(super) fn unit(&self) -> Result<Option<String>, FolderFault> {
        if self.source.dataset() != Dataset::Series {
            return Ok(None);
        }
        let data = self.catalogue()?;
        match data.frame_now::<SeriesValue>(&self.source) {
            Err(CatalogueError::NoSource { .. }) => Err(self.unknown(&data)?),
            frame => Ok(Some(frame?.unit)),
        }
    }

    /// Reads it from its beginning.
    ///
    /// Errors: a folder or source that is not there, or cannot be read as a feed.
    pub(super) fn records(&self) -> Result<FeedRecords<'static>, FolderFault> {
        let data = self.catalogue()?;
        match self.source.dataset() {
            Dataset::Candles => self.candles(&data),
            Dataset::Trades => {
                self.points(&data, |row: Seen<Trade>| (FeedItem::Trade(row.sent), row.seen_at))
            }
            Dataset::Quotes => {
                self.points(&data, |row: Seen<BestQuote>| (FeedItem::Quote(row.sent), row.seen_at))
            }
            Dataset::Funding => self.points(&data, |row: Funding| (FeedItem::Funding(row), None)),
            Dataset::Marks => self.points(&data, |row: MarkPrice| (FeedItem::Mark(row), None)),
            Dataset::Series => self.series(&data),
            Dataset::Book => self.book(&data),
            Dataset::PoolEvents | Dataset::PoolStates | Dataset::PoolBars | Dataset::Blocks => {
                let allowed = "candles, trades, quotes, book, funding, marks or series";
                Err(key("feed.source", &self.source, allowed))
            }
        }
    }

    fn catalogue(&self) -> Result<Catalogue, FolderFault> {
        let missing = |_| key("feed.data", &self.data, "a data folder that is there");
        Catalogue::open(&self.data).map_err(missing)
    }

    fn open<R: Record>(&self, data: &Catalogue) -> Result<Opened<R>, FolderFault> {
        let rows = match data.read_ahead::<R>(&self.source, Range::All) {
            Err(CatalogueError::NoSource { .. }) => return Err(self.unknown(data)?),
            rows => rows?,
        };
        let coverage = &rows.manifest().coverage;
        let spans =
            || coverage.spans().iter().copied().chain(coverage.gaps().iter().map(|gap| gap.span()));
        let (from, to) = (spans().map(|span| span.from).min(), spans().map(|span| span.to).max());
        let hull = from.zip(to).and_then(|(from, to)| Span::new(from, to));
        let holes = hull.map(|hull| coverage.missing(hull)).unwrap_or_default();
        let until = hull.map(|hull| InstantUs(hull.to.saturating_sub(1)));
        Ok(Opened { rows, holes, until })
    }

    /// Nothing is recorded: names what is.
    fn unknown(&self, data: &Catalogue) -> Result<FolderFault, FolderFault> {
        let dataset = self.source.dataset();
        let there = data.sources_now()?;
        let names: Vec<_> =
            there.iter().filter(|s| s.dataset() == dataset).map(ToString::to_string).collect();
        let more = if names.len() > LISTED { ", and others" } else { "" };
        let first: Vec<_> = names.iter().take(LISTED).map(String::as_str).collect();
        let allowed = if names.is_empty() {
            format!("a source of {}, which has no {dataset}", self.data)
        } else {
            format!("what {} has: {}{more}", self.data, first.join(", "))
        };
        Ok(key("feed.source", &self.source, &allowed))
    }

    fn candles(&self, data: &Catalogue) -> Result<FeedRecords<'static>, FolderFault> {
        let Opened { rows, holes, until } = self.open::<Candle>(data)?;
        let interval = self.source.interval().unwrap_or(Interval::MINUTE);
        let said = rows.map(move |row| {
            let candle = row?;
            Ok(FeedRecord::Item { item: FeedItem::Candle { interval, candle }, seen_at: None })
        });
        let watched = Watched::until(self.checked(said), until);
        Ok(Box::new(Holes::new(watched, holes)))
    }

    fn points<R: Record>(
        &self,
        data: &Catalogue,
        said: impl Fn(R) -> (FeedItem, Option<InstantUs>) + 'static,
    ) -> Result<FeedRecords<'static>, FolderFault> {
        let Opened { rows, holes, until } = self.open::<R>(data)?;
        let said = rows.map(move |row| {
            let (item, seen_at) = said(row?);
            Ok(FeedRecord::Item { item, seen_at })
        });
        let watched = Watched::until(self.checked(said), until);
        Ok(Box::new(Holes::new(watched, holes)))
    }

    fn series(&self, data: &Catalogue) -> Result<FeedRecords<'static>, FolderFault> {
        let Opened { rows, holes, .. } = self.open::<SeriesValue>(data)?;
        let rows = rows.map(|row| row.map_err(Fault::from));
        Ok(Box::new(Published::new(self.source.clone(), self.item.clone(), rows, holes)))
    }

    fn book(&self, data: &Catalogue) -> Result<FeedRecords<'static>, FolderFault> {
        let Opened { rows, holes, until } = self.open::<BookRow>(data)?;
        let rows = rows.map(|row| row.map_err(Fault::from));
        let said = BookFold::new(self.source.clone(), rows, holes);
        Ok(Box::new(Watched::until(self.checked(said), until)))
    }

    fn checked<I>(&self, records: I) -> Checked<I> {
        Checked { from: self.source.clone(), records, row: 0, last: None, is_over: false }
    }
}

pub(super) fn key(key: &'static str, value: &dyn ToString, allowed: &str) -> FolderFault {
    FolderFault::Key { key, value: value.to_string(), allowed: allowed.to_owned() }
}

/// Records that can be true, each known no earlier than the one before it, and at least one.
struct Checked<I> {
    from: Source,
    records: I,
    row: u64,
    last: Option<InstantUs>,
    is_over: bool,
}

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Checked<I> {
    fn check(&mut self, record: FeedRecord) -> Result<FeedRecord, FolderFault> {
        let FeedRecord::Item { item, seen_at } = &record else { return Ok(record) };
        self.row = self.row.saturating_add(1);
        let wrong = |what| FolderFault::Row { from: self.from.clone(), row: self.row, what };
        if let Some(what) = item.impossibility() {
            return Err(wrong(what));
        }
        let known_from = item.known_from();
        if known_from.or(*seen_at).is_none() {
            return Err(wrong("neither time nor seen_at is there"));
        }
        // What arrived late holds up what is behind it, so only stated times have to be in order.
        if seen_at.is_none() {
            if self.last > known_from {
                return Err(wrong("it became known before the row before it"));
            }
            self.last = known_from;
        }
        Ok(record)
    }
}

impl<I: Iterator<Item = Result<FeedRecord, Fault>>> Iterator for Checked<I> {
    type Item = Result<FeedRecord, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = match self.records.next() {
            None if self.row == 0 => {
                Some(Err(FolderFault::Empty { from: self.from.clone() }.into()))
            }
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(record)) => Some(self.check(record).map_err(Fault::from)),
        };
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// A gap of something that the folder does not have, from then on.
pub(super) fn not_recorded(at: InstantUs, since: InstantUs) -> FeedRecord {
    super::watch::gap(at, since, GapCause::NotRecorded)
}
