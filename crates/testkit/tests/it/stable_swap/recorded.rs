//! Answers of the chain's 3pool at one block.

use serde_json::Value;
use tidemill_amm::stable_swap::{Generation, LiquidityChange, StableSwap, StableSwapState};
use tidemill_amm::{SharePool, SwapAmount, Trade};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair};

use crate::recorded_data::recorded_json;

/// A recorded file; `None`, said aloud, where the data are not there.
fn recorded(file: &str) -> Option<Value> {
    recorded_json(&format!("amm-quote-parity/{file}"))
}

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap().parse().unwrap()
}

fn number(state: &Value, field: &str) -> u64 {
    state[field].as_str().unwrap().parse().unwrap()
}

fn pool(state: &Value) -> StableSwap {
    let balances: Vec<_> = state["balances"].as_array().unwrap().iter().map(amount).collect();
    let state = StableSwapState {
        generation: Generation::V1,
        balances: TokenAmounts::new(&balances).unwrap(),
        precisions: vec![1, 1_000_000_000_000, 1_000_000_000_000],
        admin_balances: TokenAmounts::zero(3).unwrap(),
        total_supply: amount(&state["lp_token_total_supply"]),
        initial_a: number(state, "initial_a"),
        future_a: number(state, "future_a"),
        initial_a_time: Timestamp(number(state, "initial_a_time")),
        future_a_time: Timestamp(number(state, "future_a_time")),
        fee: number(state, "fee"),
        admin_fee: number(state, "admin_fee"),
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    };
    StableSwap::new(&state).unwrap()
}

const STATE: &str = "curve_tripool_state_24407242.json";

#[test]
fn three_pool_answers_get_dy_as_the_chain_did() {
    let (Some(state), Some(file)) = (recorded(STATE), recorded("curve_tripool_get_dy.json")) else {
        return;
    };
    let pool = pool(&state);
    let at = Timestamp(number(&state, "block_timestamp"));
    assert_eq!(pool.virtual_price(at).unwrap(), amount(&state["virtual_price"]));
    assert_eq!(pool.a(at).unwrap(), number(&state, "a_coefficient"));
    let (mut equal, mut promised_more) = (0, 0);
    for (key, entry) in file["entries"].as_object().unwrap() {
        let parts: Vec<_> = key.split('|').collect();
        let place = |symbol: &str| {
            let index = ["DAI", "USDC", "USDT"].iter().position(|each| *each == symbol).unwrap();
            TokenIndex(index as u8)
        };
        let (input, output) = parts[2].split_once("->").unwrap();
        let pair = TokenPair { input: place(input), output: place(output) };
        let amount_in = parts[3].parse().unwrap();
        let expected = amount(&entry["value"]);
        assert_eq!(pool.get_dy(pair, amount_in, at).unwrap(), expected, "{key}");
        let trade = Trade { pair, amount: SwapAmount::ExactIn(amount_in) };
        let paid = pool.quote(&trade, at).unwrap().amount_out;
        match expected.checked_sub(paid) {
            Some(Amount::ZERO) => {}
            Some(difference) if difference == Amount::from_u64(1) => promised_more += 1,
            _ => panic!("{key}: an exchange pays {paid}"),
        }
        equal += 1;
    }
    println!("3pool, get_dy: {equal} equal, {promised_more} one unit above what an exchange pays");
    assert_eq!((equal, promised_more), (18, 7));
}

#[test]
fn three_pool_answers_withdrawals_and_deposits_as_the_chain_did() {
    let file = "curve_tripool_withdraw_and_token_amount.json";
    let (Some(state), Some(file)) = (recorded(STATE), recorded(file)) else { return };
    let pool = pool(&state);
    let at = Timestamp(number(&state, "block_timestamp"));
    let (mut withdrawals, mut deposits) = (0, 0);
    for (key, entry) in file["entries"].as_object().unwrap() {
        let parts: Vec<_> = key.split('|').collect();
        let coin = parts[parts.len() - 2].strip_prefix("i=").unwrap().parse().unwrap();
        let given: Amount = parts[parts.len() - 1].parse().unwrap();
        let expected = amount(&entry["value"]);
        let ours = match parts[1] {
            "calc_withdraw_one_coin" => {
                withdrawals += 1;
                pool.calc_withdraw_one_coin(given, TokenIndex(coin), at)
            }
            "calc_token_amount" => {
                deposits += 1;
                let amounts = TokenAmounts::of(3, TokenIndex(coin), given).unwrap();
                pool.calc_token_amount(&amounts, LiquidityChange::Deposit, at)
            }
            other => panic!("unknown method {other}"),
        };
        assert_eq!(ours.unwrap(), expected, "{key}");
    }
    println!("3pool: {withdrawals} withdrawals in one coin and {deposits} deposits equal");
    assert_eq!((withdrawals, deposits), (9, 9));
}
