use std::collections::BTreeMap;

use object_store::UpdateVersion;

use crate::error::FileFault;
use crate::manifest::is_file_name;
use crate::parquet_file::{BuildFault, BuiltFile, FileBuilder};
use crate::record::Frame;
use crate::synced_folder::UNNAMED;
use crate::{
    Catalogue, CatalogueError, Coverage, FileEntry, Gap, Manifest, Partition, Range, Record, Rows,
    Source, Span,
};

/// Partitions that are compacted between two writings of the manifest.
const COMPACTED_TOGETHER: usize = 32;

/// The one that writes a source.
///
/// Whatever it is stopped in, what the manifest names is whole, and the same calls again leave the
/// same bytes: files are written first, the manifest last, each at once, and a file's name holds
/// the hash of its bytes, so that none is ever written over.
pub struct Writer<R: Record> {
    catalogue: Catalogue,
    source: Source,
    frame: R::Frame,
    manifest: Manifest,
    version: Option<UpdateVersion>,
    has_frame: bool,
}

/// What rows to append were asked for and answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The intervals that were asked for and fully answered, whether rows came or not.
    pub spans: Vec<Span>,
    /// The holes among them, each with its cause.
    pub gaps: Vec<Gap>,
}

/// What an append did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Rows that are new.
    pub rows: u64,
    /// Rows that were there already, or twice among those given.
    pub duplicates: u64,
    /// Files written.
    pub files: u64,
}

/// What compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Partitions that were written anew.
    pub partitions: u64,
    /// Files before.
    pub files_before: u64,
    /// Files after.
    pub files_after: u64,
}

impl<R: Record> Writer<R> {
    pub(crate) async fn open(
        catalogue: Catalogue,
        source: Source,
        frame: R::Frame,
    ) -> Result<Self, CatalogueError> {
        let read = catalogue.read_manifest(&source).await?;
        let recorded = catalogue.read_frame::<R>(&source).await?;
        if let (Some(recorded), Some(name)) = (&recorded, R::Frame::FILE)
            && *recorded != frame
        {
            let text = |frame: &R::Frame| frame.text().unwrap_or_else(|fault| fault.to_string());
            return Err(CatalogueError::OtherFrame {
                file: catalogue.file_place(&source, name),
                recorded: text(recorded),
                found: text(&frame),
            });
        }
        let has_frame = recorded.is_some() || R::Frame::FILE.is_none();
        let (manifest, version) = (read.manifest, read.version);
        let writer = Self { catalogue, source, frame, manifest, version, has_frame };
        writer.repair().await?;
        Ok(writer)
    }

    /// Returns what is recorded.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns what describes the source.
    pub fn frame(&self) -> &R::Frame {
        &self.frame
    }

    /// Removes files that no manifest names; those that it names must be there.
    async fn repair(&self) -> Result<(), CatalogueError> {
        let files = self.catalogue.files_in(&self.source).await?;
        for entry in &self.manifest.files {
            let path = entry.path();
            if !files.iter().any(|(found, _)| *found == path) {
                let file = self.catalogue.file_place(&self.source, &path);
                return Err(CatalogueError::File { file, fault: FileFault::Missing });
            }
        }
        for (path, _) in files {
            let in_partition = path.split_once('/').is_some_and(|(folder, name)| {
                Partition::named(folder).is_some() && is_file_name(name)
            });
            let is_ours = in_partition || path.ends_with(UNNAMED);
            let is_named = || self.manifest.files.iter().any(|entry| entry.path() == path);
            if is_ours && !is_named() {
                self.catalogue.remove(&self.source, &path).await?;
            }
        }
        crate::location::remove_half_written(&self.catalogue, &self.source);
        Ok(())
    }

    /// Adds rows and what they are the answer to. Rows that are there already are left out.
    ///
    /// The rows may come in any order and lie in any partitions. All of them are held in memory, so
    /// give as many as you would hold yourself.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Conflict`] where a row of the same key says something else, and
    /// [`CatalogueError::Row`] for one that cannot be kept; nothing has changed then.
    /// [`CatalogueError::ChangedMeanwhile`] where another writer was faster.
    pub async fn append(
        &mut self,
        rows: Vec<R>,
        answered: &Answered,
    ) -> Result<Appended, CatalogueError> {
        let given = rows.len();
        let sorted = self.sorted(rows)?;
        let mut by_partition: BTreeMap<Partition, Vec<(crate::Key, R)>> = BTreeMap::new();
        for (row, key, partition) in sorted {
            by_partition.entry(partition).or_default().push((key, row));
        }
        let mut done = Appended::default();
        let mut built = Vec::new();
        for (partition, rows) in by_partition {
            let rows = self.without_recorded(partition, rows).await?;
            done.rows = done.rows.saturating_add(count(rows.len()));
            for file in self.build(rows)? {
                built.push((self.entry(partition, "part", &file), file));
            }
        }
        done.duplicates = count(given).saturating_sub(done.rows);
        done.files = count(built.len());
        let mut manifest = self.manifest.clone();
        manifest.coverage.add(&answered.spans, &answered.gaps);
        self.write_frame().await?;
        for (entry, file) in built {
            self.catalogue.put(&self.source, &entry.path(), file.bytes).await?;
            manifest.files.push(entry);
        }
        self.commit(manifest).await?;
        Ok(done)
    }

    /// Puts the rows of each partition into one file, in order, and removes the others.
    ///
    /// # Errors
    ///
    /// As [`Rows::next_rows`](crate::Rows::next_rows), and [`CatalogueError::Store`].
    pub async fn compact(&mut self) -> Result<Compacted, CatalogueError> {
        let partitions: Vec<_> =
            self.manifest.partitions().into_iter().filter(|at| !self.is_compact(*at)).collect();
        let mut done = Compacted::default();
        for together in partitions.chunks(COMPACTED_TOGETHER) {
            let mut manifest = self.manifest.clone();
            let mut old = Vec::new();
            for partition in together {
                let files = self.compact_one(*partition).await?;
                let (removed, kept): (Vec<_>, Vec<_>) =
                    manifest.files.into_iter().partition(|file| file.partition == *partition);
                done.partitions = done.partitions.saturating_add(1);
                done.files_before = done.files_before.saturating_add(count(removed.len()));
                done.files_after = done.files_after.saturating_add(count(files.len()));
                old.extend(removed.into_iter().filter(|file| !files.contains(file)));
                manifest.files = kept;
                manifest.files.extend(files);
            }
            self.commit(manifest).await?;
            for file in old {
                self.catalogue.remove(&self.source, &file.path()).await?;
            }
        }
        Ok(done)
    }

    /// Whether nothing is to be done: files of compaction alone, none of which overlap.
    fn is_compact(&self, partition: Partition) -> bool {
        let files = self.manifest.files.iter().filter(|file| file.partition == partition);
        let files: Vec<_> = files.collect();
        let apart = files.windows(2).all(|pair| match pair {
            [one, other] => {
                one.last < other.first && one.rows == count(crate::parquet_file::MAX_FILE_ROWS)
            }
            _ => true,
        });
        apart && files.iter().all(|file| file.is_compacted())
    }

    async fn compact_one(&self, partition: Partition) -> Result<Vec<FileEntry>, CatalogueError> {
        let mut of_one = self.manifest.clone();
        of_one.files.retain(|file| file.partition == partition);
        if let [only] = of_one.files.as_slice() {
            // Its rows are in order already, so its bytes are those that come out.
            let bytes = self.catalogue.get_checked(&self.source, only).await?;
            let name = file_name("data", &only.blake3);
            let entry = FileEntry { name, ..only.clone() };
            self.catalogue.put(&self.source, &entry.path(), bytes).await?;
            return Ok(vec![entry]);
        }
        let frame = self.frame.clone();
        let mut rows = Rows::<R>::new(self.catalogue.clone(), of_one, frame, Range::All);
        let mut files = Vec::new();
        let mut builder = self.builder()?;
        while let Some(batch) = rows.next_rows().await? {
            for row in batch {
                let key = row.key().map_err(|fault| self.row_error(0, fault))?;
                let pushed = builder.push(&self.frame, key, row);
                pushed.map_err(|fault| self.build_error(fault))?;
                if builder.is_full() {
                    let full = std::mem::replace(&mut builder, self.builder()?);
                    files.extend(self.put_built(partition, full).await?);
                }
            }
        }
        files.extend(self.put_built(partition, builder).await?);
        Ok(files)
    }

    async fn put_built(
        &self,
        partition: Partition,
        builder: FileBuilder<R>,
    ) -> Result<Option<FileEntry>, CatalogueError> {
        let built = builder.finish(&self.frame).map_err(|fault| self.build_error(fault))?;
        let Some(file) = built else { return Ok(None) };
        let entry = self.entry(partition, "data", &file);
        self.catalogue.put(&self.source, &entry.path(), file.bytes).await?;
        Ok(Some(entry))
    }

    /// Sorts rows, and leaves out those that are there twice.
    fn sorted(&self, rows: Vec<R>) -> Result<Vec<(R, crate::Key, Partition)>, CatalogueError> {
        const YEARS: &str = "a time in the years 1 to 9999";
        let mut sorted = Vec::with_capacity(rows.len());
        for (row, number) in rows.into_iter().zip(1..) {
            let key = row.key().map_err(|fault| self.row_error(number, fault))?;
            let partition = self.source.partition(row.time()).ok_or_else(|| {
                let found = row.time().map(|time| time.0).unwrap_or_default();
                self.row_error(number, crate::RecordFault::value("time", &found, YEARS))
            })?;
            sorted.push((row, key, partition));
        }
        sorted.sort_by(|one, other| one.1.cmp(&other.1));
        let mut twice = None;
        sorted.dedup_by(|one, first| {
            let same = one.1 == first.1;
            if same && !one.0.says_as(&first.0) {
                twice.get_or_insert_with(|| one.1.clone());
            }
            same
        });
        match twice {
            None => Ok(sorted),
            Some(key) => {
                let given = || "the rows given".to_owned();
                let (from, one, other) = (self.source.clone(), given(), given());
                Err(CatalogueError::Conflict { from, key, one, other })
            }
        }
    }

    /// Leaves out rows that are recorded already; those that differ from what is are refused.
    async fn without_recorded(
        &self,
        partition: Partition,
        rows: Vec<(crate::Key, R)>,
    ) -> Result<Vec<(crate::Key, R)>, CatalogueError> {
        let Some((first, last)) = rows.first().zip(rows.last()) else { return Ok(rows) };
        let mut overlapping = self.manifest.clone();
        overlapping.files.retain(|file| {
            file.partition == partition && file.first <= last.0 && first.0 <= file.last
        });
        if overlapping.files.is_empty() {
            return Ok(rows);
        }
        let mut left = rows;
        for entry in overlapping.files {
            let mut one = Manifest::empty(self.source.clone());
            one.files.push(entry.clone());
            let (catalogue, frame) = (self.catalogue.clone(), self.frame.clone());
            let mut recorded = Rows::<R>::new(catalogue, one, frame, Range::All);
            let file = self.catalogue.file_place(&self.source, &entry.path());
            while let Some(batch) = recorded.next_rows().await? {
                let found = self.keep_new(&mut left, batch)?;
                if let Some(key) = found {
                    let (from, one, other) =
                        (self.source.clone(), file.clone(), "the rows given".to_owned());
                    return Err(CatalogueError::Conflict { from, key, one, other });
                }
            }
        }
        Ok(left)
    }

    /// Takes recorded rows out of those left; returns the key of one that differs.
    fn keep_new(
        &self,
        left: &mut Vec<(crate::Key, R)>,
        recorded: Vec<R>,
    ) -> Result<Option<crate::Key>, CatalogueError> {
        let mut there = BTreeMap::new();
        for row in recorded {
            let key = row.key().map_err(|fault| self.row_error(0, fault))?;
            there.insert(key, row);
        }
        let mut differs = None;
        left.retain(|(key, row)| match there.get(key) {
            None => true,
            Some(recorded) => {
                if !recorded.says_as(row) {
                    differs.get_or_insert_with(|| key.clone());
                }
                false
            }
        });
        Ok(differs)
    }

    fn build(&self, rows: Vec<(crate::Key, R)>) -> Result<Vec<BuiltFile>, CatalogueError> {
        let error = |fault| self.build_error(fault);
        let mut files = Vec::new();
        let mut builder = self.builder()?;
        for (key, row) in rows {
            builder.push(&self.frame, key, row).map_err(error)?;
            if builder.is_full() {
                let full = std::mem::replace(&mut builder, self.builder()?);
                files.extend(full.finish(&self.frame).map_err(error)?);
            }
        }
        files.extend(builder.finish(&self.frame).map_err(error)?);
        Ok(files)
    }

    fn builder(&self) -> Result<FileBuilder<R>, CatalogueError> {
        FileBuilder::new(&self.frame).map_err(|fault| self.build_error(fault))
    }

    fn entry(&self, partition: Partition, kind: &str, file: &BuiltFile) -> FileEntry {
        let blake3 = blake3::hash(&file.bytes).to_hex().to_string();
        let name = match kind {
            "data" => file_name(kind, &blake3),
            _ => {
                let range = format!("part-{}-{}", file.first.first, file.last.first);
                file_name(&range, &blake3)
            }
        };
        FileEntry {
            partition,
            first: file.first.clone(),
            last: file.last.clone(),
            name,
            rows: count(file.rows),
            bytes: count(file.bytes.len()),
            blake3,
        }
    }

    async fn write_frame(&mut self) -> Result<(), CatalogueError> {
        let Some(name) = R::Frame::FILE.filter(|_| !self.has_frame) else { return Ok(()) };
        let text = self.frame.text().map_err(|fault| self.row_error(0, fault))?;
        self.catalogue.put(&self.source, name, text.into()).await?;
        self.has_frame = true;
        Ok(())
    }

    async fn commit(&mut self, mut manifest: Manifest) -> Result<(), CatalogueError> {
        manifest.files.sort();
        manifest.files.dedup();
        if manifest == self.manifest && self.version.is_some() {
            return Ok(());
        }
        let written = self.catalogue.write_manifest(&manifest, self.version.as_ref()).await?;
        (self.manifest, self.version) = (manifest, Some(written));
        Ok(())
    }

    fn row_error(&self, row: usize, fault: crate::RecordFault) -> CatalogueError {
        CatalogueError::Row { from: self.source.clone(), row, fault }
    }

    fn build_error(&self, fault: BuildFault) -> CatalogueError {
        match fault {
            BuildFault::Record(fault) => self.row_error(0, fault),
            BuildFault::Parquet(cause) => CatalogueError::File {
                file: self.source.to_string(),
                fault: FileFault::Parquet(cause.to_string()),
            },
        }
    }
}

impl Answered {
    /// Returns the answer to one interval, without a hole.
    pub fn span(from: i64, to: i64) -> Self {
        Self { spans: Span::new(from, to).into_iter().collect(), gaps: Vec::new() }
    }

    /// Returns what it comes to.
    pub fn coverage(&self) -> Coverage {
        Coverage::new(&self.spans, &self.gaps)
    }
}

/// Names a file by its content: half of the hash keeps any two apart.
fn file_name(kind: &str, blake3: &str) -> String {
    format!("{kind}-{}.parquet", blake3.get(..32).unwrap_or(blake3))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
