use std::collections::BTreeSet;

use tidemill_model::{BestQuote, Candle, Funding, MarkPrice, TapeEvent, Trade};

use crate::manifest::MANIFEST;
use crate::parquet_file::FileRows;
use crate::record::Frame;
use crate::verify::checks::{Days, Findings};
use crate::verify::compare::compare;
use crate::verify::rows::{RowChecks, Verified};
use crate::verify::{Check, Severity, SourceReport};
use crate::writer::lock::LOCK;
use crate::{
    Block, BookRow, Catalogue, CatalogueError, CoverageUnit, Dataset, FileEntry, FileFault, Gap,
    Key, Manifest, PoolBar, PoolSnapshot, Range, Rows, Seen, SeriesValue, Source, Span,
};

/// The check of one source.
#[derive(Clone, Copy, Debug)]
pub struct Verify<'a> {
    /// The data folder.
    pub data: &'a Catalogue,
    /// The source.
    pub source: &'a Source,
    /// A second source of the same prices: candles, or a pool's events.
    pub against: Option<&'a Source>,
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Bytes of files that were checked.
    pub bytes_read: u64,
    /// Bytes of all files of the source.
    pub bytes: u64,
}

impl Verify<'_> {
    /// Reads every file of the source and returns what is wrong.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::NoSource`] where nothing is recorded, [`CatalogueError::File`] for a
    /// manifest or description that cannot be read, [`CatalogueError::Store`], and
    /// [`CatalogueError::Name`] for a second source that is neither candles nor a pool's events. A
    /// damaged Parquet file is a finding.
    pub async fn run(
        &self,
        on_progress: &mut (dyn FnMut(VerifyProgress) + Send),
    ) -> Result<SourceReport, CatalogueError> {
        match self.source.dataset() {
            Dataset::PoolEvents => self.rows::<TapeEvent>(on_progress).await,
            Dataset::PoolStates => self.rows::<PoolSnapshot>(on_progress).await,
            Dataset::PoolBars => self.rows::<PoolBar>(on_progress).await,
            Dataset::Blocks => self.rows::<Block>(on_progress).await,
            Dataset::Candles => self.rows::<Candle>(on_progress).await,
            Dataset::Trades => self.rows::<Seen<Trade>>(on_progress).await,
            Dataset::Quotes => self.rows::<Seen<BestQuote>>(on_progress).await,
            Dataset::Book => self.rows::<BookRow>(on_progress).await,
            Dataset::Funding => self.rows::<Funding>(on_progress).await,
            Dataset::Marks => self.rows::<MarkPrice>(on_progress).await,
            Dataset::Series => self.rows::<SeriesValue>(on_progress).await,
        }
    }

    async fn rows<R: Verified>(
        &self,
        on_progress: &mut (dyn FnMut(VerifyProgress) + Send),
    ) -> Result<SourceReport, CatalogueError> {
        let manifest = self.data.manifest(self.source).await?;
        let frame = self.data.frame::<R>(self.source).await?;
        let mut seen = Reading::<R> {
            findings: Findings { source: self.source.clone(), all: Vec::new() },
            checks: R::Checks::of(self.source),
            days: Days::of(self.source),
            covered: covered(&manifest),
            manifest: &manifest,
            rows: 0,
        };
        self.folder::<R>(&manifest, &mut seen.findings).await?;
        let mut done = VerifyProgress { bytes_read: 0, bytes: manifest.bytes() };
        for together in overlapping(&manifest) {
            let partition = together.first().map(|file| file.partition);
            let is_good = self.read_together(&frame, &together, &mut seen).await?;
            if !is_good {
                let place = partition.map_or(String::new(), |partition| partition.to_string());
                let what = "its rows were not checked";
                seen.findings.add((Severity::Error, Check::File), place, what, "whole files", 1);
            }
            seen.checks.end_partition();
            done.bytes_read += together.iter().map(|file| file.bytes).sum::<u64>();
            on_progress(done);
        }
        if let Some(against) = self.against {
            compare(self.data, self.source, against, &mut seen.findings).await?;
        }
        Ok(seen.report())
    }

    /// Checks that what lies in the folder is what the manifest names.
    async fn folder<R: Verified>(
        &self,
        manifest: &Manifest,
        findings: &mut Findings,
    ) -> Result<(), CatalogueError> {
        let named: BTreeSet<String> = manifest.files.iter().map(FileEntry::path).collect();
        let beside = [Some(MANIFEST), R::Frame::FILE, Some(LOCK)];
        let beside: Vec<&str> = beside.into_iter().flatten().collect();
        for (path, _) in self.data.files_in(self.source).await? {
            if !named.contains(&path) && !beside.contains(&path.as_str()) {
                let what = "a file that the manifest does not name; readers of the folder see it";
                let kind = (Severity::Warning, Check::File);
                findings.add(kind, path, what, "files that the manifest names", 1);
            }
        }
        Ok(())
    }

    /// Reads files whose keys overlap, or a single one; false where one of them is damaged.
    async fn read_together<R: Verified>(
        &self,
        frame: &R::Frame,
        files: &[FileEntry],
        seen: &mut Reading<'_, R>,
    ) -> Result<bool, CatalogueError> {
        let mut is_good = true;
        for entry in files {
            let read = self.read_file(frame, entry, seen, files.len() == 1).await;
            match read {
                Ok(()) => {}
                Err(CatalogueError::File { fault, .. }) => {
                    is_good = false;
                    let kind = (Severity::Error, Check::File);
                    let allowed = "the bytes and rows that the manifest records";
                    seen.findings.add(kind, entry.path(), fault.to_string(), allowed, 1);
                }
                Err(other) => return Err(other),
            }
        }
        if files.len() == 1 || !is_good {
            return Ok(is_good);
        }
        let mut of_these = Manifest::empty(self.source.clone());
        of_these.files = files.to_vec();
        let told: u64 = files.iter().map(|file| file.rows).sum();
        let before = seen.rows;
        let mut rows = Rows::<R>::new(self.data.clone(), of_these, frame.clone(), Range::All);
        loop {
            match rows.next_rows().await {
                Ok(None) => break,
                Ok(Some(batch)) => {
                    for row in batch {
                        seen.row(row.key().map_or(0, |key| key.first), &row);
                    }
                }
                Err(error @ CatalogueError::Conflict { .. }) => {
                    let kind = (Severity::Error, Check::Duplicate);
                    let place = files.iter().map(FileEntry::path).collect::<Vec<_>>().join(", ");
                    let allowed = "rows of one key that say the same";
                    seen.findings.add(kind, place, error.to_string(), allowed, 1);
                    return Ok(false);
                }
                Err(other) => return Err(other),
            }
        }
        let twice = told.saturating_sub(seen.rows - before);
        if twice > 0 {
            let what = format!("{twice} rows are in two files; compact the source");
            let place = files.first().map(FileEntry::path).unwrap_or_default();
            let kind = (Severity::Warning, Check::Duplicate);
            seen.findings.add(kind, place, what, "each row once", twice);
        }
        Ok(true)
    }

    async fn read_file<R: Verified>(
        &self,
        frame: &R::Frame,
        entry: &FileEntry,
        seen: &mut Reading<'_, R>,
        takes_rows: bool,
    ) -> Result<(), CatalogueError> {
        let file = self.data.file_place(self.source, &entry.path());
        let error = |fault| CatalogueError::File { file: file.clone(), fault };
        let bytes = self.data.get_checked(self.source, entry).await?;
        let mut rows = FileRows::<R>::open(bytes, frame.clone(), file.clone()).map_err(error)?;
        let mut before: Option<Key> = None;
        let (mut count, mut misplaced) = (0_u64, 0_u64);
        while let Some(batch) = rows.next_rows().map_err(error)? {
            for row in batch {
                let key = row.key().map_err(|fault| error(fault.into()))?;
                if let Some(after) = before.take().filter(|before| key <= *before) {
                    return Err(error(FileFault::Unsorted { found: key, after }));
                }
                count += 1;
                misplaced += u64::from(self.source.partition(row.time()) != Some(entry.partition));
                if takes_rows {
                    seen.row(key.first, &row);
                }
                before = Some(key);
            }
        }
        if misplaced > 0 {
            let what = format!("{misplaced} rows belong into another folder");
            let kind = (Severity::Error, Check::Place);
            seen.findings.add(kind, entry.path(), what, "rows of the folder's day", misplaced);
        }
        let differs = |what, found: String, recorded: String| {
            error(FileFault::Differs { what, found, recorded })
        };
        if count != entry.rows {
            return Err(differs("rows", count.to_string(), entry.rows.to_string()));
        }
        match before {
            Some(last) if last != entry.last => {
                Err(differs("as its last key", last.to_string(), entry.last.to_string()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// What was read of a source so far.
struct Reading<'a, R: Verified> {
    findings: Findings,
    checks: R::Checks,
    days: Days,
    manifest: &'a Manifest,
    /// Where rows may be.
    covered: Vec<Span>,
    rows: u64,
}

impl<R: Verified> Reading<'_, R> {
    fn row(&mut self, key: i64, row: &R) {
        self.rows += 1;
        let time = row.time();
        let place = match R::DATASET.coverage_unit() {
            CoverageUnit::Blocks => key,
            CoverageUnit::Microseconds => time.map_or(key, |time| time.0),
        };
        self.days.row(place, time, &self.covered);
        self.checks.row(key, row);
    }

    fn report(mut self) -> SourceReport {
        self.checks.tell(&mut self.findings, &self.manifest.coverage);
        self.days.tell(&mut self.findings);
        let ends = self.manifest.ends();
        let place = |key: &Key| match R::DATASET {
            Dataset::Trades | Dataset::Quotes | Dataset::Book => key.first.to_string(),
            Dataset::PoolEvents
            | Dataset::PoolStates
            | Dataset::PoolBars
            | Dataset::Blocks
            | Dataset::Candles
            | Dataset::Funding
            | Dataset::Marks
            | Dataset::Series => self.findings.place(key.first),
        };
        let (first, last) =
            (ends.map(|(first, _)| place(first)), ends.map(|(_, last)| place(last)));
        let mut findings = self.findings.all;
        // The worst first; those of one kind stay in the order of their places.
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.check));
        SourceReport {
            source: self.manifest.source.to_string(),
            rows: self.rows,
            files: u64::try_from(self.manifest.files.len()).unwrap_or(u64::MAX),
            bytes: self.manifest.bytes(),
            first,
            last,
            days: self.days.days(R::DATASET),
            findings,
        }
    }
}

/// Returns where rows may be: what was answered, and where a gap need not be empty also the gaps.
/// In a series one item alone may be missing, and of what has no fixed times one row among others.
fn covered(manifest: &Manifest) -> Vec<Span> {
    let mut coverage = manifest.coverage.clone();
    let is_partial = match manifest.source.dataset() {
        Dataset::Series | Dataset::Trades | Dataset::Quotes | Dataset::Book | Dataset::Marks => {
            true
        }
        Dataset::PoolEvents
        | Dataset::PoolStates
        | Dataset::PoolBars
        | Dataset::Blocks
        | Dataset::Candles
        | Dataset::Funding => false,
    };
    if is_partial {
        let gaps: Vec<_> = coverage.gaps().iter().map(Gap::span).collect();
        coverage.add(&gaps, &[]);
    }
    coverage.spans().to_vec()
}

/// Returns the files in the order of their keys; those that overlap stand together.
fn overlapping(manifest: &Manifest) -> Vec<Vec<FileEntry>> {
    let mut files = manifest.files.clone();
    files.sort_by(|one, other| one.first.cmp(&other.first));
    let mut groups: Vec<Vec<FileEntry>> = Vec::new();
    let mut end: Option<Key> = None;
    for file in files {
        let meets = end.as_ref().is_some_and(|end| file.first <= *end);
        end = end.filter(|end| *end > file.last).or_else(|| Some(file.last.clone()));
        match groups.last_mut() {
            Some(group) if meets => group.push(file),
            Some(_) | None => groups.push(vec![file]),
        }
    }
    groups
}
