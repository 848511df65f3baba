use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of stableswap-ng pools.
pub const FACTS: KindFacts = KindFacts {
    name: "stable_swap_ng",
    title: "Curve stableswap-ng",
    models: &[
        Contract { name: "CurveStableSwapNG", version: "v7.0.0" },
        Contract { name: "CurveStableSwapNGViews", version: "1.2.0" },
    ],
    proof: &[
        Proof::NaiveModel { test: "stable_swap_ng_equals_the_naive_model_first_quarter" },
        Proof::NaiveModel { test: "stable_swap_ng_equals_the_naive_model_second_quarter" },
        Proof::NaiveModel { test: "stable_swap_ng_equals_the_naive_model_third_quarter" },
        Proof::NaiveModel { test: "stable_swap_ng_equals_the_naive_model_fourth_quarter" },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "the views contract reads the amplification in whole units: inside a ramp its \
                   quotes differ from what the pool pays",
            test: "views_see_whole_amplifications_only",
        },
        Quirk {
            says: "price oracles stop at two: a coin worth more is seen as two",
            test: "oracles_stop_at_two",
        },
        Quirk {
            says: "remove_liquidity moves the oracle of the invariant but not those of prices",
            test: "balanced_withdrawals_leave_price_oracles_alone",
        },
        Quirk {
            says: "get_dx takes the fee of the balances before the exchange and rounds down: its \
                   answer may buy less than asked for",
            test: "get_dx_may_buy_less",
        },
    ],
    absent: &[
        "rate oracles and ERC-4626 vaults themselves: `stored_rates` is an input",
        "tokens that move other amounts than asked for: with a fee, or rebasing ones by a wei or \
         two; a rebase itself is an input",
        "holders' balances, allowances and permits",
        "a factory without a fee receiver, for which `withdraw_admin_fees` does nothing",
        "lists of amounts longer than the coins, whose rest the contract ignores: they are refused",
        "the receivers of payments, and the contract's refusal to pay the zero address",
    ],
};
