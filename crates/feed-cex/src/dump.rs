//! Tables that venues publish in bulk, one row at a time.

use std::io::Read;
use std::path::Path;

use csv::StringRecord;

use crate::archive::{Damage, open};
use crate::fault::{MessageError, MessageFault, clipped};
use crate::field::Field;

/// The rows of a published table, as what they mean.
///
/// It reads as it goes: neither the table nor its archive is ever held as a whole. After an error
/// of a row the next one is read; after one of the file there is no other.
pub struct Dump<T: 'static> {
    file: String,
    records: csv::Reader<Box<dyn Read + Send>>,
    record: StringRecord,
    layout: &'static Layout<T>,
    row: u64,
    is_over: bool,
}

/// What a venue's table is like.
pub(crate) struct Layout<T> {
    /// The table's name, in the venue's words.
    pub(crate) name: &'static str,
    /// The columns that every such table has, by the names of its header where it has one.
    pub(crate) columns: &'static [&'static str],
    pub(crate) read: fn(&Cells<'_>) -> Result<T, MessageError>,
}

/// A row.
pub(crate) struct Cells<'a> {
    name: &'static str,
    columns: &'static [&'static str],
    record: &'a StringRecord,
}

/// A table that cannot be read on.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {fault}", if *row == 0 { String::new() } else { format!(", row {row}") })]
pub struct DumpError {
    /// Which file.
    pub file: String,
    /// Which row, the first being 1; 0 where it is about the file.
    pub row: u64,
    /// What is wrong.
    pub fault: DumpFault,
}

/// What is wrong with a published table.
#[derive(Debug, thiserror::Error)]
pub enum DumpFault {
    /// The file cannot be read.
    #[error("{0}")]
    Read(std::io::Error),
    /// A name that says nothing of what is inside, or a member of what has none.
    #[error("allowed are names ending in .csv, .csv.gz or .zip, and members of the last")]
    Name,
    /// No ZIP, a damaged one, or packed in a way that is not read.
    #[error("the archive cannot be read: {0}")]
    Archive(String),
    /// The archive has not one file.
    #[error("the archive has {found} files; say which, or give one with one file")]
    Members {
        /// How many it has.
        found: usize,
    },
    /// The archive has no such file.
    #[error("the archive has no file {0}")]
    NoMember(String),
    /// More than is read of a table.
    #[error("the table has more than {limit} bytes")]
    TooLong {
        /// How many are read.
        limit: u64,
    },
    /// The file beside it that should have its hash has none.
    #[error("the .CHECKSUM beside it has no SHA-256")]
    NoSha256,
    /// The file is not the one that was published.
    #[error("its SHA-256 is {found}, and the .CHECKSUM beside it says {expected}")]
    Sha256 {
        /// What was published.
        expected: String,
        /// What is there.
        found: String,
    },
    /// What comes out of the archive is not what went in.
    #[error("the archive is damaged: its content is not what its checksum says")]
    Damaged,
    /// No CSV.
    #[error("{0}")]
    Csv(String),
    /// Another table.
    #[error("the columns begin with `{found}`; a table of {table} has {expected}")]
    Columns {
        /// Which table it should be.
        table: &'static str,
        /// The first columns that are there.
        found: String,
        /// What they should be.
        expected: String,
    },
    /// A row that the table cannot have.
    #[error("{0}")]
    Row(#[from] MessageError),
}

/// What is read of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpOptions<'a> {
    /// Which file of an archive with several; there is just one otherwise.
    pub member: Option<&'a str>,
    /// How many bytes a table may have, unpacked.
    pub largest: u64,
}

impl Default for DumpOptions<'_> {
    /// The one file of an archive, of up to 64 GiB.
    fn default() -> Self {
        Self { member: None, largest: 64 << 30 }
    }
}

impl<T> Dump<T> {
    /// Opens a table. Where a `.CHECKSUM` stands beside it, the file's SHA-256 is checked first.
    pub(crate) fn open(
        path: &Path,
        options: DumpOptions<'_>,
        layout: &'static Layout<T>,
    ) -> Result<Self, DumpError> {
        let file = path.display().to_string();
        let opened = open(path, options.member, options.largest);
        let text = match opened {
            Ok(text) => text,
            Err(fault) => return Err(DumpError { file, row: 0, fault }),
        };
        let mut reader = csv::ReaderBuilder::new();
        let records = reader.has_headers(false).flexible(true).from_reader(text);
        let record = StringRecord::new();
        Ok(Self { file, records, record, layout, row: 0, is_over: false })
    }

    /// Returns an error about a column of the row that came last: what it says alone is right, and
    /// among the other rows it is not.
    pub fn wrong(&self, column: &'static str, found: &str, expected: &'static str) -> DumpError {
        let fault = MessageFault::Value { field: column, found: clipped(found), expected };
        let fault = MessageError { message: self.layout.name, fault }.into();
        DumpError { file: self.file.clone(), row: self.row, fault }
    }

    fn read(&mut self) -> Result<Option<T>, DumpFault> {
        loop {
            let read = self.records.read_record(&mut self.record);
            let there = read.map_err(|error| {
                self.is_over = true;
                csv_fault(error)
            })?;
            if !there {
                return Ok(None);
            }
            self.row = self.row.saturating_add(1);
            if self.row == 1 && self.is_header() {
                self.check_header()?;
                continue;
            }
            let layout = self.layout;
            if self.record.len() < layout.columns.len() {
                return Err(self.other_columns());
            }
            let cells = Cells { name: layout.name, columns: layout.columns, record: &self.record };
            return Ok(Some((layout.read)(&cells)?));
        }
    }

    /// Whether the first row has names: every table's first column is a number.
    fn is_header(&self) -> bool {
        let first = self.record.get(0).unwrap_or_default().trim();
        first.starts_with(|letter: char| letter.is_ascii_alphabetic())
    }

    fn check_header(&mut self) -> Result<(), DumpFault> {
        let there = self.record.iter().map(str::trim).take(self.layout.columns.len());
        if there.eq(self.layout.columns.iter().copied()) {
            return Ok(());
        }
        self.is_over = true;
        Err(self.other_columns())
    }

    fn other_columns(&self) -> DumpFault {
        let found: Vec<_> = self.record.iter().take(self.layout.columns.len()).collect();
        DumpFault::Columns {
            table: self.layout.name,
            found: clipped(&found.join(",")),
            expected: self.layout.columns.join(","),
        }
    }
}

impl<T> Iterator for Dump<T> {
    type Item = Result<T, DumpError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let read = self.read().transpose();
        self.is_over |= read.is_none();
        let at = |fault| DumpError { file: self.file.clone(), row: self.row, fault };
        read.map(|read| read.map_err(at))
    }
}

impl<'a> Cells<'a> {
    /// Returns the cell of a column.
    pub(crate) fn get(&self, column: usize) -> Field<'a> {
        let name = self.columns.get(column).copied().unwrap_or("a column");
        Field::cell(self.name, name, self.record.get(column).unwrap_or_default().trim())
    }
}

fn csv_fault(error: csv::Error) -> DumpFault {
    let said = error.to_string();
    let csv::ErrorKind::Io(error) = error.into_kind() else {
        return DumpFault::Csv(said);
    };
    let damage = error.get_ref().and_then(|inner| inner.downcast_ref::<Damage>());
    match damage {
        Some(Damage::Checksum) => DumpFault::Damaged,
        Some(Damage::TooLong(limit)) => DumpFault::TooLong { limit: *limit },
        None => DumpFault::Read(error),
    }
}

#[cfg(test)]
mod tests;
