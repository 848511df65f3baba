use crate::KindFacts;

/// Returns what there is to say of every reward programme, in the order of the documentation.
pub fn programmes() -> &'static [&'static KindFacts] {
    &PROGRAMMES
}

/// What there is to say of every reward programme, in the order of the documentation.
static PROGRAMMES: [&KindFacts; 2] =
    [&crate::validator_staking::FACTS, &crate::liquid_staking::FACTS];
