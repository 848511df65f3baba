use tidemill_catalogue::{Answered, Catalogue, CatalogueError, Manifest, Record, Source, Writer};

use crate::failure::Failure;

/// How many files are written before they are put together.
const PARTS: u64 = 512;

/// A source that is written little by little: its small files are put together now and then.
pub(super) struct PartWriter<R: Record<Frame = ()>> {
    writer: Writer<R>,
    parts: u64,
    /// How many rows were new.
    pub(super) rows: u64,
    /// How many were there already.
    pub(super) duplicates: u64,
}

impl<R: Record<Frame = ()>> PartWriter<R> {
    pub(super) async fn open(data: &Catalogue, source: &Source) -> Result<Self, Failure> {
        let writer = data.writer::<R>(source, ()).await.map_err(Failure::input)?;
        Ok(Self { writer, parts: 0, rows: 0, duplicates: 0 })
    }

    pub(super) fn manifest(&self) -> &Manifest {
        self.writer.manifest()
    }

    pub(super) async fn append(
        &mut self,
        rows: Vec<R>,
        answered: &Answered,
    ) -> Result<(), CatalogueError> {
        let appended = self.writer.append(rows, answered).await?;
        self.rows += appended.rows;
        self.duplicates += appended.duplicates;
        self.parts += appended.files;
        Ok(())
    }

    /// Puts the files together where they have become many.
    pub(super) async fn compact_many(&mut self) -> Result<(), Failure> {
        if self.parts >= PARTS { self.compact().await } else { Ok(()) }
    }

    /// Puts the files together.
    pub(super) async fn compact(&mut self) -> Result<(), Failure> {
        self.parts = 0;
        self.writer.compact().await.map(drop).map_err(Failure::input)
    }
}
