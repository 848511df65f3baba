//! A small valid folder as text, for tests to spoil.

use tidemill_model::Tape;
use tidemill_store::{CsvSource, ImportSources, TapeError, import};

pub(crate) const POOL: &str = r#"{
 "chain_id": 1,
 "pool": "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
 "kind": "uniswap_v3",
 "token0": { "symbol": "USDC", "decimals": 6 },
 "token1": { "symbol": "WETH", "decimals": 18 },
 "fee_pips": 500,
 "tick_spacing": 10,
 "state_after_block": 100,
 "sqrt_price_x96": "79228162514264337593543950336",
 "tick": 0,
 "liquidity": "3000"
}"#;

pub(crate) const HEADER: &str = "kind,time_utc,block,log_index,amount0,amount1,\
    sqrt_price_x96_after,liquidity,tick_lower,tick_upper,owner,gas_used,gas_price_wei,\
    liquidity_after,tick_after";

pub(crate) const SWAP: &str = "swap,2024-12-01 00:00:11,101,1,-5,6,\
    79228162514264337593543950336,,,,,21000,7,3000,0";

pub(crate) const POSITIONS: &str =
    "tick_lower,tick_upper,liquidity\n-20,20,1000\n-10,10,2000\n20,30,5\n";

/// The pool without its state: a tape from creation.
pub(crate) fn pool_at_creation() -> String {
    let (constants, _) = POOL.split_once(",\n \"state_after_block\"").unwrap();
    format!("{constants}\n}}")
}

pub(crate) fn events(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn source<'a>(file: &str, bytes: &'a [u8]) -> CsvSource<'a> {
    let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
    CsvSource { file: file.to_owned(), bytes: Box::new(bytes), is_gzip }
}

pub(crate) fn import_bytes(
    pool_json: &[u8],
    events: &[u8],
    positions: Option<&[u8]>,
) -> Result<Tape, TapeError> {
    import(ImportSources {
        pool_file: "pool.json".to_owned(),
        pool_json: pool_json.to_vec(),
        events: source("events.csv", events),
        initial_positions: positions.map(|bytes| source("initial_positions.csv", bytes)),
    })
}

pub(crate) fn import_text(events: &str) -> Result<Tape, TapeError> {
    import_bytes(POOL.as_bytes(), events.as_bytes(), Some(POSITIONS.as_bytes()))
}

/// The tape of [`POOL`], [`POSITIONS`] and these rows.
pub(crate) fn small_tape(rows: &[&str]) -> Tape {
    import_text(&events(rows)).unwrap()
}
