use std::io;

use crate::CatalogueError;

/// Why a file could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The system could not read the file, or its compression is damaged.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system or the decoder said.
        source: io::Error,
    },
    /// The file as a whole is not what the layout says.
    #[error("{file}: {fault}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A value is wrong.
    #[error("{file}: row {row}, column {column}: `{found}` is not allowed; expected {expected}")]
    Field {
        /// The file.
        file: String,
        /// The row, counted from 1 without a header.
        row: u64,
        /// The file's column.
        column: String,
        /// The value, cut to 80 characters.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A layout is wrong.
    #[error("{place}: {fault}")]
    Layout {
        /// The layout's file or name.
        place: String,
        /// What is wrong with it.
        fault: String,
    },
    /// Something has to be said that the file does not tell.
    #[error("the layout needs a value for `{name}`: give it with --set {name}=…")]
    Unset {
        /// The name.
        name: String,
    },
    /// More sources than are written at once.
    #[error("{file}: has more than {limit} sources")]
    TooManySources {
        /// The file.
        file: String,
        /// The most.
        limit: usize,
    },
    /// Everything could be imported, and the data folder refused only then.
    #[error(
        "{cause}; {done} of {of} sources of the file are imported whole, the others are as they \
         were; import it again for the rest"
    )]
    Unfinished {
        /// What the data folder said.
        cause: Box<CatalogueError>,
        /// How many sources are recorded; where it is all, they are only not compacted.
        done: usize,
        /// How many the file has.
        of: usize,
    },
    /// The data folder refused.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}
