use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of Aerodrome.
pub const FACTS: KindFacts = KindFacts {
    name: "aerodrome",
    title: "Aerodrome (Velodrome v2): locks, votes, gauges, bribes, emission",
    models: &[
        Contract {
            name: "VotingEscrow, Voter, Minter, Reward",
            version: "aerodrome-finance/contracts d5e48b3b36a08726abd74432974c5bcdb4507bc9",
        },
        Contract {
            name: "Gauge",
            version: "aerodrome-finance/contracts a88d6ffb67f140c0ddec4e6dba9a7a3e80fae93c",
        },
        Contract {
            name: "RewardsDistributor",
            version: "velodrome-finance/contracts f7de50c1c1084e2208cae882346de5d982a6ad4d",
        },
        Contract {
            name: "CLPool (Slipstream), its rewards",
            version: "velodrome-finance/slipstream a829b218e63052871909f38ac6885e8f6a2f1119",
        },
        Contract {
            name: "CLGauge (Slipstream)",
            version: "aerodrome-finance/slipstream 0f36abdb273bdbc8df2aa4d8a5cdcbd44eb15f07",
        },
    ],
    proof: &[
        Proof::Recorded {
            what: "21 answers to the unit in the contracts' own tests of rebases and emission, \
                   aerodrome-finance/contracts d5e48b3b: 21 of 21",
            test: "the_answers_of_the_contracts_own_tests_are_equal",
        },
        Proof::NaiveModel { test: "the_system_equals_the_naive_model" },
        Proof::NaiveModel { test: "the_concentrated_gauge_equals_the_naive_model" },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "A bribe, whenever it is paid, goes to the votes at the epoch's end alone: who \
                   votes late gets as much as who voted first, and who leaves gets nothing.",
            test: "a_bribe_goes_to_the_votes_at_the_epochs_end",
        },
        Quirk {
            says: "A vote keeps the power it was cast with, while the lock decays, until it is \
                   poked.",
            test: "votes_are_stale_until_they_are_poked",
        },
        Quirk {
            says: "The vote of an expired lock cannot be poked away, for a part of nothing is \
                   refused: it counts in full until its owner resets it.",
            test: "an_expired_locks_vote_cannot_be_poked_away",
        },
        Quirk {
            says: "What a gauge emits while nobody stakes is nobody's, for ever.",
            test: "emission_without_stakers_is_stranded",
        },
        Quirk {
            says: "In the last hour only whitelisted locks vote, but bribes and fees of that hour \
                   still go to this epoch's voters.",
            test: "rewards_of_the_last_hour_go_to_this_epochs_votes",
        },
        Quirk {
            says: "A distribution late in the epoch raises the rate: the same emission is paid \
                   over what is left of it.",
            test: "a_late_distribution_raises_the_rate",
        },
        Quirk {
            says: "The team's part is of next week's emission, not of this one's.",
            test: "the_teams_share_follows_next_weeks_emission",
        },
        Quirk {
            says: "An epoch in which nobody asked for the emission is not made up for.",
            test: "a_week_without_a_call_is_not_emitted_for",
        },
        Quirk {
            says: "An emission while there are no votes at all stays in the voter for ever.",
            test: "an_emission_without_votes_is_stranded",
        },
        Quirk {
            says: "What a lock has not claimed when it is withdrawn, merged or split is lost: \
                   rebases cannot be paid to nobody, bribes have no owner who may claim them.",
            test: "rebases_of_a_withdrawn_lock_are_stuck",
        },
        Quirk {
            says: "A lock that is deposited into a managed one keeps the votes it cast before, \
                   and its tokens vote twice.",
            test: "a_deposited_lock_keeps_its_own_votes",
        },
        Quirk {
            says: "A lock taken out of a managed one leaves the rebases of the running epoch \
                   behind.",
            test: "a_withdrawal_from_a_managed_lock_leaves_this_epochs_rebase",
        },
        Quirk {
            says: "Slipstream's gauge keeps what it emits while no staked liquidity is in range, \
                   and adds it to the next emission, where the gauge of a pool of shares loses it.",
            test: "what_nobody_in_range_earned_rolls_over",
        },
        Quirk {
            says: "Slipstream's gauge goes on at the old rate after its period while anything of \
                   the emission is left; the next notification leaves what remains in it for ever.",
            test: "a_concentrated_emission_outlasts_its_period",
        },
    ],
    absent: &[
        "Who may act for the governor, the team, the council or the minter: taken as given.",
        "Transfers and approvals of locks, and with them the lack of voting power in the block of \
         a transfer.",
        "Delegation of governance votes, and the governors themselves.",
        "The first distribution of the token (Minter.initialize) and the airdrop.",
        "claimMany, claims of several gauges in one call: one call each comes to the same.",
        "Slipstream's increaseStakedLiquidity and decreaseStakedLiquidity, its redistributor, and \
         the December 2023 draft of its pool that counts seconds without staked liquidity.",
        "The pool's fees that a gauge claims at a notification, where a backtest makes the gauge \
         up: they go to those who vote for it.",
        "rewardRateByEpoch and rewardsByEpoch, which nothing reads.",
        "Superchain gauges on other chains.",
    ],
};
