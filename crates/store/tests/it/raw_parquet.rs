//! Writes Parquet files with any content under a fitting seal, to see what the reader says.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt32Array,
    UInt64Array,
};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::small_tape::HEADER;

pub(crate) struct RawFile {
    pub(crate) columns: Vec<(Field, ArrayRef)>,
    pub(crate) metadata: Vec<(String, Option<String>)>,
}

impl RawFile {
    /// Lays rows of CSV text out in the format's columns.
    pub(crate) fn new(pool_json: &str, rows: &[&str]) -> Self {
        Self::with_header(HEADER, pool_json, rows)
    }

    /// The same in the columns of a header.
    pub(crate) fn with_header(header: &str, pool_json: &str, rows: &[&str]) -> Self {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split(',').collect()).collect();
        let column = |(at, name)| {
            let cells: Vec<Option<&str>> = rows
                .iter()
                .map(|row| Some(row[at]).filter(|cell: &&str| !cell.is_empty()))
                .collect();
            let array = array(name, &cells);
            (Field::new(name, array.data_type().clone(), name != "kind"), array)
        };
        let metadata = [
            ("tidemill.tape_version", "1"),
            ("tidemill.pool", pool_json),
            ("tidemill.blake3", &"0".repeat(64)),
        ];
        Self {
            columns: header.split(',').enumerate().map(column).collect(),
            metadata: metadata
                .map(|(key, value)| (key.to_owned(), Some(value.to_owned())))
                .to_vec(),
        }
    }

    /// Encodes the file and seals it as `docs/tape-format.md` says.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = self.unsealed_bytes();
        reseal(&mut bytes);
        bytes
    }

    pub(crate) fn unsealed_bytes(self) -> Vec<u8> {
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = self.columns.into_iter().unzip();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
        let pairs = self.metadata.into_iter().map(|(key, value)| KeyValue { key, value });
        let properties =
            WriterProperties::builder().set_key_value_metadata(Some(pairs.collect())).build();
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }
}

/// Computes the seal of the bytes as they are now; leaves bytes without one alone.
pub(crate) fn reseal(bytes: &mut [u8]) {
    const MARKER: &[u8] = b"tidemill.blake3\x18\x40";
    let marker = bytes.windows(MARKER.len()).position(|window| window == MARKER);
    let Some(start) = marker.map(|marker| marker + MARKER.len()) else { return };
    if bytes.len() < start + 64 {
        return;
    }
    bytes[start..start + 64].fill(b'0');
    let digits = blake3::hash(bytes).to_hex();
    bytes[start..start + 64].copy_from_slice(digits.as_bytes());
}

fn array(name: &str, cells: &[Option<&str>]) -> ArrayRef {
    fn parse<T: std::str::FromStr>(cell: &Option<&str>) -> Option<T> {
        cell.map(|cell| cell.parse().unwrap_or_else(|_| panic!("a number, not {cell}")))
    }
    match name {
        "time_utc" => {
            let millis = |cell: &Option<&str>| {
                let time = cell.map(|cell| format!("{}Z", cell.replace(' ', "T")));
                time.map(|time| time.parse::<jiff::Timestamp>().unwrap().as_millisecond())
            };
            let times: TimestampMillisecondArray = cells.iter().map(millis).collect();
            Arc::new(times.with_timezone("UTC"))
        }
        "block" | "gas_used" | "gas_price_wei" => {
            Arc::new(cells.iter().map(parse).collect::<UInt64Array>())
        }
        "log_index" | "fee_pips" => Arc::new(cells.iter().map(parse).collect::<UInt32Array>()),
        "tick_lower" | "tick_upper" | "tick_after" => {
            Arc::new(cells.iter().map(parse).collect::<Int32Array>())
        }
        _ => Arc::new(cells.iter().collect::<StringArray>()),
    }
}
