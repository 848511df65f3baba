use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::Writer;
use super::lock::{LockFault, WriterLock};
use crate::error::FileFault;
use crate::manifest::{MANIFEST, is_file_name};
use crate::synced_folder::UNNAMED;
use crate::{Catalogue, CatalogueError, Partition, Record, Source, StoreFault};

/// Takes the lock of a source in a folder of this machine.
pub(super) fn lock(
    catalogue: &Catalogue,
    source: &Source,
) -> Result<Option<WriterLock>, CatalogueError> {
    let Some(root) = catalogue.folder() else { return Ok(None) };
    let place = || catalogue.file_place(source, "");
    match WriterLock::take(root, &root.join(source.to_string())) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockFault::Held(by)) => Err(CatalogueError::BeingWritten { place: place(), by }),
        Err(LockFault::System(error)) => {
            let text = format!("cannot be locked for writing: {error}");
            let is_denied = error.kind() == std::io::ErrorKind::PermissionDenied;
            let fault = if is_denied { StoreFault::Denied(text) } else { StoreFault::Other(text) };
            Err(CatalogueError::Store { place: place(), fault })
        }
    }
}

/// Returns a mark that no other writer has: 128 bits, 32 digits.
pub(super) fn new_mark() -> String {
    // The standard library seeds each of these from the system's randomness.
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

impl<R: Record> Writer<R> {
    /// Before files are put in an object store that no manifest names yet, puts this writer's mark
    /// into the manifest. Another writer that begins meanwhile puts its own there before it removes
    /// such files, so that the manifest which would name them is refused.
    ///
    /// In a folder of this machine the lock sees to it.
    pub(super) async fn begin(&mut self) -> Result<(), CatalogueError> {
        self.write_frame().await?;
        if self.is_marked || self.catalogue.folder().is_some() {
            return Ok(());
        }
        let mut marked = self.manifest.clone();
        marked.writing = Some(self.mark.clone());
        let written = self.catalogue.write_manifest(&marked, self.version.as_ref()).await?;
        (self.version, self.is_marked) = (Some(written), true);
        Ok(())
    }

    /// Removes files that no manifest names; those that it names must be there.
    pub(super) async fn repair(&mut self, was_interrupted: bool) -> Result<(), CatalogueError> {
        let files = self.files().await?;
        for entry in &self.manifest.files {
            let path = entry.path();
            if !files.contains(&path) {
                let file = self.catalogue.file_place(&self.source, &path);
                return Err(CatalogueError::File { file, fault: FileFault::Missing });
            }
        }
        if was_interrupted || !self.unnamed(&files).is_empty() {
            if self.catalogue.folder().is_none() {
                self.begin().await?;
            }
            self.remove_unnamed().await?;
            // A folder that was copied out of an object store may have a mark, too.
            if self.is_marked || was_interrupted {
                self.is_marked = true;
                self.name(self.manifest.clone()).await?;
            }
        }
        crate::location::remove_half_written(&self.catalogue, &self.source);
        Ok(())
    }

    /// Removes files that no manifest names, while it is this writer's turn.
    ///
    /// No object store removes a thing on a condition, so that it is asked before each whether
    /// another writer has begun.
    async fn remove_unnamed(&self) -> Result<(), CatalogueError> {
        let files = self.files().await?;
        for path in self.unnamed(&files) {
            if self.catalogue.folder().is_none() {
                let now = self.catalogue.read_manifest(&self.source).await?;
                if now.manifest.writing.as_ref() != Some(&self.mark) {
                    let file = self.catalogue.file_place(&self.source, MANIFEST);
                    return Err(CatalogueError::ChangedMeanwhile { file });
                }
            }
            self.catalogue.remove(&self.source, &path).await?;
        }
        Ok(())
    }

    async fn files(&self) -> Result<Vec<String>, CatalogueError> {
        let found = self.catalogue.files_in(&self.source).await?;
        Ok(found.into_iter().map(|(path, _)| path).collect())
    }

    /// Returns which files are named as a writer's are, and not by the manifest.
    fn unnamed(&self, files: &[String]) -> Vec<String> {
        let is_ours = |path: &&String| {
            let in_partition = path.split_once('/').is_some_and(|(folder, name)| {
                Partition::named(folder).is_some() && is_file_name(name)
            });
            in_partition || path.ends_with(UNNAMED)
        };
        let is_named = |path: &str| self.manifest.files.iter().any(|entry| entry.path() == path);
        files.iter().filter(is_ours).filter(|path| !is_named(path)).cloned().collect()
    }

    /// Removes what was staged and not committed, as if it had never been.
    ///
    /// What a failure here leaves behind counts for nothing, and the next writer removes it.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Store`], and [`CatalogueError::ChangedMeanwhile`] where another writer has
    /// begun, which removes it itself.
    pub async fn discard(mut self) -> Result<(), CatalogueError> {
        self.staged = self.manifest.clone();
        if self.catalogue.folder().is_some() || self.is_marked {
            self.remove_unnamed().await?;
        }
        if self.is_marked { self.name(self.manifest.clone()).await } else { Ok(()) }
    }
}
