use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tidemill_units::InstantUs;

use crate::error::RecordFault;
use crate::{Dataset, Key};

/// A row of a dataset.
pub trait Record: Clone + PartialEq + Send + Sync + Sized + 'static {
    /// What all rows of a source have in common, and what is needed to read them.
    type Frame: Frame;

    /// The dataset that it is a row of.
    const DATASET: Dataset;

    /// Returns its columns.
    fn schema(frame: &Self::Frame) -> SchemaRef;

    /// Returns its place in the order of its source.
    ///
    /// # Errors
    ///
    /// [`RecordFault::Value`] for a number past 2^63.
    fn key(&self) -> Result<Key, RecordFault>;

    /// Returns the time that decides in which partition it lies; `None` where it is not known.
    fn time(&self) -> Option<InstantUs>;

    /// Whether a row of the same key says the same, apart from when we saw it. The first that was
    /// recorded is kept.
    fn says_as(&self, other: &Self) -> bool {
        self == other
    }

    /// Returns rows as columns.
    ///
    /// # Errors
    ///
    /// For the first value that a column cannot hold.
    fn encode(frame: &Self::Frame, rows: &[Self]) -> Result<RecordBatch, RecordFault>;

    /// Reads columns; the first of `place` names the file for errors, the second counts the rows
    /// before.
    ///
    /// # Errors
    ///
    /// For other columns than [`schema`](Self::schema), and the first wrong value.
    fn decode(
        frame: &Self::Frame,
        batch: &RecordBatch,
        place: (&str, u64),
    ) -> Result<Vec<Self>, RecordFault>;
}

/// What describes a source, in a file beside its partitions.
pub trait Frame: Clone + PartialEq + Send + Sync + Sized + 'static {
    /// Its file, where there is one.
    const FILE: Option<&'static str>;

    /// Returns the file's text; the same frame always gives the same.
    ///
    /// # Errors
    ///
    /// For what has no text.
    fn text(&self) -> Result<String, RecordFault>;

    /// Reads the text.
    ///
    /// # Errors
    ///
    /// For anything that [`text`](Self::text) does not write.
    fn read(file: &str, text: &[u8]) -> Result<Self, RecordFault>;
}

impl Frame for () {
    const FILE: Option<&'static str> = None;

    fn text(&self) -> Result<String, RecordFault> {
        Ok(String::new())
    }

    fn read(_: &str, _: &[u8]) -> Result<Self, RecordFault> {
        Ok(())
    }
}
