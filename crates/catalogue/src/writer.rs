use std::collections::BTreeMap;

use object_store::UpdateVersion;

use crate::error::FileFault;
use crate::parquet_file::{BuildFault, BuiltFile, FileBuilder};
use crate::record::Frame;
use crate::writer::lock::WriterLock;
use crate::{
    Catalogue, CatalogueError, Coverage, FileEntry, Gap, Manifest, Partition, Range, Record, Rows,
    Source, Span,
};

mod claim;
pub(crate) mod lock;
mod new_rows;

/// Partitions that are compacted between two writings of the manifest.
const COMPACTED_TOGETHER: usize = 32;

/// The one that writes a source.
///
/// Whatever it is stopped in, what the manifest names is whole, and the same calls again leave the
/// same bytes: files are written first, the manifest last, each at once, and a file's name holds
/// the hash of its bytes, so that none is ever written over.
///
/// It is the only one. In a folder of this machine it holds a lock, `writer.lock`, which a second
/// one is refused for. In an object store it writes a mark into the manifest before it puts files
/// there; a second one overwrites the mark before it removes what no manifest names, and the first
/// one's manifest is refused from then on.
pub struct Writer<R: Record> {
    catalogue: Catalogue,
    source: Source,
    frame: R::Frame,
    manifest: Manifest,
    version: Option<UpdateVersion>,
    /// The manifest with what was staged since.
    staged: Manifest,
    has_frame: bool,
    /// Who this is to other writers of an object store, and whether its manifest says so.
    mark: String,
    is_marked: bool,
    /// Held as long as a folder of this machine is written.
    _lock: Option<WriterLock>,
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
        let lock = claim::lock(&catalogue, &source)?;
        let mut read = catalogue.read_manifest(&source).await?;
        let was_interrupted = read.manifest.writing.take().is_some();
        let recorded = catalogue.read_frame::<R>(&source).await?;
        if let Some(recorded) = &recorded {
            check_frame::<R>(&catalogue, &source, recorded, &frame)?;
        }
        let has_frame = recorded.is_some() || R::Frame::FILE.is_none();
        let mut writer = Self {
            catalogue,
            source,
            frame,
            staged: read.manifest.clone(),
            manifest: read.manifest,
            version: read.version,
            has_frame,
            mark: claim::new_mark(),
            is_marked: false,
            _lock: lock,
        };
        writer.repair(was_interrupted).await?;
        Ok(writer)
    }

    /// Returns what is recorded.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns what will be recorded when what was staged is committed.
    pub fn staged(&self) -> &Manifest {
        &self.staged
    }

    /// Returns what describes the source.
    pub fn frame(&self) -> &R::Frame {
        &self.frame
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
        let done = self.stage(rows, answered).await?;
        self.commit().await?;
        Ok(done)
    }

    /// Writes rows without recording them: [`commit`](Self::commit) records all that was staged, at
    /// once, and without it nothing has changed. Rows that are recorded or staged already are left
    /// out.
    ///
    /// Shape of the rows and errors as those of [`append`](Self::append).
    ///
    /// # Errors
    ///
    /// Those of `append`; what was staged before stays staged.
    pub async fn stage(
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
        if !built.is_empty() {
            self.begin().await?;
        }
        let mut entries = Vec::with_capacity(built.len());
        for (entry, file) in built {
            self.catalogue.put(&self.source, &entry.path(), file.bytes).await?;
            entries.push(entry);
        }
        self.staged.coverage.add(&answered.spans, &answered.gaps);
        self.staged.files.extend(entries);
        Ok(done)
    }

    /// Records what was staged.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::ChangedMeanwhile`] where another writer was faster, and
    /// [`CatalogueError::Store`]; nothing that was staged is recorded then.
    pub async fn commit(&mut self) -> Result<(), CatalogueError> {
        self.write_frame().await?;
        self.name(self.staged.clone()).await
    }

    /// Commits what was staged, puts the rows of each partition into one file, in order, and
    /// removes the others.
    ///
    /// # Errors
    ///
    /// As [`Rows::next_rows`](crate::Rows::next_rows), and [`CatalogueError::Store`].
    pub async fn compact(&mut self) -> Result<Compacted, CatalogueError> {
        if self.staged != self.manifest {
            self.commit().await?;
        }
        let partitions: Vec<_> =
            self.manifest.partitions().into_iter().filter(|at| !self.is_compact(*at)).collect();
        let mut done = Compacted::default();
        for together in partitions.chunks(COMPACTED_TOGETHER) {
            self.begin().await?;
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
            self.name(manifest).await?;
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
        if self.catalogue.folder().is_some() {
            self.catalogue.put(&self.source, name, text.into()).await?;
        } else if !self.catalogue.put_new(&self.source, name, text.into()).await?
            && let Some(recorded) = self.catalogue.read_frame::<R>(&self.source).await?
        {
            // Another writer of the object store has begun to write the same source.
            check_frame::<R>(&self.catalogue, &self.source, &recorded, &self.frame)?;
        }
        self.has_frame = true;
        Ok(())
    }

    /// Writes a manifest in the place of the one before. It has no mark.
    async fn name(&mut self, mut manifest: Manifest) -> Result<(), CatalogueError> {
        manifest.files.sort();
        manifest.files.dedup();
        if self.is_marked || manifest != self.manifest || self.version.is_none() {
            let written = self.catalogue.write_manifest(&manifest, self.version.as_ref()).await?;
            (self.version, self.is_marked) = (Some(written), false);
        }
        (self.staged, self.manifest) = (manifest.clone(), manifest);
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

/// Checks that the rows of a source belong to what is recorded.
fn check_frame<R: Record>(
    catalogue: &Catalogue,
    source: &Source,
    recorded: &R::Frame,
    given: &R::Frame,
) -> Result<(), CatalogueError> {
    let Some(name) = R::Frame::FILE.filter(|_| recorded != given) else { return Ok(()) };
    let text = |frame: &R::Frame| frame.text().unwrap_or_else(|fault| fault.to_string());
    Err(CatalogueError::OtherFrame {
        file: catalogue.file_place(source, name),
        recorded: text(recorded),
        found: text(given),
    })
}

/// Names a file by its content: half of the hash keeps any two apart.
fn file_name(kind: &str, blake3: &str) -> String {
    format!("{kind}-{}.parquet", blake3.get(..32).unwrap_or(blake3))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
