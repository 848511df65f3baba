//! What the deployed Quoter answered for WBTC/WETH 0.3 % at block 24407242, from the pool's
//! recorded tick table.

use std::collections::BTreeMap;
use std::fs;
use std::str::FromStr;

use serde_json::value::RawValue;
use tidemill_amm::concentrated::{Pool, Snapshot, SwapAmount, SwapRequest, TickLiquidity};
use tidemill_units::{
    Amount, FeePips, Liquidity, Side, SignedLiquidity, SqrtPrice, Tick, Timestamp,
};

use crate::recorded_data::recorded;

type Object = BTreeMap<String, Box<RawValue>>;

fn object(text: &str) -> Object {
    serde_json::from_str(text).unwrap()
}

/// Reads a bare JSON number with all its digits.
fn number<T: FromStr>(value: &RawValue) -> T {
    let parsed = value.get().parse();
    parsed.unwrap_or_else(|_| panic!("a number, not {value}"))
}

fn pool(text: &str) -> Pool {
    let state = object(text);
    let scalars = object(state["scalars"].get());
    let mut ticks = Vec::new();
    for (tick, entry) in object(state["tick_data"].get()) {
        let entry: Vec<Box<RawValue>> = serde_json::from_str(entry.get()).unwrap();
        ticks.push(TickLiquidity {
            tick: tick.parse().unwrap(),
            gross: Liquidity(number(&entry[0])),
            net: SignedLiquidity(number(&entry[1])),
        });
    }
    ticks.sort_by_key(|entry| entry.tick);
    let snapshot = Snapshot {
        sqrt_price: number::<SqrtPrice>(&scalars["sqrt_price_x96"]),
        tick: number::<Tick>(&scalars["tick"]),
        ticks,
    };
    let fee = FeePips(number(&scalars["fee"]));
    let spacing = number(&scalars["tick_spacing"]);
    let pool = Pool::from_snapshot(fee, spacing, &snapshot, Timestamp(0)).unwrap();
    assert_eq!(pool.ticks().count(), 458);
    assert_eq!(pool.liquidity(), Liquidity(number(&scalars["liquidity"])));
    pool
}

#[test]
fn all_eighty_answers() {
    let folder = "amm-quote-parity";
    let file = |name: &str| recorded(&format!("{folder}/uniswap_v3_wbtc_weth_{name}.json"));
    let Some(state) = file("state_24407242") else { return };
    let Some(quotes) = file("quotes_24407242") else { return };
    let pool = pool(&fs::read_to_string(state).unwrap());
    let quotes = object(&fs::read_to_string(quotes).unwrap());
    let mut answered = [0, 0];
    for (asked, answer) in object(quotes["entries"].get()) {
        let answer: Amount = number(&object(answer.get())["value"]);
        let fields: Vec<&str> = asked.split('|').collect();
        let &[_, method, direction, amount] = fields.as_slice() else { panic!("{asked}") };
        let input = match direction {
            "WBTC->WETH" => Side::Token0,
            "WETH->WBTC" => Side::Token1,
            _ => panic!("{asked}"),
        };
        let amount: Amount = amount.parse().unwrap();
        let (kind, amount, quoted) = match method {
            "quoteExactInputSingle" => (0, SwapAmount::ExactIn(amount), input.other()),
            "quoteExactOutputSingle" => (1, SwapAmount::ExactOut(amount), input),
            _ => panic!("{asked}"),
        };
        let request = SwapRequest { input, amount, price_limit: None };
        let staged = pool.stage_swap(request, &mut ()).unwrap();
        assert_eq!(staged.result().amounts.get(quoted).magnitude(), answer, "{asked}");
        answered[kind] += 1;
    }
    assert_eq!(answered, [40, 40]);
}
