use crate::{KindFacts, emission, master_chef, staking_rewards};

/// Returns what there is to say of every reward programme, in the order of the documentation.
pub fn programmes() -> &'static [&'static KindFacts] {
    &PROGRAMMES
}

/// What there is to say of every reward programme, in the order of the documentation.
static PROGRAMMES: [&KindFacts; 3] =
    [&staking_rewards::FACTS, &master_chef::FACTS, &emission::FACTS];
