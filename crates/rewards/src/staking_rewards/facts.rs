use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of StakingRewards.
pub const FACTS: KindFacts = KindFacts {
    name: "staking_rewards",
    title: "Synthetix StakingRewards and Uniswap's build of it",
    models: &[
        Contract { name: "StakingRewards (Uniswap)", version: "@uniswap/liquidity-staker 1.0.2" },
        Contract { name: "StakingRewards (Synthetix)", version: "synthetix 2.102.1" },
    ],
    proof: &[
        Proof::Bytecode {
            package: "@uniswap/liquidity-staker 1.0.2",
            test: "staking_rewards_equal_the_contract",
        },
        Proof::Bytecode {
            package: "synthetix 2.102.1, source compiled by solc 0.5.16",
            test: "synthetix_staking_rewards_equal_the_contract",
        },
    ],
    gas: &[
        GasFigure { call: "notifyRewardAmount, first", gas: 105_990 },
        GasFigure { call: "stake, first of all", gas: 113_890 },
        GasFigure { call: "stake, first of another", gas: 126_130 },
        GasFigure { call: "stake, more", gas: 111_875 },
        GasFigure { call: "getReward", gas: 88_492 },
        GasFigure { call: "withdraw, part", gas: 116_604 },
        GasFigure { call: "exit", gas: 95_488 },
    ],
    quirks: &[
        Quirk {
            says: "Rewards of the time when nobody is staked go to nobody, and stay in the \
                   contract.",
            test: "q401b_rewards_are_stranded_while_nobody_is_staked",
        },
        Quirk {
            says: "A notification, even of nothing, spreads what is left of a running period over \
                   a whole new duration: the rate falls.",
            test: "a_top_up_of_nothing_stretches_the_period_and_halves_the_rate",
        },
        Quirk {
            says: "What the division of a reward by the duration leaves over is never paid: up to \
                   one unit less than the duration has seconds.",
            test: "what_the_rate_leaves_over_is_never_paid",
        },
        Quirk {
            says: "The reward per token is rounded down at every checkpoint: against a stake of \
                   more than 10^18 times the rate, checkpoints every second pay nothing.",
            test: "checkpoints_every_second_can_eat_the_whole_reward",
        },
        Quirk {
            says: "A notification is checked against all that the contract holds: rewards that are \
                   owed already can be promised again.",
            test: "rewards_that_are_owed_can_be_promised_again",
        },
        Quirk {
            says: "Where the staking token is the reward token, stakes pass for rewards; the last \
                   to withdraw finds the contract empty.",
            test: "stakes_pass_for_rewards_where_both_are_one_token",
        },
        Quirk {
            says: "A rate above 2^256 / 10^18 units in the time between two checkpoints makes \
                   every later operation revert, withdrawals too.",
            test: "an_absurd_rate_locks_every_stake",
        },
        Quirk {
            says: "An account without a stake cannot exit, even if rewards are due to it; it can \
                   claim.",
            test: "an_account_without_a_stake_cannot_exit",
        },
        Quirk {
            says: "Synthetix's owner may take out rewards that are owed, and may set a duration of \
                   zero, after which no period can start.",
            test: "the_owner_takes_owed_rewards_and_stops_the_programme",
        },
    ],
    absent: &[
        "Allowances and stakeWithPermit, which only come before the same stake.",
        "Recovery of tokens that are neither staked nor rewards; the change of Synthetix's owner.",
        "Tokens that take a fee on transfer or change balances by themselves.",
    ],
};
