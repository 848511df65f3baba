use std::io;

/// Why a file of raw logs cannot be read: which file and row, and what is wrong there.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {}{fault}", place(.row))]
pub struct LogFileError {
    /// The file.
    pub file: String,
    /// The row or element, counted from 1, a header not counted; zero for the file as a whole.
    pub row: u64,
    /// What is wrong.
    pub fault: LogFileFault,
}

/// What is wrong with a file of raw logs.
#[derive(Debug, thiserror::Error)]
pub enum LogFileFault {
    /// It cannot be opened or read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// Its name says no format.
    #[error("allowed are names ending in .csv, .json or .jsonl, perhaps with .gz behind")]
    Name,
    /// No column of the header has a field that every log needs.
    #[error("no column is called {0}")]
    NoColumn(&'static str),
    /// Two columns say the same.
    #[error("two columns say {0}")]
    TwoColumns(&'static str),
    /// A row of another length than the header, or no CSV at all.
    #[error("{0}")]
    Csv(String),
    /// No JSON, or a field missing, of the wrong type or there twice.
    #[error("{0}")]
    Json(String),
    /// A field that is not what it has to be.
    #[error("{field}: `{found}` is not {allowed}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it is, cut short.
        found: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A log that a reorganisation took back.
    #[error("the log was removed by a reorganisation; ask for the blocks again")]
    Removed,
}

fn place(row: &u64) -> String {
    if *row == 0 { String::new() } else { format!("row {row}: ") }
}

/// Says what a field is, cut short.
pub(super) fn field(field: &'static str, found: &str, allowed: &'static str) -> LogFileFault {
    LogFileFault::Field { field, found: found.chars().take(80).collect(), allowed }
}
