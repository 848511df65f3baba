//! The chain's own answers to `querySwap`, recorded at block 24,407,242.

use serde_json::Value;
use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedState};
use tidemill_amm::{SwapAmount, Trade};
use tidemill_units::{Amount, TokenIndex, TokenPair, U256};

use crate::recorded_data::recorded_json;

const POOLS: [&str; 3] = ["usdc_weth", "weth_bal", "weth_rpl"];

/// All three pools are of the build of 2021: some answers of each are not those of the other build.
#[test]
fn recorded_query_swaps_are_equal() {
    let mut answers = [0; 2];
    for name in POOLS {
        let mut others = 0;
        let Some(state) = read(&format!("{name}_state")) else { return };
        let Some(quotes) = read(&format!("{name}_query_swap")) else { return };
        let old = pool(&state, WeightedBuild::April2021);
        let new = pool(&state, WeightedBuild::September2022);
        for (key, entry) in quotes["entries"].as_object().unwrap() {
            let (trade, is_exact_in) = trade(&state, key);
            let quote = old.quote_swap(&trade).unwrap();
            let answer = |quote: tidemill_amm::Quote| {
                if is_exact_in { quote.amount_out } else { quote.amount_in }
            };
            let recorded = number(&entry["value"]);
            assert_eq!(answer(quote).0, recorded, "{name}: {key}");
            answers[usize::from(is_exact_in)] += 1;
            others += u32::from(answer(new.quote_swap(&trade).unwrap()).0 != recorded);
        }
        println!("{name}: {others} answers are not those of the build of 2022");
        assert!(others > 0, "{name}");
    }
    println!("{answers:?} answers equal: given out, given in");
    assert_eq!(answers.iter().sum::<u32>(), 54);
}

fn read(file: &str) -> Option<Value> {
    recorded_json(&format!("amm-quote-parity/balancer_weighted_{file}.json"))
}

fn number(value: &Value) -> U256 {
    value.as_str().unwrap().parse().unwrap()
}

fn numbers(list: &Value) -> Vec<U256> {
    list.as_array().unwrap().iter().map(number).collect()
}

fn pool(state: &Value, build: WeightedBuild) -> Weighted {
    let tokens = state["tokens"].as_array().unwrap();
    let (numerator, denominator) = state["fee"].as_str().unwrap().split_once('/').unwrap();
    let one = U256::from(1_000_000_000_000_000_000_u64);
    let fee = one * numerator.parse::<U256>().unwrap() / denominator.parse::<U256>().unwrap();
    let balances = numbers(&state["balances"]);
    let state = WeightedState {
        build,
        total_supply: Amount(one),
        last_invariant: one,
        balances: balances.into_iter().map(Amount).collect(),
        decimals: tokens.iter().map(|it| number(&it["decimals"]).to::<u8>()).collect(),
        weights: numbers(&state["weights"]),
        rates: vec![None; tokens.len()],
        swap_fee: fee,
        protocol_swap_fee: U256::ZERO,
        protocol_yield_fee: U256::ZERO,
        highest_rate_product: U256::ZERO,
    };
    Weighted::new(&state).unwrap()
}

/// Reads a key such as `0x…|querySwap|GIVEN_IN|USDT->WETH|628`.
fn trade(state: &Value, key: &str) -> (Trade, bool) {
    let parts: Vec<&str> = key.split('|').collect();
    let (input, output) = parts[3].split_once("->").unwrap();
    let tokens = state["tokens"].as_array().unwrap();
    let place = |symbol: &str| {
        let place = tokens.iter().position(|token| token["symbol"] == symbol).unwrap();
        TokenIndex(place as u8)
    };
    let amount = Amount(parts[4].parse().unwrap());
    let is_exact_in = parts[2] == "GIVEN_IN";
    let amount =
        if is_exact_in { SwapAmount::ExactIn(amount) } else { SwapAmount::ExactOut(amount) };
    (Trade { pair: TokenPair { input: place(input), output: place(output) }, amount }, is_exact_in)
}
