//! The rows of a file as text, whatever the file is: CSV, JSON lines or Parquet.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, RecordBatch, types};
use arrow_schema::{DataType, TimeUnit};
use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::value::RawValue;

use crate::import::ImportError;

/// The longest line of a text file.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// A file being read, and how far.
pub(crate) struct Table {
    rows: TableRows,
    columns: Vec<String>,
    file: String,
    read: Arc<AtomicU64>,
    pub(crate) bytes: u64,
}

enum TableRows {
    Csv { reader: csv::Reader<Box<dyn Read + Send>>, places: Vec<usize>, record: StringRecord },
    Json { reader: BufReader<Box<dyn Read + Send>>, line: String },
    Parquet { reader: Box<ParquetRecordBatchReader>, batch: Option<(RecordBatch, usize)> },
}

/// How a CSV file is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct CsvForm {
    pub(crate) delimiter: Option<char>,
    pub(crate) header: Option<Vec<String>>,
}

/// Counts what is read, and refuses lines past the limit.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

struct LineLimit<R> {
    inner: R,
    since: u64,
}

impl<R: Read> Read for LineLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        let tail = match read.iter().rposition(|byte| *byte == b'\n') {
            Some(place) => {
                self.since = 0;
                count - place
            }
            None => count,
        };
        self.since += u64::try_from(tail).unwrap_or(0);
        if self.since > MAX_LINE_BYTES {
            let text = format!("a line is longer than {MAX_LINE_BYTES} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(count)
    }
}

impl Table {
    /// Opens a file by its ending, for these columns.
    pub(crate) fn open(
        path: &Path,
        columns: Vec<String>,
        form: &CsvForm,
    ) -> Result<Self, ImportError> {
        let file = path.display().to_string();
        let error = |source| ImportError::Read { file: file.clone(), source };
        let opened = File::open(path).map_err(error)?;
        let bytes = opened.metadata().map_err(error)?.len();
        let read = Arc::new(AtomicU64::new(0));
        let name = file.to_ascii_lowercase();
        if name.ends_with(".parquet") {
            let rows = open_parquet(opened, &columns, &file)?;
            return Ok(Self { rows, columns, file, read, bytes });
        }
        let counted = Counted { inner: BufReader::new(opened), read: read.clone() };
        let (stem, plain): (_, Box<dyn Read + Send>) = match name.rsplit_once('.') {
            Some((stem, "gz")) => (stem, Box::new(MultiGzDecoder::new(counted))),
            Some((stem, "zst")) => (stem, Box::new(zstd::Decoder::new(counted).map_err(error)?)),
            _ => (name.as_str(), Box::new(counted)),
        };
        let limited: Box<dyn Read + Send> = Box::new(LineLimit { inner: plain, since: 0 });
        let rows = match stem.rsplit_once('.').map(|(_, ending)| ending) {
            Some("csv" | "tsv" | "txt") => open_csv(limited, &columns, form, &file)?,
            Some("jsonl" | "ndjson") => {
                TableRows::Json { reader: BufReader::new(limited), line: String::new() }
            }
            _ => {
                let fault = "is none of .csv, .jsonl (each perhaps .gz or .zst) and .parquet";
                return Err(ImportError::File { file, fault: fault.to_owned() });
            }
        };
        Ok(Self { rows, columns, file, read, bytes })
    }

    /// Returns how much of the file was read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Reads the columns of the next row; a null is empty. False behind the last.
    pub(crate) fn next_row(&mut self, row: &mut StringRecord) -> Result<bool, ImportError> {
        let file = &self.file;
        row.clear();
        match &mut self.rows {
            TableRows::Csv { reader, places, record } => {
                let more = reader.read_record(record).map_err(|error| csv_error(file, error))?;
                for place in places.iter().filter(|_| more) {
                    row.push_field(record.get(*place).unwrap_or_default());
                }
                Ok(more)
            }
            TableRows::Json { reader, line } => {
                line.clear();
                let count = reader
                    .read_line(line)
                    .map_err(|source| ImportError::Read { file: file.clone(), source })?;
                if count == 0 {
                    return Ok(false);
                }
                for column in &self.columns {
                    let value = json_field(line, column).map_err(|error| ImportError::File {
                        file: file.clone(),
                        fault: format!("`{}`: {error}", line.chars().take(80).collect::<String>()),
                    })?;
                    row.push_field(&value);
                }
                Ok(true)
            }
            TableRows::Parquet { reader, batch } => {
                let fault = |fault| ImportError::File { file: file.clone(), fault };
                loop {
                    if let Some((rows, at)) = batch
                        && *at < rows.num_rows()
                    {
                        for array in rows.columns() {
                            row.push_field(&cell_text(array.as_ref(), *at).map_err(fault)?);
                        }
                        *at += 1;
                        return Ok(true);
                    }
                    match reader.next() {
                        None => return Ok(false),
                        Some(read) => {
                            let rows = read.map_err(|error| fault(error.to_string()))?;
                            *batch = Some((in_order(rows, &self.columns), 0));
                        }
                    }
                }
            }
        }
    }
}

fn open_csv(
    reader: Box<dyn Read + Send>,
    columns: &[String],
    form: &CsvForm,
    file: &str,
) -> Result<TableRows, ImportError> {
    let delimiter = form.delimiter.and_then(|letter| u8::try_from(letter).ok()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(form.header.is_none())
        .from_reader(reader);
    let header: Vec<String> = match &form.header {
        Some(header) => header.clone(),
        None => {
            let header = reader.headers().map_err(|error| csv_error(file, error))?;
            let name = |field: &str| field.trim_start_matches('\u{feff}').to_owned();
            header.iter().map(name).collect()
        }
    };
    let place = |column: &String| {
        let mut found = header.iter().enumerate().filter(|(_, name)| *name == column);
        let place = found.next().map(|(place, _)| place);
        let fault = match (&place, found.next()) {
            (Some(_), None) => return Ok(place.unwrap_or_default()),
            (Some(_), Some(_)) => format!("column {column} is there twice"),
            (None, _) => format!("column {column} is missing; there are {}", header.join(", ")),
        };
        Err(ImportError::File { file: file.to_owned(), fault })
    };
    let places = columns.iter().map(place).collect::<Result<_, _>>()?;
    Ok(TableRows::Csv { reader, places, record: StringRecord::new() })
}

fn csv_error(file: &str, error: csv::Error) -> ImportError {
    let fault = error.to_string();
    if let csv::ErrorKind::Io(source) = error.into_kind() {
        return ImportError::Read { file: file.to_owned(), source };
    }
    ImportError::File { file: file.to_owned(), fault }
}

/// Finds a field, or one inside another with a dot between; a number keeps its text.
fn json_field(json: &str, column: &str) -> Result<String, serde_json::Error> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
    if let Some(value) = fields.get(column) {
        return match value.get() {
            "null" => Ok(String::new()),
            text if text.starts_with('"') => serde_json::from_str(text),
            text => Ok(text.to_owned()),
        };
    }
    let inside = column.split_once('.').and_then(|(outer, rest)| Some((fields.get(outer)?, rest)));
    inside.map_or(Ok(String::new()), |(value, rest)| json_field(value.get(), rest))
}

fn open_parquet(opened: File, columns: &[String], file: &str) -> Result<TableRows, ImportError> {
    let fault = |fault: String| ImportError::File { file: file.to_owned(), fault };
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened)
        .map_err(|error| fault(error.to_string()))?;
    let schema = builder.schema().clone();
    let mut places = Vec::new();
    for column in columns {
        let place = schema.index_of(column).map_err(|_| {
            let names: Vec<_> = schema.fields().iter().map(|field| field.name().clone()).collect();
            fault(format!("column {column} is missing; there are {}", names.join(", ")))
        })?;
        places.push(place);
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let reader = builder.with_projection(mask).with_batch_size(8192).build();
    let reader = Box::new(reader.map_err(|error| fault(error.to_string()))?);
    Ok(TableRows::Parquet { reader, batch: None })
}

/// Puts the columns of a batch in the order that was asked for.
fn in_order(batch: RecordBatch, columns: &[String]) -> RecordBatch {
    let places: Vec<_> =
        columns.iter().filter_map(|column| batch.schema_ref().index_of(column).ok()).collect();
    batch.project(&places).unwrap_or(batch)
}

/// Writes a cell as a CSV file would have it.
#[expect(clippy::wildcard_enum_match_arm, reason = "types that no table here has are refused")]
pub(crate) fn cell_text(array: &dyn Array, at: usize) -> Result<String, String> {
    if array.is_null(at) {
        return Ok(String::new());
    }
    let text = match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(at).to_owned(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(at).to_owned(),
        DataType::Utf8View => array.as_string_view().value(at).to_owned(),
        DataType::Boolean => array.as_boolean().value(at).to_string(),
        DataType::Int32 => array.as_primitive::<types::Int32Type>().value(at).to_string(),
        DataType::Int64 => array.as_primitive::<types::Int64Type>().value(at).to_string(),
        DataType::UInt32 => array.as_primitive::<types::UInt32Type>().value(at).to_string(),
        DataType::UInt64 => array.as_primitive::<types::UInt64Type>().value(at).to_string(),
        DataType::Float32 => array.as_primitive::<types::Float32Type>().value(at).to_string(),
        DataType::Float64 => array.as_primitive::<types::Float64Type>().value(at).to_string(),
        DataType::Decimal128(..) => {
            array.as_primitive::<types::Decimal128Type>().value_as_string(at)
        }
        DataType::Timestamp(unit, _) => {
            let micros = match unit {
                TimeUnit::Second => array
                    .as_primitive::<types::TimestampSecondType>()
                    .value(at)
                    .saturating_mul(1_000_000),
                TimeUnit::Millisecond => array
                    .as_primitive::<types::TimestampMillisecondType>()
                    .value(at)
                    .saturating_mul(1_000),
                TimeUnit::Microsecond => {
                    array.as_primitive::<types::TimestampMicrosecondType>().value(at)
                }
                TimeUnit::Nanosecond => {
                    array.as_primitive::<types::TimestampNanosecondType>().value(at) / 1_000
                }
            };
            let time = jiff::Timestamp::from_microsecond(micros);
            time.map(|time| time.to_string()).map_err(|error| error.to_string())?
        }
        other => return Err(format!("a column of type {other} is not read")),
    };
    Ok(text)
}
