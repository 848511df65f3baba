//! Where feeds are read from.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use tidemill_catalogue::{CatalogueError, Dataset, Source};
use tidemill_exec_sim::{FeedFault, FeedStream};
use tidemill_model::{FeedId, Latency};
use tidemill_store::{FeedFile, FeedFileKind};

use super::folder::FolderFault;
use super::{FeedMerge, FeedRecord, FeedRecords, FeedSetup, FeedSource, FolderFeed, Watched};
use crate::ConfigError;
use crate::config::not_allowed;

/// Where a feed is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedOrigin {
    /// A CSV file.
    File {
        /// Where it is.
        path: PathBuf,
        /// What it holds.
        kind: FeedFileKind,
    },
    /// A source of a data folder.
    Folder(FolderFeed),
}

/// Returns what a source of the data folder says as a feed.
///
/// Errors: the key `feed.source`, for what is no source or one of something else.
pub(super) fn read_source(text: &str) -> Result<(Source, FeedFileKind), ConfigError> {
    const ALLOWED: &str = "a source of candles, trades, quotes, book, funding, marks or series, \
                           such as candles/source=binance/symbol=ETHUSDT/interval=1m";
    let shown = text.chars().take(120).collect::<String>().escape_debug().to_string();
    let wrong = |allowed: &str| not_allowed("feed.source", &shown, allowed);
    let source: Source = text.parse().map_err(|error| {
        if let CatalogueError::Name { what, found, expected } = &error
            && what != "source"
        {
            let found = found.escape_debug();
            return wrong(&format!("{ALLOWED}: {what} is `{found}`, not {expected}"));
        }
        wrong(ALLOWED)
    })?;
    let kind = match source.dataset() {
        Dataset::Candles => source.interval().map(FeedFileKind::Candles),
        Dataset::Trades => Some(FeedFileKind::Trades),
        Dataset::Quotes | Dataset::Book => Some(FeedFileKind::Quotes),
        Dataset::Funding => Some(FeedFileKind::Funding),
        Dataset::Marks => Some(FeedFileKind::Marks),
        Dataset::Series => Some(FeedFileKind::Series),
        Dataset::PoolEvents | Dataset::PoolStates | Dataset::PoolBars | Dataset::Blocks => None,
    };
    let kind = kind.ok_or_else(|| wrong(ALLOWED))?;
    Ok((source, kind))
}

/// Returns the unit that the source of a series states; `None` of files and all else.
///
/// Errors: a source that is not there.
pub(super) fn unit_of(origin: &FeedOrigin, name: &str) -> Result<Option<String>, ConfigError> {
    match origin {
        FeedOrigin::File { .. } => Ok(None),
        FeedOrigin::Folder(folder) => {
            folder.unit().map_err(|fault| OriginFault::Folder(fault).of(name))
        }
    }
}

/// Reads a feed to its end and keeps nothing.
///
/// Errors: the first thing that is wrong with it.
pub(super) fn check(origin: &FeedOrigin, name: &str) -> Result<(), ConfigError> {
    let wrong = |error| ConfigError::Feed { name: name.to_owned(), error };
    let records = origin.open().map_err(|fault| fault.of(name))?;
    // What is wrong with a key shows only in the rows where it is about them.
    let mut of_key = None;
    let records: FeedRecords<'_> = Box::new(records.inspect(|record| {
        if let Err(fault) = record {
            of_key = fault.downcast_ref().and_then(FolderFault::of_key);
        }
    }));
    // Overlaps of candles and times out of order show in the merge only.
    let (feed, latency, name) = (FeedId(0), Latency::ZERO, name.to_owned());
    let mut merge = FeedMerge::new(vec![FeedSource { feed, name, latency, records }]);
    let checked = merge.try_for_each(|item| item.map(drop));
    drop(merge);
    checked.map_err(|fault| of_key.unwrap_or_else(|| wrong(fault.reason)))
}

/// Returns what the feeds of a run say, numbered in their order. Feeds without an origin say
/// nothing here.
///
/// Errors: a file or source that can no longer be opened.
pub(crate) fn stream(feeds: &[FeedSetup]) -> Result<FeedStream<'static>, FeedFault> {
    let mut sources = Vec::new();
    for (feed, setup) in (0..).map(FeedId).zip(feeds) {
        let Some(origin) = &setup.origin else { continue };
        let (name, latency) = (setup.terms.name.clone(), setup.terms.latency);
        let records = origin.open();
        let records =
            records.map_err(|fault| FeedFault { feed: name.clone(), reason: fault.to_string() })?;
        sources.push(FeedSource { feed, name, latency, records });
    }
    Ok(FeedStream::new(FeedMerge::new(sources)))
}

/// Why a feed could not be opened.
#[derive(Debug, thiserror::Error)]
enum OriginFault {
    #[error("{0}")]
    File(String),
    #[error(transparent)]
    Folder(FolderFault),
}

impl OriginFault {
    /// As an error of the configuration: of the key that is wrong, else of the feed.
    fn of(self, name: &str) -> ConfigError {
        let of_key = match &self {
            Self::Folder(fault) => fault.of_key(),
            Self::File(_) => None,
        };
        let wrong = || ConfigError::Feed { name: name.to_owned(), error: self.to_string() };
        of_key.unwrap_or_else(wrong)
    }
}

impl FeedOrigin {
    fn open(&self) -> Result<FeedRecords<'static>, OriginFault> {
        match self {
            Self::File { path, kind } => open_file(path, *kind).map_err(OriginFault::File),
            Self::Folder(folder) => folder.records().map_err(OriginFault::Folder),
        }
    }
}

fn open_file(path: &Path, kind: FeedFileKind) -> Result<FeedRecords<'static>, String> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{shown}: {error}"))?;
    let file = FeedFile::open(shown, BufReader::new(file), kind);
    let file = file.map_err(|error| error.to_string())?;
    let records = file.map(|row| match row {
        Ok(row) => Ok(FeedRecord::Item { item: row.item, seen_at: row.seen_at }),
        Err(error) => Err(error.into()),
    });
    Ok(Box::new(Watched::new(records)))
}
