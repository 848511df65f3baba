//! Forks of the v2 pair, with the fee and the protocol's share that they compile in.

use tidemill_amm::GasFigure;
use tidemill_amm::constant_product::{FACTS, PairParameters};
use tidemill_testkit::{Artifacts, PairBuild, PairOracle, PairSwapCall};
use tidemill_units::U256;

use crate::constant_product::{Suite, check_sequences};

#[test]
fn sushi_pair_equals_the_contract() {
    check_sequences(&Suite {
        name: "SushiSwap pair",
        part: 3,
        build: PairBuild::Sushi,
        parameters: PairParameters::UNISWAP,
        fee: [3, 1000],
        prefix: "UniswapV2",
    });
}

#[test]
fn pancake_pair_equals_the_contract() {
    check_sequences(&Suite {
        name: "PancakeSwap v1 pair",
        part: 4,
        build: PairBuild::Pancake,
        parameters: PairParameters::PANCAKE_V1,
        fee: [2, 1000],
        prefix: "Pancake",
    });
}

/// Measures ordinary calls of Uniswap's pair, and checks what the facts say of them.
#[test]
fn calls_cost_what_the_facts_say() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut oracle = PairOracle::new(&artifacts, 2).unwrap();
    let holder = oracle.actors[0];
    let million = U256::from(1_000_000);
    let mut measured = Vec::new();
    oracle.give([million; 2]).unwrap().unwrap();
    let first = oracle.mint(holder).unwrap();
    measured.push(("mint, first", first));
    oracle.evm.set_timestamp(U256::from(100));
    oracle.give([million; 2]).unwrap().unwrap();
    measured.push(("mint, more", oracle.mint(holder).unwrap()));
    oracle.give([U256::from(1000), U256::ZERO]).unwrap().unwrap();
    let out = [U256::ZERO, U256::from(990)];
    let swap = PairSwapCall { out, to: oracle.actors[1], paid: None, reenter: None };
    measured.push(("swap", oracle.swap(&swap).unwrap()));
    let shares = U256::from(1000);
    measured.push(("transfer, to the pair", oracle.transfer(holder, oracle.pair, shares).unwrap()));
    measured.push(("burn", oracle.burn(holder).unwrap()));
    let measured = measured.into_iter().map(|(call, outcome)| {
        assert!(outcome.result.is_ok(), "{call}");
        println!("{call}: {} gas", outcome.gas);
        GasFigure { call, gas: outcome.gas }
    });
    assert_eq!(FACTS.gas, measured.collect::<Vec<_>>());
}
