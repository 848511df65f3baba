use tidemill_store::{OtherColumn, TapeError};

#[cfg(feature = "s3")]
use crate::S3SettingsError;
use crate::{Key, Source, StoreFault};

/// Why the catalogue could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The location is none.
    #[error("{found}: is no data folder; expected {expected}")]
    Location {
        /// What was given.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A name that cannot be that of a folder.
    #[error("{what} `{found}` is not allowed; expected {expected}")]
    Name {
        /// What it names.
        what: String,
        /// The name, cut to 80 characters.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A location in an object store, where the program was built without the feature `s3`.
    #[error(
        "{found}: this program was built without object stores, for a smaller build; expected a \
         folder, or the program built with all its features: cargo build --release -p tidemill-cli"
    )]
    NoObjectStores {
        /// What was given.
        found: String,
    },
    /// The environment's word on an object store.
    #[cfg(feature = "s3")]
    #[error("{place}: {fault}")]
    Settings {
        /// The location.
        place: String,
        /// What is wrong.
        fault: S3SettingsError,
    },
    /// The file system or object store said no. It has tried again by itself what may pass.
    #[error("{place}: {fault}")]
    Store {
        /// The file or folder.
        place: String,
        /// What the store said.
        fault: StoreFault,
    },
    /// The object store takes a put whose condition does not hold: of two writers, the slower one
    /// would undo in silence what the faster one wrote. It can be read, and not written.
    #[error(
        "{place}: the store takes no notice of If-None-Match or If-Match on a put, so that two \
         writers could undo each other's work; nothing was written"
    )]
    WritersNotKeptApart {
        /// The location.
        place: String,
    },
    /// A file is not what it must be.
    #[error("{file}: {fault}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: FileFault,
    },
    /// A row that cannot be kept.
    #[error("{from}:{} {fault}", in_row(*.row))]
    Row {
        /// Where it would lie.
        from: Source,
        /// The row, counted from 1 among those given; 0 where they were put in order before.
        row: usize,
        /// What is wrong with it.
        fault: RecordFault,
    },
    /// Two rows of one key say different things; neither is right by itself, so nothing changes.
    #[error("{from}: {one} and {other} both have a row {key}, and the two differ")]
    Conflict {
        /// Whose rows they are.
        from: Source,
        /// The key of both.
        key: Key,
        /// The file of one.
        one: String,
        /// The file of the other.
        other: String,
    },
    /// Another writer has the source of a folder of this machine, in any process.
    #[error("{place}: is being written by {by}; try again when that has ended")]
    BeingWritten {
        /// The source's folder.
        place: String,
        /// Who writes it, as far as it says.
        by: String,
    },
    /// Someone else has written the manifest since it was read; what they wrote is kept.
    #[error("{file}: was changed by another process meanwhile; begin again")]
    ChangedMeanwhile {
        /// The manifest.
        file: String,
    },
    /// The rows of a source belong to something else than the one recorded.
    #[error("{file}: describes another one: {found} instead of {recorded}")]
    OtherFrame {
        /// The description.
        file: String,
        /// What is recorded.
        recorded: String,
        /// What was given.
        found: String,
    },
    /// Too many files would have to be open at once.
    #[error("{from}: more than {limit} files overlap; compact the source first")]
    TooManyOverlaps {
        /// The source.
        from: Source,
        /// The most.
        limit: usize,
    },
    /// The thread that reads rows ahead could not be had, or is gone.
    #[error("{place}: the reader of its rows: {cause}")]
    Reader {
        /// What was to be read.
        place: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Nothing is recorded there.
    #[error("{from}: nothing is recorded; `data ls` names what is")]
    NoSource {
        /// The source.
        from: Source,
    },
}

fn in_row(row: usize) -> String {
    if row == 0 { String::new() } else { format!(" row {row}:") }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It is not there, but the manifest names it.
    #[error("is named by the manifest but is not there")]
    Missing,
    /// Its bytes are not those that were written.
    #[error("is damaged: its bytes hash to {found}, but it was written with {recorded}")]
    Damaged {
        /// Their BLAKE3.
        found: String,
        /// What the manifest says.
        recorded: String,
    },
    /// It is not Parquet.
    #[error("cannot be decoded as Parquet: {0}")]
    Parquet(String),
    /// It is not the JSON that it must be.
    #[error("{0}")]
    Json(String),
    /// Rows do not ascend.
    #[error("row {found} comes after {after}; rows must ascend, each key once")]
    Unsorted {
        /// The key.
        found: Key,
        /// The key before it.
        after: Key,
    },
    /// The manifest says something else about it.
    #[error("has {found} {what}, but the manifest says {recorded}")]
    Differs {
        /// What differs.
        what: &'static str,
        /// What it has.
        found: String,
        /// What the manifest says.
        recorded: String,
    },
    /// It is larger than what is read at once.
    #[error("has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The most.
        limit: u64,
    },
    /// A row in it is wrong.
    #[error(transparent)]
    Record(#[from] RecordFault),
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum RecordFault {
    /// A value past what its column can hold, or not one of those allowed.
    #[error("column {column}: `{found}` is not allowed; expected {expected}")]
    Value {
        /// The column.
        column: &'static str,
        /// The value.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// Columns that the dataset does not have.
    #[error(transparent)]
    Column(#[from] OtherColumn),
    /// A pool's row or description that no tape takes.
    #[error(transparent)]
    Tape(#[from] Box<TapeError>),
}

impl RecordFault {
    pub(crate) fn value(
        column: &'static str,
        found: &impl ToString,
        expected: &'static str,
    ) -> Self {
        Self::Value { column, found: found.to_string().chars().take(80).collect(), expected }
    }
}

impl From<TapeError> for RecordFault {
    fn from(error: TapeError) -> Self {
        Self::Tape(Box::new(error))
    }
}
