use crate::import::{ImportError, ImportedSource};
use crate::{Record, Writer};

/// One source's part of an import: written, and not recorded before every part is.
pub struct Staged<R: Record> {
    /// The source's writer.
    pub writer: Writer<R>,
    /// What has become of the source.
    pub done: ImportedSource,
}

impl<R: Record> Staged<R> {
    /// Records all parts of an import, one after another, and compacts them.
    ///
    /// # Errors
    ///
    /// [`ImportError::Catalogue`] where nothing is recorded, [`ImportError::Unfinished`] where some
    /// parts are.
    pub async fn commit_all(mut all: Vec<Self>) -> Result<Vec<ImportedSource>, ImportError> {
        let of = all.len();
        for (done, staged) in all.iter_mut().enumerate() {
            staged.writer.commit().await.map_err(|cause| match done {
                0 => ImportError::Catalogue(cause),
                _ => ImportError::Unfinished { cause: Box::new(cause), done, of },
            })?;
        }
        let mut sources = Vec::with_capacity(of);
        for mut staged in all {
            let compacted = staged.writer.compact().await;
            compacted.map_err(|cause| {
                let cause = Box::new(cause);
                ImportError::Unfinished { cause, done: of, of }
            })?;
            sources.push(staged.done);
        }
        Ok(sources)
    }

    /// Takes all parts of an import back. What cannot be removed counts for nothing, and the next
    /// writer of its source removes it.
    pub async fn discard_all(all: Vec<Self>) {
        for staged in all {
            let _ = staged.writer.discard().await;
        }
    }
}
