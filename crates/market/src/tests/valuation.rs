use tidemill_units::{Amount, Side, SqrtPrice, U256};

use super::seeded::Seeded;
use super::synthetic_tape::{POOL, SyntheticTape, amounts};
use crate::{Footprint, Market, NativeValue, PoolPrices, PoolValuation};

/// 9/4 token1 per token0.
fn prices() -> PoolPrices {
    PoolPrices::Concentrated(SqrtPrice::from_x96(U256::from(3) << 95).expect("a price"))
}

fn valued_in(quote: Side, native: NativeValue) -> PoolValuation {
    PoolValuation { pool: POOL, quote: quote.index(), native }
}

#[test]
fn values_are_rounded_down_and_costs_up() {
    let in_token1 = valued_in(Side::Token1, NativeValue::Token(Side::Token0.index()));
    let in_token0 = valued_in(Side::Token0, NativeValue::Token(Side::Token1.index()));
    let raw = Amount::from_u64;
    // 5 * 9/4 = 11.25, and 5 / (9/4) = 2.22.
    assert_eq!(in_token1.value_at(&prices(), &amounts(5, 100).into()), Some(raw(111)));
    assert_eq!(in_token0.value_at(&prices(), &amounts(100, 5).into()), Some(raw(102)));
    assert_eq!(in_token1.native_at(&prices(), raw(5)), Some(raw(12)));
    assert_eq!(in_token0.native_at(&prices(), raw(5)), Some(raw(3)));
    // 8 * 9/4 = 18 and 18 / (9/4) = 8: nothing to round.
    assert_eq!(in_token1.native_at(&prices(), raw(8)), Some(raw(18)));
    assert_eq!(in_token0.native_at(&prices(), raw(18)), Some(raw(8)));
    let same = valued_in(Side::Token1, NativeValue::Token(Side::Token1.index()));
    assert_eq!(same.native_at(&prices(), raw(7)), Some(raw(7)));
}

#[test]
fn a_fixed_native_value_is_per_ether_and_rounded_up() {
    let fixed = valued_in(Side::Token0, NativeValue::Fixed(Amount::from_u64(3_000_000_000)));
    let ether = 1_000_000_000_000_000_000;
    let cost =
        |wei| fixed.native_at(&prices(), Amount::from_u128(wei)).map(|cost| cost.to_string());
    assert_eq!(cost(ether).as_deref(), Some("3000000000"));
    assert_eq!(cost(1).as_deref(), Some("1"));
    assert_eq!(cost(0).as_deref(), Some("0"));
    assert_eq!(cost(ether / 3_000_000_000 + 1).as_deref(), Some("2"));
}

#[test]
fn native_cost_is_the_value_or_one_more() {
    let mut random = Seeded(11);
    for _ in 0..2_000 {
        let price = SqrtPrice::from_x96(U256::from(1 + random.wide(110))).expect("a price");
        let wei = random.wide(90);
        for side in [Side::Token0, Side::Token1] {
            let valuation = valued_in(side.other(), NativeValue::Token(side.index()));
            let wei = Amount::from_u128(wei);
            let (Some(down), Some(up)) = (
                price.convert(wei, side),
                valuation.native_at(&PoolPrices::Concentrated(price), wei),
            ) else {
                continue;
            };
            let apart = up.checked_sub(down).expect("a cost is at least the value");
            assert!(apart <= Amount::from_u64(1), "{wei} of {side:?} at {price}");
        }
    }
}

#[test]
fn there_is_no_price_before_the_first_event() {
    let synthetic = SyntheticTape::at_tick(0);
    let valuation = valued_in(Side::Token1, NativeValue::Token(Side::Token1.index()));
    let mut log = super::Log::new(synthetic.tape(), Footprint::PriceTaker);
    assert_eq!(valuation.prices(&log.market), None);
    log.record_all(&synthetic.tape().events);
    assert_eq!(
        valuation.prices(&log.market),
        Some(PoolPrices::Concentrated(synthetic.pool().sqrt_price()))
    );
    assert_eq!(valuation.prices(&Market::new(Footprint::PriceTaker)), None, "no such pool");
}
