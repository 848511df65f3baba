//! Columns of the types that datasets have, there and back.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Decimal128Type, Int32Type, TimestampMicrosecondType, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array as _, ArrayRef, Decimal128Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use tidemill_units::{Decimal, InstantUs};

use crate::error::RecordFault;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Time,
    Decimal,
    U64,
    U32,
    I32,
    Text,
}

/// The first number that 38 digits cannot hold.
const PAST_38_DIGITS: u128 = 100_000_000_000_000_000_000_000_000_000_000_000_000;

/// Returns a schema of columns: name, what it holds, and whether it may be null.
pub(crate) fn schema(columns: &[(&str, Kind, bool)]) -> SchemaRef {
    let field = |(name, kind, null): &(&str, Kind, bool)| {
        let data_type = match kind {
            Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Decimal => DataType::Decimal128(38, 18),
            Kind::U64 => DataType::UInt64,
            Kind::U32 => DataType::UInt32,
            Kind::I32 => DataType::Int32,
            Kind::Text => DataType::Utf8,
        };
        Field::new(*name, data_type, *null)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

pub(crate) fn times<T: Into<Option<InstantUs>>>(values: impl Iterator<Item = T>) -> ArrayRef {
    let values = values.map(|time| time.into().map(|time| time.0));
    Arc::new(TimestampMicrosecondArray::from_iter(values).with_timezone("UTC"))
}

/// Whether a column can hold it: 38 digits do not reach as far as it does.
pub(crate) const fn fits(value: Decimal) -> bool {
    value.raw().unsigned_abs() < PAST_38_DIGITS
}

/// Refuses what 38 digits cannot hold.
pub(crate) fn decimals<T: Into<Option<Decimal>>>(
    column: &'static str,
    values: impl Iterator<Item = T>,
) -> Result<ArrayRef, RecordFault> {
    let mut too_large = None;
    let values = values.map(|value| {
        let value = value.into()?;
        if !fits(value) {
            too_large.get_or_insert(value);
        }
        Some(value.raw())
    });
    let array: Decimal128Array = values.collect();
    let expected = "a number below 10^20";
    if let Some(value) = too_large {
        return Err(RecordFault::value(column, &value, expected));
    }
    let array = array.with_precision_and_scale(38, 18);
    Ok(Arc::new(array.map_err(|error| RecordFault::value(column, &error, expected))?))
}

/// Puts columns together that were made for this schema.
pub(crate) fn batch(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
) -> Result<RecordBatch, RecordFault> {
    RecordBatch::try_new(schema.clone(), columns)
        .map_err(|error| RecordFault::value("(all)", &error, "columns of one length"))
}

/// The columns of a batch whose schema was checked, by name.
pub(crate) struct Cells<'a>(pub(crate) &'a RecordBatch);

impl<'a> Cells<'a> {
    pub(crate) fn rows(&self) -> usize {
        self.0.num_rows()
    }

    fn array(&self, name: &str) -> &'a ArrayRef {
        let place = self.0.schema_ref().index_of(name).unwrap_or_default();
        self.0.column(place)
    }

    pub(crate) fn times(&self, name: &str) -> impl Fn(usize) -> Option<InstantUs> + use<'a> {
        let array = self.array(name).as_primitive::<TimestampMicrosecondType>();
        move |at| array.is_valid(at).then(|| InstantUs(array.value(at)))
    }

    pub(crate) fn decimals(&self, name: &str) -> impl Fn(usize) -> Option<Decimal> + use<'a> {
        let array = self.array(name).as_primitive::<Decimal128Type>();
        move |at| array.is_valid(at).then(|| Decimal::from_raw(array.value(at)))
    }

    pub(crate) fn u64s(&self, name: &str) -> impl Fn(usize) -> Option<u64> + use<'a> {
        let array = self.array(name).as_primitive::<UInt64Type>();
        move |at| array.is_valid(at).then(|| array.value(at))
    }

    pub(crate) fn u32s(&self, name: &str) -> impl Fn(usize) -> Option<u32> + use<'a> {
        let array = self.array(name).as_primitive::<UInt32Type>();
        move |at| array.is_valid(at).then(|| array.value(at))
    }

    pub(crate) fn i32s(&self, name: &str) -> impl Fn(usize) -> Option<i32> + use<'a> {
        let array = self.array(name).as_primitive::<Int32Type>();
        move |at| array.is_valid(at).then(|| array.value(at))
    }

    pub(crate) fn texts(&self, name: &str) -> impl Fn(usize) -> Option<&'a str> + use<'a> {
        let array: &'a StringArray = self.array(name).as_string::<i32>();
        move |at| array.is_valid(at).then(|| array.value(at))
    }
}

/// Reads a text as the value it is of, or names the column.
pub(crate) fn parsed<T: std::str::FromStr>(
    column: &'static str,
    text: Option<&str>,
    expected: &'static str,
) -> Result<T, RecordFault> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|_| RecordFault::value(column, &text, expected))
}

/// Returns a number as a key has it.
pub(crate) fn place(column: &'static str, number: u64) -> Result<i64, RecordFault> {
    let expected = "a number of at most 2^63 - 1";
    i64::try_from(number).map_err(|_| RecordFault::value(column, &number, expected))
}
