use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of Curve's gauges.
pub const FACTS: KindFacts = KindFacts {
    name: "curve_gauge",
    title: "Curve liquidity gauge, minter and emission",
    models: &[
        Contract { name: "LiquidityGauge", version: "@setprotocol/set-protocol-v2 0.1.16" },
        Contract { name: "Minter", version: "@setprotocol/set-protocol-v2 0.1.16" },
        Contract { name: "ERC20CRV", version: "@setprotocol/set-protocol-v2 0.1.16" },
    ],
    proof: &[Proof::Bytecode {
        package: "@setprotocol/set-protocol-v2 0.1.16",
        test: "curve_gauges_equal_the_contracts",
    }],
    gas: &[
        GasFigure { call: "deposit, the first", gas: 342_470 },
        GasFigure { call: "deposit, a week later", gas: 412_604 },
        GasFigure { call: "user_checkpoint, a week later", gas: 353_521 },
        GasFigure { call: "mint, a week later", gas: 411_834 },
        GasFigure { call: "withdraw of everything, a week later", gas: 382_681 },
    ],
    quirks: &[
        Quirk {
            says: "A boost stays as it was until its account's next checkpoint, or until somebody \
                   kicks it, however many votes are gone.",
            test: "a_boost_stays_until_a_checkpoint_or_a_kick",
        },
        Quirk {
            says: "A new gauge knows no boost for two weeks; the next checkpoint after them finds \
                   it.",
            test: "the_first_two_weeks_know_no_boost",
        },
        Quirk {
            says: "Emission while nobody is staked is nobody's, for ever.",
            test: "emission_while_nobody_is_staked_is_stranded",
        },
        Quirk {
            says: "A deposit of nothing is a checkpoint that keeps an unbacked boost.",
            test: "nothing_staked_is_a_checkpoint_that_keeps_the_boost",
        },
        Quirk {
            says: "claimable_tokens sent as a transaction is a checkpoint for anybody, its boost \
                   kept.",
            test: "anybody_can_checkpoint_another_without_touching_the_boost",
        },
        Quirk {
            says: "Each checkpoint rounds down twice: many small steps pay a little less than one.",
            test: "splitting_an_interval_changes_nothing_but_dust",
        },
        Quirk {
            says: "What more than 500 weeks without a checkpoint would have brought is lost.",
            test: "after_500_weeks_without_a_checkpoint_the_rest_is_lost",
        },
        Quirk {
            says: "The token begins one epoch a call however many have passed, so a late one keeps \
                   too high a rate.",
            test: "one_call_begins_one_epoch_however_many_have_passed",
        },
        Quirk {
            says: "mint_for without leave does nothing, and succeeds.",
            test: "minting_for_another_without_leave_does_nothing_and_succeeds",
        },
        Quirk {
            says: "Burned tokens can be minted again: only the supply is capped.",
            test: "burned_tokens_can_be_minted_again",
        },
    ],
    absent: &[
        "A switch that kills a gauge, which later versions have.",
        "Balances and allowances of the token; its minter and administrator.",
        "Past periods of a gauge: only the last entry of its lists is kept.",
    ],
};
