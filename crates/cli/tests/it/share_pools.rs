//! Tapes of pools of shares, from a folder to a report.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{example_state, refused, tidemill};

const HEADER: &str =
    "kind,time_utc,block,log_index,token_in,amount_in,token_out,amount_out,gas_price_wei";
/// The reserves of the documented pair, raw USDC and WETH.
const RESERVES: [u128; 2] = [50_000_000_000_000, 20_000_000_000_000_000_000_000];

/// A folder with the documented pair and swaps there and back, worked out by the formula of the
/// v2 library; returns the reserves after them.
pub(crate) fn folder(path: &Path) -> [u128; 2] {
    let state = fs::read_to_string(example_state("constant_product")).unwrap();
    let pool = "0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc";
    let description = format!(
        "{{\"chain_id\": 1, \"pool\": \"{pool}\", \"state_after_block\": 100, \"state\": {state}}}"
    );
    let mut rows = vec![HEADER.to_owned()];
    let mut reserves = RESERVES;
    for number in 0..60_u128 {
        let (input, output) = if number.is_multiple_of(3) { (1, 0) } else { (0, 1) };
        let amount_in = reserves[input] / (40 + number);
        let kept = amount_in * 997;
        // The products pass 128 bits, so that the share is taken with a remainder first.
        let out = mul_div(kept, reserves[output], reserves[input] * 1_000 + kept);
        reserves[input] += amount_in;
        reserves[output] -= out;
        let (block, minute) = (101 + number, number);
        rows.push(format!(
            "swap,2024-01-05 12:{minute:02}:00,{block},0,{input},{amount_in},{output},{out},\
             20000000000"
        ));
    }
    fs::create_dir_all(path).unwrap();
    fs::write(path.join("pool.json"), description).unwrap();
    fs::write(path.join("events.csv"), rows.join("\n") + "\n").unwrap();
    reserves
}

fn mul_div(a: u128, b: u128, c: u128) -> u128 {
    use tidemill_units::U256;
    u128::try_from(U256::from(a) * U256::from(b) / U256::from(c)).unwrap()
}

#[test]
fn a_tape_of_shares_is_imported_and_replayed() {
    let work = TempDir::new().unwrap();
    let reserves = folder(&work.path().join("pair"));
    let json = tidemill(work.path(), &["replay", "pair", "--json"]).json();
    let number = |name: &str| json[name].as_u64();
    for (name, expected) in [("events", 60), ("swaps_exact_in", 60), ("mismatches", 0)] {
        assert_eq!(number(name), Some(expected), "{name}");
    }
    let balances: Vec<_> = reserves.map(|reserve| Value::from(reserve.to_string())).into();
    assert_eq!(json["balances"], Value::from(balances));
    assert_eq!(json["total_shares"], "1000000000000000000");
    let price: u128 = json["virtual_price"].as_str().unwrap().parse().unwrap();
    assert!(price > 1_000_000_000_000_000_000, "{price}");
    assert_eq!(json.get("sqrt_price_x96"), None);
    let table = tidemill(work.path(), &["replay", "pair"]).good();
    for title in ["deposits and withdrawals", "balances", "total shares", "virtual price"] {
        assert!(table.contains(title), "{table}");
    }
}

#[test]
fn a_backtest_on_a_pair_reports_holding_and_a_plain_deposit() {
    let work = TempDir::new().unwrap();
    folder(&work.path().join("pair"));
    for footprint in ["price-taker", "re-executed"] {
        let config = format!("tape = \"pair\"\nfootprint = \"{footprint}\"\n");
        fs::write(work.path().join("run.toml"), config).unwrap();
        let json = tidemill(work.path(), &["backtest", "run.toml", "--json"]).json();
        assert_eq!(json["pool"], "USDC/WETH constant_product");
        let strategies = json["strategies"].as_array().unwrap();
        let names: Vec<_> = strategies.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["hold", "full_range"]);
        let of = |name: &str| -> i128 { strategies[1][name].as_str().unwrap().parse().unwrap() };
        let parts = of("fees_quote") - of("il_quote") - of("swap_cost_quote") - of("gas_quote");
        assert_eq!(parts, of("net_quote"));
        assert!(of("fees_quote") > 0 && of("gas_quote") > 0 && of("lvr_quote") > 0, "{json}");
        assert!(strategies[1]["time_in_range"].as_f64().unwrap() > 0.9);
    }
    let report = ["backtest", "run.toml", "--out", "report"];
    assert!(tidemill(work.path(), &report).good().contains("full_range"));
    let page = fs::read_to_string(work.path().join("report/report.html")).unwrap();
    assert!(page.contains("A share pool (constant_product)"));
}

#[test]
fn what_needs_ranges_is_refused_on_a_tape_of_shares() {
    let work = TempDir::new().unwrap();
    folder(&work.path().join("pair"));
    let config = "tape = \"pair\"\n[[strategy]]\nkind = \"fixed_range\"\n";
    fs::write(work.path().join("run.toml"), config).unwrap();
    let said = refused(work.path(), &["backtest", "run.toml"]);
    let expected = "run.toml: strategy `fixed_range`: fixed_range places ranges of ticks, and a \
                    constant_product pool has none: its providers hold shares; hold and full_range \
                    run on it";
    assert_eq!(said, expected);
    let position = ["position", "pair", "--lower", "0", "--upper", "60", "--liquidity", "1"];
    let said = refused(work.path(), &[&position[..], &["--footprint", "price-taker"]].concat());
    let expected = "pair: is the tape of a constant_product pool; this command takes tapes of \
                    concentrated pools";
    assert_eq!(said, expected);
}
