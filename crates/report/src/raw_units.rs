//! Signed amounts as decimal strings of raw units: JSON numbers lose digits past 2^53.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use tidemill_units::SignedAmount;

pub(crate) fn serialize<S: Serializer>(
    amount: &SignedAmount,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SignedAmount, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
