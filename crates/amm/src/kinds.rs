use crate::{KindFacts, constant_product, stable_swap};

/// What there is to say of every kind of pool, in the order of the documentation.
static KINDS: [&KindFacts; 2] = [&constant_product::FACTS, &stable_swap::FACTS];

/// Returns what there is to say of every kind of pool, in the order of the documentation.
pub fn kinds() -> &'static [&'static KindFacts] {
    &KINDS
}
