use std::collections::VecDeque;

use futures_util::Stream;
use tidemill_units::InstantUs;

use crate::error::FileFault;
use crate::parquet_file::{BATCH_ROWS, FileRows};
use crate::{Catalogue, CatalogueError, FileEntry, Key, Manifest, Partition, Record, Span};

/// Which rows to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// All of them.
    #[default]
    All,
    /// Those whose first column of the order lies inside: blocks, ids or times.
    Keys(Span),
    /// Those whose time lies inside, in microseconds; rows without a time are left out.
    Time(Span),
}

/// The most files of a source that may overlap.
const MAX_OPEN: usize = 64;

/// The rows of a source in the order of their keys, each key once.
///
/// Holds one file in memory, or as many as overlap: after compaction that is one. The bytes of each
/// are checked against the manifest before a row of it is given out.
pub struct Rows<R: Record> {
    catalogue: Catalogue,
    frame: R::Frame,
    manifest: Manifest,
    range: Range,
    /// Files not yet open, by first key.
    waiting: VecDeque<FileEntry>,
    open: Vec<OpenFile<R>>,
    /// The row before, and the file it was in.
    last: Option<(Key, R, String)>,
}

struct OpenFile<R: Record> {
    entry: FileEntry,
    reader: FileRows<R>,
    rows: VecDeque<(Key, R)>,
    /// The key of the last row that came, for the order.
    before: Option<Key>,
    count: u64,
}

impl<R: Record> Rows<R> {
    pub(crate) fn new(
        catalogue: Catalogue,
        manifest: Manifest,
        frame: R::Frame,
        range: Range,
    ) -> Self {
        let mut files: Vec<_> =
            manifest.files.iter().filter(|file| range.may_hold(file)).cloned().collect();
        files.sort_by(|one, other| (&one.first, &one.name).cmp(&(&other.first, &other.name)));
        let (open, waiting) = (Vec::new(), files.into());
        Self { catalogue, frame, manifest, range, waiting, open, last: None }
    }

    /// Returns what describes the source.
    pub fn frame(&self) -> &R::Frame {
        &self.frame
    }

    /// Returns the manifest that the rows are read by.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the next rows, at least one and at most some thousands; `None` behind the last.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::File`] for a file that is gone, damaged or not in order,
    /// [`CatalogueError::Conflict`] where two rows of one key differ, and
    /// [`CatalogueError::TooManyOverlaps`].
    pub async fn next_rows(&mut self) -> Result<Option<Vec<R>>, CatalogueError> {
        let mut rows = Vec::new();
        while rows.len() < BATCH_ROWS {
            if self.open.is_empty() && self.waiting.is_empty() {
                break;
            }
            let Some((key, row, at)) = self.next_row().await? else { break };
            if let Some((before, last, file)) = &self.last
                && *before == key
            {
                let other = self.open_name(at);
                if last.says_as(&row) {
                    continue;
                }
                let (from, one) = (self.manifest.source.clone(), file.clone());
                return Err(CatalogueError::Conflict { from, key, one, other });
            }
            if self.range.holds(&key, row.time()) {
                rows.push(row.clone());
            }
            if self.open.len() > 1 || !self.waiting.is_empty() {
                self.last = Some((key, row, self.open_name(at)));
            }
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    /// Returns the rows as a stream of batches.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<R>, CatalogueError>> {
        futures_util::stream::try_unfold(self, |mut rows| async move {
            Ok(rows.next_rows().await?.map(|batch| (batch, rows)))
        })
    }

    /// Reads all that is left.
    ///
    /// # Errors
    ///
    /// As [`Self::next_rows`].
    pub async fn collect(mut self) -> Result<Vec<R>, CatalogueError> {
        let mut all = Vec::new();
        while let Some(mut rows) = self.next_rows().await? {
            all.append(&mut rows);
        }
        Ok(all)
    }

    fn open_name(&self, at: usize) -> String {
        self.open.get(at).map(|file| self.place(&file.entry)).unwrap_or_default()
    }

    fn place(&self, entry: &FileEntry) -> String {
        self.catalogue.file_place(&self.manifest.source, &entry.path())
    }

    /// Takes the row of the least key; files are opened as their first key comes near.
    async fn next_row(&mut self) -> Result<Option<(Key, R, usize)>, CatalogueError> {
        self.fill().await?;
        loop {
            let least = self.least();
            let next = self.waiting.front();
            let opens = next.filter(|next| least.is_none_or(|(_, key)| next.first <= *key));
            if opens.is_none() {
                break;
            }
            self.open_next().await?;
        }
        let Some((at, _)) = self.least() else { return Ok(None) };
        let row = self.open.get_mut(at).and_then(|file| file.rows.pop_front());
        Ok(row.map(|(key, row)| (key, row, at)))
    }

    fn least(&self) -> Option<(usize, &Key)> {
        let heads = self.open.iter().enumerate();
        let heads = heads.filter_map(|(at, file)| Some((at, &file.rows.front()?.0)));
        heads.min_by(|one, other| one.1.cmp(other.1))
    }

    async fn open_next(&mut self) -> Result<(), CatalogueError> {
        let Some(entry) = self.waiting.pop_front() else { return Ok(()) };
        let from = self.manifest.source.clone();
        if self.open.len() == MAX_OPEN {
            return Err(CatalogueError::TooManyOverlaps { from, limit: MAX_OPEN });
        }
        let bytes = self.catalogue.get_checked(&from, &entry).await?;
        let file = self.place(&entry);
        let reader = FileRows::open(bytes, self.frame.clone(), file.clone())
            .map_err(|fault| CatalogueError::File { file: file.clone(), fault })?;
        if reader.told != entry.rows {
            let (found, recorded) = (reader.told.to_string(), entry.rows.to_string());
            let fault = FileFault::Differs { what: "rows", found, recorded };
            return Err(CatalogueError::File { file, fault });
        }
        let rows = VecDeque::new();
        self.open.push(OpenFile { entry, reader, rows, before: None, count: 0 });
        self.fill().await
    }

    /// Reads on where rows ran out, and closes files that ended.
    async fn fill(&mut self) -> Result<(), CatalogueError> {
        for at in (0..self.open.len()).rev() {
            let Some(file) = self.open.get_mut(at).filter(|file| file.rows.is_empty()) else {
                continue;
            };
            let read = file.read_on();
            let is_open = read.map_err(|fault| {
                let file = self.open_name(at);
                CatalogueError::File { file, fault }
            })?;
            if !is_open {
                self.open.remove(at);
            }
        }
        Ok(())
    }
}

impl<R: Record> OpenFile<R> {
    fn read_on(&mut self) -> Result<bool, FileFault> {
        while self.rows.is_empty() {
            let Some(rows) = self.reader.next_rows()? else { return Ok(false) };
            for row in rows {
                let key = row.key()?;
                if let Some(before) = self.before.as_ref().filter(|before| key <= **before) {
                    let (found, after) = (key, before.clone());
                    return Err(FileFault::Unsorted { found, after });
                }
                self.before = Some(key.clone());
                self.count = self.count.saturating_add(1);
                self.rows.push_back((key, row));
            }
        }
        Ok(true)
    }
}

impl Range {
    fn may_hold(self, file: &FileEntry) -> bool {
        match self {
            Self::All => true,
            Self::Keys(span) => file.first.first < span.to && span.from <= file.last.first,
            Self::Time(span) => match file.partition {
                Partition::UnknownDay => false,
                partition @ (Partition::Day(_) | Partition::Year(_)) => {
                    let within = partition.span().and_then(|(from, to)| Span::new(from.0, to.0));
                    within.is_none_or(|within| within.overlap(span).is_some())
                }
            },
        }
    }

    fn holds(self, key: &Key, time: Option<InstantUs>) -> bool {
        match self {
            Self::All => true,
            Self::Keys(span) => span.contains(key.first),
            Self::Time(span) => time.is_some_and(|time| span.contains(time.0)),
        }
    }
}
