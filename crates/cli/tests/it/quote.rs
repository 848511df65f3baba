//! Quotes of states: the answer, and what is said of a state or a trade that is wrong.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{command, example_state, refused, tidemill};

/// A folder with the documented states.
fn states() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let from = example_state("constant_product");
    for entry in fs::read_dir(from.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), place.path().join(entry.file_name())).unwrap();
    }
    place
}

const PAIR: &str = "constant_product.json";

fn quote<'a>(state: &'a str, trade: &[&'a str]) -> Vec<&'a str> {
    [&["quote", state], trade].concat()
}

const TRADE: [&str; 6] = ["--in", "USDC", "--out", "WETH", "--amount", "1000000000"];

/// Numbers that `UniswapV2Library` gives, and the price by hand.
#[test]
fn a_pair() {
    let place = states();
    let run = |more: &[&str]| {
        let arguments = quote(PAIR, &[TRADE.as_slice(), more].concat()).join(" ");
        let words: Vec<&str> = arguments.split(' ').collect();
        tidemill(place.path(), &words).json()
    };
    let given = run(&["--json"]);
    assert_eq!(given["amount_in"], "1000000000");
    assert_eq!(given["amount_out"], "398792048086561153");
    assert_eq!(given["amount_paid_out"], "398792048086561153");
    assert_eq!(given["fee"], "3000000");
    assert_eq!(given["fee_token"], "USDC");
    // (20000 - 0.398792048086561153) WETH over 50001000 USDC.
    assert_eq!(given["price_after"], "0.000399984024478548697");
    let taken = run(&["--exact-out", "--json"]);
    assert_eq!((&taken["amount_in"], &taken["amount_out"]), (&"3".into(), &"1000000000".into()));
    let later = run(&["--json", "--at", "1800000000"]);
    assert_eq!(later, given, "a pair has no clock in its quotes");
}

#[test]
fn tokens_go_by_symbol_or_address_and_the_state_may_come_in_a_pipe() {
    let place = states();
    let by_symbol = tidemill(place.path(), &quote(PAIR, &TRADE)).good();
    let addresses = [
        "--in",
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "--out",
        "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
        "--amount",
        "1000000000",
    ];
    assert_eq!(tidemill(place.path(), &quote(PAIR, &addresses)).good(), by_symbol);
    let state = fs::read(place.path().join(PAIR)).unwrap();
    let piped = |bytes: &[u8]| {
        let mut child = command(place.path(), &quote("-", &TRADE))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        child.wait_with_output().unwrap()
    };
    assert_eq!(String::from_utf8(piped(&state).stdout).unwrap(), by_symbol);
    let wrong = piped(b"{}");
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(String::from_utf8(wrong.stderr).unwrap(), "tidemill: -: field kind: is missing\n");
}

/// Paying the quoted input for an exact output gives it, but for what the powers of Balancer's
/// pools are off by.
#[test]
fn every_kind_quotes_both_ways() {
    let place = states();
    for entry in fs::read_dir(place.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let state: Value =
            serde_json::from_slice(&fs::read(place.path().join(&name)).unwrap()).unwrap();
        let symbol = |at: usize| state["tokens"][at]["symbol"].as_str().unwrap().to_owned();
        let (input, output) = (symbol(0), symbol(1));
        let run = |amount: &str, more: &[&str]| {
            let trade = ["--in", &input, "--out", &output, "--amount", amount, "--json"];
            let at = ["--at", "1770494987"];
            tidemill(place.path(), &quote(&name, &[&trade, at.as_slice(), more].concat())).json()
        };
        let decimals = state["tokens"][1]["decimals"].as_u64().unwrap();
        let whole = 10_u128.pow(u32::try_from(decimals).unwrap());
        let taken = run(&whole.to_string(), &["--exact-out"]);
        let text = |quote: &Value, field: &str| quote[field].as_str().unwrap().to_owned();
        let given = run(&text(&taken, "amount_in"), &[]);
        let [asked, got]: [u128; 2] =
            [&taken, &given].map(|quote| text(quote, "amount_out").parse().unwrap());
        assert!(
            got >= whole - whole / 1_000_000_000 && asked >= whole,
            "{name}: {got} and {asked}"
        );
        for field in ["amount_in", "amount_out", "fee"] {
            assert!(text(&given, field).parse::<u128>().is_ok(), "{name} {field}");
        }
        let price = text(&given, "price_after").replace('.', "");
        assert_eq!(price.trim_start_matches('0').len(), 18, "{name}: {price}");
        assert_eq!(given.as_object().unwrap().len(), 6, "{name}");
    }
}

/// The coins under a metapool: the view is rough, the exchange is what is paid, and an exact output
/// costs the least input that gives it.
#[test]
fn coins_of_a_base_pool_are_quoted_through_the_metapool() {
    let place = states();
    let run = |input: &str, output: &str, amount: &str, more: &[&str]| {
        let trade = ["--in", input, "--out", output, "--amount", amount, "--at", "1770494987"];
        tidemill(place.path(), &quote("stable_swap_meta.json", &[&trade, more].concat()))
    };
    let number =
        |quote: &Value, field: &str| -> u128 { quote[field].as_str().unwrap().parse().unwrap() };
    for (input, output, one, fee_token) in [
        ("FRAX", "USDC", [18, 6], "3Crv"),
        ("USDT", "FRAX", [6, 18], "FRAX"),
        ("DAI", "0xdAC17F958D2ee523a2206206994597C13D831ec7", [18, 6], "USDT"),
    ] {
        let [given, whole] = one.map(|decimals| 10_u128.pow(decimals));
        let json = run(input, output, &(given * 5_000).to_string(), &["--json"]).json();
        let [promised, paid] = ["amount_out", "amount_paid_out"].map(|name| number(&json, name));
        assert!(paid > whole * 4_900 && paid < whole * 5_600, "{json}");
        assert!(promised.abs_diff(paid) < paid / 1_000, "{json}");
        assert_eq!(json["fee_token"], fee_token);
        assert!(number(&json, "fee") > 0);
        let price: f64 = json["price_after"].as_str().unwrap().parse().unwrap();
        assert!((0.98..1.12).contains(&price), "{json}");
        let exact = run(input, output, &paid.to_string(), &["--exact-out", "--json"]).json();
        assert_eq!(exact["amount_out"], exact["amount_paid_out"]);
        assert!(number(&exact, "amount_out") >= paid);
        assert!(number(&exact, "amount_in") <= given * 5_000);
        assert!(number(&exact, "amount_in") > given * 5_000 - given / 100);
    }
    let table = run("USDT", "FRAX", "5000000000", &[]).good();
    for row in [" 5000.000000 USDT", "a swap pays out", " FRAX per USDT"] {
        assert!(table.contains(row), "{table}");
    }
    let said = |input, output| run(input, output, "1000000", &[]).refusal(2).to_owned();
    assert_eq!(
        said("3Crv", "DAI"),
        "stable_swap_meta.json: shares of the base pool against its own coins are a deposit or a \
         withdrawal there, not a trade"
    );
    let known = "--in: the pool has no `WETH`; it has FRAX, 3Crv, DAI, USDC, USDT";
    assert_eq!(said("WETH", "DAI"), known);
    // A state that does not tell the names answers for its own tokens alone.
    let file = place.path().join("stable_swap_meta.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    state["base"]["tokens"].as_array_mut().unwrap().pop();
    fs::write(&file, state.to_string()).unwrap();
    let few = said("FRAX", "DAI");
    assert!(few.starts_with("stable_swap_meta.json: field base.tokens: "), "{few}");
    state["base"].as_object_mut().unwrap().remove("tokens");
    fs::write(&file, state.to_string()).unwrap();
    assert_eq!(said("FRAX", "DAI"), "--out: the pool has no `DAI`; it has FRAX, 3Crv");
}

/// The same over a base pool of two coins of stableswap-ng.
#[test]
fn coins_under_a_metapool_of_stableswap_ng_are_quoted() {
    let place = states();
    let run = |input: &str, output: &str, amount: &str, more: &[&str]| {
        let trade = ["--in", input, "--out", output, "--amount", amount, "--at", "1770494987"];
        tidemill(place.path(), &quote("stable_swap_meta_ng.json", &[&trade, more].concat()))
    };
    let number =
        |quote: &Value, field: &str| -> u128 { quote[field].as_str().unwrap().parse().unwrap() };
    for (input, output, one, fee_token) in [
        ("TUSD", "USDC", [18, 6], "USDC/crvUSD"),
        ("USDC", "TUSD", [6, 18], "TUSD"),
        ("crvUSD", "USDC", [18, 6], "USDC"),
    ] {
        let [given, whole] = one.map(|decimals| 10_u128.pow(decimals));
        let json = run(input, output, &(given * 5_000).to_string(), &["--json"]).json();
        let [promised, paid] = ["amount_out", "amount_paid_out"].map(|name| number(&json, name));
        assert!(paid > whole * 4_950 && paid < whole * 5_050, "{json}");
        assert!(promised.abs_diff(paid) < paid / 1_000, "{json}");
        assert_eq!(json["fee_token"], fee_token);
        assert!(number(&json, "fee") > 0);
        let price: f64 = json["price_after"].as_str().unwrap().parse().unwrap();
        assert!((0.99..1.01).contains(&price), "{json}");
        let exact = run(input, output, &paid.to_string(), &["--exact-out", "--json"]).json();
        assert!(number(&exact, "amount_out") >= paid);
        assert!(number(&exact, "amount_in") <= given * 5_000);
        assert!(number(&exact, "amount_in") > given * 5_000 - given / 100);
    }
    let table = run("USDC", "TUSD", "5000000000", &[]).good();
    assert!(table.contains(" 5000.000000 USDC") && table.contains(" TUSD per USDC"), "{table}");
    let said = |input, output| run(input, output, "1000000", &[]).refusal(2).to_owned();
    assert_eq!(
        said("USDC/crvUSD", "crvUSD"),
        "stable_swap_meta_ng.json: shares of the base pool against its own coins are a deposit or \
         a withdrawal there, not a trade"
    );
    let file = place.path().join("stable_swap_meta_ng.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let two = state["base"]["tokens"].as_array_mut().unwrap();
    two.push(serde_json::json!({"symbol": "DAI", "decimals": 18}));
    fs::write(&file, state.to_string()).unwrap();
    let many = said("TUSD", "USDC");
    assert!(many.starts_with("stable_swap_meta_ng.json: field base.tokens: "), "{many}");
    state["base"].as_object_mut().unwrap().remove("tokens");
    fs::write(&file, state.to_string()).unwrap();
    assert_eq!(said("TUSD", "USDC"), "--out: the pool has no `USDC`; it has TUSD, USDC/crvUSD");
}

/// The 3pool's `get_dy` takes the fee of what is left after rounding, its `exchange` before.
#[test]
fn what_a_swap_pays_is_said_where_the_contract_promises_more() {
    let place = states();
    let run = |amount: &str, more: &[&str]| {
        let trade = ["--in", "DAI", "--out", "USDC", "--amount", amount, "--at", "1770494987"];
        tidemill(place.path(), &quote("stable_swap.json", &[trade.as_slice(), more].concat()))
    };
    let json = run("1356856055018607064645632", &["--json"]).json();
    assert_eq!(json["amount_out"], "1356612150763");
    assert_eq!(json["amount_paid_out"], "1356612150762");
    let table = run("1356856055018607064645632", &[]).good();
    let row = |name: &str| table.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    assert_eq!(row("taken out"), Some("1356612.150763 USDC"), "{table}");
    assert_eq!(row("a swap pays out"), Some("1356612.150762 USDC"), "{table}");
    let pair = tidemill(place.path(), &quote(PAIR, &TRADE)).good();
    assert!(!pair.contains("a swap pays out"), "{pair}");
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let place = states();
    let said = |arguments: &[&str]| refused(place.path(), arguments);
    let with = |option: &str, value: &str| {
        let mut trade = TRADE;
        let place = trade.iter().position(|word| *word == option).unwrap();
        trade[place + 1] = value;
        said(&quote(PAIR, &trade))
    };
    let known = "it has USDC, WETH";
    assert_eq!(with("--in", "usdc"), format!("--in: the pool has no `usdc`; {known}"));
    assert_eq!(with("--out", "0"), format!("--out: the pool has no `0`; {known}"));
    assert_eq!(with("--out", ""), format!("--out: the pool has no ``; {known}"));
    assert_eq!(with("--out", "USDC"), "--out: `USDC` is the token paid in; a trade is between two");
    let raw = "an amount in raw units, 0 to 2^256 - 1";
    assert_eq!(with("--amount", "1.5"), format!("--amount: `1.5` is not {raw}"));
    assert_eq!(with("--amount", "-5"), format!("--amount: `-5` is not {raw}"));
    assert_eq!(with("--amount", ""), format!("--amount: is empty; expected {raw}"));
    let large = "1".repeat(79);
    assert_eq!(
        with("--amount", &large),
        format!("--amount: `{large}` is out of range; expected {raw}")
    );
    assert_eq!(
        with("--amount", "0"),
        format!("{PAIR}: the pool refuses the trade: nothing is paid in")
    );
    let trade = [TRADE.as_slice(), &["--at", "-1"]].concat();
    let expected = "--at: `-1` is not allowed; expected seconds since 1970, 0 to 2^64 - 1";
    assert_eq!(said(&quote(PAIR, &trade)), expected);
    let missing = said(&quote("none.json", &TRADE));
    assert!(missing.starts_with("none.json: cannot be read: "), "{missing}");
    let all =
        ["--in", "USDC", "--out", "WETH", "--exact-out", "--amount", "20000000000000000000000"];
    assert_eq!(
        said(&quote(PAIR, &all)),
        format!("{PAIR}: the pool refuses the trade: the reserves are too small")
    );
}

#[test]
fn two_tokens_of_one_name_need_their_addresses() {
    let place = states();
    let text = fs::read_to_string(place.path().join(PAIR)).unwrap();
    fs::write(place.path().join("twins.json"), text.replace("USDC", "WETH")).unwrap();
    assert_eq!(
        refused(
            place.path(),
            &quote("twins.json", &["--in", "WETH", "--out", "WETH", "--amount", "1"])
        ),
        "--in: 2 of the pool's tokens are called `WETH`; name one by its address"
    );
}

#[test]
fn a_state_that_is_wrong_is_refused_by_its_field() {
    let place = states();
    let text = fs::read_to_string(place.path().join(PAIR)).unwrap();
    let check = |from: &str, to: &str, expected: &str| {
        assert!(text.contains(from), "{from}");
        fs::write(place.path().join("bad.json"), text.replace(from, to)).unwrap();
        let said = refused(place.path(), &quote("bad.json", &TRADE));
        assert_eq!(said, format!("bad.json: {expected}"));
    };
    check(
        "\"fee\": \"3\"",
        "\"fee\": \"1000\"",
        "field fee: `\"1000\"` is not allowed; expected below fee_scale",
    );
    check("  \"fee\": \"3\",\n", "", "field fee: is missing");
    check("\"fee\":", "\"free\": 1, \"fee\":", "field free: is unknown");
    check("\"constant_product\"", "\"constant\"", &unknown_kind(place.path()));
}

/// What is said of an unknown kind names all there are.
fn unknown_kind(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join(PAIR)).unwrap();
    fs::write(folder.join("kind.json"), text.replace("constant_product", "constant")).unwrap();
    let said = refused(folder, &quote("kind.json", &TRADE));
    assert!(said.contains("one of ") && said.contains("stable_swap"), "{said}");
    said.replace("kind.json: ", "")
}
