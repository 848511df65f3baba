use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of this kind.
pub const FACTS: KindFacts = KindFacts {
    name: "crypto_swap",
    title: "Curve crypto pools (two-crypto, tricrypto2, tricrypto-ng, twocrypto-ng)",
    models: &[
        Contract {
            name: "CurveCryptoSwap2ETH (the factory's)",
            version: "curvefi/curve-factory-crypto at 186c191c94cf8c55309b3406f54bfc473653c1b8",
        },
        Contract {
            name: "CurveCryptoSwap2 (EURT)",
            version: "curvefi/curve-crypto-contract, deployment-logs/2021-10-31. EURT on mainnet, \
                at 282c513830e4bda1bcfa9332362eccb000b63d6d",
        },
        Contract {
            name: "CurveCryptoSwap2ETH (CRV)",
            version: "curvefi/curve-crypto-contract, deployment-logs/2021-11-24. CRV, at \
                cf4dd2a96b763339f178649cbba7460a9f07559c",
        },
        Contract {
            name: "CurveCryptoSwap2ETH (CVX)",
            version: "curvefi/curve-crypto-contract, deployment-logs/2021-12-11. CVX, at \
                3e76e148f63cb5a74ea5496c70d151fdb819baf5",
        },
        Contract {
            name: "CurveCryptoSwap2 (EUROC)",
            version: "curvefi/curve-crypto-contract, deployment-logs/2022-06-29. EUROC, at \
                d7d04cd9ae038970e40be850df99de8c1ff7241b",
        },
        Contract {
            name: "CurveCryptoSwap (tricrypto2)",
            version: "curvefi/curve-crypto-contract, deployment-logs/2021-07-13, at \
                27bc05b0cd48495d3cbc3f01af452f961024761a",
        },
        Contract {
            name: "CurveCryptoMath3",
            version: "curvefi/curve-crypto-contract, contracts/tricrypto, at \
                0a3a5a11721253bdba003d2f94f6c43a13f6ea00",
        },
        Contract {
            name: "CurveTricryptoOptimizedWETH \"v2.0.0\"",
            version: "curvefi/tricrypto-ng at 0c56c4c02e4a70e8eaa3e61f73fa0124d80e9ce3",
        },
        Contract {
            name: "CurveCryptoMathOptimized3 \"v2.0.0\"",
            version: "curvefi/tricrypto-ng at 49a99c6a75500b17447a3a1b4c08128ce657552e, as at \
                0xcBFf3004a20dBfE2731543AA38599A526e0fD6eE",
        },
        Contract {
            name: "CurveCryptoViews3Optimized",
            version: "curvefi/tricrypto-ng at 310ad8a7d999aff254c920baf3e7265751b905e3",
        },
        Contract {
            name: "CurveTwocryptoOptimized \"v2.0.0\"",
            version: "curvefi/twocrypto-ng at 2b110f40251698c3a8a1b57aaa9de160e07d8f8c, with \
                `get_xcp` as Curve's documentation prints it",
        },
        Contract {
            name: "CurveCryptoMathOptimized2 \"v2.0.0\"",
            version: "curvefi/twocrypto-ng at 04538be1658209d4d19191edbf9319e34b987705",
        },
        Contract {
            name: "CurveTwocryptoOptimized \"v2.1.0\"",
            version: "curvefi/twocrypto-ng, contracts/zksync, at \
                8c60f7db77b02936e629e6ed0e9571b3b2f83ec8",
        },
        Contract {
            name: "CurveCryptoMathOptimized2 \"v2.1.0\"",
            version: "curvefi/twocrypto-ng, contracts/zksync, at \
                f59dc5f891716d13effd9d6f348ffe2e169b4c0e",
        },
        Contract {
            name: "CurveCryptoViews2Optimized",
            version: "curvefi/twocrypto-ng at 04538be1658209d4d19191edbf9319e34b987705",
        },
    ],
    proof: &[
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_two_crypto" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_tricrypto2" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_tricrypto_ng" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_eurt" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_crv" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_cvx" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_euroc" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_twocrypto_ng_2_0" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_twocrypto_ng_2_1" },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "Two-crypto and tricrypto2 keep a D when their last share is burned, and then \
                mint nothing for any deposit: an emptied pool is dead.",
            test: "an_emptied_old_pool_is_dead",
        },
        Quirk {
            says: "Withdrawing in one coin from two-crypto or tricrypto2 marks a ramp as over even \
                where there is none, which hides a loss from the check that follows.",
            test: "a_withdrawal_in_one_coin_skips_the_check_for_loss",
        },
        Quirk {
            says: "Tricrypto2's `get_dy` forgets that D moves with a ramp; its exchange does not.",
            test: "tricrypto2_quotes_stale_d_during_a_ramp",
        },
        Quirk {
            says: "A balanced withdrawal from tricrypto-ng goes on from the balances before its \
                own claim, which lets go of the gifts that the claim had just counted in D.",
            test: "a_withdrawal_from_ng_lets_go_of_gifts",
        },
        Quirk {
            says: "The old pools of two coins go at least a fifth (the factory's), a tenth (CRV, \
                CVX, EUROC) or no set part (EURT) of the way to their oracle at once.",
            test: "each_old_pool_of_two_goes_its_own_part_of_the_way",
        },
        Quirk {
            says: "The EUROC pool's solver for a balance adds before it divides in one term of \
                its derivative, so its rounds end elsewhere.",
            test: "crypto_swap_equals_the_naive_model_euroc",
        },
        Quirk {
            says: "Twocrypto-ng pays its administrators in coins, not more than once a day, and \
                only when somebody withdraws in one coin.",
            test: "twocrypto_ng_pays_its_administrators_in_coins",
        },
        Quirk {
            says: "Twocrypto-ng's `exchange_received` swaps all that was given, not only what it \
                is told of.",
            test: "all_that_was_given_is_swapped",
        },
    ],
    absent: &[
        "limits that callers set, such as the least output: compare the answer",
        "the kill switch of tricrypto2 and of the pools of two before the factory, and the three \
            days that new parameters wait",
        "the tricrypto pools of layer-2 factories, and the old pools of two of other chains",
        "pools of two with stable maths and donations: `Twocrypto` \"v2.1.0d\" and later",
        "`xcp_oracle` of twocrypto-ng v2.0.0, an average that nothing else reads",
        "native ether, callbacks and exchange_extended: they pay the same amounts otherwise",
    ],
};
