//! Sealed Parquet files that depart from the format.

use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, Int64Array, StringArray, TimestampMillisecondArray};
use arrow_schema::Field;
use tidemill_store::decode_tape;

use crate::raw_parquet::RawFile;
use crate::small_tape::{SWAP, pool_at_creation};

const ROWS: [&str; 2] =
    ["initialize,2024-12-01 00:00:11,101,0,,,79228162514264337593543950336,,,,,,,,0", SWAP];

/// Checks what is said of the good file after a change.
#[track_caller]
fn check(change: impl FnOnce(&mut RawFile), expected: &str) {
    let mut file = RawFile::new(&pool_at_creation(), &ROWS);
    change(&mut file);
    let decoded = decode_tape(file.bytes().into(), "tape.parquet");
    assert_eq!(decoded.unwrap_err().to_string(), format!("tape.parquet{expected}"));
}

fn set(file: &mut RawFile, at: usize, name: &str, array: ArrayRef) {
    file.columns[at] = (Field::new(name, array.data_type().clone(), true), array);
}

#[test]
fn the_good_file_is_good() {
    let bytes = RawFile::new(&pool_at_creation(), &ROWS).bytes();
    assert_eq!(decode_tape(bytes.into(), "tape.parquet").unwrap().events.len(), 2);
}

#[test]
fn metadata() {
    check(
        |file| file.metadata[0].1 = Some("2".to_owned()),
        ": format version `2`; this program reads version 1",
    );
    check(
        |file| drop(file.metadata.remove(0)),
        ": metadata key `tidemill.tape_version` is missing",
    );
    check(|file| drop(file.metadata.remove(1)), ": metadata key `tidemill.pool` is missing");
    check(|file| file.metadata[1].1 = None, ": metadata key `tidemill.pool` has no value");
    check(
        |file| file.metadata.push(file.metadata[1].clone()),
        ": metadata key `tidemill.pool` is there twice",
    );
    check(
        |file| file.metadata.push(("author".to_owned(), Some("me".to_owned()))),
        ": metadata key `author` is unknown",
    );
    check(
        |file| drop(file.metadata.remove(2)),
        ": is a Parquet file but not a tape: its metadata has no tidemill.blake3",
    );
    check(
        |file| file.metadata[1].1 = Some("{\"fee\": 1}".to_owned()),
        " (metadata tidemill.pool): unknown field `fee`, expected one of `chain_id`, `pool`, \
         `kind`, `token0`, `token1`, `fee_pips`, `tick_spacing`, `state_after_block`, \
         `sqrt_price_x96`, `tick`, `liquidity`, `tick_map`, \
         `fee_protocol0`, `fee_protocol1`, `amount_relative_tolerance` at line 1 column 6",
    );
    check(
        |file| {
            let pool = pool_at_creation().replace("\"decimals\": 6", "\"decimals\": 77");
            file.metadata[1].1 = Some(pool);
        },
        " (metadata tidemill.pool): field token0.decimals: `77` is not allowed; expected \
         decimals, 0 to 38",
    );
}

#[test]
fn columns() {
    check(
        |file| drop(file.columns.remove(3)),
        ": column 4 is `amount0 Utf8`; expected `log_index UInt32`",
    );
    check(
        |file| drop(file.columns.pop()),
        ": column 15 is `no column`; expected `tick_after Int32`",
    );
    check(
        |file| {
            file.columns.push((
                Field::new("note", file.columns[14].1.data_type().clone(), true),
                file.columns[14].1.clone(),
            ))
        },
        ": column 16 is `note Int32`; expected `no column`",
    );
    check(|file| file.columns.swap(4, 5), ": column 5 is `amount1 Utf8`; expected `amount0 Utf8`");
    check(
        |file| set(file, 2, "block", Arc::new(Int64Array::from(vec![1, 2]))),
        ": column 3 is `block Int64`; expected `block UInt64`",
    );
    check(
        |file| set(file, 0, "kind", Arc::new(StringArray::from(vec!["initialize", "swap"]))),
        ": column 1 is `kind Utf8`; expected `kind Utf8 not null`",
    );
    check(
        |file| {
            let local = TimestampMillisecondArray::from(vec![0, 0]);
            set(file, 1, "time_utc", Arc::new(local));
        },
        ": column 2 is `time_utc Timestamp(ms)`; expected `time_utc Timestamp(ms, \"UTC\")`",
    );
}

#[test]
fn times_between_or_before_the_seconds() {
    let allowed = "expected whole seconds from 1970-01-01 to 9999-12-31, UTC";
    for (millis, found) in [
        (1_733_011_211_001, "1733011211001 ms"),
        (-1000, "-1000 ms"),
        (253_402_300_800_000, "253402300800"),
    ] {
        check(
            |file| {
                let times = TimestampMillisecondArray::from(vec![millis, millis]);
                set(file, 1, "time_utc", Arc::new(times.with_timezone("UTC")));
            },
            &format!(": row 1, column time_utc: `{found}` is not allowed; {allowed}"),
        );
    }
}

#[test]
fn files_that_are_no_tape() {
    for (bytes, expected) in [
        (b"".as_slice(), "is not a Parquet file, or cut short: it does not begin with PAR1"),
        (b"kind,time_utc", "is not a Parquet file, or cut short: it does not begin with PAR1"),
        (b"PAR1PAR1", "is not a Parquet file, or cut short: it does not end with PAR1"),
        (
            b"PAR1\xff\xff\xff\xffPAR1",
            "is not a Parquet file, or cut short: it does not end with PAR1",
        ),
        (
            b"PAR1\0\0\0\0PAR1",
            "is a Parquet file but not a tape: its metadata has no tidemill.blake3",
        ),
    ] {
        let error = decode_tape(bytes.into(), "t.parquet").unwrap_err();
        assert_eq!(error.to_string(), format!("t.parquet: {expected}"));
    }
    let unsealed = RawFile::new(&pool_at_creation(), &ROWS).unsealed_bytes();
    let error = decode_tape(unsealed.into(), "t.parquet").unwrap_err().to_string();
    assert!(error.starts_with("t.parquet: is damaged: its bytes hash to "), "{error}");
}
