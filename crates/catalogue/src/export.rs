use std::io::{self, Write};

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use tidemill_model::{BestQuote, Candle, Funding, MarkPrice, TapeEvent, Trade};

use crate::import::cell_text;
use crate::{
    Block, BookRow, Catalogue, CatalogueError, Dataset, FileFault, PoolBar, PoolSnapshot, Range,
    Record, Seen, SeriesValue, Source,
};

/// A form that rows are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// Comma-separated, with a header; nulls are empty, times are `2024-01-05T12:30:00Z`.
    Csv,
    /// One JSON object a line; decimals and big integers are text.
    JsonLines,
    /// One Parquet file.
    Parquet,
}

/// Why rows could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The data folder refused.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The system could not write.
    #[error("cannot be written: {0}")]
    Write(#[from] io::Error),
    /// Parquet could not be encoded.
    #[error("cannot be encoded: {0}")]
    Parquet(#[from] ParquetError),
    /// A value has no text.
    #[error("cannot be written: {0}")]
    Value(String),
}

impl Catalogue {
    /// Writes the rows of a range in the order of their keys, some thousands at a time; returns
    /// how many there were.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and where `out` cannot be written.
    pub async fn export(
        &self,
        source: &Source,
        range: Range,
        form: ExportForm,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, ExportError> {
        match source.dataset() {
            Dataset::PoolEvents => export::<TapeEvent>(self, source, range, form, out).await,
            Dataset::PoolStates => export::<PoolSnapshot>(self, source, range, form, out).await,
            Dataset::PoolBars => export::<PoolBar>(self, source, range, form, out).await,
            Dataset::Blocks => export::<Block>(self, source, range, form, out).await,
            Dataset::Candles => export::<Candle>(self, source, range, form, out).await,
            Dataset::Trades => export::<Seen<Trade>>(self, source, range, form, out).await,
            Dataset::Quotes => export::<Seen<BestQuote>>(self, source, range, form, out).await,
            Dataset::Book => export::<BookRow>(self, source, range, form, out).await,
            Dataset::Funding => export::<Funding>(self, source, range, form, out).await,
            Dataset::Marks => export::<MarkPrice>(self, source, range, form, out).await,
            Dataset::Series => export::<SeriesValue>(self, source, range, form, out).await,
        }
    }
}

async fn export<R: Record>(
    data: &Catalogue,
    source: &Source,
    range: Range,
    form: ExportForm,
    out: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let mut rows = data.read::<R>(source, range).await?;
    let frame = rows.frame().clone();
    let mut lines = Lines::begin(form, &R::schema(&frame), out)?;
    let mut count = 0_u64;
    while let Some(batch) = rows.next_rows().await? {
        count = count.saturating_add(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        let encoded = R::encode(&frame, &batch).map_err(|fault| CatalogueError::File {
            file: source.to_string(),
            fault: FileFault::Record(fault),
        })?;
        lines.write(&encoded)?;
    }
    lines.end()?;
    Ok(count)
}

enum Lines<'a> {
    Csv(Box<csv::Writer<&'a mut (dyn Write + Send)>>),
    Json(&'a mut (dyn Write + Send)),
    Parquet(Box<ArrowWriter<&'a mut (dyn Write + Send)>>),
}

impl<'a> Lines<'a> {
    fn begin(
        form: ExportForm,
        schema: &SchemaRef,
        out: &'a mut (dyn Write + Send),
    ) -> Result<Self, ExportError> {
        Ok(match form {
            ExportForm::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                let header = schema.fields().iter().map(|field| field.name().as_str());
                writer.write_record(header).map_err(csv_error)?;
                Self::Csv(Box::new(writer))
            }
            ExportForm::JsonLines => Self::Json(out),
            ExportForm::Parquet => {
                let properties = WriterProperties::builder()
                    .set_created_by("tidemill".to_owned())
                    .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
                    .build();
                let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
                Self::Parquet(Box::new(writer))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), ExportError> {
        match self {
            Self::Parquet(writer) => writer.write(batch)?,
            Self::Csv(writer) => {
                for row in 0..batch.num_rows() {
                    for column in batch.columns() {
                        let text = cell_text(column.as_ref(), row).map_err(ExportError::Value)?;
                        writer.write_field(text).map_err(csv_error)?;
                    }
                    writer.write_record(None::<&[u8]>).map_err(csv_error)?;
                }
            }
            Self::Json(out) => {
                for row in 0..batch.num_rows() {
                    let line = json_line(batch, row).map_err(ExportError::Value)?;
                    writeln!(out, "{line}")?;
                }
            }
        }
        Ok(())
    }

    fn end(self) -> Result<(), ExportError> {
        match self {
            Self::Csv(mut writer) => writer.flush()?,
            Self::Json(out) => out.flush()?,
            Self::Parquet(writer) => {
                writer.close()?;
            }
        }
        Ok(())
    }
}

fn json_line(batch: &RecordBatch, row: usize) -> Result<String, String> {
    let mut line = String::from("{");
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let quoted = |text: &str| serde_json::to_string(text).map_err(|error| error.to_string());
        let comma = if line.len() == 1 { "" } else { "," };
        let value = match (column.is_null(row), column.data_type()) {
            (true, _) => "null".to_owned(),
            (false, DataType::Int32 | DataType::UInt32) => cell_text(column.as_ref(), row)?,
            (false, _) => quoted(&cell_text(column.as_ref(), row)?)?,
        };
        line.push_str(&format!("{comma}{}:{value}", quoted(field.name())?));
    }
    line.push('}');
    Ok(line)
}

fn csv_error(error: csv::Error) -> ExportError {
    let text = error.to_string();
    if let csv::ErrorKind::Io(source) = error.into_kind() {
        return ExportError::Write(source);
    }
    ExportError::Value(text)
}
