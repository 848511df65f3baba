use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of Balancer's gauges.
pub const FACTS: KindFacts = KindFacts {
    name: "balancer_gauge",
    title: "Balancer liquidity gauge v5 and minter",
    models: &[
        Contract {
            name: "LiquidityGaugeV5",
            version: "@balancer-labs/v2-deployments 3.2.0, 20220822-mainnet-gauge-factory-v2",
        },
        Contract {
            name: "BalancerMinter",
            version: "@balancer-labs/v2-deployments 3.2.0, 20220325-gauge-controller",
        },
        Contract {
            name: "GaugeController (Balancer's, Vyper 0.3.1)",
            version: "@balancer-labs/v2-deployments 3.2.0, 20220325-gauge-controller",
        },
        Contract {
            name: "VotingEscrowDelegationProxy, while nobody delegates",
            version: "@balancer-labs/v2-deployments 3.2.0, 20220325-ve-delegation",
        },
    ],
    proof: &[Proof::Bytecode {
        package: "@balancer-labs/v2-deployments 3.2.0",
        test: "balancer_gauges_equal_the_contracts",
    }],
    gas: &[
        GasFigure { call: "deposit, the first", gas: 454_568 },
        GasFigure { call: "deposit_reward_token, the first", gas: 136_087 },
        GasFigure { call: "deposit, two weeks later, with a reward token", gas: 574_091 },
        GasFigure { call: "user_checkpoint, a week later", gas: 316_060 },
        GasFigure { call: "mint, a week later", gas: 419_890 },
        GasFigure { call: "claim_rewards of one token", gas: 68_362 },
        GasFigure { call: "transfer, two weeks later", gas: 634_231 },
        GasFigure { call: "withdraw, a week later", gas: 367_620 },
    ],
    quirks: QUIRKS,
    absent: &[
        "Delegated boosts: the boost proxy is one without a delegation, or where nobody delegates.",
        "Permits and approvals by signature; Balancer's authorizer, which is one account here.",
        "Reward tokens that take fees, call back, or are no contracts; balances outside the gauge.",
        "Past periods of a gauge: only the last entry of its lists is kept.",
    ],
};

const QUIRKS: &[Quirk] = &[
    Quirk {
        says: "The checkpoint that begins an epoch of BAL keeps the old rate, and the gauge emits \
               by it until the checkpoint after.",
        test: "the_checkpoint_that_begins_an_epoch_keeps_the_old_rate",
    },
    Quirk {
        says: "A gauge that nobody touches until two epochs have ended keeps its rate for ever; \
               minting then comes to what the schedule does not allow.",
        test: "a_gauge_left_alone_for_two_epochs_keeps_its_rate_for_ever",
    },
    Quirk {
        says: "A kill takes back all since the last checkpoint, and an end of it gives back the \
               time between.",
        test: "a_kill_and_its_end_count_back_to_the_last_checkpoint",
    },
    Quirk {
        says: "A new cap counts from the last checkpoint on, and what a cap cuts off goes to \
               nobody.",
        test: "a_cap_counts_back_to_the_last_checkpoint",
    },
    Quirk {
        says: "A boost needs no warm-up, and stays as it was until its account's next checkpoint, \
               or until somebody kicks it.",
        test: "a_boost_needs_no_warm_up_and_stays_until_a_checkpoint_or_a_kick",
    },
    Quirk {
        says: "Anybody can stake for another, and pay out the other's rewards, but not redirect \
               them.",
        test: "a_stranger_can_claim_for_another_but_not_redirect",
    },
    Quirk {
        says: "Checkpoints, and deposits and withdrawals of nothing, leave reward tokens alone, \
               also where they ask for a claim.",
        test: "checkpoints_and_deposits_of_nothing_leave_reward_tokens_alone",
    },
    Quirk {
        says: "Reward tokens of the time when nobody is staked go to nobody; so does the emission.",
        test: "rewards_are_stranded_while_nobody_is_staked",
    },
    Quirk {
        says: "A deposit of nothing spreads what is left of a reward over a whole week more, its \
               rate rounded down, here to nothing.",
        test: "a_top_up_of_nothing_can_end_a_reward",
    },
    Quirk {
        says: "What a reward leaves over when divided by the seconds of a week is never paid.",
        test: "what_the_rate_leaves_over_is_never_paid",
    },
    Quirk {
        says: "Claimed and claimable rewards share a word: what was claimed past 2^128 can be \
               claimed again.",
        test: "what_was_claimed_past_128_bits_can_be_claimed_again",
    },
    Quirk {
        says: "Rewards that pass 2^128 before they are claimed are lost.",
        test: "what_waits_past_128_bits_is_lost",
    },
    Quirk {
        says: "A distributor of an absurd amount locks every stake for ever: only checkpoints of \
               the emission go through.",
        test: "an_absurd_reward_locks_every_stake",
    },
    Quirk {
        says: "The vault moves stakes without leave, and approvals of it count for nothing.",
        test: "the_vault_needs_no_leave_to_move_a_stake",
    },
    Quirk {
        says: "A moved stake takes no rewards along.",
        test: "a_moved_stake_leaves_its_rewards_behind",
    },
    Quirk {
        says: "What more than 500 weeks without a checkpoint would have brought is lost.",
        test: "what_comes_after_500_weeks_without_a_checkpoint_is_lost",
    },
    Quirk {
        says: "mintFor without leave fails; mint_for without leave does nothing, and succeeds.",
        test: "minting_without_leave_fails_or_does_nothing_by_its_name",
    },
    Quirk {
        says: "claimable_tokens sent as a transaction is a checkpoint for anybody, its boost kept.",
        test: "anybody_can_count_what_another_earned_and_keep_its_boost",
    },
];
