use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of MasterChef.
pub const FACTS: KindFacts = KindFacts {
    name: "master_chef",
    title: "SushiSwap MasterChef",
    models: &[
        Contract { name: "MasterChef", version: "@sushiswap/core 1.4.2, solc 0.6.12" },
        Contract { name: "SushiToken", version: "@sushiswap/core 1.4.2, solc 0.6.12" },
    ],
    proof: &[Proof::Bytecode {
        package: "@sushiswap/core 1.4.2, compiled",
        test: "master_chef_equals_the_contract",
    }],
    gas: &[
        GasFigure { call: "add, first pool", gas: 139_553 },
        GasFigure { call: "deposit, first of all", gas: 88_182 },
        GasFigure { call: "deposit, first of another, the first to mint", gas: 207_367 },
        GasFigure { call: "deposit, more, the first to be paid", gas: 149_562 },
        GasFigure { call: "deposit, more", gas: 115_362 },
        GasFigure { call: "deposit of nothing, to claim", gas: 111_690 },
        GasFigure { call: "withdraw, part", gas: 137_294 },
        GasFigure { call: "emergencyWithdraw", gas: 60_025 },
    ],
    quirks: &[
        Quirk {
            says: "A weight changed without updating all pools first also counts for the blocks \
                   that passed.",
            test: "weights_changed_without_an_update_rewrite_the_past",
        },
        Quirk {
            says: "A pool's stake is what the chef holds of the token: a gift of it takes its part \
                   of the reward, which nobody can claim.",
            test: "a_gift_takes_its_part_of_the_reward",
        },
        Quirk {
            says: "Two pools of one token each count the stakes of both: half of what is minted \
                   goes to nobody.",
            test: "two_pools_of_one_token_each_count_the_stakes_of_both",
        },
        Quirk {
            says: "Where the chef holds less than it owes it pays what it has, and forgets the \
                   rest: who claims first is paid.",
            test: "who_claims_first_is_paid_and_the_rest_is_forgotten",
        },
        Quirk {
            says: "Rewards owed are rounded down from the beginning, not from the deposit: a small \
                   stake can earn a whole unit for a fraction of one, so that more is owed than \
                   was minted.",
            test: "who_claims_first_is_paid_and_the_rest_is_forgotten",
        },
        Quirk {
            says: "With all weights at zero, whoever is in a pool can neither deposit nor \
                   withdraw, only leave in emergency.",
            test: "weights_of_zero_lock_all_but_the_emergency_exit",
        },
        Quirk {
            says: "The developers' share set to the zero address locks pools the same way.",
            test: "developers_at_the_zero_address_lock_all_but_the_emergency_exit",
        },
        Quirk {
            says: "While a pool is empty nothing is minted for it: unlike StakingRewards, it \
                   strands nothing.",
            test: "nothing_is_minted_while_a_pool_is_empty",
        },
        Quirk {
            says: "An emergency withdrawal forfeits what was earned, and the chef keeps it.",
            test: "an_emergency_withdrawal_forfeits_what_was_earned",
        },
        Quirk {
            says: "The developers' tenth is minted on top, so that a block mints 110 % of its \
                   figure; until the bonus ends, ten times that.",
            test: "the_bonus_ends_within_an_interval",
        },
        Quirk {
            says: "A pool of the reward token counts the rewards that are still to be claimed as \
                   stakes, of all pools.",
            test: "a_pool_of_the_reward_token_counts_unclaimed_rewards_as_stakes",
        },
    ],
    absent: &[
        "The migrator, which may exchange a pool's token for any other.",
        "Transfers of the ownership; delegation of the reward token's votes.",
        "Tokens that take a fee on transfer: the chef books what was sent, and the last to leave \
         cannot.",
        "Tokens that are no contracts.",
    ],
};
