use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of the emission of BAL.
pub const FACTS: KindFacts = KindFacts {
    name: "token_admin",
    title: "Balancer token admin: the emission of BAL",
    models: &[Contract {
        name: "BalancerTokenAdmin",
        version: "@balancer-labs/v2-deployments 3.2.0, 20220325-balancer-token-admin",
    }],
    proof: &[Proof::Bytecode {
        package: "@balancer-labs/v2-deployments 3.2.0",
        test: "token_admin_equals_the_contract",
    }],
    gas: &[
        GasFigure { call: "mint, in the epoch", gas: 93_135 },
        GasFigure { call: "update_mining_parameters", gas: 77_962 },
    ],
    quirks: &[
        Quirk {
            says: "The old rate counts on until somebody begins the next epoch, and a call begins \
                   one epoch only: after two years without one it takes two calls.",
            test: "one_call_begins_one_epoch",
        },
        Quirk {
            says: "The supply of an epoch begun late is larger in between, and right again after.",
            test: "a_late_epoch_allows_more_until_it_begins",
        },
        Quirk {
            says: "What was mintable in a past epoch comes out a little low: the rate is divided \
                   and multiplied back, rounded down both times.",
            test: "past_epochs_come_out_low",
        },
    ],
    absent: &["Who may mint, and snapshots of the token."],
};
