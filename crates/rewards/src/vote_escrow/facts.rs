use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of vote escrows.
pub const FACTS: KindFacts = KindFacts {
    name: "vote_escrow",
    title: "Vote escrow of Curve and Balancer",
    models: &[
        Contract { name: "VotingEscrow (Curve)", version: "Vyper 0.2.4, four years" },
        Contract {
            name: "VotingEscrow (Balancer)",
            version: "@balancer-labs/v2-deployments 3.2.0, 20220325-gauge-controller, one year",
        },
    ],
    proof: &[
        Proof::Bytecode {
            package: "@balancer-labs/v2-deployments 3.2.0",
            test: "vote_escrow_equals_the_contract",
        },
        Proof::NaiveModel { test: "vote_escrow_of_four_years_equals_a_naive_model" },
    ],
    gas: &[
        GasFigure { call: "create_lock, the first", gas: 380_888 },
        GasFigure { call: "increase_amount, a day later", gas: 264_910 },
    ],
    quirks: &[
        Quirk {
            says: "Whoever deposits for another's lock, its owner pays: the tokens are taken from \
                   the account they are locked for.",
            test: "whoever_deposits_the_owner_of_the_lock_pays",
        },
        Quirk {
            says: "Less than one unit per second of the longest lock is locked without a vote.",
            test: "less_than_a_unit_per_second_is_locked_without_a_vote",
        },
        Quirk {
            says: "After more than 255 weeks without any operation the total is brought up only so \
                   far, and a lock made then stands too low in it for ever.",
            test: "after_255_weeks_without_a_checkpoint_the_total_lags",
        },
        Quirk {
            says: "Whoever never locked anything can withdraw nothing, and gets a point of zero.",
            test: "a_stranger_withdraws_nothing_and_leaves_a_point",
        },
        Quirk {
            says: "Balancer's escrow finds balances at past times; Curve's reverts before the last \
                   operation.",
            test: "only_balancer_answers_about_the_past",
        },
    ],
    absent: &[
        "The allow list of smart wallets: any account may lock.",
        "Aragon's controller of Curve's escrow, which nothing else depends on.",
    ],
};
