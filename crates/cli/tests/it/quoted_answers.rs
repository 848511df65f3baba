//! What chains answered to their own quote functions, asked of the command: states are written as
//! files from what was recorded, and every answer is that of a run of its own.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::recorded_data::recorded_json;
use crate::run::{example_state, tidemill};

/// A file of the recorded answers; `None`, said aloud, where they are not there.
fn read(file: &str) -> Option<Value> {
    recorded_json(&format!("amm-quote-parity/{file}"))
}

/// The documented state of a kind, with these fields instead of its own.
fn state(kind: &str, fields: &Value) -> Value {
    let mut state: Value = serde_json::from_slice(&fs::read(example_state(kind)).unwrap()).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        assert!(state.get(name).is_some(), "{kind} has no {name}");
        state[name] = value.clone();
    }
    state
}

fn token(recorded: &Value) -> Value {
    json!({
        "symbol": recorded["symbol"],
        "decimals": recorded["decimals"],
        "address": recorded["address"],
    })
}

fn tokens(recorded: &Value) -> Value {
    recorded.as_array().unwrap().iter().map(token).collect()
}

/// Runs every recorded question and returns how many there were, and of how many of them a swap
/// pays something else.
fn check(state: &Value, answers: &Value, at: &str) -> (usize, usize) {
    let place: TempDir = tempfile::tempdir().unwrap();
    fs::write(place.path().join("state.json"), state.to_string()).unwrap();
    let entries = answers["entries"].as_object().unwrap();
    let mut others = 0;
    for (asked, answer) in entries {
        let words: Vec<&str> = asked.split('|').collect();
        let [_, method, .., direction, amount] = words.as_slice() else { panic!("{asked}") };
        let (input, output) = direction.split_once("->").unwrap();
        let is_exact_out = match *method {
            "get_dy" | "getAmountOut" | "quoteExactInputSingle" => false,
            "quoteExactOutputSingle" => true,
            "querySwap" => words[2] == "GIVEN_OUT",
            _ => panic!("{asked}"),
        };
        let mut arguments = vec!["quote", "state.json", "--in", input, "--out", output];
        arguments.extend(["--amount", amount, "--at", at, "--json"]);
        if is_exact_out {
            arguments.push("--exact-out");
        }
        let quote = tidemill(place.path(), &arguments).json();
        let quoted = if is_exact_out { "amount_in" } else { "amount_out" };
        assert_eq!(quote[quoted], answer["value"], "{asked}");
        others += usize::from(quote["amount_out"] != quote["amount_paid_out"]);
    }
    (entries.len(), others)
}

const NOW: &str = "1770494987";

/// The 3pool promises one unit more than it pays in seven of eighteen.
fn curve() -> Option<(usize, usize)> {
    let recorded = read("curve_tripool_state_24407242.json")?;
    let mut fields = json!({
        "tokens": tokens(&recorded["tokens"]),
        "total_supply": recorded["lp_token_total_supply"],
    });
    for name in
        ["balances", "fee", "admin_fee", "initial_a", "future_a", "initial_a_time", "future_a_time"]
    {
        fields[name] = recorded[name].clone();
    }
    let at = recorded["block_timestamp"].as_str().unwrap();
    Some(check(&state("stable_swap", &fields), &read("curve_tripool_get_dy.json")?, at))
}

fn balancer(name: &str) -> Option<(usize, usize)> {
    let recorded = read(&format!("balancer_weighted_{name}_state.json"))?;
    let (parts, whole) = recorded["fee"].as_str().unwrap().split_once('/').unwrap();
    let [parts, whole] = [parts, whole].map(|digits| digits.parse::<u64>().unwrap());
    let tokens = tokens(&recorded["tokens"]);
    let decimals: Value =
        tokens.as_array().unwrap().iter().map(|token| token["decimals"].clone()).collect();
    let fields = json!({
        "tokens": tokens,
        "balances": recorded["balances"],
        "decimals": decimals,
        "weights": recorded["weights"],
        "swap_fee": (1_000_000_000_000_000_000 / whole * parts).to_string(),
    });
    let answers = read(&format!("balancer_weighted_{name}_query_swap.json"))?;
    Some(check(&state("weighted", &fields), &answers, NOW))
}

fn aerodrome() -> Option<(usize, usize)> {
    let recorded = read("aerodrome_v2_stable_state.json")?;
    let [reserve0, reserve1] = ["reserves_token0", "reserves_token1"].map(|name| &recorded[name]);
    let fields = json!({
        "tokens": [token(&recorded["token0"]), token(&recorded["token1"])],
        "decimals0": recorded["token0"]["decimals"],
        "decimals1": recorded["token1"]["decimals"],
        "fee": recorded["fee_raw"],
        "is_stable": recorded["stable"],
        "reserve0": reserve0,
        "reserve1": reserve1,
        "balance0": reserve0,
        "balance1": reserve1,
    });
    let answers = read("aerodrome_v2_stable_get_amount_out.json")?;
    Some(check(&state("solidly", &fields), &answers, "1800000000"))
}

fn uniswap() -> Option<(usize, usize)> {
    let recorded = read("uniswap_v3_wbtc_weth_state_24407242.json")?;
    let scalars = &recorded["scalars"];
    let mut ticks: Vec<(i32, Value)> = Vec::new();
    for (tick, entry) in recorded["tick_data"].as_object().unwrap() {
        let state = json!({
            "tick": tick,
            "liquidity_gross": entry[0],
            "liquidity_net": entry[1],
            "fee_growth_outside": ["0", "0"],
            "staked_liquidity_net": "0",
        });
        ticks.push((tick.parse().unwrap(), state));
    }
    ticks.sort_by_key(|(tick, _)| *tick);
    assert_eq!(ticks.len(), 458);
    let fields = json!({
        "tokens": [
            { "symbol": "WBTC", "decimals": 8 },
            { "symbol": "WETH", "decimals": 18 },
        ],
        "fee": scalars["fee"],
        "tick_spacing": scalars["tick_spacing"],
        "sqrt_price": scalars["sqrt_price_x96"],
        "tick": scalars["tick"],
        "liquidity": scalars["liquidity"],
        "ticks": ticks.into_iter().map(|(_, state)| state).collect::<Value>(),
    });
    let answers = read("uniswap_v3_wbtc_weth_quotes_24407242.json")?;
    Some(check(&state("uniswap_v3", &fields), &answers, NOW))
}

#[test]
fn every_recorded_answer_is_the_command_s() {
    let Some(curve) = curve() else { return };
    assert_eq!(curve, (18, 7), "3pool");
    let pools = ["usdc_weth", "weth_bal", "weth_rpl"];
    let answers = pools.map(|name| balancer(name).unwrap());
    assert_eq!(answers.map(|(answered, _)| answered).iter().sum::<usize>(), 54);
    assert_eq!(answers.map(|(_, others)| others), [0; 3], "Balancer");
    assert_eq!(aerodrome(), Some((26, 0)), "Aerodrome");
    assert_eq!(uniswap(), Some((80, 0)), "Uniswap v3");
}
