//! Columns of a batch as plain numbers.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Float64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Field, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{DataFusionError, exec_err};
use datafusion::error::Result;

/// Microseconds of the 365-day year that rates are said for, as of markets that never close.
pub(crate) const YEAR_US: f64 = 365.0 * 86_400e6;

/// Raw units of one, of decimals with 18 places.
const DECIMAL_ONE: i128 = 1_000_000_000_000_000_000;

/// Returns a column, or says that the files have none of this name.
pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    match batch.column_by_name(name) {
        Some(column) => Ok(column),
        None => exec_err!("the files have no column {name}"),
    }
}

/// Reads instants in microseconds, whatever unit the file has.
pub(crate) fn instants(batch: &RecordBatch, name: &str) -> Result<TimestampMicrosecondArray> {
    let column = cast(column(batch, name)?, &instant_type())?;
    Ok(column.as_primitive::<TimestampMicrosecondType>().clone())
}

/// Reads decimals as floats.
pub(crate) fn floats(batch: &RecordBatch, name: &str) -> Result<Float64Array> {
    let column = column(batch, name)?;
    if let DataType::Decimal128(_, 18) = column.data_type() {
        let decimals: &Decimal128Array = column.as_primitive::<Decimal128Type>();
        // By parts, since a price in raw units has more digits than a float.
        return Ok(decimals.unary(|raw| {
            (raw / DECIMAL_ONE) as f64 + (raw % DECIMAL_ONE) as f64 / DECIMAL_ONE as f64
        }));
    }
    Ok(cast(column, &DataType::Float64)?.as_primitive().clone())
}

/// Reads text.
pub(crate) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray> {
    let column = cast(column(batch, name)?, &DataType::Utf8)?;
    Ok(column.as_string::<i32>().clone())
}

/// Reads a decimal integer of a text column as a float; `None` for a null.
pub(crate) fn whole_number(column: &StringArray, row: usize) -> Result<Option<f64>> {
    if column.is_null(row) {
        return Ok(None);
    }
    let text = column.value(row);
    let number = text
        .parse::<f64>()
        .map_err(|_| DataFusionError::Execution(format!("`{text}` is not a whole number")))?;
    Ok(Some(number))
}

/// The type of instants in answers.
pub(crate) fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

/// A column of an answer that is never null.
pub(crate) fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

/// A column of an answer that is null where nothing is known.
pub(crate) fn optional(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// Makes a column of instants.
pub(crate) fn instant_array(instants: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(instants).with_timezone("UTC"))
}
