use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of Balancer's fee distributor.
pub const FACTS: KindFacts = KindFacts {
    name: "fee_distributor",
    title: "Balancer FeeDistributor",
    models: &[Contract {
        name: "FeeDistributor",
        version: "@balancer-labs/v2-deployments 3.2.0, 20220714-fee-distributor-v2",
    }],
    proof: &[Proof::Bytecode {
        package: "@balancer-labs/v2-deployments 3.2.0",
        test: "fee_distributor_equals_the_contract",
    }],
    gas: &[
        GasFigure { call: "depositToken, first of its token", gas: 106_135 },
        GasFigure { call: "claimToken, first, after four weeks", gas: 933_679 },
        GasFigure { call: "claimToken, a week later", gas: 326_173 },
        GasFigure { call: "claimToken, nothing new", gas: 43_843 },
    ],
    quirks: &[
        Quirk {
            says: "A week is paid when it is over, by the balances at its beginning: a lock of \
                   this week earns from the next on, and is paid the week after.",
            test: "a_lock_is_paid_for_its_first_whole_week_after_it",
        },
        Quirk {
            says: "A plain transfer is spread over the time since the token's last checkpoint, \
                   also over weeks before it was made.",
            test: "a_donation_is_spread_into_the_past",
        },
        Quirk {
            says: "After more than 20 weeks without a checkpoint of a token, what came in counts \
                   as received but the part of the later weeks is paid to nobody.",
            test: "what_falls_past_twenty_weeks_is_lost",
        },
        Quirk {
            says: "A claim goes through at most 20 weeks; the rest waits for the next one.",
            test: "a_claim_takes_twenty_weeks_at_most",
        },
        Quirk {
            says: "A week to be claimed in which nobody had a vote stops that user's claims of \
                   that token for ever.",
            test: "a_week_without_votes_blocks_claims",
        },
        Quirk {
            says: "In the second in which a week begins, the supply is not noted.",
            test: "the_first_second_of_a_week_notes_nothing",
        },
    ],
    absent: &[
        "Leave to claim by signature.",
        "Tokens that take a fee on transfer or change balances by themselves.",
    ],
};
