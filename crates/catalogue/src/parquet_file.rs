//! Rows as the bytes of a Parquet file, and back.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::error::{FileFault, RecordFault};
use crate::{Key, Record};

/// Rows that are encoded and decoded together.
pub(crate) const BATCH_ROWS: usize = 8192;

/// Rows between the places where a reader can skip ahead.
const ROW_GROUP_ROWS: usize = 1 << 17;

/// The most rows of a file; what has more is several files.
pub(crate) const MAX_FILE_ROWS: usize = 1 << 22;

/// Rows on their way into a file, encoded as they come; the same rows always give the same bytes.
pub(crate) struct FileBuilder<R: Record> {
    writer: ArrowWriter<Vec<u8>>,
    waiting: Vec<R>,
    rows: usize,
    ends: Option<(Key, Key)>,
}

/// A file that is complete.
pub(crate) struct BuiltFile {
    pub(crate) bytes: Bytes,
    pub(crate) rows: usize,
    pub(crate) first: Key,
    pub(crate) last: Key,
}

/// Why a file could not be built.
pub(crate) enum BuildFault {
    Record(RecordFault),
    Parquet(ParquetError),
}

impl From<RecordFault> for BuildFault {
    fn from(fault: RecordFault) -> Self {
        Self::Record(fault)
    }
}

impl From<ParquetError> for BuildFault {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

impl<R: Record> FileBuilder<R> {
    pub(crate) fn new(frame: &R::Frame) -> Result<Self, BuildFault> {
        let schema = R::schema(frame);
        let mut properties = WriterProperties::builder()
            .set_created_by("tidemill".to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_dictionary_enabled(true);
        for field in schema.fields() {
            let path = ColumnPath::from(field.name().as_str());
            let is_number = field.data_type().is_integer()
                || matches!(field.data_type(), DataType::Timestamp(..));
            if is_number {
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
            }
        }
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options)?;
        Ok(Self { writer, waiting: Vec::with_capacity(BATCH_ROWS), rows: 0, ends: None })
    }

    /// Adds the next row.
    pub(crate) fn push(&mut self, frame: &R::Frame, key: Key, row: R) -> Result<(), BuildFault> {
        match &mut self.ends {
            None => self.ends = Some((key.clone(), key)),
            Some((_, last)) => *last = key,
        }
        self.rows += 1;
        self.waiting.push(row);
        if self.waiting.len() == BATCH_ROWS { self.flush(frame) } else { Ok(()) }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows == MAX_FILE_ROWS
    }

    fn flush(&mut self, frame: &R::Frame) -> Result<(), BuildFault> {
        let batch = R::encode(frame, &self.waiting)?;
        self.waiting.clear();
        Ok(self.writer.write(&batch)?)
    }

    /// Ends the file; `None` without a row.
    pub(crate) fn finish(mut self, frame: &R::Frame) -> Result<Option<BuiltFile>, BuildFault> {
        let Some((first, last)) = self.ends.take() else { return Ok(None) };
        if !self.waiting.is_empty() {
            self.flush(frame)?;
        }
        let bytes = Bytes::from(self.writer.into_inner()?);
        Ok(Some(BuiltFile { bytes, rows: self.rows, first, last }))
    }
}

/// The rows of a file, batch by batch.
pub(crate) struct FileRows<R: Record> {
    reader: ParquetRecordBatchReader,
    frame: R::Frame,
    file: String,
    rows: u64,
    /// How many rows the file says that it has.
    pub(crate) told: u64,
}

impl<R: Record> FileRows<R> {
    /// Opens a file whose bytes are those that were written; `file` is how errors name it.
    pub(crate) fn open(bytes: Bytes, frame: R::Frame, file: String) -> Result<Self, FileFault> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder =
            decoded(|| ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options))?;
        let told = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let reader = decoded(|| builder.with_batch_size(BATCH_ROWS).build())?;
        Ok(Self { reader, frame, file, rows: 0, told })
    }

    /// Returns the next rows; `None` behind the last.
    pub(crate) fn next_rows(&mut self) -> Result<Option<Vec<R>>, FileFault> {
        let Some(batch) = decoded(|| self.reader.next().transpose())? else { return Ok(None) };
        let rows = R::decode(&self.frame, &batch, (&self.file, self.rows))?;
        self.rows = self.rows.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        Ok(Some(rows))
    }
}

/// Runs a step of the Parquet library, some of whose assertions fail on forged bytes. No state
/// survives such a panic, as the reader is dropped with the error.
fn decoded<T, E: Display>(step: impl FnOnce() -> Result<T, E>) -> Result<T, FileFault> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done.map_err(|cause| FileFault::Parquet(cause.to_string())),
        Err(_) => Err(FileFault::Parquet("its structure contradicts itself".to_owned())),
    }
}
