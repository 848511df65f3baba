use std::collections::BTreeMap;

use tidemill_model::AssetId;
use tidemill_units::Amount;

use crate::Refusal;

/// The most that may be held of one asset, in the wallet and in positions together.
///
/// When an order is approved, what is held and what arrives at the price of that moment is within
/// it. What passes it later is a price that changes what positions are made of, fees and claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetLimit {
    /// The asset.
    pub asset: AssetId,
    /// The most of it, in its raw units.
    pub most: Amount,
}

impl AssetLimit {
    /// Refuses where more is held than may be.
    pub(crate) fn check(&self, held: &BTreeMap<AssetId, Amount>) -> Result<(), Refusal> {
        let Self { asset, most: limit } = *self;
        let held = held.get(&asset).copied().unwrap_or(Amount::ZERO);
        if held <= limit { Ok(()) } else { Err(Refusal::TooMuchOfAsset { asset, held, limit }) }
    }
}
