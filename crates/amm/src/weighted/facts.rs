use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What is known of the kind.
pub const FACTS: KindFacts = KindFacts {
    name: "weighted",
    title: "Balancer v2 weighted",
    models: &[
        Contract {
            name: "WeightedPool, WeightedPool2Tokens",
            version: "v2-deployments 3.2.0, 20210418-weighted-pool",
        },
        Contract {
            name: "WeightedPool",
            version: "v2-deployments 3.2.0, 20220908-weighted-pool-v2",
        },
        Contract { name: "Vault", version: "v2-deployments 3.2.0, 20210418-vault" },
    ],
    proof: &[
        Proof::Bytecode {
            package: "@balancer-labs/v2-deployments 3.2.0",
            test: "weighted_equals_the_contracts_first_half",
        },
        Proof::Bytecode {
            package: "@balancer-labs/v2-deployments 3.2.0",
            test: "weighted_equals_the_contracts_second_half",
        },
        Proof::Recorded {
            what: "querySwap of three mainnet pools at block 24,407,242: 54 of 54 equal",
            test: "recorded_query_swaps_are_equal",
        },
        Proof::NaiveModel { test: "powers_equal_the_formulas_in_big_integers" },
    ],
    gas: GAS,
    quirks: &[
        Quirk {
            says: "In the build of 2021 a power with the exponent 1, 2 or 4 is off by up to 10^-14 \
                   like any other, to the trader's loss; that of 2022 multiplies.",
            test: "build_of_2021_has_no_shortcut_for_even_weights",
        },
        Quirk {
            says: "In the build of 2022 an exit into one token is rounded up after its fee, though \
                   it goes out.",
            test: "build_of_2022_rounds_the_fee_of_a_one_token_exit_up",
        },
        Quirk {
            says: "A swap may not pay in or take out more than 30 % of the balance.",
            test: "a_swap_of_more_than_thirty_percent_is_refused",
        },
    ],
    absent: &[
        "The price oracle of WeightedPool2Tokens: it is taken to be off.",
        "Pausing and recovery mode, and the exits that only they allow.",
        "Asset managers: all balances are cash in the vault.",
        "The vault's own limits and deadlines of a call, internal balances, relayers, flash loans \
         and batches; a batch is its swaps one by one.",
        "Who holds the shares: an exit may burn all but the locked ones.",
    ],
};

/// Of a pool of two tokens, whose caller holds tokens and shares already.
const GAS: &[GasFigure] = &[
    GasFigure { call: "joinPool, first (2021, 2 tokens)", gas: 265_080 },
    GasFigure { call: "joinPool, later, exact tokens (2021, 2 tokens)", gas: 157_358 },
    GasFigure { call: "swap, given in (2021, 2 tokens)", gas: 92_092 },
    GasFigure { call: "swap, given out (2021, 2 tokens)", gas: 92_372 },
    GasFigure { call: "exitPool, exact shares for all tokens (2021, 2 tokens)", gas: 143_074 },
    GasFigure { call: "joinPool, first (2021)", gas: 264_396 },
    GasFigure { call: "joinPool, later, exact tokens (2021)", gas: 158_975 },
    GasFigure { call: "swap, given in (2021)", gas: 91_628 },
    GasFigure { call: "swap, given out (2021)", gas: 91_913 },
    GasFigure { call: "exitPool, exact shares for all tokens (2021)", gas: 142_102 },
    GasFigure { call: "joinPool, first (2022)", gas: 248_277 },
    GasFigure { call: "joinPool, later, exact tokens (2022)", gas: 161_167 },
    GasFigure { call: "swap, given in (2022)", gas: 90_193 },
    GasFigure { call: "swap, given out (2022)", gas: 92_526 },
    GasFigure { call: "exitPool, exact shares for all tokens (2022)", gas: 147_070 },
];
