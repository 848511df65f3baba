//! States with one thing wrong, of every kind of pool: the command says in one line which file and
//! which field, and what is allowed there.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::{example_state, refused};

fn kinds() -> Vec<String> {
    let folder = example_state("any");
    let files = fs::read_dir(folder.parent().unwrap()).unwrap();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut kinds: Vec<String> = files.map(|entry| name(&entry.unwrap().path())).collect();
    kinds.sort();
    kinds
}

fn example(kind: &str) -> Value {
    serde_json::from_slice(&fs::read(example_state(kind)).unwrap()).unwrap()
}

/// The places in a state that hold neither a list nor an object, as errors name them and as JSON
/// pointers.
fn leaves(value: &Value, path: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{at}]"), &format!("{pointer}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((path.to_owned(), pointer.to_owned()));
        }
    }
}

/// What the command says of a state; it leaves with 2 and prints nothing else.
fn said(place: &TempDir, state: &Value) -> String {
    fs::write(place.path().join("bad.json"), state.to_string()).unwrap();
    let trade = ["quote", "bad.json", "--in", "A", "--out", "B", "--amount", "1"];
    refused(place.path(), &trade)
}

#[test]
fn one_bad_value_in_any_field_of_any_kind() {
    let place = tempfile::tempdir().unwrap();
    let mut tried = 0;
    for kind in kinds() {
        let whole = example(&kind);
        let mut found = Vec::new();
        leaves(&whole, "", "", &mut found);
        for (path, pointer) in found {
            let mut state = whole.clone();
            *state.pointer_mut(&pointer).unwrap() = json!(-0.5);
            let said = said(&place, &state);
            let start = format!("bad.json: field {path}: `-0.5` is not ");
            assert!(said.starts_with(&start), "{kind}: {said}");
            tried += 1;
        }
    }
    println!("{tried} fields");
    assert!(tried > 400, "{tried}");
}

/// Values that fit their type and that no contract of the kind lets into a pool: where, what, and
/// the field that is named, which for lists that only together are wrong is the list.
#[test]
fn values_outside_the_contract_s_own_bounds() {
    let place = tempfile::tempdir().unwrap();
    for (kind, cases) in BOUNDS {
        for (pointer, value, named) in *cases {
            let mut state = example(kind);
            *state.pointer_mut(pointer).unwrap() = json!(value);
            let said = said(&place, &state);
            let start = format!("bad.json: field {named}: `");
            assert!(said.starts_with(&start), "{kind}, {pointer}: {said}");
            assert!(said.contains("` is not allowed; expected "), "{kind}, {pointer}: {said}");
        }
    }
    let tried: Vec<&str> = BOUNDS.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(tried, kinds());
}

type Case = (&'static str, &'static str, &'static str);

const PAST_112_BITS: &str = "5192296858534827628530496329220096";
const PAST_18_DECIMALS: &str = "1000000000000000001";

const BOUNDS: &[(&str, &[Case])] = &[
    (
        "balancer_v1",
        &[
            ("/balances/0", "10000000000000000000000001", "held[0]"),
            ("/held/1", "1", "held[1]"),
            ("/denormalized_weight/0", "999999999999999999", "denormalized_weight[0]"),
            ("/denormalized_weight/1", "50000000000000000001", "denormalized_weight[1]"),
            ("/denormalized_weight/1", "40000000000000000001", "denormalized_weight[1]"),
            ("/swap_fee", "999999999999", "swap_fee"),
            ("/swap_fee", "100000000000000001", "swap_fee"),
        ],
    ),
    (
        "composable_stable",
        &[
            ("/balances/0", PAST_112_BITS, "balances[0]"),
            ("/decimals/1", "19", "decimals[1]"),
            ("/amplification_start", "999", "amplification_start"),
            ("/amplification_end", "5000001", "amplification_end"),
            ("/last_amplification", "0", "last_amplification"),
            ("/swap_fee", "1", "swap_fee"),
            ("/rates/0/current", "79228162514264337593543950336", "rates[0]"),
            ("/vault_shares", PAST_112_BITS, "vault_shares"),
            ("/protocol_swap_fee", "500000000000000001", "protocol_swap_fee"),
            ("/protocol_yield_fee", PAST_18_DECIMALS, "protocol_yield_fee"),
        ],
    ),
    (
        "constant_product",
        &[
            ("/reserve0", PAST_112_BITS, "reserve0"),
            ("/reserve1", PAST_112_BITS, "reserve1"),
            ("/balance0", "1", "balance0"),
            ("/balance1", "1", "balance1"),
            ("/fee", "1000", "fee"),
            ("/fee_scale", "100", "fee_scale"),
            ("/locked_shares", PAST_18_DECIMALS, "locked_shares"),
        ],
    ),
    (
        "crypto_swap",
        &[
            ("/decimals/0", "19", "decimals[0]"),
            ("/initial_a_gamma/a", "2699", "initial_a_gamma.a"),
            ("/future_a_gamma/a", "270000001", "future_a_gamma.a"),
            ("/initial_a_gamma/gamma", "9999999999", "initial_a_gamma.gamma"),
            ("/future_a_gamma/gamma", "50000000000000001", "future_a_gamma.gamma"),
            ("/out_fee", "10000000001", "out_fee"),
            ("/holdings/0", "1", "holdings[0]"),
            ("/price_scale/0", "0", "price_scale[0]"),
        ],
    ),
    (
        "pancake_v3",
        &[
            ("/fee", "1000000", "fee"),
            ("/tick_spacing", "16384", "tick_spacing"),
            ("/protocol_shares/0", "4001", "protocol_shares"),
            ("/sqrt_price", "4295128738", "sqrt_price"),
            ("/tick", "201002", "tick"),
            ("/liquidity", "1", "liquidity"),
        ],
    ),
    (
        "slipstream",
        &[
            ("/fee", "100001", "fee"),
            ("/tick_spacing", "0", "tick_spacing"),
            ("/unstaked_fee", "1000001", "unstaked_fee"),
            ("/staked_liquidity", "1", "staked_liquidity"),
        ],
    ),
    (
        "solidly",
        &[
            ("/fee", "301", "fee"),
            ("/decimals0", "78", "decimals0"),
            ("/decimals1", "78", "decimals1"),
            ("/balance0", "1", "balance0"),
            ("/balance1", "1", "balance1"),
            ("/others/supply_index0", "1", "others"),
            (
                "/others/shares",
                "115792089237316195423570985008687907853269984665640564039457584007913129639935",
                "others",
            ),
        ],
    ),
    (
        "stable_swap",
        &[
            ("/initial_a", "0", "initial_a"),
            ("/future_a", "1000000", "future_a"),
            ("/future_a_time", "1", "future_a_time"),
            ("/fee", "5000000001", "fee"),
            ("/admin_fee", "10000000001", "admin_fee"),
            ("/precisions/2", "0", "precisions[2]"),
        ],
    ),
    (
        "stable_swap_meta",
        &[
            ("/base/initial_a", "0", "base.initial_a"),
            ("/base/precisions/1", "0", "base.precisions[1]"),
            ("/base/generation", "v2", "base"),
            ("/rate_multiplier", "2000000000000000000", "rate_multiplier"),
            ("/initial_a", "99", "initial_a"),
            ("/future_a", "99999901", "future_a"),
            ("/initial_a_time", "1", "future_a_time"),
            ("/fee", "5000000001", "fee"),
        ],
    ),
    (
        "stable_swap_meta_ng",
        &[
            ("/base/kind", "weighted", "base.kind"),
            ("/base/initial_a", "99", "base.initial_a"),
            ("/base/stored_rates/1", "0", "base.stored_rates[1]"),
            ("/asset_types/1", "1", "asset_types[1]"),
            ("/stored_rates/0", "0", "stored_rates[0]"),
            ("/stored_rates/1", "1000000000000000001", "stored_rates[1]"),
            ("/admin_fee", "0", "admin_fee"),
            ("/fee", "5000000001", "fee"),
        ],
    ),
    (
        "stable_swap_ng",
        &[
            ("/asset_types/0", "4", "asset_types[0]"),
            ("/initial_a", "99", "initial_a"),
            ("/future_a", "99999901", "future_a"),
            ("/fee", "5000000001", "fee"),
            ("/admin_fee", "10000000001", "admin_fee"),
            ("/stored_rates/0", "0", "stored_rates[0]"),
        ],
    ),
    (
        "uniswap_v3",
        &[
            ("/fee", "1000000", "fee"),
            ("/tick_spacing", "16384", "tick_spacing"),
            ("/protocol_shares/0", "3", "protocol_shares"),
            ("/sqrt_price", "0", "sqrt_price"),
            ("/tick", "887273", "tick"),
            ("/liquidity", "1", "liquidity"),
            ("/staked_liquidity", "1", "staked_liquidity"),
        ],
    ),
    (
        "uniswap_v4",
        &[
            ("/fee", "1000001", "fee"),
            ("/tick_spacing", "32768", "tick_spacing"),
            ("/protocol_shares/1", "1001", "protocol_shares"),
        ],
    ),
    (
        "weighted",
        &[
            ("/balances/0", PAST_112_BITS, "balances[0]"),
            ("/decimals/0", "19", "decimals[0]"),
            ("/weights/1", "9999999999999999", "weights[1]"),
            ("/weights/1", "200000000000000001", "weights"),
            ("/rates/0", "1000000000000000000", "rates[0]"),
            ("/swap_fee", "100000000000000001", "swap_fee"),
            ("/protocol_swap_fee", "500000000000000001", "protocol_swap_fee"),
        ],
    ),
];
