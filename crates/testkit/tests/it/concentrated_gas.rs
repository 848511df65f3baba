//! What calls of each build cost in the real contracts, as the facts of the kind have it.

use tidemill_amm::concentrated::{Build, FACTS, sqrt_price_at_tick};
use tidemill_testkit::{
    Adjustment, Artifacts, LiquidityCall, ManagerOracle, ManagerSwapCall, Outcome, PoolOracle,
    PoolParameters, PoolSwapCall, PositionId,
};
use tidemill_units::{Tick, U256};

const LIQUIDITY: u128 = 1_000_000_000_000_000_000;

fn gas(outcome: &Outcome) -> u64 {
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    outcome.gas
}

fn check(build: Build, measured: &[u64]) {
    let facts = FACTS.iter().find(|facts| facts.name == build.name()).unwrap();
    let stated: Vec<u64> = facts.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(stated, measured, "stated and measured, {}", build.name());
}

/// First mint, mint at the same ticks, swap in range twice, swap over a tick, burn, collect.
fn measure(mut oracle: PoolOracle) -> Vec<u64> {
    let price = |tick| sqrt_price_at_tick(Tick(tick)).unwrap().to_x96();
    let actor = oracle.actors[0];
    let (mut costs, pays) = (Vec::new(), Adjustment::default());
    gas(&oracle.initialize(price(30)).unwrap());
    let wide = PositionId { owner: actor, lower: -600, upper: 600 };
    let narrow = PositionId { owner: actor, lower: -60, upper: 60 };
    let outer = PositionId { owner: actor, lower: -1_200, upper: 1_200 };
    for position in [wide, narrow, narrow, outer] {
        costs.push(gas(&oracle.mint(actor, position, LIQUIDITY, pays).unwrap()));
    }
    costs.pop();
    let mut swap = |oracle: &mut PoolOracle, amount: u64, limit| {
        let call = PoolSwapCall {
            zero_for_one: true,
            amount_specified: U256::from(amount),
            sqrt_price_limit: price(limit),
            adjustment: pays,
        };
        costs.push(gas(&oracle.swap(actor, call).unwrap()));
    };
    swap(&mut oracle, 1_000_000_000_000, -500);
    swap(&mut oracle, 1_000_000_000_000, -500);
    swap(&mut oracle, u64::MAX, -90);
    costs.push(gas(&oracle.burn(narrow, LIQUIDITY).unwrap()));
    costs.push(gas(&oracle.collect(narrow, [u128::MAX; 2]).unwrap()));
    costs
}

#[test]
fn v3_gas_is_as_stated() {
    let artifacts = Artifacts::load().unwrap();
    let parameters = PoolParameters { fee: 3_000, tick_spacing: 60 };
    let oracle = PoolOracle::new(&artifacts, parameters, 1).unwrap();
    check(Build::UniswapV3, &measure(oracle));
}

#[test]
fn pancake_v3_gas_is_as_stated() {
    let artifacts = Artifacts::load().unwrap();
    let parameters = PoolParameters { fee: 2_500, tick_spacing: 60 };
    let oracle = PoolOracle::pancake(&artifacts, parameters, 1).unwrap();
    check(Build::PancakeV3, &measure(oracle));
}

#[test]
fn v4_gas_is_as_stated() {
    let artifacts = Artifacts::load().unwrap();
    let parameters = PoolParameters { fee: 3_000, tick_spacing: 60 };
    let mut oracle = ManagerOracle::new(&artifacts, parameters, 1).unwrap();
    let price = |tick| sqrt_price_at_tick(Tick(tick)).unwrap().to_x96();
    let actor = oracle.actors[0];
    gas(&oracle.initialize(price(30)).unwrap());
    let mut costs = Vec::new();
    let mut change = |oracle: &mut ManagerOracle, tick: i32, delta: U256| {
        let call = LiquidityCall { lower: -tick, upper: tick, delta, salt: U256::ZERO };
        costs.push(gas(&oracle.modify_liquidity(actor, call).unwrap()));
    };
    let liquidity = U256::from(LIQUIDITY);
    for tick in [600, 60, 60] {
        change(&mut oracle, tick, liquidity);
    }
    let swap = |oracle: &mut ManagerOracle, amount: u64, limit| {
        let call = ManagerSwapCall {
            zero_for_one: true,
            amount_specified: U256::from(amount).wrapping_neg(),
            sqrt_price_limit: price(limit),
        };
        gas(&oracle.swap(actor, call).unwrap())
    };
    let swaps = [
        swap(&mut oracle, 1_000_000_000_000, -500),
        swap(&mut oracle, 1_000_000_000_000, -500),
        swap(&mut oracle, u64::MAX, -90),
    ];
    change(&mut oracle, 60, liquidity.wrapping_neg());
    let removed = costs.pop().unwrap();
    costs.extend(swaps);
    costs.push(removed);
    costs.push(gas(&oracle.donate(actor, [liquidity, liquidity]).unwrap()));
    check(Build::UniswapV4, &costs);
}
