//! What may differ from folder to folder without changing the tape.

use tidemill_model::{PoolEvent, PoolStart};
use tidemill_store::decode_tape;
use tidemill_units::{Amount, RelativeTolerance, SqrtPrice, Tick};

use crate::bad_folders::gzip;
use crate::raw_parquet::RawFile;
use crate::small_tape::{
    HEADER, POOL, POSITIONS, SWAP, events, import_bytes, import_text, pool_at_creation, small_tape,
};

const ROWS: [&str; 7] = [
    SWAP,
    "swap,2024-12-01 00:00:11,101,2,0,0,,,,,,,,,",
    "mint,2024-12-01 00:00:11,101,3,1,2,,10,-10,10,0xC36442b4a4522E871399CD717aBDD847Ab11FE88,,,,",
    "burn,2024-12-01 00:00:12,102,0,0,0,,0,-10,10,,,,,",
    "collect,2024-12-01 00:00:12,102,1,0,3,,,-10,10,,,,,",
    "flash,2024-12-01 00:00:12,102,2,4,0,,,,,,,,,",
    "set_fee_protocol,2024-12-01 00:00:13,103,2,0,10,,,,,,,,,",
];

#[test]
fn every_kind_is_read_as_what_it_is() {
    let rows = ROWS;
    let tape = small_tape(&rows);
    let kinds: Vec<&str> = tape.events.iter().map(|event| event.event.kind()).collect();
    let named: Vec<&str> = rows.iter().filter_map(|row| row.split(',').next()).collect();
    assert_eq!(kinds, named);
    let PoolEvent::Swap { amounts, after } = tape.events[0].event else { panic!("a swap") };
    assert_eq!(amounts.amount0.to_string(), "-5");
    assert_eq!((after.tick, after.liquidity.unwrap().0), (Some(Tick(0)), 3000));
    assert_eq!(tape.events[0].time.0, 1_733_011_211);
    let PoolEvent::Mint { owner, .. } = tape.events[2].event else { panic!("a mint") };
    assert_eq!(owner.unwrap().to_string(), "0xc36442b4a4522e871399cd717abdd847ab11fe88");
    let PoolEvent::Flash { paid } = tape.events[5].event else { panic!("a flash") };
    assert_eq!((paid.amount0, paid.amount1), (Amount::from_u64(4), Amount::ZERO));
    let fees = PoolEvent::SetFeeProtocol { fee_protocol0: 0, fee_protocol1: 10 };
    assert_eq!(tape.events[6].event, fees);
}

#[test]
fn both_readers_give_the_same_tape() {
    let positions = [
        "initial_position,,,,,,,1000,-20,20,,,,,",
        "initial_position,,,,,,,2000,-10,10,,,,,",
        "initial_position,,,,,,,5,20,30,,,,,",
    ];
    let rows = [positions.as_slice(), &ROWS].concat();
    let bytes = RawFile::new(POOL, &rows).bytes();
    assert_eq!(decode_tape(bytes.into(), "t.parquet").unwrap(), small_tape(&ROWS));
}

#[test]
fn line_ends_marks_and_packing_do_not_matter() {
    let plain = events(&ROWS);
    let tape = import_text(&plain).unwrap();
    let (first, second) = plain.split_at(plain.len() / 2);
    for bytes in [
        plain.replace('\n', "\r\n").into_bytes(),
        plain.trim_end().as_bytes().to_vec(),
        format!("\u{feff}{plain}").into_bytes(),
        gzip(plain.as_bytes()),
        [gzip(first.as_bytes()), gzip(second.as_bytes())].concat(),
    ] {
        let imported = import_bytes(POOL.as_bytes(), &bytes, Some(POSITIONS.as_bytes()));
        assert_eq!(imported.unwrap(), tape);
    }
}

#[test]
fn columns_come_in_any_order_and_optional_ones_may_be_left_out() {
    let text = "log_index,block,kind,time_utc,amount1,amount0\n\
                1,101,swap,2024-12-01 00:00:11,6,-5\n";
    let tape = import_text(text).unwrap();
    assert_eq!(tape, small_tape(&["swap,2024-12-01 00:00:11,101,1,-5,6,,,,,,,,,"]));
    assert!(HEADER.contains("owner"), "the full header has columns that this one leaves out");
}

#[test]
fn a_tape_may_begin_with_the_pools_creation() {
    let rows = events(&[
        "initialize,2024-12-01 00:00:11,101,0,,,79228162514264337593543950336,,,,,,,,0",
        SWAP,
    ]);
    let tape = import_bytes(pool_at_creation().as_bytes(), rows.as_bytes(), None).unwrap();
    assert_eq!(tape.header.start, PoolStart::Creation);
    let price = SqrtPrice::from_x96("79228162514264337593543950336".parse().unwrap()).unwrap();
    let initialize = PoolEvent::Initialize { sqrt_price: price, tick: Some(Tick(0)) };
    assert_eq!(tape.events[0].event, initialize);
}

#[test]
fn numbers_of_pool_json_may_be_quoted_and_the_tolerance_is_exact() {
    let quoted = POOL.replace("500", "\"500\"").replace("\"tick\": 0", "\"tick\": \"0\"");
    let rows = events(&[SWAP]);
    let import = |pool: &str| {
        import_bytes(pool.as_bytes(), rows.as_bytes(), Some(POSITIONS.as_bytes())).unwrap()
    };
    assert_eq!(import(&quoted), import(POOL));
    for (text, exact) in [
        ("1e-9", "0.000000001"),
        ("\"1e-9\"", "0.000000001"),
        ("0.0025", "0.0025"),
        // A float would have made this 1.2345678901234568e-2.
        ("0.001234567890123457", "0.001234567890123457"),
        ("0", "0"),
    ] {
        let field = format!("\"tick\": 0, \"amount_relative_tolerance\": {text}");
        let tape = import(&POOL.replace("\"tick\": 0", &field));
        let exact: RelativeTolerance = exact.parse().unwrap();
        assert_eq!(tape.header.amount_tolerance, exact, "{text}");
    }
}

#[test]
fn the_price_may_stand_on_the_upper_boundary_of_its_tick() {
    let pool = POOL.replace("\"tick\": 0", "\"tick\": -1");
    let rows = events(&[SWAP]);
    let tape = import_bytes(pool.as_bytes(), rows.as_bytes(), Some(POSITIONS.as_bytes())).unwrap();
    let PoolStart::Snapshot { tick, .. } = tape.header.start else { panic!("a snapshot") };
    assert_eq!(tick, Tick(-1));
}
