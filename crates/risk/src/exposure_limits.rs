use std::collections::BTreeMap;

use tidemill_model::AssetId;
use tidemill_units::{Amount, SignedAmount};

use crate::Refusal;

/// How far prices may matter, in raw quote units: the value of what is not the quote token, at hand
/// and in positions; what is owed counts below zero.
///
/// When an order is approved, exposure with it is within both, or a swap's is no farther from zero
/// than without it. What passes them later is a price, and what prices make of positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExposureLimits {
    /// Of all assets together, long and short set off against each other.
    pub net: Option<Amount>,
    /// Of any one asset that the order is about.
    pub delta: Option<Amount>,
}

/// The value of each asset that is not the quote token.
pub(crate) type Deltas = BTreeMap<AssetId, SignedAmount>;

impl ExposureLimits {
    pub(crate) fn is_set(&self) -> bool {
        self.net.is_some() || self.delta.is_some()
    }

    /// Refuses exposure past a limit. With what it was `before`, an order passes that adds nothing
    /// to it; without, it has to be within. `about` is what the order may make more of.
    pub(crate) fn check(
        &self,
        before: Option<&Deltas>,
        after: &Deltas,
        about: &[AssetId],
    ) -> Result<(), Refusal> {
        if let Some(limit) = self.net {
            let exposure = net(after)?;
            let adds = before.map_or(Ok(true), |before| Ok(exposure > net(before)?))?;
            if exposure > limit && adds {
                return Err(Refusal::TooMuchNetExposure { exposure, limit });
            }
        }
        let Some(limit) = self.delta else { return Ok(()) };
        for asset in about.iter().copied() {
            let exposure = of(after, asset);
            let adds = before.is_none_or(|before| exposure > of(before, asset));
            if exposure > limit && adds {
                return Err(Refusal::TooMuchDelta { asset, exposure, limit });
            }
        }
        Ok(())
    }
}

fn of(deltas: &Deltas, asset: AssetId) -> Amount {
    deltas.get(&asset).map_or(Amount::ZERO, |delta| delta.magnitude())
}

fn net(deltas: &Deltas) -> Result<Amount, Refusal> {
    let sum = deltas.values().try_fold(SignedAmount::ZERO, |sum, delta| sum.checked_add(*delta));
    sum.map(SignedAmount::magnitude).ok_or(Refusal::NoPrice)
}
