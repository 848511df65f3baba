use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of Balancer v1 pools.
pub const FACTS: KindFacts = KindFacts {
    name: "balancer_v1",
    title: "Balancer v1 pool",
    models: &[Contract { name: "BPool", version: "@setprotocol/set-protocol-v2 0.1.16" }],
    proof: &[
        Proof::Bytecode {
            package: "@setprotocol/set-protocol-v2 0.1.16",
            test: "bpool_equals_the_contract_first_half, bpool_equals_the_contract_second_half",
        },
        Proof::Recorded {
            what: "DAI/WETH 20/80, mainnet, from its creation on 2020-12-07 to 2021-01-14: 10,537 \
                   swaps and all joins and exits, to the wei",
            test: "recorded_pool_is_exact_from_its_creation",
        },
    ],
    gas: &[
        GasFigure { call: "swapExactAmountIn, equal weights", gas: 88_849 },
        GasFigure { call: "joinPool, 2 tokens", gas: 98_441 },
        GasFigure { call: "exitPool, 2 tokens", gas: 104_012 },
        GasFigure { call: "joinswapExternAmountIn, equal weights", gas: 84_712 },
    ],
    quirks: &[
        Quirk {
            says: "A token can be swapped for itself, at the cost of the fee.",
            test: "a_token_swaps_for_itself",
        },
        Quirk {
            says: "A single-token join can mint nothing for its payment: no check looks at it.",
            test: "a_tiny_join_mints_nothing",
        },
        Quirk {
            says: "The power is good for about ten decimals only, which is why a swap can fail for \
                   its own rounding (ERR_MATH_APPROX).",
            test: "a_swap_fails_where_rounding_turns_the_price",
        },
        Quirk {
            says: "Parts of the pool round half up, so joins and exits can win a few wei.",
            test: "shares_are_deposited_and_withdrawn_in_the_pool_s_proportions",
        },
        Quirk {
            says: "Near twice the supply, a single-token join for exact shares takes more terms \
                   than a block has gas for.",
            test: "a_power_without_end_takes_more_gas_than_a_block_has",
        },
    ],
    absent: &[
        "The controller: who may set a pool up is not asked.",
        "Holders of shares: whoever burns shares is taken to have them.",
        "The exit fee, which every deployed pool has at zero.",
        "The public calc functions of the contract; its operations are what uses them.",
    ],
};
