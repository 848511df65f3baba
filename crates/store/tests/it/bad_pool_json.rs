//! Every rule about `pool.json`, broken once.

use crate::small_tape::{POOL, POSITIONS, SWAP, events, import_bytes, pool_at_creation};

/// Checks what is said of the good file with one text in place of another.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    assert!(POOL.contains(from), "the good file has {from}");
    check_text(&POOL.replacen(from, to, 1), expected);
}

#[track_caller]
fn check_text(pool: &str, expected: &str) {
    let positions = Some(POSITIONS.as_bytes());
    let imported = import_bytes(pool.as_bytes(), events(&[SWAP]).as_bytes(), positions);
    assert_eq!(imported.unwrap_err().to_string(), format!("pool.json: {expected}"));
}

const UNKNOWN_KIND: &str = "field kind: `uniswap_v2` is not allowed; expected one of uniswap_v3, \
                            pancake_v3, slipstream, uniswap_v4";

#[test]
fn constants() {
    let decimals = "expected decimals, 0 to 38";
    let symbol = "expected 1 to 32 characters, none of them a control character, no space around";
    for (from, to, expected) in [
        (
            "\"decimals\": 6",
            "\"decimals\": 39",
            format!("field token0.decimals: `39` is not allowed; {decimals}"),
        ),
        (
            "\"decimals\": 18",
            "\"decimals\": -1",
            format!("field token1.decimals: `-1` is not allowed; {decimals}"),
        ),
        (
            "\"decimals\": 18",
            "\"decimals\": 1e1",
            format!("field token1.decimals: `1e1` is not allowed; {decimals}"),
        ),
        ("\"USDC\"", "\"\"", format!("field token0.symbol: `` is not allowed; {symbol}")),
        (
            "\"USDC\"",
            "\"US\\u0007DC\"",
            format!("field token0.symbol: `US\\u{{7}}DC` is not allowed; {symbol}"),
        ),
        (
            "500",
            "0",
            "field fee_pips: `0` is not allowed; expected hundredths of a basis point, 1 to 999999"
                .to_owned(),
        ),
        (
            "500",
            "1000000",
            "field fee_pips: `1000000` is not allowed; expected hundredths of a basis point, 1 to \
             999999"
                .to_owned(),
        ),
        (
            "\"tick_spacing\": 10",
            "\"tick_spacing\": 16384",
            "field tick_spacing: `16384` is not allowed; expected a tick spacing, 1 to 16383"
                .to_owned(),
        ),
        (
            "\"tick_spacing\": 10",
            "\"tick_spacing\": 0",
            "field tick_spacing: `0` is not allowed; expected a tick spacing, 1 to 16383"
                .to_owned(),
        ),
        ("uniswap_v3", "uniswap_v2", UNKNOWN_KIND.to_owned()),
        (
            "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
            "0x88",
            "field pool: `0x88` is not an address: expected 0x and 40 hexadecimal digits"
                .to_owned(),
        ),
        (
            "\"chain_id\": 1",
            "\"chain_id\": 1.5",
            "field chain_id: `1.5` is not allowed; expected an EIP-155 chain id, 0 to 2^64 - 1"
                .to_owned(),
        ),
    ] {
        check(from, to, &expected);
    }
}

#[test]
fn fields_that_are_not_there() {
    check("\"chain_id\": 1,", "", "field chain_id: is missing");
    check("\"chain_id\": 1", "\"chain_id\": null", "field chain_id: is missing");
    check("\"symbol\": \"WETH\", ", "", "field token1.symbol: is missing");
}

#[test]
fn tokens_out_of_order_are_refused() {
    let high = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2";
    let low = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";
    let token0 = format!("\"decimals\": 6, \"address\": \"{high}\"");
    let token1 = format!("\"decimals\": 18, \"address\": \"{low}\"");
    let pool = POOL.replace("\"decimals\": 6", &token0).replace("\"decimals\": 18", &token1);
    check_text(
        &pool,
        &format!(
            "field token1.address: `{low}` is not allowed; expected an address above token0's"
        ),
    );
}

#[test]
fn the_state() {
    let off_price = "does not contain sqrt_price_x96";
    for (from, to, expected) in [
        (
            "\"tick\": 0",
            "\"tick\": 1",
            format!("field tick: tick 1 {off_price} 79228162514264337593543950336"),
        ),
        (
            "\"tick\": 0",
            "\"tick\": -2",
            format!("field tick: tick -2 {off_price} 79228162514264337593543950336"),
        ),
        ("\"79228162514264337593543950336\"", "\"0\"", format!("field tick: tick 0 {off_price} 0")),
        (
            "\"tick\": 0",
            "\"tick\": 887273",
            "field tick: `887273` is out of range; expected a tick, -887272 to 887272".to_owned(),
        ),
        ("\"tick\": 0,\n", "", "field tick: is missing".to_owned()),
        (
            "\"liquidity\": \"3000\"",
            "\"liquidity\": \"-3\"",
            "field liquidity: `-3` is not liquidity, 0 to 2^128 - 1".to_owned(),
        ),
        (
            "\"liquidity\": \"3000\"",
            "\"liquidity\": 3e3",
            "field liquidity: `3e3` is not liquidity, 0 to 2^128 - 1".to_owned(),
        ),
    ] {
        check(from, to, &expected);
    }
}

#[test]
fn state_and_positions_come_together() {
    let rows = events(&[SWAP]);
    let without = import_bytes(POOL.as_bytes(), rows.as_bytes(), None).unwrap_err();
    assert_eq!(
        without.to_string(),
        "pool.json: field state_after_block: is there, but the folder has no \
         initial_positions.csv or initial_positions.csv.gz; where nobody knows them, \
         `\"tick_map\": \"unknown\"` says so"
    );
    check_text(
        &pool_at_creation(),
        "field state_after_block: is missing; a folder with initial positions needs it, \
         sqrt_price_x96, tick, liquidity",
    );
}

#[test]
fn tolerance() {
    let expected = "expected a relative tolerance such as 1e-9 or 0.000001, 0 to 0.01";
    let with = |value: &str| format!("\"tick\": 0, \"amount_relative_tolerance\": {value}");
    for (value, fault) in [
        ("0.02", format!("`0.02` is out of range; {expected}")),
        ("1e-19", format!("`1e-19` is out of range; {expected}")),
        ("-1", format!("`-1` is not {}", expected.trim_start_matches("expected "))),
        ("true", format!("`true` is out of range; {expected}")),
    ] {
        let fault = format!("field amount_relative_tolerance: {fault}");
        check("\"tick\": 0", &with(value), &fault);
    }
}

#[test]
fn text_that_is_not_the_json_expected() {
    let fields = "expected one of `chain_id`, `pool`, `kind`, `token0`, `token1`, `fee_pips`, \
                  `tick_spacing`, `state_after_block`, `sqrt_price_x96`, `tick`, `liquidity`, \
                  `tick_map`, `fee_protocol0`, `fee_protocol1`, \
                  `amount_relative_tolerance`";
    check(
        "\"chain_id\"",
        "\"chain\"",
        &format!("unknown field `chain`, {fields} at line 2 column 8"),
    );
    check(
        "\"symbol\"",
        "\"ticker\"",
        "unknown field `ticker`, expected one of `symbol`, `decimals`, `address` at line 5 column \
         21",
    );
    check("\"kind\"", "\"pool\"", "duplicate field `pool` at line 4 column 7");
    check_text("", "EOF while parsing a value at line 1 column 0");
    check_text(&format!("{POOL} x"), "trailing characters at line 13 column 3");
    check_text(&POOL[..200], "EOF while parsing a string at line 7 column 7");
    let not_utf8 = import_bytes(b"{\"pool\": \"\xff\"}", b"", None).unwrap_err();
    assert_eq!(not_utf8.to_string(), "pool.json: is not UTF-8 text");
}
