use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of v2 pairs.
pub const FACTS: KindFacts = KindFacts {
    name: "constant_product",
    title: "Uniswap v2 pair and its forks",
    models: &[
        Contract { name: "UniswapV2Pair", version: "@uniswap/v2-core 1.0.1" },
        Contract { name: "UniswapV2Pair (SushiSwap)", version: "@sushiswap/sushiswap 0.1.1" },
        Contract { name: "PancakePair", version: "@pancakeswap-libs/pancake-swap-core 0.1.0" },
    ],
    proof: &[
        Proof::Bytecode {
            package: "@uniswap/v2-core 1.0.1",
            test: "pair_equals_the_contract_first_half, pair_equals_the_contract_second_half",
        },
        Proof::Bytecode {
            package: "@sushiswap/sushiswap 0.1.1",
            test: "sushi_pair_equals_the_contract",
        },
        Proof::Bytecode {
            package: "@pancakeswap-libs/pancake-swap-core 0.1.0",
            test: "pancake_pair_equals_the_contract",
        },
        Proof::Recorded {
            what: "USDC/WETH, mainnet, 2022-01-01 to 05: of 7,615 swaps between distinct times \
                   6,680 keep the product to 10^-9 and 5,763 give the library's output as far as \
                   the digits tell; all others are beside states whose order is not recorded",
            test: "recorded_reserves_follow_the_formula_where_they_can_be_checked",
        },
    ],
    gas: &[
        GasFigure { call: "mint, first", gas: 148_472 },
        GasFigure { call: "mint, more", gas: 114_831 },
        GasFigure { call: "swap", gas: 77_709 },
        GasFigure { call: "transfer, to the pair", gas: 51_424 },
        GasFigure { call: "burn", gas: 120_976 },
    ],
    quirks: &[
        Quirk {
            says: "The library's exact-output quote is one wei too much where the division is \
                   exact.",
            test: "an_exact_division_still_costs_one_more",
        },
        Quirk {
            says: "Output sent to the pair itself counts as paid in.",
            test: "output_sent_to_the_pair_itself_counts_as_paid_in",
        },
        Quirk {
            says: "Switching the protocol's share off forgets the growth it had coming, at the \
                   next deposit or withdrawal.",
            test: "protocol_takes_a_sixth_of_the_growth",
        },
        Quirk {
            says: "PancakeSwap's first pairs give the protocol a quarter of the fees, not a sixth.",
            test: "pancake_pair_equals_the_contract",
        },
    ],
    absent: &[
        "Allowances and permits of the share token.",
        "Tokens that take a fee on transfer or change balances by themselves.",
        "SushiSwap's migrator, which may mint any number of first shares; the state of a pair that \
         it created loads all the same.",
    ],
};
