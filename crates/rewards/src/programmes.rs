use crate::{KindFacts, curve_gauge, gauge_controller, vote_escrow};

/// Returns what there is to say of every reward programme, in the order of the documentation.
pub fn programmes() -> &'static [&'static KindFacts] {
    &PROGRAMMES
}

/// What there is to say of every reward programme, in the order of the documentation.
static PROGRAMMES: [&KindFacts; 3] =
    [&vote_escrow::FACTS, &gauge_controller::FACTS, &curve_gauge::FACTS];
