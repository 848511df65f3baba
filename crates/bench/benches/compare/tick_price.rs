//! W1 and W2: ticks to square root prices and back, ticks spread over the whole range.

use alloy_primitives::U160;
use alloy_primitives::aliases::I24;
use tidemill_amm::concentrated::{sqrt_price_at_tick, tick_at_sqrt_price};
use tidemill_units::{SqrtPrice, Tick, U256};
use uniswap_v3_math::tick_math as math;
use uniswap_v3_sdk::utils as sdk;

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random, to_i24, to_u160};

pub(crate) fn to_price() -> Result<Row, String> {
    let mut random = Random::seeded(1);
    let ticks: Vec<i32> = (0..COUNT).map(|_| random.between(Tick::MIN.0, Tick::MAX.0)).collect();
    let for_sdk: Vec<I24> = ticks.iter().map(|tick| to_i24(*tick)).collect::<Result<_, _>>()?;
    for (tick, for_sdk) in ticks.iter().zip(&for_sdk) {
        let ours = sqrt_price_at_tick(Tick(*tick)).map(SqrtPrice::to_x96);
        let theirs = sdk::get_sqrt_ratio_at_tick(*for_sdk).map(U256::from).ok();
        let others = math::get_sqrt_ratio_at_tick(*tick).ok();
        if ours.is_none() || ours != theirs || ours != others {
            return Err(format!("tick {tick}: {ours:?}, {theirs:?}, {others:?}"));
        }
    }
    let for_math = ticks.clone();
    Ok(Row {
        title: "tick to square root price".to_owned(),
        target: Target::TimesFaster(3.0),
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(ticks, |tick| sqrt_price_at_tick(Tick(*tick)))),
            (Contestant::UniswapV3Sdk, circle(for_sdk, |tick| sdk::get_sqrt_ratio_at_tick(*tick))),
            (
                Contestant::UniswapV3Math,
                circle(for_math, |tick| math::get_sqrt_ratio_at_tick(*tick)),
            ),
        ],
        notes: Vec::new(),
    })
}

pub(crate) fn to_tick() -> Result<Row, String> {
    let prices = prices()?;
    let for_sdk: Vec<U160> = prices.iter().map(|price| to_u160(*price)).collect();
    let for_math: Vec<U256> = prices.iter().map(|price| price.to_x96()).collect();
    for ((price, for_sdk), for_math) in prices.iter().zip(&for_sdk).zip(&for_math) {
        let ours = tick_at_sqrt_price(*price).map(|tick| tick.0);
        let theirs = sdk::get_tick_at_sqrt_ratio(*for_sdk).ok().map(|tick| tick.as_i32());
        let others = math::get_tick_at_sqrt_ratio(*for_math).ok();
        if ours.is_none() || ours != theirs || ours != others {
            return Err(format!("price {price}: {ours:?}, {theirs:?}, {others:?}"));
        }
    }
    Ok(Row {
        title: "square root price to tick".to_owned(),
        target: Target::TimesFaster(3.0),
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(prices, |price| tick_at_sqrt_price(*price))),
            (
                Contestant::UniswapV3Sdk,
                circle(for_sdk, |price| sdk::get_tick_at_sqrt_ratio(*price)),
            ),
            (
                Contestant::UniswapV3Math,
                circle(for_math, |price| math::get_tick_at_sqrt_ratio(*price)),
            ),
        ],
        notes: Vec::new(),
    })
}

/// Prices uniform in their tick, and uniform between that tick and the next.
fn prices() -> Result<Vec<SqrtPrice>, String> {
    let mut random = Random::seeded(2);
    let mut price = || {
        let tick = random.between(Tick::MIN.0, Tick::MAX.0 - 1);
        let [low, high] = [tick, tick + 1].map(|tick| sqrt_price_at_tick(Tick(tick)));
        let (low, high) = (low?.to_x96(), high?.to_x96());
        SqrtPrice::from_x96(low + random.below_wide(high - low))
    };
    (0..COUNT).map(|_| price().ok_or_else(|| "a tick out of range".to_owned())).collect()
}
