//! State files: the documented examples read, write and read again; and whatever is wrong with one
//! is said by the field's name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tidemill_amm::{SwapAmount, Trade, kinds};
use tidemill_store::PoolState;
use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair};

/// The state files of `docs/pool-state`, by the kinds they are named for.
fn examples() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pool-state");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: PathBuf| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path);
    let mut examples: Vec<_> = files.map(named).collect();
    examples.sort();
    examples
}

fn read(json: &Value) -> Result<PoolState, String> {
    PoolState::from_json("s.json", json.to_string().as_bytes()).map_err(|error| error.to_string())
}

#[track_caller]
fn refusal(json: &Value) -> String {
    read(json).expect_err("not a state")
}

fn example(kind: &str) -> Value {
    let (_, path) = examples().into_iter().find(|(name, _)| name == kind).unwrap();
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_kind_has_an_example() {
    let named: BTreeSet<String> = examples().into_iter().map(|(name, _)| name).collect();
    let kinds: BTreeSet<String> = kinds().iter().map(|facts| facts.name.to_owned()).collect();
    assert_eq!(named, kinds);
}

#[test]
fn every_example_reads_writes_and_quotes() {
    for (kind, path) in examples() {
        let state = PoolState::read(&path).unwrap();
        assert_eq!(state.pool.kind(), kind);
        let written = state.to_json().unwrap();
        assert_eq!(PoolState::from_json("w", written.as_bytes()).unwrap(), state, "{kind}");
        let pair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
        let at = Timestamp(1_770_494_987);
        let whole = Amount::from_decimal_str("1", state.tokens[0].decimals).unwrap();
        let amount = SwapAmount::ExactIn(whole);
        let quote = state.pool.quote(&Trade { pair, amount }, at);
        let quote = quote.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(quote.amount_in, whole, "{kind}");
        assert!(state.pool.spot_price(pair, at).is_ok(), "{kind}");
    }
}

/// The fields of an object and of the objects in it, by the path that errors give them.
fn paths(value: &Value, path: &str, found: &mut Vec<(String, Vec<String>)>, keys: &[String]) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let keys = [keys, std::slice::from_ref(name)].concat();
                found.push((path.clone(), keys.clone()));
                paths(value, &path, found, &keys);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let path = format!("{path}[{at}]");
                let keys = [keys, &[at.to_string()]].concat();
                found.push((path.clone(), keys.clone()));
                paths(item, &path, found, &keys);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn step<'a>(value: &'a mut Value, key: &str) -> &'a mut Value {
    match value {
        Value::Object(fields) => fields.get_mut(key).unwrap(),
        Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            panic!("nothing is in {value}")
        }
    }
}

/// Fields that may be left out: a token's address, what the coins under a metapool are called, and
/// whatever is named by an address.
fn is_optional(path: &str) -> bool {
    path.ends_with(".address") || path.contains(".0x") || path == "base.tokens"
}

#[test]
fn a_missing_field_is_named() {
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = Vec::new();
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found {
            let mut cut = whole.clone();
            let (last, parents) = keys.split_last().unwrap();
            let parent = parents.iter().fold(&mut cut, |value, key| step(value, key));
            let Value::Object(fields) = parent else { continue };
            fields.remove(last);
            if !is_optional(&path) {
                assert_eq!(refusal(&cut), format!("s.json: field {path}: is missing"), "{kind}");
            }
        }
    }
}

#[test]
fn an_extra_field_is_named() {
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = vec![(String::new(), Vec::new())];
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found {
            let mut more = whole.clone();
            let place = keys.iter().fold(&mut more, |value, key| step(value, key));
            let Value::Object(fields) = place else { continue };
            if path == "shares" || path == "accounts" {
                continue;
            }
            fields.insert("extra".to_owned(), json!("1"));
            let named = if path.is_empty() { "extra".to_owned() } else { format!("{path}.extra") };
            assert_eq!(refusal(&more), format!("s.json: field {named}: is unknown"), "{kind}");
        }
    }
}

/// No field takes a float, a negative number, a text that is no number, or the wrong kind of value.
#[test]
fn a_wrong_type_is_named() {
    let wrong =
        [json!(1.5), json!(-1.25e3), json!("1e3"), json!([[]]), json!({ "a": [] }), json!("")];
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = Vec::new();
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found {
            for wrong in &wrong {
                let mut changed = whole.clone();
                let is_symbol = path.ends_with(".symbol");
                if is_symbol && *wrong == json!("1e3") {
                    continue;
                }
                *keys.iter().fold(&mut changed, |value, key| step(value, key)) = wrong.clone();
                let said = refusal(&changed);
                let named = format!("s.json: field {path}");
                assert!(said.starts_with(&named), "{kind} {path} {wrong}: {said}");
            }
        }
    }
}

#[test]
fn integers_may_be_bare_or_quoted() {
    for (kind, path) in examples() {
        let mut bare = example(&kind);
        fn unquote(value: &mut Value) {
            match value {
                Value::Array(items) => items.iter_mut().for_each(unquote),
                Value::Object(fields) => fields.values_mut().for_each(unquote),
                Value::String(text) => {
                    if let Ok(number) = text.parse::<u64>() {
                        *value = json!(number);
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        unquote(&mut bare);
        assert_eq!(read(&bare), Ok(PoolState::read(&path).unwrap()), "{kind}");
    }
}

#[test]
fn text_that_is_no_state() {
    let said = |text: &str| {
        PoolState::from_json("s.json", text.as_bytes()).expect_err("not a state").to_string()
    };
    assert!(said("").starts_with("s.json: EOF while parsing"), "{}", said(""));
    assert!(said("{").starts_with("s.json: EOF while parsing"), "{}", said("{"));
    assert_eq!(said("[1]"), "s.json: `[1]` is not allowed; expected an object");
    assert_eq!(said("{}"), "s.json: field kind: is missing");
    let twice = r#"{"kind": "constant_product", "tokens": [], "kind": "x"}"#;
    assert_eq!(said(twice), "s.json: field kind: is there twice");
    let bytes = PoolState::from_json("s.json", b"\xff").expect_err("no text");
    assert_eq!(bytes.to_string(), "s.json: is not UTF-8 text");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(said(&deep).ends_with("is not allowed; expected an object"), "{}", said(&deep));
    let many: Vec<String> = (0..80_000).map(|at| format!("\"{at}\":1")).collect();
    assert_eq!(said(&format!("{{{}}}", many.join(","))), "s.json: field kind: is missing");
}

#[test]
fn kinds_and_tokens() {
    let good = example("constant_product");
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        refusal(&changed)
    };
    let said = with("kind", json!("uniswap"));
    assert!(said.starts_with("s.json: field kind: `\"uniswap\"` is not allowed; expected one of "));
    let token = json!({ "symbol": "A", "decimals": 6 });
    let three = with("tokens", json!([token, token, token]));
    assert!(three.contains("field tokens: "), "{three}");
    assert!(three.ends_with("expected one token for each of the pool's balances"), "{three}");
    let one = with("tokens", json!([token]));
    assert!(one.ends_with("expected a list of 2 to 8 tokens"), "{one}");
    let large = json!({ "symbol": "A", "decimals": 39 });
    let said = with("tokens", json!([token, large]));
    assert_eq!(
        said,
        "s.json: field tokens[1].decimals: `39` is not allowed; expected decimals, 0 to 38"
    );
    let same = json!({
        "symbol": "A",
        "decimals": 6,
        "address": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
    });
    let said = with("tokens", json!([same, same]));
    assert!(said.starts_with("s.json: field tokens[1]: "), "{said}");
}

/// What the contract could not hold: the field, its place in a list, and what is allowed.
#[test]
fn values_out_of_bounds_are_named() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases: &[Case] = &[
        ("constant_product", &[("reserve0", "5192296858534827628530496329220096")], "reserve0"),
        ("constant_product", &[("balance1", "1")], "balance1"),
        ("constant_product", &[("fee", "1000")], "fee"),
        ("constant_product", &[("fee_scale", "100")], "fee_scale"),
        ("constant_product", &[("locked_shares", "1000000000000000001")], "locked_shares"),
        ("constant_product", &[("block_timestamp_last", "4294967296")], "block_timestamp_last"),
        ("stable_swap", &[("initial_a", "0")], "initial_a"),
        ("stable_swap", &[("future_a", "1000000")], "future_a"),
        ("stable_swap", &[("fee", "5000000001")], "fee"),
        ("stable_swap", &[("admin_fee", "10000000001")], "admin_fee"),
        ("stable_swap", &[("precisions.2", "0")], "precisions[2]"),
        ("stable_swap", &[("future_a_time", "1")], "future_a_time"),
    ];
    for (kind, changes, named) in cases {
        let mut state = example(kind);
        for (path, value) in *changes {
            *path.split('.').fold(&mut state, |value, key| step(value, key)) = json!(value);
        }
        let said = refusal(&state);
        let (_, value) = changes[0];
        let start = format!("s.json: field {named}: `\"{value}\"` is not allowed; expected ");
        assert!(said.starts_with(&start), "{kind}: {said}");
    }
    let mut short = example("stable_swap");
    short["precisions"] = json!(["1", "1"]);
    assert!(refusal(&short).starts_with("s.json: field precisions: "), "{}", refusal(&short));
    let mut holder = example("constant_product");
    holder["shares"] = Value::Object(Map::from_iter([("0x12".to_owned(), json!("1"))]));
    let said = refusal(&holder);
    assert!(said.starts_with("s.json: field shares.0x12: `0x12` is not an address"), "{said}");
}
