use crate::{KindFacts, fee_distributor, merkl, merkle_claim, token_admin};

/// Returns what there is to say of every reward programme, in the order of the documentation.
pub fn programmes() -> &'static [&'static KindFacts] {
    &PROGRAMMES
}

/// What there is to say of every reward programme, in the order of the documentation.
static PROGRAMMES: [&KindFacts; 4] =
    [&fee_distributor::FACTS, &merkl::FACTS, &merkle_claim::FACTS, &token_admin::FACTS];
