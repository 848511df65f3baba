use crate::KindFacts;

/// Returns what there is to say of every kind of pool, in the order of the documentation.
pub const fn kinds() -> &'static [&'static KindFacts] {
    &[]
}
