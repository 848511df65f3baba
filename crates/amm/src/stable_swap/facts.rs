use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

const PACKAGE: &str = "@setprotocol/set-protocol-v2 0.1.16";

/// What the documentation says of this kind.
pub const FACTS: KindFacts = KindFacts {
    name: "stable_swap",
    title: "Curve StableSwap, first generations",
    models: &[
        Contract { name: "StableSwapSUSD.vy with its one-coin contract (v0)", version: PACKAGE },
        Contract {
            name: "StableSwap3Pool.vy (v1)",
            version: "curve-contract 15e303aa; deployed 0xbEbc44782C7dB0a1A60Cb6fe97d0b483032FF1C7",
        },
        Contract { name: "SwapTemplateBase.vy (v2)", version: "curve-contract 186d11e2" },
    ],
    proof: &[
        Proof::Bytecode { package: PACKAGE, test: "susd_pool_equals_the_contract_first_half" },
        Proof::Bytecode { package: PACKAGE, test: "susd_pool_equals_the_contract_second_half" },
        Proof::Recorded {
            what: "3pool at block 24407242: get_dy, 18 of 18, and the virtual price",
            test: "three_pool_answers_get_dy_as_the_chain_did",
        },
        Proof::Recorded {
            what: "3pool at block 24407242: 9 withdrawals in one coin and 9 deposits, all equal",
            test: "three_pool_answers_withdrawals_and_deposits_as_the_chain_did",
        },
        Proof::NaiveModel { test: "three_pool_form_equals_the_second_model" },
        Proof::NaiveModel { test: "plain_pool_form_equals_the_second_model" },
    ],
    gas: &[
        GasFigure { call: "v0, four coins: add_liquidity, the first", gas: 348_842 },
        GasFigure { call: "v0, four coins: add_liquidity, all coins", gas: 237_377 },
        GasFigure { call: "v0, four coins: add_liquidity, one coin", gas: 220_367 },
        GasFigure { call: "v0, four coins: exchange", gas: 109_805 },
        GasFigure { call: "v0, four coins: exchange_underlying", gas: 112_777 },
        GasFigure { call: "v0, four coins: remove_liquidity", gas: 136_659 },
        GasFigure { call: "v0, four coins: remove_liquidity_imbalance", gas: 225_918 },
        GasFigure { call: "v0, four coins: remove_liquidity_one_coin", gas: 327_330 },
        GasFigure { call: "v0, four coins: withdraw_admin_fees, the first", gas: 167_981 },
    ],
    quirks: &[
        Quirk {
            says: "get_dy of v0 and v1 takes the fee from the raw amount, an exchange from the \
                   scaled one: the view can promise one unit more, as 7 of the 18 recorded answers \
                   do. Quotes say what an exchange pays.",
            test: "view_can_promise_a_unit_more_than_an_exchange_pays",
        },
        Quirk {
            says: "v0 keeps nothing back from an output, so a large enough input buys all there is \
                   of a coin.",
            test: "the_first_generation_can_be_bought_empty_of_a_coin",
        },
        Quirk {
            says: "From v1 on a pool without one of its coins answers nothing and takes nothing: \
                   proportional withdrawals alone still work.",
            test: "a_pool_that_lacks_a_coin_pays_withdrawals_only",
        },
        Quirk {
            says: "In tiny or lopsided pools the invariant's loop can swing for ever: v0 and v1 \
                   take where it is after 255 rounds, v2 reverts.",
            test: "loops_that_swing_for_ever_end_in_v0_and_v1_and_revert_in_v2",
        },
        Quirk {
            says: "calc_token_amount leaves the fee on what is out of proportion out.",
            test: "a_deposit_withdrawn_at_once_gains_nothing",
        },
        Quirk {
            says: "A gift to the pool is the administrator's, who can give it to the providers \
                   from v1 on.",
            test: "a_gift_is_the_administrators",
        },
    ],
    absent: &[
        "Lending coins and rates that move: every coin counts for a fixed multiple.",
        "Coins that take a fee on transfer (the 3pool's third could), and coins that fail.",
        "Holders of shares, ownership and who may call what.",
        "v0 withdraws in one coin through a contract beside the pool. Shares that it did not need \
         stay with that contract on the chain; here they are never taken.",
    ],
};
