use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutMode, UpdateVersion};

use super::{Catalogue, ReadManifest};
use crate::error::FileFault;
use crate::manifest::MANIFEST;
use crate::record::Frame;
use crate::store_fault::{StoreFault, is_not_there};
use crate::{CatalogueError, FileEntry, Manifest, Record, Source};

/// The largest file that is read at once.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// The largest manifest or description.
const MAX_JSON_BYTES: u64 = 1 << 28;

impl Catalogue {
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
        let Some((text, version)) = self.get_version(source, MANIFEST).await? else {
            return Ok(ReadManifest { manifest: Manifest::empty(source.clone()), version: None });
        };
        let manifest = Manifest::read(source, &text).map_err(|fault| CatalogueError::File {
            file: self.file_place(source, MANIFEST),
            fault,
        })?;
        Ok(ReadManifest { manifest, version: Some(version) })
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
            // Where the answer to a put that was done is lost, the store's client tries again and
            // finds its own work.
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) => match self.get_version(source, MANIFEST).await? {
                Some((now, version)) if *now == *text.as_bytes() => Ok(version),
                Some(_) | None => Err(CatalogueError::ChangedMeanwhile { file: file() }),
            },
            Err(cause) => Err(self.store_error(source, MANIFEST, &cause)),
        }
    }

    /// Reads a file that a manifest names, whole, and checks that its bytes are those written.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::File`] where it is gone, damaged, or larger than a gibibyte, and
    /// [`CatalogueError::Store`].
    pub async fn get_checked(
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
            Err(cause) if is_not_there(&cause) => return Err(fault(FileFault::Missing)),
            Err(cause) => return Err(self.store_error(source, &path, &cause)),
            Ok(found) => found,
        };
        if found.meta.size != entry.bytes {
            return Err(fault(FileFault::Differs {
                what: "bytes",
                found: found.meta.size.to_string(),
                recorded: entry.bytes.to_string(),
            }));
        }
        let bytes = found.bytes().await.map_err(|c| self.store_error(source, &path, &c))?;
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
        Ok(self.get_version(source, name).await?.map(|(text, _)| text))
    }

    /// Reads a manifest or a description, and which version of it that is.
    async fn get_version(
        &self,
        source: &Source,
        name: &str,
    ) -> Result<Option<(Bytes, UpdateVersion)>, CatalogueError> {
        let error = |cause: object_store::Error| self.store_error(source, name, &cause);
        let found = match self.store.get(&self.path(source, name)).await {
            Err(cause) if is_not_there(&cause) => return Ok(None),
            Err(cause) => return Err(error(cause)),
            Ok(found) => found,
        };
        if found.meta.size > MAX_JSON_BYTES {
            let fault = FileFault::TooLarge { bytes: found.meta.size, limit: MAX_JSON_BYTES };
            return Err(CatalogueError::File { file: self.file_place(source, name), fault });
        }
        let version = version_of(&found.meta);
        let text = found.bytes().await.map_err(error)?;
        Ok(Some((text, version)))
    }

    pub(crate) async fn put(
        &self,
        source: &Source,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), CatalogueError> {
        let put = self.store.put(&self.path(source, name), bytes.into()).await;
        put.map(|_| ()).map_err(|cause| self.store_error(source, name, &cause))
    }

    /// Puts a file unless there is one of that name; returns whether it did.
    pub(crate) async fn put_new(
        &self,
        source: &Source,
        name: &str,
        bytes: Bytes,
    ) -> Result<bool, CatalogueError> {
        let mode = PutMode::Create.into();
        match self.store.put_opts(&self.path(source, name), bytes.into(), mode).await {
            Ok(_) => Ok(true),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) => Ok(false),
            Err(cause) => Err(self.store_error(source, name, &cause)),
        }
    }

    /// Removes a file; one that is not there is removed already.
    pub(crate) async fn remove(&self, source: &Source, name: &str) -> Result<(), CatalogueError> {
        match self.store.delete(&self.path(source, name)).await {
            Ok(()) => Ok(()),
            Err(cause) if is_not_there(&cause) => Ok(()),
            Err(cause) => Err(self.store_error(source, name, &cause)),
        }
    }

    /// Returns every file below a source, by its path from there, ascending.
    pub(crate) async fn files_in(
        &self,
        source: &Source,
    ) -> Result<Vec<(String, u64)>, CatalogueError> {
        let folder = self.path(source, "");
        let list = self.store.list(Some(&folder)).try_collect::<Vec<ObjectMeta>>().await;
        let found = list.map_err(|cause| self.store_error(source, "", &cause))?;
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

    pub(super) async fn folders_in(&self, folder: &str) -> Result<Vec<String>, CatalogueError> {
        let path = Path::from_iter(self.root.parts().chain(Path::from(folder).parts()));
        let listed = self.store.list_with_delimiter(Some(&path)).await;
        let listed = match listed {
            Err(cause) if is_not_there(&cause) => return Ok(Vec::new()),
            Err(cause) => {
                let place = format!("{}/{folder}", self.place);
                let fault = StoreFault::new(&cause, &self.secrets);
                return Err(CatalogueError::Store { place, fault });
            }
            Ok(listed) => listed,
        };
        let name = |path: &Path| path.parts().next_back().map(|part| part.as_ref().to_owned());
        Ok(listed.common_prefixes.iter().filter_map(name).collect())
    }

    pub(super) async fn head(
        &self,
        source: &Source,
        name: &str,
    ) -> Result<Option<ObjectMeta>, CatalogueError> {
        match self.store.head(&self.path(source, name)).await {
            Ok(meta) => Ok(Some(meta)),
            Err(cause) if is_not_there(&cause) => Ok(None),
            Err(cause) => Err(self.store_error(source, name, &cause)),
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
        cause: &object_store::Error,
    ) -> CatalogueError {
        let fault = StoreFault::new(cause, &self.secrets);
        CatalogueError::Store { place: self.file_place(source, name), fault }
    }
}

fn version_of(meta: &ObjectMeta) -> UpdateVersion {
    UpdateVersion { e_tag: meta.e_tag.clone(), version: meta.version.clone() }
}
