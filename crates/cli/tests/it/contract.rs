//! The JSON that scripts build on: fields and types; integers past 2^53 are decimal strings.

use std::path::Path;

use serde_json::Value;

use crate::run::tidemill;

/// What a field of the contract holds.
enum Kind {
    /// A decimal string.
    Wide,
    /// A decimal string that may have a minus sign.
    Signed,
    /// A bare integer, not negative.
    Count,
    /// A bare integer.
    Integer,
    /// A float.
    Float,
    /// Any text.
    Text,
}

use Kind::{Count, Float, Integer, Signed, Text, Wide};

#[track_caller]
fn check(object: &Value, fields: &[(&str, Kind)]) {
    for (name, kind) in fields {
        let value = object.get(name).unwrap_or_else(|| panic!("{name} is missing in {object}"));
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = match kind {
            Wide => value.as_str().is_some_and(digits),
            Signed => {
                let text = value.as_str().unwrap_or_default();
                text != "-0" && digits(text.strip_prefix('-').unwrap_or(text))
            }
            Count => value.is_u64(),
            Integer => value.is_i64() || value.is_u64(),
            Float => value.is_f64(),
            Text => value.is_string(),
        };
        assert!(fits, "{name} is {value}");
    }
}

fn run(arguments: &[&str]) -> Value {
    tidemill(Path::new("."), arguments).json()
}

#[test]
fn backtest() {
    let printed = run(&["backtest", "--json"]);
    let strategies = printed["strategies"].as_array().unwrap();
    let names: Vec<&str> =
        strategies.iter().map(|strategy| strategy["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["full_range", "fixed_range", "recentre", "volatility_range"]);
    for strategy in strategies {
        check(
            strategy,
            &[
                ("name", Text),
                ("fees_quote", Signed),
                ("rewards_quote", Signed),
                ("il_quote", Signed),
                ("lvr_quote", Signed),
                ("swap_cost_quote", Signed),
                ("commission_quote", Signed),
                ("gas_quote", Signed),
                ("funding_quote", Signed),
                ("hedge_quote", Signed),
                ("net_quote", Signed),
                ("time_in_range", Float),
                ("rebalances", Count),
                ("footprint", Text),
                ("digest", Text),
            ],
        );
        let amount = |field: &str| strategy[field].as_str().unwrap().parse::<i128>().unwrap();
        let earned = amount("fees_quote") + amount("rewards_quote");
        let parts = earned - amount("il_quote") - amount("swap_cost_quote");
        assert_eq!(parts - amount("gas_quote"), amount("net_quote"), "{strategy}");
        let net = amount("final_quote") - amount("hold_final_quote");
        assert_eq!(net, amount("net_quote"), "{strategy}");
        assert!((0.0..=1.0).contains(&strategy["time_in_range"].as_f64().unwrap()));
        assert_eq!(strategy["footprint"], "re-executed");
        let digest = strategy["digest"].as_str().unwrap();
        assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}

#[test]
fn replay() {
    let printed = run(&["replay", "--json"]);
    check(
        &printed,
        &[
            ("events", Count),
            ("swaps", Count),
            ("swaps_exact_in", Count),
            ("swaps_exact_out", Count),
            ("swaps_price_limited", Count),
            ("mismatches", Count),
            ("sqrt_price_x96", Wide),
            ("tick", Integer),
            ("liquidity", Wide),
            ("fee_growth_global_0_x128", Wide),
            ("fee_growth_global_1_x128", Wide),
            ("replay_seconds", Float),
            ("events_per_second", Float),
        ],
    );
    let seconds = printed["replay_seconds"].as_f64().unwrap();
    let rate = printed["events_per_second"].as_f64().unwrap();
    assert!((seconds * rate / 39_159.0 - 1.0).abs() < 1e-9, "{printed}");
}

#[test]
fn position() {
    let position = |footprint| {
        run(&[
            "position",
            "--lower=194130",
            "--upper=194150",
            "--liquidity=1000000000000000",
            "--footprint",
            footprint,
            "--json",
        ])
    };
    let printed = position("re-executed");
    let amounts = ["deposit0", "deposit1", "withdraw0", "withdraw1", "fees0", "fees1"];
    for printed in [&printed, &position("price-taker")] {
        check(printed, &amounts.map(|name| (name, Wide)));
        check(printed, &[("in_range_swaps", Count), ("swaps", Count)]);
    }
    let golden = ["28415567", "8754073200434704", "60882508", "0", "1451098", "387059207711330"];
    assert_eq!(amounts.map(|name| printed[name].as_str().unwrap()), golden);
    assert_eq!(printed["swaps"], 38_235);
}

/// A range that never held anything, opened and closed in the middle: the two points are read.
#[test]
fn position_opens_and_closes_where_it_is_told() {
    let between = |open: &str, close: &str| {
        let arguments =
            ["position", "--lower=193140", "--upper=195140", "--liquidity=1000000000000000"];
        let points = ["--footprint=price-taker", "--json", "--open", open, "--close", close];
        let printed = run(&[arguments.as_slice(), &points].concat());
        printed["swaps"].as_u64().unwrap()
    };
    assert_eq!(between("21303933", "21303934:70"), 1);
    assert_eq!(between("21303934:70", "21303934"), 1);
    assert_eq!(between("21303934", "21303934"), 0);
    assert_eq!(between("21303933", "21354333"), 38_235);
}

#[test]
fn tape() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("week.parquet");
    let out = out.to_str().unwrap();
    let sample = run(&["tape", "sample", "--json", "--out", out]);
    let info = run(&["tape", "info", "--json", out]);
    assert_eq!(sample, info);
    check(
        &info,
        &[
            ("pool", Text),
            ("chain_id", Count),
            ("token0", Text),
            ("token1", Text),
            ("fee_pips", Count),
            ("tick_spacing", Integer),
            ("initial_positions", Count),
            ("events", Count),
            ("first_block", Count),
            ("last_block", Count),
            ("file_bytes", Count),
            ("file_blake3", Text),
        ],
    );
    assert_eq!(info["events"], 39_159);
    assert_eq!(info["kinds"]["swap"], 38_235);
    assert_eq!(info["initial_positions"], 1_963);
}
