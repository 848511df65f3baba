use std::collections::BTreeSet;
use std::fmt;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

use crate::manifest::MANIFEST;

/// A folder whose manifests are on the disk, and not only with the system, when they have their
/// names, and before that the files that they may name.
///
/// A manifest is written under another name when all that was written before it is synced; it is
/// synced itself, renamed, and its folder synced. Whatever happens to the power, it is the one
/// before or the new one, and what it names is whole. Syncing all at once costs a few turns of the
/// disk for each manifest, not for each file. Removing is not synced: a file that comes back is one
/// that no manifest names.
#[derive(Debug)]
pub(crate) struct SyncedFolder {
    inner: Arc<dyn ObjectStore>,
    root: PathBuf,
    /// What was written since the last manifest: as many files as an append or a compaction writes
    /// between two manifests.
    unsynced: Mutex<BTreeSet<PathBuf>>,
}

/// The ending of a manifest that has no name yet.
pub(crate) const UNNAMED: &str = ".unnamed";

/// How many files are synced at once: the disk does many in one turn.
const SYNCED_TOGETHER: usize = 16;

impl SyncedFolder {
    /// Writes to a store whose files lie in a folder of this machine.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, root: PathBuf) -> Self {
        Self { inner, root, unsynced: Mutex::default() }
    }

    /// Writes a file under a name that it has until it gets its own, and that no one else's has.
    async fn stage(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<(Path, PutResult)> {
        let process = std::process::id();
        let mut count = 0_u64;
        loop {
            let unnamed = Path::from(format!("{location}.{process}-{count}{UNNAMED}"));
            let options = PutOptions { mode: PutMode::Create, ..options.clone() };
            match self.inner.put_opts(&unnamed, payload.clone(), options).await {
                Err(Error::AlreadyExists { .. }) => count += 1,
                Err(error) => return Err(error),
                Ok(put) => return Ok((unnamed, put)),
            }
        }
    }

    fn unsynced(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        // Adding and taking cannot be left half done.
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folders that a file is in, up to the root.
    fn above<'a>(&'a self, file: &'a FilePath) -> impl Iterator<Item = PathBuf> + 'a {
        let folders = file.ancestors().skip(1);
        folders.take_while(|folder| folder.starts_with(&self.root)).map(FilePath::to_owned)
    }

    /// Syncs what was written since the last manifest, and the folders above.
    async fn sync_written(&self) -> Result<()> {
        let files = self.unsynced().clone();
        let folders: BTreeSet<_> = files.iter().flat_map(|file| self.above(file)).collect();
        sync_all(files.iter().cloned(), sync_file).await?;
        sync_all(folders, sync_folder).await?;
        self.unsynced().retain(|file| !files.contains(file));
        Ok(())
    }

    /// Writes a manifest.
    async fn put_synced(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.sync_written().await?;
        let mode = options.mode.clone();
        let (unnamed, put) = self.stage(location, payload, options).await?;
        let named = async {
            sync_all([self.root.join(unnamed.as_ref())], sync_file).await?;
            match mode {
                PutMode::Create => self.inner.rename_if_not_exists(&unnamed, location).await,
                PutMode::Overwrite | PutMode::Update(_) => {
                    self.inner.rename(&unnamed, location).await
                }
            }
        };
        if let Err(error) = named.await {
            // The file is useless now; the next writer removes it where this does not.
            let _ = self.inner.delete(&unnamed).await;
            return Err(error);
        }
        let file = self.root.join(location.as_ref());
        sync_all(self.above(&file).collect::<Vec<_>>(), sync_folder).await?;
        Ok(put)
    }
}

/// Syncs some paths at once; one that is gone meanwhile needs none.
async fn sync_all(
    paths: impl IntoIterator<Item = PathBuf>,
    sync: fn(&FilePath) -> std::io::Result<()>,
) -> Result<()> {
    let failed = |source| Error::Generic { store: "folder", source };
    let synced = futures_util::stream::iter(paths).map(|path| async move {
        match tokio::task::spawn_blocking(move || sync(&path)).await {
            Ok(Err(error)) if error.kind() != ErrorKind::NotFound => Err(failed(error.into())),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(error.into())),
        }
    });
    synced.buffer_unordered(SYNCED_TOGETHER).try_collect::<()>().await
}

fn sync_file(file: &FilePath) -> std::io::Result<()> {
    std::fs::File::open(file)?.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &FilePath) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Other systems do not open folders as files, and keep names by themselves.
#[cfg(not(unix))]
fn sync_folder(_: &FilePath) -> std::io::Result<()> {
    Ok(())
}

impl fmt::Display for SyncedFolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "synced {}", self.inner)
    }
}

#[async_trait::async_trait]
impl ObjectStore for SyncedFolder {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let is_manifest = location.filename() == Some(MANIFEST);
        // A conditional update, the folder itself says that it cannot.
        if is_manifest && !matches!(options.mode, PutMode::Update(_)) {
            return self.put_synced(location, payload, options).await;
        }
        let put = self.inner.put_opts(location, payload, options).await?;
        self.unsynced().insert(self.root.join(location.as_ref()));
        Ok(put)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
