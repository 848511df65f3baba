use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, UpdateVersion};

use crate::error::FileFault;
use crate::manifest::MANIFEST;
use crate::record::Frame;
use crate::{CatalogueError, Dataset, FileEntry, Manifest, Range, Record, Rows, Source, Writer};

/// The largest file that is read at once.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 30;

/// The largest manifest or description.
const MAX_JSON_BYTES: u64 = 1 << 28;

/// A data folder: Parquet files by dataset, source and day, on a disk or in an object store.
///
/// Cheap to clone. Any number may read; a source has one [`Writer`] at a time, and a second one
/// finds out when it writes.
#[derive(Clone, Debug)]
pub struct Catalogue {
    store: Arc<dyn ObjectStore>,
    root: Path,
    /// How errors name it.
    place: String,
    /// Where it is on this machine.
    folder: Option<PathBuf>,
}

/// A manifest as it was read.
pub(crate) struct ReadManifest {
    pub(crate) manifest: Manifest,
    /// `None` while there is none.
    pub(crate) version: Option<UpdateVersion>,
}

impl Catalogue {
    /// Opens a folder that is there.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Location`] for anything else than a folder.
    pub fn open(location: &str) -> Result<Self, CatalogueError> {
        let folder = PathBuf::from(location);
        if !folder.is_dir() {
            let expected = "a folder that is there";
            return Err(CatalogueError::Location { found: location.to_owned(), expected });
        }
        let store = LocalFileSystem::new_with_prefix(&folder)
            .map_err(|cause| CatalogueError::Store { place: location.to_owned(), cause })?;
        // Syncing what is written is left to the system, but what a manifest names was written.
        let store = Arc::new(store.with_automatic_cleanup(true));
        let place = location.trim_end_matches('/').to_owned();
        Ok(Self { store, root: Path::default(), place, folder: Some(folder) })
    }

    /// Opens a folder, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Location`] where it cannot be made.
    pub fn create(location: &str) -> Result<Self, CatalogueError> {
        if std::fs::create_dir_all(location).is_err() {
            let expected = "a folder, or a place where one can be made";
            return Err(CatalogueError::Location { found: location.to_owned(), expected });
        }
        Self::open(location)
    }

    /// Opens what lies below a path of a store; `place` is how errors name it.
    pub fn over(store: Arc<dyn ObjectStore>, root: Path, place: &str) -> Self {
        Self { store, root, place: place.to_owned(), folder: None }
    }

    /// Returns how errors name it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the store that it is in, and the path there, for readers of their own.
    pub fn store(&self) -> (Arc<dyn ObjectStore>, Path) {
        (self.store.clone(), self.root.clone())
    }

    /// Returns where it is on this machine, if it is.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// Returns every source that has a manifest, in order.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Store`].
    pub async fn sources(&self) -> Result<Vec<Source>, CatalogueError> {
        let mut sources = Vec::new();
        for dataset in Dataset::ALL {
            let mut folders = vec![dataset.name().to_owned()];
            for level in dataset.levels() {
                let mut deeper = Vec::new();
                for folder in folders {
                    let names = self.folders_in(&folder).await?;
                    let fits = names.into_iter().filter(|name| {
                        name.strip_prefix(level).is_some_and(|rest| rest.starts_with('='))
                    });
                    deeper.extend(fits.map(|name| format!("{folder}/{name}")));
                }
                folders = deeper;
            }
            for source in folders.iter().filter_map(|folder| folder.parse::<Source>().ok()) {
                if self.head(&source, MANIFEST).await?.is_some() {
                    sources.push(source);
                }
            }
        }
        sources.sort();
        Ok(sources)
    }

    /// Returns what is recorded of a source; an empty manifest where nothing is.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Store`], and [`CatalogueError::File`] for a manifest that is none.
    pub async fn manifest(&self, source: &Source) -> Result<Manifest, CatalogueError> {
        self.read_manifest(source).await.map(|read| read.manifest)
    }

    /// Returns the description beside a source's partitions, such as its `pool.json`.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::NoSource`] where nothing is recorded, and as [`Self::manifest`].
    pub async fn frame<R: Record>(&self, source: &Source) -> Result<R::Frame, CatalogueError> {
        check_dataset::<R>(source)?;
        let read = self.read_frame::<R>(source).await?;
        read.ok_or_else(|| CatalogueError::NoSource { from: source.clone() })
    }

    /// Reads the rows of a range in the order of their keys.
    ///
    /// # Errors
    ///
    /// As [`Self::frame`]; what is wrong with a file, its rows say when they come.
    pub async fn read<R: Record>(
        &self,
        source: &Source,
        range: Range,
    ) -> Result<Rows<R>, CatalogueError> {
        let manifest = self.manifest(source).await?;
        let frame = self.frame::<R>(source).await?;
        Ok(Rows::new(self.clone(), manifest, frame, range))
    }

    /// Begins to write a source; removes what an earlier writer left behind that no manifest
    /// names.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::OtherFrame`] where what is recorded is described otherwise,
    /// [`CatalogueError::File`] where a file that the manifest names is gone, and as
    /// [`Self::manifest`].
    pub async fn writer<R: Record>(
        &self,
        source: &Source,
        frame: R::Frame,
    ) -> Result<Writer<R>, CatalogueError> {
        check_dataset::<R>(source)?;
        Writer::open(self.clone(), source.clone(), frame).await
    }

    pub(crate) async fn read_frame<R: Record>(
        &self,
        source: &Source,
    ) -> Result<Option<R::Frame>, CatalogueError> {
        let Some(name) = R::Frame::FILE else {
            let none = self.head(source, MANIFEST).await?.is_none();
            return if none { Ok(None) } else { self.parse_frame::<R>(source, "", b"").map(Some) };
        };
        match self.get_small(source, name).await? {
            None => Ok(None),
            Some(text) => self.parse_frame::<R>(source, name, &text).map(Some),
        }
    }

    fn parse_frame<R: Record>(
        &self,
        source: &Source,
        name: &str,
        text: &[u8],
    ) -> Result<R::Frame, CatalogueError> {
        let file = self.file_place(source, name);
        let read = R::Frame::read(&file, text);
        read.map_err(|fault| CatalogueError::File { file, fault: fault.into() })
    }

    pub(crate) async fn read_manifest(
        &self,
        source: &Source,
    ) -> Result<ReadManifest, CatalogueError> {
        let path = self.path(source, MANIFEST);
        let found = match self.store.get(&path).await {
            Err(object_store::Error::NotFound { .. }) => None,
            Err(cause) => return Err(self.store_error(source, MANIFEST, cause)),
            Ok(found) => Some(found),
        };
        let Some(found) = found else {
            return Ok(ReadManifest { manifest: Manifest::empty(source.clone()), version: None });
        };
        let version = Some(version_of(&found.meta));
        let text = found.bytes().await.map_err(|c| self.store_error(source, MANIFEST, c))?;
        let manifest = Manifest::read(source, &text).map_err(|fault| CatalogueError::File {
            file: self.file_place(source, MANIFEST),
            fault,
        })?;
        Ok(ReadManifest { manifest, version })
    }

    /// Writes a manifest in the place of the one that was read.
    pub(crate) async fn write_manifest(
        &self,
        manifest: &Manifest,
        before: Option<&UpdateVersion>,
    ) -> Result<UpdateVersion, CatalogueError> {
        let source = &manifest.source;
        let file = || self.file_place(source, MANIFEST);
        let text =
            manifest.to_json().map_err(|fault| CatalogueError::File { file: file(), fault })?;
        let path = self.path(source, MANIFEST);
        let mode = match before {
            None => PutMode::Create,
            Some(version) => PutMode::Update(version.clone()),
        };
        let payload = || Bytes::from(text.clone()).into();
        let mut put = self.store.put_opts(&path, payload(), mode.into()).await;
        if let (Err(object_store::Error::NotImplemented { .. }), Some(before)) = (&put, before) {
            let now = self.head(source, MANIFEST).await?.map(|meta| version_of(&meta));
            if now.is_none_or(|now| now.e_tag != before.e_tag) {
                return Err(CatalogueError::ChangedMeanwhile { file: file() });
            }
            put = self.store.put(&path, payload()).await;
        }
        match put {
            Ok(put) => Ok(UpdateVersion { e_tag: put.e_tag, version: put.version }),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) => Err(CatalogueError::ChangedMeanwhile { file: file() }),
            Err(cause) => Err(self.store_error(source, MANIFEST, cause)),
        }
    }

    /// Reads a file that a manifest names, whole, and checks that its bytes are those written.
    pub(crate) async fn get_checked(
        &self,
        source: &Source,
        entry: &FileEntry,
    ) -> Result<Bytes, CatalogueError> {
        let path = entry.path();
        let fault = |fault| CatalogueError::File { file: self.file_place(source, &path), fault };
        if entry.bytes > MAX_FILE_BYTES {
            let (bytes, limit) = (entry.bytes, MAX_FILE_BYTES);
            return Err(fault(FileFault::TooLarge { bytes, limit }));
        }
        let found = match self.store.get(&self.path(source, &path)).await {
            Err(object_store::Error::NotFound { .. }) => return Err(fault(FileFault::Missing)),
            Err(cause) => return Err(self.store_error(source, &path, cause)),
            Ok(found) => found,
        };
        if found.meta.size != entry.bytes {
            return Err(fault(FileFault::Differs {
                what: "bytes",
                found: found.meta.size.to_string(),
                recorded: entry.bytes.to_string(),
            }));
        }
        let bytes = found.bytes().await.map_err(|c| self.store_error(source, &path, c))?;
        let hash = blake3::hash(&bytes).to_hex();
        if hash.as_str() != entry.blake3 {
            let (found, recorded) = (hash.to_string(), entry.blake3.clone());
            return Err(fault(FileFault::Damaged { found, recorded }));
        }
        Ok(bytes)
    }

    pub(crate) async fn get_small(
        &self,
        source: &Source,
        name: &str,
    ) -> Result<Option<Bytes>, CatalogueError> {
        let error = |cause| self.store_error(source, name, cause);
        let found = match self.store.get(&self.path(source, name)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(cause) => return Err(error(cause)),
            Ok(found) => found,
        };
        if found.meta.size > MAX_JSON_BYTES {
            let fault = FileFault::TooLarge { bytes: found.meta.size, limit: MAX_JSON_BYTES };
            return Err(CatalogueError::File { file: self.file_place(source, name), fault });
        }
        found.bytes().await.map(Some).map_err(error)
    }

    pub(crate) async fn put(
        &self,
        source: &Source,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), CatalogueError> {
        let put = self.store.put(&self.path(source, name), bytes.into()).await;
        put.map(|_| ()).map_err(|cause| self.store_error(source, name, cause))
    }

    /// Removes a file; one that is not there is removed already.
    pub(crate) async fn remove(&self, source: &Source, name: &str) -> Result<(), CatalogueError> {
        match self.store.delete(&self.path(source, name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(self.store_error(source, name, cause)),
        }
    }

    /// Returns every file below a source, by its path from there, ascending.
    pub(crate) async fn files_in(
        &self,
        source: &Source,
    ) -> Result<Vec<(String, u64)>, CatalogueError> {
        let folder = self.path(source, "");
        let list = self.store.list(Some(&folder)).try_collect::<Vec<ObjectMeta>>().await;
        let found = list.map_err(|cause| self.store_error(source, "", cause))?;
        let mut files = Vec::with_capacity(found.len());
        for meta in found {
            if let Some(parts) = meta.location.prefix_match(&folder) {
                let parts: Vec<_> = parts.map(|part| part.as_ref().to_owned()).collect();
                files.push((parts.join("/"), meta.size));
            }
        }
        files.sort();
        Ok(files)
    }

    async fn folders_in(&self, folder: &str) -> Result<Vec<String>, CatalogueError> {
        let path = Path::from_iter(self.root.parts().chain(Path::from(folder).parts()));
        let listed = self.store.list_with_delimiter(Some(&path)).await;
        let listed = match listed {
            Err(object_store::Error::NotFound { .. }) => return Ok(Vec::new()),
            Err(cause) => {
                let place = format!("{}/{folder}", self.place);
                return Err(CatalogueError::Store { place, cause });
            }
            Ok(listed) => listed,
        };
        let name = |path: &Path| path.parts().next_back().map(|part| part.as_ref().to_owned());
        Ok(listed.common_prefixes.iter().filter_map(name).collect())
    }

    async fn head(
        &self,
        source: &Source,
        name: &str,
    ) -> Result<Option<ObjectMeta>, CatalogueError> {
        match self.store.head(&self.path(source, name)).await {
            Ok(meta) => Ok(Some(meta)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(self.store_error(source, name, cause)),
        }
    }

    fn path(&self, source: &Source, name: &str) -> Path {
        let below = Path::from(format!("{source}/{name}"));
        Path::from_iter(self.root.parts().chain(below.parts()))
    }

    /// Returns how errors name a file of a source.
    pub(crate) fn file_place(&self, source: &Source, name: &str) -> String {
        format!("{}/{source}/{name}", self.place).trim_end_matches('/').to_owned()
    }

    fn store_error(
        &self,
        source: &Source,
        name: &str,
        cause: object_store::Error,
    ) -> CatalogueError {
        CatalogueError::Store { place: self.file_place(source, name), cause }
    }
}

fn version_of(meta: &ObjectMeta) -> UpdateVersion {
    UpdateVersion { e_tag: meta.e_tag.clone(), version: meta.version.clone() }
}

fn check_dataset<R: Record>(source: &Source) -> Result<(), CatalogueError> {
    if source.dataset() == R::DATASET {
        return Ok(());
    }
    let found = source.to_string();
    Err(CatalogueError::Name { what: "source".to_owned(), found, expected: R::DATASET.name() })
}
