use std::io::Write;
use std::str::FromStr;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::json::LineDelimitedWriter;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;

use crate::QueryError;

/// The rows of a query, as they come.
pub struct Answer {
    pub(crate) schema: SchemaRef,
    pub(crate) rows: BoxStream<'static, Result<RecordBatch, QueryError>>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table to look at; only so many rows of it.
    Table {
        /// The most rows shown.
        rows: usize,
    },
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// A Parquet file.
    Parquet,
}

impl FromStr for Format {
    type Err = String;

    /// Reads `table`, `csv`, `json` or `parquet`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "table" => Ok(Self::Table { rows: 100 }),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::JsonLines),
            "parquet" => Ok(Self::Parquet),
            _ => Err(format!("`{text}` is not table, csv, json or parquet")),
        }
    }
}

impl Answer {
    /// Writes the rows as they come, and returns how many there were; a table stops after its
    /// last row and counts one more where there are others.
    ///
    /// Errors: [`QueryError::Query`] where a row cannot be made, [`QueryError::Output`].
    pub async fn write(
        self,
        format: Format,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, QueryError> {
        match format {
            Format::Table { rows } => self.write_table(rows, out).await,
            Format::Csv => {
                let header = RecordBatch::new_empty(self.schema.clone());
                let mut writer = csv::WriterBuilder::new().with_header(true).build(out);
                writer.write(&header).map_err(output)?;
                self.each(|batch| writer.write(batch)).await
            }
            Format::JsonLines => {
                let mut writer = LineDelimitedWriter::new(out);
                self.each(|batch| writer.write(batch)).await
            }
            Format::Parquet => self.write_parquet(out).await,
        }
    }

    async fn each(
        mut self,
        mut write: impl FnMut(&RecordBatch) -> Result<(), datafusion::arrow::error::ArrowError>,
    ) -> Result<u64, QueryError> {
        let mut rows = 0_u64;
        while let Some(batch) = self.rows.try_next().await? {
            rows = rows.saturating_add(batch.num_rows() as u64);
            write(&batch).map_err(output)?;
        }
        Ok(rows)
    }

    async fn write_table(
        mut self,
        most: usize,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, QueryError> {
        let schema = self.schema.clone();
        let mut shown = Vec::new();
        let (mut rows, mut more) = (0, false);
        while let Some(batch) = self.rows.try_next().await? {
            let room = most.saturating_sub(rows);
            more |= batch.num_rows() > room;
            let batch = batch.slice(0, batch.num_rows().min(room));
            rows += batch.num_rows();
            shown.push(batch);
            if more {
                break;
            }
        }
        if shown.is_empty() {
            shown.push(RecordBatch::new_empty(schema));
        }
        let table = pretty_format_batches(&shown).map_err(output)?;
        writeln!(out, "{table}")?;
        if more {
            writeln!(out, "the first {rows} rows; the others with --format csv, json or parquet")?;
        }
        Ok(rows as u64 + u64::from(more))
    }

    async fn write_parquet(mut self, out: &mut (dyn Write + Send)) -> Result<u64, QueryError> {
        let compression = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let writer = ArrowWriter::try_new(out, self.schema.clone(), Some(properties));
        let mut writer = writer.map_err(output)?;
        let mut rows = 0_u64;
        while let Some(batch) = self.rows.try_next().await? {
            rows = rows.saturating_add(batch.num_rows() as u64);
            writer.write(&batch).map_err(output)?;
        }
        writer.close().map_err(output)?;
        Ok(rows)
    }
}

fn output(error: impl std::error::Error + Send + Sync + 'static) -> QueryError {
    QueryError::Output(std::io::Error::other(error))
}
