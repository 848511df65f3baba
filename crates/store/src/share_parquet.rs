//! Tapes of pools of shares as Parquet files, sealed as the others.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    StringBuilder, TimestampMillisecondBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampMillisecondType, UInt32Type, UInt64Type};
use arrow_array::{Array as _, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Encoding;
use parquet::errors::ParquetError;
use parquet::file::properties::EnabledStatistics;
use parquet::schema::types::ColumnPath;
use tidemill_amm::Pool;
use tidemill_model::{PoolEvent, ShareEvent, TapeEvent};

use crate::csv_rows::NamedColumn as _;
use crate::error::RowFault;
use crate::importer::file_error;
use crate::parquet_read::{TapeFile, batches, whole_seconds};
use crate::parquet_write::{BATCH_ROWS, properties};
use crate::seal::seal;
use crate::share_builder::{ShareTapeBuilder, share_tape_event};
use crate::share_pool_json::{read_share_pool_json, share_pool_json_text};
use crate::share_row::{ShareColumn, ShareRow};
use crate::share_row_event::Counts;
use crate::share_row_text::texts_of;
use crate::tape_schema::{POOL_KEY, SHARES_VERSION};
use crate::time_text::TIME_RANGE;
use crate::{Fault, FormatFault, ShareTape, TapeError, check_columns, write_atomically};

/// Returns the columns of a tape of shares.
pub(crate) fn share_schema() -> Arc<Schema> {
    let field = |column: ShareColumn| {
        let data_type = match column {
            ShareColumn::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            ShareColumn::Block | ShareColumn::GasUsed | ShareColumn::GasPrice => DataType::UInt64,
            ShareColumn::LogIndex => DataType::UInt32,
            ShareColumn::Kind
            | ShareColumn::TokenIn
            | ShareColumn::AmountIn
            | ShareColumn::TokenOut
            | ShareColumn::AmountOut
            | ShareColumn::AmountsIn
            | ShareColumn::AmountsOut
            | ShareColumn::Shares
            | ShareColumn::Fees
            | ShareColumn::Invariant
            | ShareColumn::TotalShares
            | ShareColumn::Balances
            | ShareColumn::Parameters => DataType::Utf8,
        };
        Field::new(column.name(), data_type, column != ShareColumn::Kind)
    };
    Arc::new(Schema::new(ShareColumn::ALL.map(field).to_vec()))
}

/// Reads the rows of a file whose seal and version have been checked.
pub(crate) fn read_shares(opened: TapeFile, file: &str) -> Result<ShareTape, TapeError> {
    let error = |fault: FormatFault| file_error(file, fault);
    let place = format!("{file} (metadata {POOL_KEY})");
    let (header, start) = read_share_pool_json(&place, opened.pool.as_bytes())?;
    check_columns(opened.reader.schema(), &share_schema())
        .map_err(|other| error(FormatFault::from(other)))?;
    let mut builder = ShareTapeBuilder::new(header, start);
    let mut row = 0_u64;
    for batch in batches(opened.reader).map_err(error)? {
        let batch = batch.map_err(error)?;
        push_batch(&batch, &mut builder, &mut row).map_err(|fault| fault.at(file, row))?;
    }
    builder.finish().map_err(|fault| file_error(file, fault))
}

fn push_batch(
    batch: &RecordBatch,
    builder: &mut ShareTapeBuilder,
    row: &mut u64,
) -> Result<(), RowFault> {
    for_each_row(batch, row, |row| builder.push(row))
}

/// Reads the events of a batch with the columns of a tape of shares; `row` counts them.
pub(crate) fn read_share_batch(
    batch: &RecordBatch,
    start: &Pool,
    row: &mut u64,
) -> Result<Vec<TapeEvent>, RowFault> {
    let counts = Counts::of(start);
    let mut events = Vec::with_capacity(batch.num_rows());
    for_each_row(batch, row, |row| {
        events.push(share_tape_event(row, counts)?);
        Ok(())
    })?;
    Ok(events)
}

fn for_each_row(
    batch: &RecordBatch,
    row: &mut u64,
    mut take: impl FnMut(&ShareRow<'_>) -> Result<(), RowFault>,
) -> Result<(), RowFault> {
    let array = |column: ShareColumn| {
        let place = ShareColumn::ALL.iter().position(|each| *each == column);
        batch.column(place.unwrap_or_default())
    };
    let kinds = array(ShareColumn::Kind).as_string::<i32>();
    let times = array(ShareColumn::Time).as_primitive::<TimestampMillisecondType>();
    let logs = array(ShareColumn::LogIndex).as_primitive::<UInt32Type>();
    let [blocks, gas_used, gas_price] =
        [ShareColumn::Block, ShareColumn::GasUsed, ShareColumn::GasPrice]
            .map(|column| array(column).as_primitive::<UInt64Type>());
    let texts = ShareColumn::SELECTIVE.map(|column| array(column).as_string::<i32>());
    for at in 0..batch.num_rows() {
        *row = row.saturating_add(1);
        let text = |array: &&'_ StringArray| array.is_valid(at);
        let mut found = [None; ShareColumn::TEXTS];
        for (found, array) in found.iter_mut().zip(&texts) {
            *found = text(array).then(|| array.value(at));
        }
        let millis = times.is_valid(at).then(|| times.value(at));
        take(&ShareRow {
            kind: kinds.value(at),
            time: millis.map(whole_seconds).transpose()?,
            block: blocks.is_valid(at).then(|| blocks.value(at)),
            log_index: logs.is_valid(at).then(|| logs.value(at)),
            gas_used: gas_used.is_valid(at).then(|| gas_used.value(at)),
            gas_price: gas_price.is_valid(at).then(|| gas_price.value(at)),
            texts: found,
        })?;
    }
    Ok(())
}

/// Writes a tape of shares as a Parquet file, whole or not at all; a file of that name is replaced.
///
/// # Errors
///
/// As [`encode_share_tape`] and [`write_atomically`].
pub fn write_share_tape(path: &Path, tape: &ShareTape) -> Result<(), TapeError> {
    let bytes = encode_share_tape(tape, &path.display().to_string())?;
    write_atomically(path, &bytes)
}

/// Returns a tape of shares as the bytes of a Parquet file; the same tape always gives the same
/// bytes. They are read back and compared before they are returned.
///
/// # Errors
///
/// What [`crate::decode_any_tape`] would say of the tape, if it breaks a rule of the format; `file`
/// is how errors name it.
pub fn encode_share_tape(tape: &ShareTape, file: &str) -> Result<Vec<u8>, TapeError> {
    let mut bytes = write_rows(tape, file)?;
    seal(&mut bytes).map_err(|fault| file_error(file, fault))?;
    let bytes = Bytes::from(bytes);
    let opened = TapeFile::open(bytes.clone(), file)?;
    if read_shares(opened, file)? != *tape {
        return Err(file_error(file, FormatFault::NotReadBack));
    }
    Ok(bytes.into())
}

fn write_rows(tape: &ShareTape, file: &str) -> Result<Vec<u8>, TapeError> {
    let error = |fault: FormatFault| file_error(file, fault);
    let parquet = |cause: ParquetError| error(FormatFault::Parquet(cause.to_string()));
    let pool = share_pool_json_text(tape).map_err(error)?;
    let mut builder = properties(SHARES_VERSION, pool).map_err(parquet)?;
    for column in ShareColumn::ALL {
        let path = ColumnPath::from(column.name());
        builder = match column {
            ShareColumn::Kind | ShareColumn::TokenIn | ShareColumn::TokenOut => {
                builder.set_column_dictionary_enabled(path, true)
            }
            ShareColumn::Block | ShareColumn::Time => builder
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_statistics_enabled(path, EnabledStatistics::Chunk),
            ShareColumn::LogIndex | ShareColumn::GasUsed | ShareColumn::GasPrice => {
                builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
            }
            ShareColumn::AmountIn
            | ShareColumn::AmountOut
            | ShareColumn::AmountsIn
            | ShareColumn::AmountsOut
            | ShareColumn::Shares
            | ShareColumn::Fees
            | ShareColumn::Invariant
            | ShareColumn::TotalShares
            | ShareColumn::Balances
            | ShareColumn::Parameters => {
                builder.set_column_encoding(path, Encoding::DELTA_LENGTH_BYTE_ARRAY)
            }
        };
    }
    let options =
        ArrowWriterOptions::new().with_properties(builder.build()).with_skip_arrow_metadata(true);
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), share_schema(), options).map_err(parquet)?;
    let mut row = 0_u64;
    for events in tape.events.chunks(BATCH_ROWS) {
        let mut batch = ShareBatch::default();
        for event in events {
            row = row.saturating_add(1);
            batch.push(event).map_err(|fault| fault.at(file, row))?;
        }
        writer.write(&batch.finish().map_err(error)?).map_err(parquet)?;
    }
    writer.into_inner().map_err(parquet)
}

/// Returns events of shares as rows; `place` is how errors name them.
pub(crate) fn encode_share_rows(
    events: &[TapeEvent],
    place: &str,
) -> Result<RecordBatch, TapeError> {
    let mut batch = ShareBatch::default();
    for (event, row) in events.iter().zip(1..) {
        batch.push(event).map_err(|fault| fault.at(place, row))?;
    }
    batch.finish().map_err(|fault| file_error(place, fault))
}

/// Rows on their way into a file.
#[derive(Default)]
struct ShareBatch {
    kind: StringBuilder,
    time: TimestampMillisecondBuilder,
    block: UInt64Builder,
    log_index: UInt32Builder,
    gas_used: UInt64Builder,
    gas_price: UInt64Builder,
    texts: [StringBuilder; ShareColumn::TEXTS],
}

impl ShareBatch {
    fn push(&mut self, event: &TapeEvent) -> Result<(), RowFault> {
        const GAS_PRICE: &str = "a gas price of at most 2^64 - 1 wei";
        let wrong = |column: ShareColumn, found: String, expected| {
            column.fault(Fault::Value { found, expected })
        };
        let of_shares = share_event(event)?;
        let time = i64::try_from(event.time.0).ok().and_then(|time| time.checked_mul(1000));
        let time =
            time.ok_or_else(|| wrong(ShareColumn::Time, event.time.0.to_string(), TIME_RANGE))?;
        let gas_price = event.gas_price.map(|price| {
            let too_high = |_| wrong(ShareColumn::GasPrice, price.0.to_string(), GAS_PRICE);
            u64::try_from(price.0).map_err(too_high)
        });
        self.gas_price.append_option(gas_price.transpose()?);
        self.kind.append_value(of_shares.kind());
        self.time.append_value(time);
        self.block.append_value(event.block.0);
        self.log_index.append_value(event.log_index.0);
        self.gas_used.append_option(event.gas_used.map(|gas| gas.0));
        for (column, text) in self.texts.iter_mut().zip(texts_of(of_shares)) {
            column.append_option(text);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<RecordBatch, FormatFault> {
        let mut texts = self.texts;
        let columns = ShareColumn::ALL.map(|column| -> ArrayRef {
            if let Some(text) = column.text_place().and_then(|place| texts.get_mut(place)) {
                return Arc::new(text.finish());
            }
            match column {
                ShareColumn::Time => Arc::new(self.time.finish().with_timezone("UTC")),
                ShareColumn::Block => Arc::new(self.block.finish()),
                ShareColumn::LogIndex => Arc::new(self.log_index.finish()),
                ShareColumn::GasUsed => Arc::new(self.gas_used.finish()),
                ShareColumn::GasPrice => Arc::new(self.gas_price.finish()),
                ShareColumn::Kind
                | ShareColumn::TokenIn
                | ShareColumn::AmountIn
                | ShareColumn::TokenOut
                | ShareColumn::AmountOut
                | ShareColumn::AmountsIn
                | ShareColumn::AmountsOut
                | ShareColumn::Shares
                | ShareColumn::Fees
                | ShareColumn::Invariant
                | ShareColumn::TotalShares
                | ShareColumn::Balances
                | ShareColumn::Parameters => Arc::new(self.kind.finish()),
            }
        });
        RecordBatch::try_new(share_schema(), columns.to_vec())
            .map_err(|error| FormatFault::Parquet(error.to_string()))
    }
}

/// A tape of shares holds no event of a concentrated pool.
fn share_event(event: &TapeEvent) -> Result<&ShareEvent, RowFault> {
    match &event.event {
        PoolEvent::Shares(event) => Ok(event),
        other @ (PoolEvent::Initialize { .. }
        | PoolEvent::Swap { .. }
        | PoolEvent::Mint { .. }
        | PoolEvent::Burn { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Build(_)) => {
            let expected = "an event of a pool of shares";
            let found = other.kind().to_owned();
            Err(ShareColumn::Kind.fault(Fault::Value { found, expected }))
        }
    }
}
