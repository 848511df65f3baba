use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of proof-of-stake delegation.
pub const FACTS: KindFacts = KindFacts {
    name: "validator_staking",
    title: "Proof-of-stake delegation (Cosmos SDK)",
    models: &[
        Contract { name: "x/staking", version: "cosmos-sdk main at 0282b68c, after 0.50" },
        Contract {
            name: "x/distribution",
            version: "cosmos-sdk main at 00ac71c4; proposer rewards of 0.45",
        },
        Contract { name: "LegacyDec", version: "cosmos-sdk math/legacy_dec.go at 0ed2fd92" },
    ],
    proof: &[Proof::NaiveModel { test: "staking_equals_the_naive_model" }],
    gas: &[],
    quirks: &[
        Quirk {
            says: "Every change of a delegation withdraws its rewards, and each withdrawal gives \
                   the fraction of a token to the community pool.",
            test: "a_change_withdraws_and_its_fraction_goes_to_the_community",
        },
        Quirk {
            says: "A withdrawal in the block of the delegation's last change pays nothing and \
                   starts anew: what was allocated in between stays outstanding for ever.",
            test: "rewards_between_two_changes_in_one_block_are_stranded",
        },
        Quirk {
            says: "A validator slashed to zero takes no delegation, and its delegators cannot \
                   leave: no amount can be turned into shares.",
            test: "a_validator_slashed_to_zero_cannot_be_joined_or_left",
        },
        Quirk {
            says: "The rewards of a validator without tokens go to the community pool.",
            test: "rewards_of_a_validator_without_tokens_go_to_the_community",
        },
        Quirk {
            says: "Undelegated tokens are slashed by their initial balance, so two slashes of one \
                   half leave nothing; entries made before the infraction are spared.",
            test: "an_unbonding_entry_is_slashed_by_its_initial_balance",
        },
        Quirk {
            says: "A slash of its own block looks at no unbonding and no redelegation.",
            test: "a_slash_in_its_own_block_spares_what_has_left",
        },
        Quirk {
            says: "Undelegating can give one token less than asked, which stays with the \
                   validator.",
            test: "undelegation_can_give_one_token_less",
        },
        Quirk {
            says: "Undelegations of one block share an entry, but with as many entries as allowed \
                   even that is refused.",
            test: "undelegations_of_one_block_share_an_entry",
        },
        Quirk {
            says: "What arrived by redelegation cannot move on before it is complete, not even the \
                   part that was there before.",
            test: "a_redelegation_cannot_move_on",
        },
        Quirk {
            says: "Redelegation from an unbonded validator is complete at once, unless it takes \
                   the last share and with it the validator: then it takes the whole time.",
            test: "redelegation_from_an_unbonded_validator",
        },
        Quirk {
            says: "An operator whose own delegation falls below its minimum is jailed.",
            test: "an_operator_that_leaves_is_jailed",
        },
        Quirk {
            says: "Commission keeps its fraction for the next withdrawal and can pay nothing.",
            test: "commission_keeps_its_fraction",
        },
        Quirk {
            says: "What is cut off when fees are divided goes to the community pool on top of its \
                   tax.",
            test: "allocation_gives_what_is_cut_off_to_the_community",
        },
        Quirk {
            says: "Rounding can leave a stake after slashes above what its shares are worth: three \
                   of the last decimal are forgiven, more stops the chain.",
            test: "a_stake_above_its_shares_is_an_error",
        },
    ],
    absent: &[
        "Which validators vote is the caller's to say: by power, at the end of a block.",
        "The accounts of bonded and not bonded tokens, which are sums of what is here.",
        "Several reward tokens at once: each is a module of its own with the same staking.",
        "Reference counts of past periods: what they keep is in delegations and slashes.",
        "Liquid staking and tokenised shares of the SDK's forks; unbondings put on hold.",
        "Decimals past 2^256: the SDK has 60 bits more before it panics.",
        "The longest change of commission in a day.",
        "Where releases differ: in 0.50 a redelegation that takes its unbonded source's last share \
         is complete at once or fails; before the slash of nothing was left out, it ended a \
         period; before math 1.4 an effective fraction of a slash could round up a digit later.",
    ],
};
