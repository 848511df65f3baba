use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, TimestampMillisecondType, UInt32Type, UInt64Type};
use arrow_array::{
    Array as _, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt32Array,
    UInt64Array,
};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use tidemill_model::{PoolHeader, Tape, TapeEvent};
use tidemill_units::Timestamp;

use crate::error::RowFault;
use crate::importer::{file_error, read_limited};
use crate::limits::{MAX_ROWS, MAX_TAPE_BYTES};
use crate::pool_json::read_pool_json;
use crate::row::{Column, INITIAL_POSITION, Row};
use crate::row_event::value_fault;
use crate::seal::{SEAL_KEY, check_seal};
use crate::share_parquet::read_shares;
use crate::tape_builder::{TapeBuilder, tape_event};
use crate::tape_schema::{
    BUILDS_VERSION, FORMAT_VERSION, POOL_KEY, SHARES_VERSION, VERSION_KEY, WINDOW_VERSION,
    check_schema, version_of,
};
use crate::time_text::TIME_RANGE;
use crate::{AnyTape, Fault, FormatFault, TapeError};

/// Rows that are decoded together.
const BATCH_ROWS: usize = 8192;

/// Reads a tape from a Parquet file.
///
/// # Errors
///
/// As [`decode_tape`], and [`TapeError::Read`] where the system cannot read the file.
pub fn read_tape(path: &Path) -> Result<Tape, TapeError> {
    let bytes = read_limited(path, MAX_TAPE_BYTES)?;
    decode_tape(bytes.into(), &path.display().to_string())
}

/// Reads a tape of either form from a Parquet file.
///
/// # Errors
///
/// As [`read_tape`].
pub fn read_any_tape(path: &Path) -> Result<AnyTape, TapeError> {
    let bytes = read_limited(path, MAX_TAPE_BYTES)?;
    decode_any_tape(bytes.into(), &path.display().to_string())
}

/// Reads a tape from the bytes of a Parquet file; `file` is how errors name it.
///
/// The seal over all bytes is checked before anything is decoded.
///
/// # Errors
///
/// [`TapeError::File`] for bytes that are not a tape of this version, undamaged, with exactly the
/// format's columns; [`TapeError::Field`] for the pool's description; [`TapeError::Row`] for the
/// first row that breaks a rule. All rules but those of Parquet itself are those of the importer.
pub fn decode_tape(bytes: Bytes, file: &str) -> Result<Tape, TapeError> {
    let opened = TapeFile::open(bytes, file)?;
    if opened.version == SHARES_VERSION {
        let (found, expected) = (SHARES_VERSION.to_owned(), FORMAT_VERSION);
        return Err(file_error(file, FormatFault::Version { found, expected }));
    }
    read_concentrated(opened, file)
}

/// Reads a tape of either form from the bytes of a Parquet file.
///
/// # Errors
///
/// As [`decode_tape`].
pub fn decode_any_tape(bytes: Bytes, file: &str) -> Result<AnyTape, TapeError> {
    let opened = TapeFile::open(bytes, file)?;
    if opened.version == SHARES_VERSION {
        read_shares(opened, file).map(AnyTape::Shares)
    } else {
        read_concentrated(opened, file).map(AnyTape::Concentrated)
    }
}

fn read_concentrated(opened: TapeFile, file: &str) -> Result<Tape, TapeError> {
    let error = |fault: FormatFault| file_error(file, fault);
    let header = read_pool_json(&format!("{file} (metadata {POOL_KEY})"), opened.pool.as_bytes())?;
    let expected = version_of(&header);
    if opened.version != expected {
        let found = opened.version.to_owned();
        return Err(error(FormatFault::Version { found, expected }));
    }
    check_schema(opened.reader.schema(), &header.build).map_err(error)?;
    let mut builder = TapeBuilder::new(header);
    let mut row = 0;
    for batch in batches(opened.reader).map_err(error)? {
        let batch = batch.map_err(error)?;
        push_batch(&batch, &mut builder, &mut row).map_err(|fault| fault.at(file, row))?;
    }
    builder.finish().map_err(|(_, fault)| file_error(file, fault))
}

/// A file whose seal and metadata are in order.
pub(crate) struct TapeFile {
    pub(crate) reader: ParquetRecordBatchReaderBuilder<Bytes>,
    /// The pool's description.
    pub(crate) pool: String,
    /// One of the versions that are read here.
    pub(crate) version: &'static str,
}

impl TapeFile {
    /// Checks seal and metadata.
    pub(crate) fn open(bytes: Bytes, file: &str) -> Result<Self, TapeError> {
        let error = |fault: FormatFault| file_error(file, fault);
        check_seal(&bytes).map_err(error)?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let open = || ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options);
        let reader = decoded(open).map_err(error)?;
        let (version, pool) = read_metadata(reader.metadata(), file)?;
        Ok(Self { reader, pool, version })
    }
}

/// Returns the rows of a file, batch by batch.
pub(crate) fn batches(
    reader: ParquetRecordBatchReaderBuilder<Bytes>,
) -> Result<impl Iterator<Item = Result<RecordBatch, FormatFault>>, FormatFault> {
    let reader = reader.with_batch_size(BATCH_ROWS);
    let mut batches = decoded(|| reader.build())?;
    Ok(std::iter::from_fn(move || decoded(|| batches.next().transpose()).transpose()))
}

/// Runs a step of the Parquet library.
///
/// Damage never gets here, because the seal is checked first. Bytes forged under a fitting seal
/// do, and some of them fail assertions of the library: to the caller those are bad files too. No
/// state survives such a panic, as the reader is dropped with the error.
fn decoded<T, E: Display>(step: impl FnOnce() -> Result<T, E>) -> Result<T, FormatFault> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done.map_err(|cause| FormatFault::Parquet(cause.to_string())),
        Err(_) => Err(FormatFault::Parquet("its structure contradicts itself".to_owned())),
    }
}

/// Checks the metadata's keys and values; returns the tape's version and the pool's description.
fn read_metadata(
    metadata: &ParquetMetaData,
    file: &str,
) -> Result<(&'static str, String), TapeError> {
    let error = |fault: FormatFault| file_error(file, fault);
    let rows = metadata.file_metadata().num_rows();
    if u64::try_from(rows).is_ok_and(|rows| rows > MAX_ROWS) {
        return Err(file_error(file, Fault::TooManyRows));
    }
    let pairs = metadata.file_metadata().key_value_metadata().map_or(&[][..], Vec::as_slice);
    let found = value(pairs, VERSION_KEY).map_err(error)?;
    let known = [FORMAT_VERSION, BUILDS_VERSION, WINDOW_VERSION, SHARES_VERSION];
    let version = known.into_iter().find(|known| *known == found).ok_or_else(|| {
        let (found, expected) = (crate::error::clip(found), FORMAT_VERSION);
        error(FormatFault::Version { found, expected })
    })?;
    value(pairs, SEAL_KEY).map_err(error)?;
    let known = [VERSION_KEY, POOL_KEY, SEAL_KEY];
    if let Some(pair) = pairs.iter().find(|pair| !known.contains(&pair.key.as_str())) {
        let key = crate::error::clip(&pair.key);
        return Err(error(FormatFault::MetadataKey { key, problem: "is unknown" }));
    }
    let pool = value(pairs, POOL_KEY).map_err(error)?;
    Ok((version, pool.to_owned()))
}

/// Returns the value of a key that must be there once.
fn value<'a>(pairs: &'a [KeyValue], key: &str) -> Result<&'a str, FormatFault> {
    let fault = |problem| FormatFault::MetadataKey { key: key.to_owned(), problem };
    let mut values = pairs.iter().filter(|pair| pair.key == key);
    let first = values.next().ok_or(fault("is missing"))?;
    if values.next().is_some() {
        return Err(fault("is there twice"));
    }
    first.value.as_deref().ok_or(fault("has no value"))
}

/// The columns of a batch under their types.
struct Columns<'a> {
    kind: &'a StringArray,
    time: &'a TimestampMillisecondArray,
    block: &'a UInt64Array,
    log_index: &'a UInt32Array,
    amount0: &'a StringArray,
    amount1: &'a StringArray,
    sqrt_price_after: &'a StringArray,
    liquidity: &'a StringArray,
    tick_lower: &'a Int32Array,
    tick_upper: &'a Int32Array,
    owner: &'a StringArray,
    gas_used: &'a UInt64Array,
    gas_price: &'a UInt64Array,
    liquidity_after: &'a StringArray,
    tick_after: &'a Int32Array,
    /// What only a tape of another build than Uniswap v3 has.
    of_builds: Option<BuildColumns<'a>>,
}

struct BuildColumns<'a> {
    salt: &'a StringArray,
    fee: &'a UInt32Array,
    protocol_fee0: &'a StringArray,
    protocol_fee1: &'a StringArray,
    staked: &'a StringArray,
}

fn push_batch(
    batch: &RecordBatch,
    builder: &mut TapeBuilder,
    row: &mut u64,
) -> Result<(), RowFault> {
    let columns = Columns::of(batch);
    for at in 0..batch.num_rows() {
        *row = row.saturating_add(1);
        let row = columns.row(at)?;
        if row.kind == INITIAL_POSITION {
            builder.push_initial_position(&row)?;
        } else {
            builder.push_event(&row)?;
        }
    }
    Ok(())
}

/// Reads the events of a batch with the columns of a tape; `row` counts them.
pub(crate) fn read_batch_events(
    batch: &RecordBatch,
    header: &PoolHeader,
    row: &mut u64,
) -> Result<Vec<TapeEvent>, RowFault> {
    let columns = Columns::of(batch);
    let mut events = Vec::with_capacity(batch.num_rows());
    for at in 0..batch.num_rows() {
        *row = row.saturating_add(1);
        events.push(tape_event(&columns.row(at)?, header)?);
    }
    Ok(events)
}

impl<'a> Columns<'a> {
    /// Takes the columns apart; their types are those that the schema check let pass.
    fn of(batch: &'a RecordBatch) -> Self {
        let array = |column: Column| {
            let mut all = Column::ALL.iter().chain(&Column::OF_BUILDS);
            batch.column(all.position(|each| *each == column).unwrap_or_default())
        };
        let text = |column| array(column).as_string::<i32>();
        let uint64 = |column| array(column).as_primitive::<UInt64Type>();
        let int32 = |column| array(column).as_primitive::<Int32Type>();
        Self {
            kind: text(Column::Kind),
            time: array(Column::Time).as_primitive::<TimestampMillisecondType>(),
            block: uint64(Column::Block),
            log_index: array(Column::LogIndex).as_primitive::<UInt32Type>(),
            amount0: text(Column::Amount0),
            amount1: text(Column::Amount1),
            sqrt_price_after: text(Column::SqrtPriceAfter),
            liquidity: text(Column::Liquidity),
            tick_lower: int32(Column::TickLower),
            tick_upper: int32(Column::TickUpper),
            owner: text(Column::Owner),
            gas_used: uint64(Column::GasUsed),
            gas_price: uint64(Column::GasPrice),
            liquidity_after: text(Column::LiquidityAfter),
            tick_after: int32(Column::TickAfter),
            of_builds: (batch.num_columns() > Column::COUNT).then(|| BuildColumns {
                salt: text(Column::Salt),
                fee: array(Column::Fee).as_primitive::<UInt32Type>(),
                protocol_fee0: text(Column::ProtocolFee0),
                protocol_fee1: text(Column::ProtocolFee1),
                staked: text(Column::Staked),
            }),
        }
    }

    fn row(&self, at: usize) -> Result<Row<'a>, RowFault> {
        let text = |array: &'a StringArray| array.is_valid(at).then(|| array.value(at));
        let uint64 = |array: &UInt64Array| array.is_valid(at).then(|| array.value(at));
        let int32 = |array: &Int32Array| array.is_valid(at).then(|| array.value(at));
        let millis = self.time.is_valid(at).then(|| self.time.value(at));
        let of_builds = self.of_builds.as_ref();
        Ok(Row {
            kind: self.kind.value(at),
            time: millis.map(whole_seconds).transpose()?,
            block: uint64(self.block),
            log_index: self.log_index.is_valid(at).then(|| self.log_index.value(at)),
            amount0: text(self.amount0),
            amount1: text(self.amount1),
            sqrt_price_after: text(self.sqrt_price_after),
            liquidity: text(self.liquidity),
            tick_lower: int32(self.tick_lower),
            tick_upper: int32(self.tick_upper),
            owner: text(self.owner),
            gas_used: uint64(self.gas_used),
            gas_price: uint64(self.gas_price),
            liquidity_after: text(self.liquidity_after),
            tick_after: int32(self.tick_after),
            salt: of_builds.and_then(|columns| text(columns.salt)),
            fee: of_builds
                .and_then(|BuildColumns { fee, .. }| fee.is_valid(at).then(|| fee.value(at))),
            protocol_fee0: of_builds.and_then(|columns| text(columns.protocol_fee0)),
            protocol_fee1: of_builds.and_then(|columns| text(columns.protocol_fee1)),
            staked: of_builds.and_then(|columns| text(columns.staked)),
        })
    }
}

pub(crate) fn whole_seconds(millis: i64) -> Result<Timestamp, RowFault> {
    let seconds = u64::try_from(millis).ok().filter(|millis| millis.is_multiple_of(1000));
    let seconds = seconds.and_then(|millis| millis.checked_div(1000));
    seconds
        .map(Timestamp)
        .ok_or_else(|| value_fault(Column::Time, &format!("{millis} ms"), TIME_RANGE))
}
