use crate::KindFacts;

/// What the documentation says of this kind.
pub const FACTS: KindFacts = KindFacts {
    name: "stable_swap",
    title: "Curve StableSwap, first generations",
    models: &[],
    proof: &[],
    gas: &[],
    quirks: &[],
    absent: &[],
};
