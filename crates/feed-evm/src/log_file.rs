//! Raw logs as files: CSV as indexers export them, JSON as nodes answer.

mod csv;
mod fault;
mod json;
mod open;

pub use csv::CsvLogs;
pub use fault::{LogFileError, LogFileFault};
pub use json::JsonLogs;
pub use open::{LogFile, open_log_file};
