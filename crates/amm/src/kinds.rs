use crate::{
    KindFacts, balancer_v1, composable_stable, concentrated, constant_product, crypto_swap,
    solidly, stable_swap, stable_swap_meta, stable_swap_meta_ng, stable_swap_ng, weighted,
};

/// What there is to say of every kind of pool, in the order of the documentation.
static KINDS: [&KindFacts; 14] = [
    &concentrated::FACTS[0],
    &concentrated::FACTS[1],
    &concentrated::FACTS[2],
    &concentrated::FACTS[3],
    &constant_product::FACTS,
    &solidly::FACTS,
    &balancer_v1::FACTS,
    &weighted::FACTS,
    &composable_stable::FACTS,
    &stable_swap::FACTS,
    &stable_swap_meta::FACTS,
    &stable_swap_ng::FACTS,
    &stable_swap_meta_ng::FACTS,
    &crypto_swap::FACTS,
];

/// Returns what there is to say of every kind of pool, in the order of the documentation.
pub fn kinds() -> &'static [&'static KindFacts] {
    &KINDS
}
