use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use tidemill_model::{PoolHeader, Tape};

use crate::importer::file_error;
use crate::parquet_read::decode_tape;
use crate::pool_json::pool_json_text;
use crate::row::Column;
use crate::row_batch::RowBatch;
use crate::seal::{SEAL_KEY, UNSEALED, seal};
use crate::tape_schema::{POOL_KEY, VERSION_KEY, tape_schema, version_of};
use crate::{FormatFault, TapeError, write_atomically};

/// Rows that are encoded together.
pub(crate) const BATCH_ROWS: usize = 8192;

/// Rows between the places where a reader can skip ahead by block or time.
const ROW_GROUP_ROWS: usize = 1 << 17;

/// Writes a tape as a Parquet file, whole or not at all; a file of that name is replaced.
///
/// # Errors
///
/// As [`encode_tape`] and [`write_atomically`].
pub fn write_tape(path: &Path, tape: &Tape) -> Result<(), TapeError> {
    let bytes = encode_tape(tape, &path.display().to_string())?;
    write_atomically(path, &bytes)
}

/// Returns a tape as the bytes of a Parquet file; the same tape always gives the same bytes.
///
/// The bytes are read back and compared before they are returned, so that what is written can be
/// read and is the tape.
///
/// # Errors
///
/// What [`decode_tape`] would say of the tape, if it breaks a rule of the format; `file` is how
/// errors name it.
pub fn encode_tape(tape: &Tape, file: &str) -> Result<Vec<u8>, TapeError> {
    let mut bytes = write_rows(tape, file)?;
    seal(&mut bytes).map_err(|fault| file_error(file, fault))?;
    let bytes = bytes::Bytes::from(bytes);
    if decode_tape(bytes.clone(), file)? != *tape {
        return Err(file_error(file, FormatFault::NotReadBack));
    }
    Ok(bytes.into())
}

fn write_rows(tape: &Tape, file: &str) -> Result<Vec<u8>, TapeError> {
    let error = |fault: FormatFault| file_error(file, fault);
    let parquet = |cause: ParquetError| error(FormatFault::Parquet(cause.to_string()));
    let pool = pool_json_text(&tape.header).map_err(error)?;
    let options = ArrowWriterOptions::new()
        .with_properties(tape_properties(&tape.header, pool).map_err(parquet)?)
        .with_skip_arrow_metadata(true);
    let schema = tape_schema(&tape.header.build);
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), schema, options).map_err(parquet)?;
    let mut batch = RowBatch::of(tape.header.build);
    for positions in tape.initial_positions.chunks(BATCH_ROWS) {
        positions.iter().for_each(|position| batch.push_initial_position(position));
        writer.write(&batch.take().map_err(error)?).map_err(parquet)?;
    }
    let mut row = u64::try_from(tape.initial_positions.len()).unwrap_or(u64::MAX);
    for events in tape.events.chunks(BATCH_ROWS) {
        for event in events {
            row = row.saturating_add(1);
            batch.push_event(event).map_err(|fault| fault.at(file, row))?;
        }
        writer.write(&batch.take().map_err(error)?).map_err(parquet)?;
    }
    writer.into_inner().map_err(parquet)
}

/// Everything here is fixed, because the same tape has to give the same bytes.
pub(crate) fn properties(
    version: &str,
    pool: String,
) -> Result<WriterPropertiesBuilder, ParquetError> {
    let pair = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let metadata = vec![
        pair(VERSION_KEY, version.to_owned()),
        pair(POOL_KEY, pool),
        pair(SEAL_KEY, UNSEALED.to_owned()),
    ];
    Ok(WriterProperties::builder()
        .set_created_by("tidemill".to_owned())
        .set_key_value_metadata(Some(metadata))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(12)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_dictionary_enabled(false))
}

fn tape_properties(header: &PoolHeader, pool: String) -> Result<WriterProperties, ParquetError> {
    let mut builder = properties(version_of(header), pool)?;
    for column in Column::of(&header.build) {
        let path = ColumnPath::from(column.name());
        builder = match column {
            Column::Kind | Column::Owner | Column::Salt => {
                builder.set_column_dictionary_enabled(path, true)
            }
            Column::Block | Column::Time => builder
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_statistics_enabled(path, EnabledStatistics::Chunk),
            Column::LogIndex
            | Column::TickLower
            | Column::TickUpper
            | Column::TickAfter
            | Column::GasUsed
            | Column::GasPrice
            | Column::Fee => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            Column::Amount0
            | Column::Amount1
            | Column::SqrtPriceAfter
            | Column::Liquidity
            | Column::LiquidityAfter
            | Column::ProtocolFee0
            | Column::ProtocolFee1
            | Column::Staked => {
                builder.set_column_encoding(path, Encoding::DELTA_LENGTH_BYTE_ARRAY)
            }
        };
    }
    Ok(builder.build())
}
