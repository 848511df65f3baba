use crate::{KindFacts, constant_product};

/// What there is to say of every kind of pool, in the order of the documentation.
static KINDS: [&KindFacts; 1] = [&constant_product::FACTS];

/// Returns what there is to say of every kind of pool, in the order of the documentation.
pub fn kinds() -> &'static [&'static KindFacts] {
    &KINDS
}
