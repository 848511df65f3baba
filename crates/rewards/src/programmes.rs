use crate::{
    KindFacts, curve_gauge, fee_distributor, gauge_controller, merkl, merkle_claim, token_admin,
    vote_escrow,
};

/// Returns what there is to say of every reward programme, in the order of the documentation.
pub fn programmes() -> &'static [&'static KindFacts] {
    &PROGRAMMES
}

/// What there is to say of every reward programme, in the order of the documentation.
static PROGRAMMES: [&KindFacts; 7] = [
    &vote_escrow::FACTS,
    &gauge_controller::FACTS,
    &curve_gauge::FACTS,
    &token_admin::FACTS,
    &fee_distributor::FACTS,
    &merkl::FACTS,
    &merkle_claim::FACTS,
];
