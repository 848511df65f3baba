use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of metapools of stableswap-ng.
pub const FACTS: KindFacts = KindFacts {
    name: "stable_swap_meta_ng",
    title: "Curve stableswap-ng metapool",
    models: &[
        Contract { name: "CurveStableSwapMetaNG", version: "v7.0.0" },
        Contract { name: "CurveStableSwapNGViews", version: "1.2.0" },
    ],
    proof: &[
        Proof::NaiveModel { test: "stable_swap_meta_ng_equals_the_naive_model_first_quarter" },
        Proof::NaiveModel { test: "stable_swap_meta_ng_equals_the_naive_model_second_quarter" },
        Proof::NaiveModel { test: "stable_swap_meta_ng_equals_the_naive_model_third_quarter" },
        Proof::NaiveModel { test: "stable_swap_meta_ng_equals_the_naive_model_fourth_quarter" },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "an exchange into the metapool values the base pool's shares at their price \
                   from before its own deposit",
            test: "own_deposits_in_the_base_do_not_move_the_rate",
        },
        Quirk {
            says: "the views contract works out deposits in an older base pool by \
                   stableswap-ng's own invariant with the amplification in whole units: \
                   get_dy_underlying is a little off",
            test: "views_reckon_older_base_pools_as_younger_ones",
        },
        Quirk {
            says: "exchange_underlying of a rebasing coin lowers what the pool knows of, and not \
                   to what the token says: after a gain it can run out and refuse",
            test: "underlying_exchanges_of_a_coin_that_gained_can_run_out",
        },
    ],
    absent: &[
        "base pools of the first generation, of lending coins, or of four and more older coins",
        "underlying views of coins that are not there, for some of which the views contract \
         answers as for an amount of zero",
        "rate oracles and ERC-4626 vaults themselves: the coin's rate is an input",
        "tokens that move other amounts than asked for; gifts of the base pool's coins",
        "holders' balances, allowances and permits; a factory without a fee receiver",
        "the receivers of payments, and the contract's refusal to pay the zero address",
    ],
};
