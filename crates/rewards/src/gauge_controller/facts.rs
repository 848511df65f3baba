use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of the gauge controller.
pub const FACTS: KindFacts = KindFacts {
    name: "gauge_controller",
    title: "Curve gauge controller",
    models: &[Contract {
        name: "GaugeController",
        version: "@setprotocol/set-protocol-v2 0.1.16 (Vyper 0.2.4)",
    }],
    proof: &[Proof::Bytecode {
        package: "@setprotocol/set-protocol-v2 0.1.16",
        test: "curve_gauges_equal_the_contracts",
    }],
    gas: &[
        GasFigure { call: "vote_for_gauge_weights, the first for a gauge", gas: 354_371 },
        GasFigure { call: "checkpoint_gauge, a week after the last", gas: 198_826 },
    ],
    quirks: &[
        Quirk {
            says: "A vote counts from the beginning of next week, and a share is constant inside a \
                   week; it reads as zero in weeks that nobody has filled in.",
            test: "a_vote_counts_from_next_week_and_the_share_is_constant_inside_a_week",
        },
        Quirk {
            says: "A vote decays with the lock as it was when the vote was cast, until it is cast \
                   again.",
            test: "the_end_of_an_old_lock_stays_in_a_vote_until_it_is_cast_again",
        },
        Quirk {
            says: "A gauge whose weight is set below its votes can come to an end of slope that it \
                   no longer has, and then it, and every checkpoint of its type, reverts for ever.",
            test: "a_weight_set_below_its_votes_can_lock_a_gauge_for_ever",
        },
        Quirk {
            says: "A type can be given a weight before it is added.",
            test: "a_type_can_have_a_weight_before_it_is_added",
        },
        Quirk {
            says: "After more than 500 weeks nothing after them is filled in, however often one \
                   tries.",
            test: "weeks_nobody_fills_in_are_filled_500_at_a_time_from_the_same_place",
        },
    ],
    absent: &["The transfer of its ownership, and the names of types."],
};
