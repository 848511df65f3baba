//! Forks of the v2 pair, with the fee and the protocol's share that they compile in.

use tidemill_amm::constant_product::PairParameters;
use tidemill_testkit::PairBuild;

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
