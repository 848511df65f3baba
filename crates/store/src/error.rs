use std::io;

use crate::Fault;

/// Why a tape could not be read or written.
///
/// None of these passes by trying again: the input has to be changed, or the place to write to.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The system could not read a file.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The system could not write a file or into its folder.
    #[error("{file}: cannot be written: {source}")]
    Write {
        /// The file or folder.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file as a whole is not what it must be.
    #[error("{file}: {fault}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// A field of the pool's description is wrong.
    #[error("{file}: field {field}: {fault}")]
    Field {
        /// The file.
        file: String,
        /// The field, with a dot between parent and child.
        field: String,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// A line of a programme's tape is wrong.
    #[error("{file}: line {line}{}: {fault}", in_field(.field))]
    Line {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The field, with a dot between parent and child; empty for the line as a whole.
        field: String,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// A row is wrong.
    #[error("{file}: row {row}, column {column}: {fault}")]
    Row {
        /// The file.
        file: String,
        /// The data row, counted from 1; a CSV header is not counted.
        row: u64,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
}

/// What is wrong in one column of a row; the reader adds file and row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    pub(crate) column: &'static str,
    pub(crate) fault: Fault,
}

impl RowFault {
    /// Adds where the row is.
    pub(crate) fn at(self, file: &str, row: u64) -> TapeError {
        TapeError::Row { file: file.to_owned(), row, column: self.column, fault: self.fault.into() }
    }
}

fn in_field(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!(", field {field}") }
}

/// Returns the start of a text for an error message: at most 80 characters.
pub(crate) fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}
