//! Feeds from CSV files.

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use tidemill_exec_sim::{FeedFault, FeedStream};
use tidemill_model::{FeedId, Latency};
use tidemill_store::{FeedFile, FeedFileKind};

use super::{FeedMerge, FeedRecord, FeedRecords, FeedSetup, FeedSource, Watched};

/// Reads a file to its end and keeps nothing.
///
/// Errors: the first thing that is wrong with it.
pub(super) fn check(path: &Path, kind: FeedFileKind) -> Result<(), String> {
    let shown = path.display().to_string();
    let records = open(path, &shown, kind)?;
    // Overlaps of candles and times out of order show in the merge only.
    let (feed, latency, name) = (FeedId(0), Latency::ZERO, shown.clone());
    let merge = FeedMerge::new(vec![FeedSource { feed, name, latency, records }]);
    let mut items = merge.map(|item| item.map(drop).map_err(|fault| fault.reason));
    items.try_for_each(|item| item)
}

/// Returns what the feeds of a run say, numbered in their order. Feeds without a file say nothing
/// here.
///
/// Errors: a file that can no longer be opened.
pub(crate) fn stream(feeds: &[FeedSetup]) -> Result<FeedStream<'static>, FeedFault> {
    let mut sources = Vec::new();
    for (feed, setup) in (0..).map(FeedId).zip(feeds) {
        let Some((path, kind)) = &setup.source else { continue };
        let (name, latency) = (setup.terms.name.clone(), setup.terms.latency);
        let records = open(path, &path.display().to_string(), *kind);
        let records = records.map_err(|reason| FeedFault { feed: name.clone(), reason })?;
        sources.push(FeedSource { feed, name, latency, records });
    }
    Ok(FeedStream::new(FeedMerge::new(sources)))
}

fn open(path: &Path, shown: &str, kind: FeedFileKind) -> Result<FeedRecords<'static>, String> {
    let file = File::open(path).map_err(|error| format!("{shown}: {error}"))?;
    let file = FeedFile::open(shown.to_owned(), BufReader::new(file), kind);
    let file = file.map_err(|error| error.to_string())?;
    let records = file.map(|row| match row {
        Ok(row) => Ok(FeedRecord::Item { item: row.item, seen_at: row.seen_at }),
        Err(error) => Err(Box::new(error) as Box<dyn Error + Send + Sync>),
    });
    Ok(Box::new(Watched::new(records)))
}
