//! What the documentation says of each build.

use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// One entry a build, in the order of [`Build::ALL`](super::Build::ALL).
pub const FACTS: [KindFacts; 4] = [UNISWAP_V3, PANCAKE_V3, SLIPSTREAM, UNISWAP_V4];

const V3_GAS_CALLS: [&str; 8] = [
    "mint, the first of a pool",
    "mint at new ticks",
    "mint more at the same ticks",
    "swap in range, the first of a pool",
    "swap in range",
    "swap over one tick",
    "burn of a whole position",
    "collect",
];

const UNISWAP_V3: KindFacts = KindFacts {
    name: "uniswap_v3",
    title: "Uniswap v3",
    models: &[Contract { name: "UniswapV3Pool", version: "@uniswap/v3-core 1.0.1" }],
    proof: &[
        Proof::Bytecode {
            package: "@uniswap/v3-core 1.0.1",
            test: "pool_equals_the_contract_at_ordinary_prices",
        },
        Proof::Bytecode {
            package: "@uniswap/v3-core 1.0.1",
            test: "pool_equals_the_contract_near_both_ends_of_the_price",
        },
        Proof::Bytecode {
            package: "@uniswap/v3-core 1.0.1",
            test: "pool_equals_the_contract_where_prices_are_coarse",
        },
        Proof::Bytecode {
            package: "@uniswap/v3-periphery 1.4.4",
            test: "pool_equals_the_contract_under_the_position_manager",
        },
    ],
    gas: &V3_GAS,
    quirks: &[
        Quirk {
            says: "an exact input that stops short pays for the move of the price, rounded up, and \
                   all that is left of it is fee",
            test: "an_input_that_stops_short_is_split_by_the_build",
        },
        Quirk {
            says: "a swap that stops on an initialized tick from above leaves the tick below the \
                   price's own",
            test: "a_pool_comes_back_from_its_state",
        },
        Quirk {
            says: "collecting all protocol fees leaves one unit of each behind",
            test: "one_unit_of_the_fees_collected_stays_behind",
        },
    ],
    absent: &["payment: what the callbacks pay, and the reverts for paying too little"],
};

const PANCAKE_V3: KindFacts = KindFacts {
    name: "pancake_v3",
    title: "PancakeSwap v3",
    models: &[Contract { name: "PancakeV3Pool", version: "@pancakeswap/v3-core 1.0.2" }],
    proof: &[
        Proof::Bytecode {
            package: "@pancakeswap/v3-core 1.0.2",
            test: "pancake_pool_equals_the_contract_at_ordinary_prices",
        },
        Proof::Bytecode {
            package: "@pancakeswap/v3-core 1.0.2",
            test: "pancake_pool_equals_the_contract_near_both_ends_of_the_price",
        },
        Proof::Bytecode {
            package: "@pancakeswap/v3-core 1.0.2",
            test: "pancake_pool_equals_the_contract_where_prices_are_coarse",
        },
    ],
    gas: &PANCAKE_GAS,
    quirks: &[Quirk {
        says: "the protocol takes part of the fees from the first swap on: 33 % at a fee of 100 \
               pips, 34 % at 500, else 32 %",
        test: "a_pancake_pool_starts_with_a_protocol_fee",
    }],
    absent: &[
        "payment: what the callbacks pay, and the reverts for paying too little",
        "the liquidity-mining pool: it is told of swaps and crossed ticks and changes neither",
        "the factory: its fee tiers, and who may create a pool of which",
    ],
};

const SLIPSTREAM: KindFacts = KindFacts {
    name: "slipstream",
    title: "Slipstream (Velodrome, Aerodrome)",
    models: &[Contract {
        name: "CLPool",
        version: "velodrome-finance/slipstream, contracts/core at commit 140a9fe",
    }],
    proof: &[
        Proof::NaiveModel { test: "slipstream_pool_equals_the_naive_model" },
        Proof::NaiveModel {
            test: "slipstream_pool_equals_the_naive_model_where_prices_are_coarse",
        },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "staked liquidity earns no fees: its part goes to the gauge, and so does a share \
                   of what the rest earns, both rounded up",
            test: "the_gauge_takes_the_fees_of_staked_liquidity",
        },
        Quirk {
            says: "no observation is written within 15 seconds of the last",
            test: "slipstream_observations_are_fifteen_seconds_apart",
        },
    ],
    absent: &[
        "emissions: reward growth, reward rate and reserve, and syncReward",
        "the fee modules: the swap fee and the unstaked fee are set, not worked out",
        "more staked than there is in range, which no gauge brings about: swaps are then refused",
        "the position manager, the gauge and the factory as contracts of their own",
    ],
};

const UNISWAP_V4: KindFacts = KindFacts {
    name: "uniswap_v4",
    title: "Uniswap v4 without hooks",
    models: &[Contract { name: "PoolManager", version: "@uniswap/v4-core 1.0.2" }],
    proof: &[
        Proof::Bytecode {
            package: "@uniswap/v4-core 1.0.2",
            test: "v4_pool_equals_the_contract_at_ordinary_prices",
        },
        Proof::Bytecode {
            package: "@uniswap/v4-core 1.0.2",
            test: "v4_pool_equals_the_contract_near_both_ends_of_the_price",
        },
        Proof::Bytecode {
            package: "@uniswap/v4-core 1.0.2",
            test: "v4_pool_equals_the_contract_where_prices_are_coarse",
        },
    ],
    gas: &V4_GAS,
    quirks: &[
        Quirk {
            says: "an exact input that stops short is spent up to the fee, whatever the move of \
                   the price needed: less fee than in v3, by some wei",
            test: "an_input_that_stops_short_is_split_by_the_build",
        },
        Quirk {
            says: "a fee of 1,000,000 pips is allowed: an exact input is then all fee and moves \
                   nothing, and no exact output can be bought",
            test: "a_fee_of_everything_moves_nothing",
        },
        Quirk {
            says: "the protocol's fee is of the input and comes first; alone, it is the whole fee",
            test: "the_v4_protocol_fee_is_of_the_input",
        },
    ],
    absent: &[
        "pools with hooks, and with dynamic fees, which need one",
        "the manager's accounts: settling, claims (ERC-6909), flash accounting, native currency",
        "protocol fees past 2^128 - 1 in one pool: such a swap is refused",
    ],
};

const V3_GAS: [GasFigure; 8] =
    figures(V3_GAS_CALLS, [299_099, 213_587, 106_457, 115_827, 78_831, 131_885, 115_678, 61_240]);
const PANCAKE_GAS: [GasFigure; 8] =
    figures(V3_GAS_CALLS, [301_228, 215_716, 108_541, 143_118, 89_016, 142_840, 117_705, 61_224]);
const V4_GAS: [GasFigure; 8] = figures(
    [
        "modifyLiquidity, the first of a pool",
        "modifyLiquidity at new ticks",
        "modifyLiquidity, more at the same ticks",
        "swap in range, the first of a pool",
        "swap in range",
        "swap over one tick",
        "modifyLiquidity, all of a position removed",
        "donate",
    ],
    [263_535, 178_023, 115_331, 127_606, 93_406, 134_236, 129_971, 99_273],
);

/// Calls made through a minimal contract that pays with tokens it makes; unlocking and settling
/// are part of v4's.
const fn figures(calls: [&'static str; 8], gas: [u64; 8]) -> [GasFigure; 8] {
    let [a, b, c, d, e, f, g, h] = calls;
    let [ga, gb, gc, gd, ge, gf, gg, gh] = gas;
    [
        GasFigure { call: a, gas: ga },
        GasFigure { call: b, gas: gb },
        GasFigure { call: c, gas: gc },
        GasFigure { call: d, gas: gd },
        GasFigure { call: e, gas: ge },
        GasFigure { call: f, gas: gf },
        GasFigure { call: g, gas: gg },
        GasFigure { call: h, gas: gh },
    ]
}
