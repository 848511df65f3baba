use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of emission schedules.
pub const FACTS: KindFacts = KindFacts {
    name: "emission",
    title: "Emission schedules: constant, linear, halving, stepped",
    models: &[Contract {
        name: "ConvexToken (stepped by supply)",
        version: "convex-eth/platform 9e4865f, Cvx.sol",
    }],
    proof: &[Proof::NaiveModel { test: "emission_equals_the_naive_model" }],
    gas: &[],
    quirks: &[
        Quirk {
            says: "A halved amount is rounded down before it is halved again, so that the whole \
                   stays short of twice the first interval's.",
            test: "halving_ends_short_of_twice_the_first_interval",
        },
        Quirk {
            says: "Convex judges a whole claim by the supply before it: a claim that reaches over \
                   a cliff mints more than the same in two.",
            test: "a_claim_over_a_cliff_mints_more_than_two",
        },
    ],
    absent: &["Rates that somebody sets by hand: each change starts a new schedule."],
};
