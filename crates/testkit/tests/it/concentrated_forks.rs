//! PancakeSwap's v3 pool, under the same random operations as Uniswap's.

use tidemill_testkit::PoolBuild;

use crate::concentrated::{Plan, Regime, check_sequences};

const PANCAKE: Plan = Plan {
    name: "Pancake v3 pool",
    build: PoolBuild::PancakeV3,
    regime: Regime::Ordinary,
    tests: 3,
    reverts: &[],
};

#[test]
fn pancake_pool_equals_the_contract_at_ordinary_prices() {
    check_sequences(Plan { name: "Pancake v3 pool, ordinary prices", ..PANCAKE });
}

#[test]
fn pancake_pool_equals_the_contract_near_both_ends_of_the_price() {
    let regime = Regime::Ends;
    check_sequences(Plan { name: "Pancake v3 pool, near both ends", regime, ..PANCAKE });
}

#[test]
fn pancake_pool_equals_the_contract_where_prices_are_coarse() {
    let regime = Regime::Coarse;
    check_sequences(Plan { name: "Pancake v3 pool, coarse prices", regime, ..PANCAKE });
}
