use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::fault::{LogFileError, LogFileFault};
use super::{CsvLogs, JsonLogs};
use crate::RawLog;

/// The raw logs of a file, one by one.
pub enum LogFile {
    /// A CSV file.
    Csv(Box<CsvLogs<Box<dyn BufRead>>>),
    /// A JSON file.
    Json(Box<JsonLogs<Box<dyn BufRead>>>),
}

/// Opens a file of raw logs by what its name ends in: `.csv`, `.json` or `.jsonl`, perhaps with
/// `.gz` behind.
///
/// Errors: another name, a file that cannot be read, a header without a needed column.
pub fn open_log_file(path: &Path) -> Result<LogFile, LogFileError> {
    let file = path.display().to_string();
    let at = |fault| LogFileError { file: file.clone(), row: 0, fault };
    let opened = File::open(path).map_err(|error| at(error.into()))?;
    let plain = BufReader::with_capacity(1 << 16, opened);
    let name = file.strip_suffix(".gz");
    let text: Box<dyn BufRead> = match name {
        Some(_) => Box::new(BufReader::new(MultiGzDecoder::new(plain))),
        None => Box::new(plain),
    };
    let ending = Path::new(name.unwrap_or(&file)).extension().and_then(|ending| ending.to_str());
    match ending {
        Some("csv") => Ok(LogFile::Csv(Box::new(CsvLogs::new(&file, text)?))),
        Some("json" | "jsonl") => Ok(LogFile::Json(Box::new(JsonLogs::new(&file, text)))),
        _ => Err(at(LogFileFault::Name)),
    }
}

impl Iterator for LogFile {
    type Item = Result<RawLog, LogFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(logs) => logs.next(),
            Self::Json(logs) => logs.next(),
        }
    }
}
