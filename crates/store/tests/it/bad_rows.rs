//! Every rule about the content of rows, broken once, with the message of both readers.

use tidemill_store::decode_tape;

use crate::raw_parquet::RawFile;
use crate::small_tape::{
    HEADER, POOL, POSITIONS, SWAP, events, import_bytes, import_text, pool_at_creation,
};

/// The initial positions as rows of the Parquet file.
const POSITION_ROWS: [&str; 3] = [
    "initial_position,,,,,,,1000,-20,20,,,,,",
    "initial_position,,,,,,,2000,-10,10,,,,,",
    "initial_position,,,,,,,5,20,30,,,,,",
];

/// Checks what both readers say of a row that follows [`SWAP`].
#[track_caller]
fn check(row: &str, expected: &str) {
    check_csv(row, expected);
    let rows = [POSITION_ROWS.as_slice(), &[SWAP, row]].concat();
    let decoded = decode_tape(RawFile::new(POOL, &rows).bytes().into(), "tape.parquet");
    let message = decoded.unwrap_err().to_string();
    assert_eq!(message, format!("tape.parquet: row 5, column {expected}"));
}

/// Checks what the importer says of a row that no Parquet column of the right type can hold.
#[track_caller]
fn check_csv(row: &str, expected: &str) {
    let message = import_text(&events(&[SWAP, row])).unwrap_err().to_string();
    assert_eq!(message, format!("events.csv: row 2, column {expected}"));
}

#[test]
fn order_within_the_chain() {
    check(
        "swap,2024-12-01 00:00:11,101,1,-5,6,,,,,,,,,",
        "log_index: duplicate: block 101, log index 1 is also the row before",
    );
    check(
        "swap,2024-12-01 00:00:11,101,0,-5,6,,,,,,,,,",
        "log_index: unsorted: block 101, log index 0 comes after block 101, log index 1; rows \
         must ascend by block, then log index",
    );
    check(
        "swap,2024-12-01 00:00:11,99,7,-5,6,,,,,,,,,",
        "block: unsorted: block 99, log index 7 comes after block 101, log index 1; rows must \
         ascend by block, then log index",
    );
    check(
        "swap,2024-12-01 00:00:10,102,0,-5,6,,,,,,,,,",
        "time_utc: 2024-12-01 00:00:10 is before 2024-12-01 00:00:11, the time of the row \
         before; time must not go back",
    );
    check(
        "swap,2024-12-01 00:00:12,101,2,-5,6,,,,,,,,,",
        "time_utc: 2024-12-01 00:00:12 differs from 2024-12-01 00:00:11, the time of the row \
         before in the same block 101",
    );
    check(
        "initialize,2024-12-01 00:00:12,102,2,,,79228162514264337593543950336,,,,,,,,",
        "kind: a pool is initialized once, by the first row of a tape without initial positions",
    );
}

#[test]
fn kinds() {
    let kinds = "expected one of initialize, swap, mint, burn, collect, flash, set_fee_protocol";
    check(
        "Swap,2024-12-01 00:00:12,102,0,-5,6,,,,,,,,,",
        &format!("kind: `Swap` is no kind of event; {kinds}"),
    );
    check(
        "transfer,2024-12-01 00:00:12,102,0,-5,6,,,,,,,,,",
        &format!("kind: `transfer` is no kind of event; {kinds}"),
    );
    check_csv(
        ",2024-12-01 00:00:12,102,0,-5,6,,,,,,,,,",
        &format!("kind: `` is no kind of event; {kinds}"),
    );
    check_csv(
        "initial_position,,,,,,,5,20,30,,,,,",
        &format!("kind: `initial_position` is no kind of event; {kinds}"),
    );
}

#[test]
fn a_misplaced_initial_position_is_refused() {
    let rows = [POSITION_ROWS.as_slice(), &[SWAP, "initial_position,,,,,,,5,30,40,,,,,"]].concat();
    let error = decode_tape(RawFile::new(POOL, &rows).bytes().into(), "t.parquet").unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.parquet: row 5, column kind: initial_position rows stand before all events, on a tape \
         that starts from a snapshot"
    );
}

#[test]
fn values_that_a_kind_needs() {
    for (row, expected) in [
        ("swap,2024-12-01 00:00:12,,0,-5,6,,,,,,,,,", "block: is empty; swap rows need it"),
        ("swap,2024-12-01 00:00:12,102,,-5,6,,,,,,,,,", "log_index: is empty; swap rows need it"),
        ("swap,,102,0,-5,6,,,,,,,,,", "time_utc: is empty; swap rows need it"),
        ("swap,2024-12-01 00:00:12,102,0,,6,,,,,,,,,", "amount0: is empty; swap rows need it"),
        ("mint,2024-12-01 00:00:12,102,0,1,,,7,0,10,,,,,", "amount1: is empty; mint rows need it"),
        (
            "mint,2024-12-01 00:00:12,102,0,1,2,,,0,10,,,,,",
            "liquidity: is empty; mint rows need it",
        ),
        (
            "burn,2024-12-01 00:00:12,102,0,1,2,,0,,10,,,,,",
            "tick_lower: is empty; burn rows need it",
        ),
        (
            "collect,2024-12-01 00:00:12,102,0,1,2,,,0,,,,,,",
            "tick_upper: is empty; collect rows need it",
        ),
        ("flash,2024-12-01 00:00:12,102,0,,2,,,,,,,,,", "amount0: is empty; flash rows need it"),
    ] {
        check(row, expected);
    }
}

#[test]
fn values_that_a_kind_does_not_have() {
    for (row, expected) in [
        (
            "swap,2024-12-01 00:00:12,102,0,-5,6,,9,,,,,,,",
            "liquidity: is `9`; swap rows leave it empty",
        ),
        (
            "swap,2024-12-01 00:00:12,102,0,-5,6,,,10,,,,,,",
            "tick_lower: is `10`; swap rows leave it empty",
        ),
        (
            "mint,2024-12-01 00:00:12,102,0,1,2,79228162514264337593543950336,7,0,10,,,,,",
            "sqrt_price_x96_after: is `79228162514264337593543950336`; mint rows leave it empty",
        ),
        (
            "burn,2024-12-01 00:00:12,102,0,1,2,,7,0,10,,,,3000,",
            "liquidity_after: is `3000`; burn rows leave it empty",
        ),
        (
            "collect,2024-12-01 00:00:12,102,0,1,2,,7,0,10,,,,,",
            "liquidity: is `7`; collect rows leave it empty",
        ),
        (
            "flash,2024-12-01 00:00:12,102,0,1,2,,,,,0x00,,,,",
            "owner: is `0x00`; flash rows leave it empty",
        ),
        (
            "set_fee_protocol,2024-12-01 00:00:12,102,0,4,4,,,,,,,,,5",
            "tick_after: is `5`; set_fee_protocol rows leave it empty",
        ),
    ] {
        check(row, expected);
    }
}

#[test]
fn amounts() {
    let unsigned = "amount in raw units, 0 to 2^256 - 1";
    let two_255 = "57896044618658097711785492504343953926634992332820282019728792003956564819968";
    for (row, expected) in [
        (
            "mint,2024-12-01 00:00:12,102,0,-1,2,,7,0,10,,,,,".to_owned(),
            format!("amount0: `-1` is not an {unsigned}"),
        ),
        (
            "burn,2024-12-01 00:00:12,102,0,1,2.5,,7,0,10,,,,,".to_owned(),
            format!("amount1: `2.5` is not an {unsigned}"),
        ),
        (
            "flash,2024-12-01 00:00:12,102,0,1e3,2,,,,,,,,,".to_owned(),
            format!("amount0: `1e3` is not an {unsigned}"),
        ),
        (
            "swap,2024-12-01 00:00:12,102,0,+5,-6,,,,,,,,,".to_owned(),
            "amount0: `+5` is not a signed amount in raw units, -2^255 to 2^255 - 1".to_owned(),
        ),
        (
            format!("swap,2024-12-01 00:00:12,102,0,{two_255},-6,,,,,,,,,"),
            format!(
                "amount0: `{two_255}` is out of range; expected a signed amount in raw units, \
                 -2^255 to 2^255 - 1"
            ),
        ),
        (
            "swap,2024-12-01 00:00:12,102,0,5,6,,,,,,,,,".to_owned(),
            "amount1: 6 has the sign of amount0; a swap pays one token in and the other out"
                .to_owned(),
        ),
        (
            "collect,2024-12-01 00:00:12,102,0,1,340282366920938463463374607431768211456,,,0,10,\
             ,,,,"
                .to_owned(),
            "amount1: `340282366920938463463374607431768211456` is not allowed; expected an \
             amount of at most 2^128 - 1"
                .to_owned(),
        ),
        (
            "set_fee_protocol,2024-12-01 00:00:12,102,0,4,3,,,,,,,,,".to_owned(),
            "amount1: `3` is not allowed; expected 0 for none, or a denominator from 4 to 10"
                .to_owned(),
        ),
        (
            "set_fee_protocol,2024-12-01 00:00:12,102,0,260,4,,,,,,,,,".to_owned(),
            "amount0: `260` is not allowed; expected 0 for none, or a denominator from 4 to 10"
                .to_owned(),
        ),
    ] {
        check(&row, &expected);
    }
}

#[test]
fn ticks_liquidity_and_prices() {
    for (row, expected) in [
        (
            "mint,2024-12-01 00:00:12,102,0,1,2,,7,-5,10,,,,,",
            "tick_lower: tick -5 is not a multiple of the tick spacing 10",
        ),
        (
            "burn,2024-12-01 00:00:12,102,0,1,2,,7,0,15,,,,,",
            "tick_upper: tick 15 is not a multiple of the tick spacing 10",
        ),
        (
            "mint,2024-12-01 00:00:12,102,0,1,2,,7,10,10,,,,,",
            "tick_upper: 10 is not above tick_lower 10",
        ),
        (
            "mint,2024-12-01 00:00:12,102,0,1,2,,0,0,10,,,,,",
            "liquidity: `0` is not allowed; expected liquidity above zero",
        ),
        (
            "burn,2024-12-01 00:00:12,102,0,1,2,,340282366920938463463374607431768211456,0,10,,,,,",
            "liquidity: `340282366920938463463374607431768211456` is out of range; expected \
             liquidity, 0 to 2^128 - 1",
        ),
        (
            "swap,2024-12-01 00:00:12,102,0,-5,6,4295128738,,,,,,,,",
            "sqrt_price_x96_after: `4295128738` is not allowed; expected 4295128739 to \
             1461446703485210103287273052203988822378723970341",
        ),
        (
            "swap,2024-12-01 00:00:12,102,0,-5,6,-1,,,,,,,,",
            "sqrt_price_x96_after: `-1` is not a square root price as Q64.96, 0 to 2^160 - 1",
        ),
        (
            "swap,2024-12-01 00:00:12,102,0,-5,6,,,,,,,,x,",
            "liquidity_after: `x` is not liquidity, 0 to 2^128 - 1",
        ),
        (
            "mint,2024-12-01 00:00:12,102,0,1,2,,7,0,10,0x12,,,,",
            "owner: `0x12` is not an address: expected 0x and 40 hexadecimal digits",
        ),
    ] {
        check(row, expected);
    }
}

/// Each reader has its own first check of the numbers whose columns are integers in Parquet.
#[test]
fn integers_out_of_range() {
    let tick = "a tick, -887272 to 887272";
    let whole = "a whole number from 0 to";
    let time = "a UTC time as YYYY-MM-DD HH:MM:SS, from 1970 on";
    let at = "2024-12-01 00:00:12,102,0";
    for (row, expected) in [
        (
            format!("mint,{at},1,2,,7,-887280,10,,,,,"),
            format!("tick_lower: `-887280` is out of range; expected {tick}"),
        ),
        (format!("mint,{at},1,2,,7,0,1.5,,,,,"), format!("tick_upper: `1.5` is not {tick}")),
        (
            format!("swap,{at},-5,6,,,,,,,,,9999999999"),
            format!("tick_after: `9999999999` is out of range; expected {tick}"),
        ),
        (
            "swap,2024-12-01 00:00:12,-1,0,-5,6,,,,,,,,,".to_owned(),
            format!("block: `-1` is not allowed; expected {whole} 2^64 - 1"),
        ),
        (
            "swap,2024-12-01 00:00:12,102,4294967296,-5,6,,,,,,,,,".to_owned(),
            format!("log_index: `4294967296` is not allowed; expected {whole} 2^32 - 1"),
        ),
        (
            format!("swap,{at},-5,6,,,,,,0x10,,,"),
            format!("gas_used: `0x10` is not allowed; expected {whole} 2^64 - 1"),
        ),
        (
            format!("swap,{at},-5,6,,,,,,,18446744073709551616,,"),
            format!(
                "gas_price_wei: `18446744073709551616` is not allowed; expected {whole} 2^64 - 1"
            ),
        ),
        (
            "swap,2024-12-01T00:00:12,102,0,-5,6,,,,,,,,,".to_owned(),
            format!("time_utc: `2024-12-01T00:00:12` is not allowed; expected {time}"),
        ),
        (
            "swap,2024-02-30 00:00:12,102,0,-5,6,,,,,,,,,".to_owned(),
            format!("time_utc: `2024-02-30 00:00:12` is not allowed; expected {time}"),
        ),
        (
            "swap,1969-12-31 23:59:59,102,0,-5,6,,,,,,,,,".to_owned(),
            format!("time_utc: `1969-12-31 23:59:59` is not allowed; expected {time}"),
        ),
        (
            "swap,2016-12-31 23:59:60,102,0,-5,6,,,,,,,,,".to_owned(),
            format!("time_utc: `2016-12-31 23:59:60` is not allowed; expected {time}"),
        ),
    ] {
        check_csv(&row, &expected);
    }
    let rows =
        [POSITION_ROWS.as_slice(), &["mint,2024-12-01 00:00:12,102,0,1,2,,7,-887280,10,,,,,"]];
    let bytes = RawFile::new(POOL, &rows.concat()).bytes();
    assert_eq!(
        decode_tape(bytes.into(), "t.parquet").unwrap_err().to_string(),
        "t.parquet: row 4, column tick_lower: `-887280` is not allowed; expected a tick from \
         -887272 to 887272"
    );
}

/// Checks what both readers say of initial positions.
#[track_caller]
fn check_positions(rows: &[&str], csv: &str, parquet: &str) {
    let text = format!("tick_lower,tick_upper,liquidity\n{}\n", rows.join("\n"));
    let imported = import_bytes(POOL.as_bytes(), events(&[SWAP]).as_bytes(), Some(text.as_bytes()));
    assert_eq!(imported.unwrap_err().to_string(), format!("initial_positions.csv: {csv}"));
    let raw = |row: &&str| {
        let cells: Vec<&str> = row.split(',').collect();
        format!("initial_position,,,,,,,{},{},{},,,,,", cells[2], cells[0], cells[1])
    };
    let raw: Vec<String> = rows.iter().map(raw).collect();
    let mut rows: Vec<&str> = raw.iter().map(String::as_str).collect();
    rows.push(SWAP);
    let decoded = decode_tape(RawFile::new(POOL, &rows).bytes().into(), "t.parquet");
    assert_eq!(decoded.unwrap_err().to_string(), format!("t.parquet: {parquet}"));
}

#[test]
fn initial_positions() {
    let missing = "the tick map is incomplete: the positions in range at tick 0 sum to 1000, but \
                   the pool's recorded liquidity is 3000";
    check_positions(&["-20,20,1000", "20,30,5"], missing, missing);
    let overfull = "the tick map is incomplete: the positions in range at tick 0 sum to \
                    340282366920938463463374607431768211456, but the pool's recorded liquidity \
                    is 3000";
    let rows = ["-20,20,340282366920938463463374607431768211455", "-10,10,1"];
    check_positions(&rows, overfull, overfull);
    for (rows, fault) in [
        (
            ["-20,20,1000", "-20,20,2000"],
            "row 2, column tick_upper: duplicate: range -20..20 is also the row before; each \
             range has one row, owners summed",
        ),
        (
            ["-20,20,1000", "-30,20,2000"],
            "row 2, column tick_lower: unsorted: range -30..20 comes after -20..20; rows must \
             ascend by tick_lower, then tick_upper",
        ),
        (
            ["-20,20,1000", "-20,10,2000"],
            "row 2, column tick_upper: unsorted: range -20..10 comes after -20..20; rows must \
             ascend by tick_lower, then tick_upper",
        ),
        (
            ["-20,20,1000", "-10,10,0"],
            "row 2, column liquidity: `0` is not allowed; expected liquidity above zero",
        ),
        (
            ["-20,20,1000", "-10,12,2000"],
            "row 2, column tick_upper: tick 12 is not a multiple of the tick spacing 10",
        ),
        (
            ["-20,20,1000", "-10,10,-2000"],
            "row 2, column liquidity: `-2000` is not liquidity, 0 to 2^128 - 1",
        ),
    ] {
        check_positions(&rows, fault, fault);
    }
    let rows = [POSITION_ROWS[0], "initial_position,,,,,,,2000,-10,10,,21000,,,", SWAP];
    let decoded = decode_tape(RawFile::new(POOL, &rows).bytes().into(), "t.parquet");
    assert_eq!(
        decoded.unwrap_err().to_string(),
        "t.parquet: row 2, column gas_used: is `21000`; initial_position rows leave it empty"
    );
}

/// Checks what both readers say of the whole of a tape's events.
#[track_caller]
fn check_events(pool: &str, rows: &[&str], csv: &str, parquet: &str) {
    let has_positions = pool.contains("state_after_block");
    let positions = has_positions.then_some(POSITIONS.as_bytes());
    let text = if rows.is_empty() { format!("{HEADER}\n") } else { events(rows) };
    let imported = import_bytes(pool.as_bytes(), text.as_bytes(), positions);
    assert_eq!(imported.unwrap_err().to_string(), format!("events.csv: {csv}"));
    let before = if has_positions { POSITION_ROWS.as_slice() } else { &[] };
    let decoded =
        decode_tape(RawFile::new(pool, &[before, rows].concat()).bytes().into(), "t.parquet");
    assert_eq!(decoded.unwrap_err().to_string(), format!("t.parquet: {parquet}"));
}

#[test]
fn how_a_tape_begins() {
    let none = "has no event; a tape has at least one";
    check_events(POOL, &[], none, none);
    check_events(&pool_at_creation(), &[], none, none);
    let first = "column kind: `swap`: a tape without initial positions must begin with initialize";
    check_events(
        &pool_at_creation(),
        &[SWAP],
        &format!("row 1, {first}"),
        &format!("row 1, {first}"),
    );
    let again = "column kind: a pool is initialized once, by the first row of a tape without \
                 initial positions";
    let initialize = "initialize,2024-12-01 00:00:11,101,0,,,79228162514264337593543950336,,,,,,,,";
    check_events(POOL, &[initialize], &format!("row 1, {again}"), &format!("row 4, {again}"));
    let early = "column block: block 100 is not after block 100, the end of which the tape starts \
                 from";
    check_events(
        POOL,
        &["swap,2024-12-01 00:00:11,100,1,-5,6,,,,,,,,,"],
        &format!("row 1, {early}"),
        &format!("row 4, {early}"),
    );
    let price = "column sqrt_price_x96_after: is empty; initialize rows need it";
    let unpriced = "initialize,2024-12-01 00:00:11,101,0,,,,,,,,,,,";
    let at = format!("row 1, {price}");
    check_events(&pool_at_creation(), &[unpriced], &at, &at);
    let off = format!("{},-2", initialize.trim_end_matches(',').to_owned() + ",,,,,,,");
    let at = "row 1, column tick_after: tick -2 does not contain sqrt_price_x96 \
              79228162514264337593543950336";
    check_events(&pool_at_creation(), &[&off], at, at);
}
