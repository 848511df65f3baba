//! Tapes without a tick map.

use std::fs;
use std::io::Write as _;

use tidemill_model::{PoolStart, WindowStart, WindowState};
use tidemill_store::{TapeError, decode_tape, encode_tape, import_folder};
use tidemill_units::{BlockNumber, Liquidity, Tick};

use crate::small_tape::{POOL, POSITIONS, SWAP, events, import_bytes, pool_at_creation};

const MINT: &str = "mint,2024-12-01 00:00:11,101,2,5,6,,1000,-20,20,,21000,7,,";

fn window(fields: &str) -> String {
    let constants = pool_at_creation();
    let constants = constants.trim_end().strip_suffix('}').unwrap().trim_end();
    format!("{constants},\n{fields}\n}}")
}

fn with_state() -> String {
    let (constants, state) = POOL.split_once(" \"state_after_block\"").unwrap();
    format!(
        "{constants} \"tick_map\": \"unknown\", \"fee_protocol0\": 4, \"fee_protocol1\": 0,\n \
         \"state_after_block\"{state}"
    )
}

fn without_state() -> String {
    window(r#""tick_map": "unknown", "fee_protocol0": 0, "fee_protocol1": "10""#)
}

fn message(result: Result<tidemill_model::Tape, TapeError>) -> String {
    result.expect_err("a refusal").to_string()
}

#[test]
fn a_window_is_imported_written_and_read_back() {
    let rows = events(&[SWAP, MINT]);
    let price = "79228162514264337593543950336".parse().unwrap();
    let state = WindowState {
        block: BlockNumber(100),
        sqrt_price: price,
        tick: Tick(0),
        liquidity: Liquidity(3000),
    };
    for (pool, start) in [
        (without_state(), WindowStart { fee_protocol: [0, 10], state: None }),
        (with_state(), WindowStart { fee_protocol: [4, 0], state: Some(state) }),
    ] {
        let tape = import_bytes(pool.as_bytes(), rows.as_bytes(), None).unwrap();
        assert_eq!(tape.header.start, PoolStart::Window(start));
        assert_eq!((tape.events.len(), tape.initial_positions.len()), (2, 0));
        let bytes = encode_tape(&tape, "window.parquet").unwrap();
        assert_eq!(encode_tape(&tape, "window.parquet").unwrap(), bytes);
        assert_eq!(decode_tape(bytes.into(), "window.parquet").unwrap(), tape);
    }
}

#[test]
fn a_reader_of_other_tapes_is_told_by_the_version() {
    let rows = events(&[SWAP]);
    let version = |pool: &str, positions: Option<&str>| {
        let positions = positions.map(str::as_bytes);
        let tape = import_bytes(pool.as_bytes(), rows.as_bytes(), positions).unwrap();
        let bytes = encode_tape(&tape, "tape.parquet").unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (_, rest) = text.split_once("tidemill.tape_version").unwrap();
        rest.chars().find(char::is_ascii_digit).unwrap()
    };
    assert_eq!(version(&without_state(), None), '3');
    assert_eq!(version(POOL, Some(POSITIONS)), '1');
}

#[test]
fn what_a_window_cannot_be_is_refused() {
    let import = |pool: &str, row: &str| {
        message(import_bytes(pool.as_bytes(), events(&[row]).as_bytes(), None))
    };
    for (fields, expected) in [
        (r#""tick_map": "complete""#, "field tick_map"),
        (r#""tick_map": "unknown""#, "field fee_protocol0: is missing"),
        (
            r#""tick_map": "unknown", "fee_protocol0": 3, "fee_protocol1": 0"#,
            "field fee_protocol0: `3` is not allowed",
        ),
        (r#""fee_protocol0": 0"#, "field fee_protocol0: `0` is not allowed"),
        (
            r#""tick_map": "unknown", "fee_protocol0": 0, "fee_protocol1": 0, "tick": 0"#,
            "field state_after_block: is missing",
        ),
    ] {
        let found = import(&window(fields), SWAP);
        assert!(found.contains(expected), "{fields}: {found}");
    }
    for (row, column) in [
        ("swap,2024-12-01 00:00:11,101,1,-5,6,,,,,,,,3000,0", "sqrt_price_x96_after"),
        (
            "swap,2024-12-01 00:00:11,101,1,-5,6,79228162514264337593543950336,,,,,,,,0",
            "liquidity_after",
        ),
        (
            "swap,2024-12-01 00:00:11,101,1,-5,6,79228162514264337593543950336,,,,,,,3000,",
            "tick_after",
        ),
    ] {
        let found = import(&without_state(), row);
        assert!(found.contains(&format!("row 1, column {column}: is empty")), "{found}");
    }
    let first = "initialize,2024-12-01 00:00:11,101,1,,,79228162514264337593543950336,,,,,,,,0";
    assert!(import(&without_state(), first).contains("initialize"));
    let early = SWAP.replace(",101,", ",100,");
    assert!(
        import(&with_state(), &early).contains("column block: block 100 is not after block 100")
    );
    let (pool, rows) = (with_state(), events(&[SWAP]));
    let found = message(import_bytes(pool.as_bytes(), rows.as_bytes(), Some(POSITIONS.as_bytes())));
    assert!(found.contains("field tick_map: is there, but so are initial positions"), "{found}");
}

#[test]
fn a_folder_in_zstandard_is_the_same_tape() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let rows = events(&[SWAP, MINT]);
    write("pool.json", with_state().as_bytes());
    write("events.csv", rows.as_bytes());
    let plain = import_folder(folder.path()).unwrap();
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.write_all(rows.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    write("events.csv.zst", &packed);
    let both = import_folder(folder.path()).unwrap_err().to_string();
    assert!(both.contains("events.csv.zst is there as well"), "{both}");
    fs::remove_file(folder.path().join("events.csv")).unwrap();
    assert_eq!(import_folder(folder.path()).unwrap(), plain);
    for damaged in [&packed[..packed.len() - 5], b"no zstandard data"] {
        write("events.csv.zst", damaged);
        let refused = import_folder(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("events.csv.zst"), "{refused}");
    }
}
