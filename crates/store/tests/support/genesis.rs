//! Turns the two recorded pools that start at their creation into folders for the importer.
//!
//! Their sources have other columns than ours. Each function returns the texts of `pool.json` and
//! `events.csv`; [`write_folder`] lays them down. Another crate's
//! tests take this file in with `#[path]`; they need `flate2` and `jiff`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each crate uses its own part")]

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

/// The texts of a folder that starts at a pool's creation.
pub(crate) struct Folder {
    /// `pool.json`.
    pub(crate) pool_json: String,
    /// `events.csv`.
    pub(crate) events_csv: String,
}

/// Writes a folder for the importer.
pub(crate) fn write_folder(folder: &Folder, path: &Path) {
    std::fs::write(path.join("pool.json"), &folder.pool_json).unwrap();
    std::fs::write(path.join("events.csv"), &folder.events_csv).unwrap();
}

const HEADER: &str = "kind,time_utc,block,log_index,amount0,amount1,sqrt_price_x96_after,\
    liquidity,tick_lower,tick_upper,owner,liquidity_after,tick_after\n";

/// Returns WETH/ENS 0.3 %: 68 events, exact, with price, liquidity and tick after each swap.
///
/// The source has no `Initialize` row: it is put one log before the first event, in its block.
/// `None` where the data set is not there.
pub(crate) fn ens(data: &Path) -> Option<Folder> {
    let source = data.join("univ3-ens-weth-3000-genesis/events.csv");
    let text = std::fs::read_to_string(source).ok()?;
    let pool_json = pool_json(
        "0x92560c178ce069cc014138ed3c2f5221ba71f58a",
        ("WETH", 18, "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"),
        ("ENS", 18, "0xc18360217d8f7ab5e7c516566761ea12ce7f9d72"),
        "0",
    );
    let mut events_csv = HEADER.to_owned();
    events_csv += "initialize,2021-11-08 23:54:33,13578816,15,,,2505290050365003892876723467,\
        ,,,,,\n";
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let &[
            block,
            _,
            log_index,
            time,
            event,
            sender,
            _,
            lower,
            upper,
            liquidity,
            amount0,
            amount1,
            price,
            liquidity_after,
            tick_after,
        ] = fields.as_slice()
        else {
            panic!("15 fields in {line}");
        };
        let kind = event.to_lowercase();
        let owner = if kind == "swap" { "" } else { sender };
        writeln!(
            events_csv,
            "{kind},{time},{block},{log_index},{amount0},{amount1},{price},{liquidity},{lower},\
             {upper},{owner},{liquidity_after},{tick_after}"
        )
        .unwrap();
    }
    Some(Folder { pool_json, events_csv })
}

/// Returns WBTC/WETH 0.3 %: 8,725 events with amounts to about 17 digits, tolerance 1e-9.
///
/// The source numbers its events from 0 and has no blocks: event `seq` becomes block `seq + 1`,
/// log 0, and `initialize` is block 0, at the time of the first event. Its price is derived from
/// the first mint, see the data set's README. `None` where the data set is not there.
pub(crate) fn wbtc(data: &Path) -> Option<Folder> {
    let source = std::fs::File::open(data.join("univ3-wbtc-weth-3000-genesis/events.csv.gz"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(source.ok()?).read_to_string(&mut text).unwrap();
    let pool_json = pool_json(
        "0xcbcdf9626bc03e24f779434178a73a0b4bad62ed",
        ("WBTC", 8, "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599"),
        ("WETH", 18, "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"),
        "1e-9",
    );
    let mut events_csv = HEADER.to_owned();
    events_csv += "initialize,2021-05-04 20:09:34,0,0,,,31703474972180322509202855876260627,\
        ,,,,,\n";
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let &[seq, time, event, lower, upper, delta, amount0, amount1] = fields.as_slice() else {
            panic!("8 fields in {line}");
        };
        let time = jiff::Timestamp::from_second(time.parse().unwrap()).unwrap();
        let time = time.strftime("%Y-%m-%d %H:%M:%S");
        let (kind, block) = (event.to_lowercase(), seq.parse::<u64>().unwrap() + 1);
        let liquidity = delta.trim_start_matches('-');
        writeln!(
            events_csv,
            "{kind},{time},{block},0,{amount0},{amount1},,{liquidity},{lower},{upper},,,"
        )
        .unwrap();
    }
    Some(Folder { pool_json, events_csv })
}

type TokenFields<'a> = (&'a str, u8, &'a str);

fn pool_json(
    pool: &str,
    token0: TokenFields<'_>,
    token1: TokenFields<'_>,
    tolerance: &str,
) -> String {
    let token = |(symbol, decimals, address): TokenFields<'_>| {
        format!(
            "{{\"symbol\": \"{symbol}\", \"decimals\": {decimals}, \"address\": \"{address}\"}}"
        )
    };
    format!(
        "{{\"chain_id\": 1, \"pool\": \"{pool}\", \"kind\": \"uniswap_v3\", \"token0\": {}, \
         \"token1\": {}, \"fee_pips\": 3000, \"tick_spacing\": 60, \
         \"amount_relative_tolerance\": {tolerance}}}",
        token(token0),
        token(token1)
    )
}
