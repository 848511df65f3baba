use tidemill_units::Amount;

use super::{Scene, Seat, Staker, Staking};
use crate::AerodromeGaugeFold;

impl Staking for AerodromeGaugeFold {
    fn put_in(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let (shares, at) = (staker.shares().filter(|shares| !shares.is_zero())?, scene.at.at);
        self.at(at).ok()?.deposit(staker.account(), shares, at).ok()
    }

    fn pay(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let at = scene.at.at;
        self.at(at).ok()?.claim(staker.account(), at).ok()
    }

    /// The gauge pays and gives back in two calls.
    fn take_out(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let (mut after, at) = (self.clone(), scene.at.at);
        let gauge = after.at(at).ok()?;
        let paid = gauge.claim(staker.account(), at).ok()?;
        gauge.withdraw(staker.account(), staker.shares()?, at).ok()?;
        *self = after;
        Some(paid)
    }

    fn owed(&self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let at = scene.at.at;
        if !self.is_due(at) {
            return self.gauge().earned(staker.account(), at).ok();
        }
        self.clone().at(at).ok()?.earned(staker.account(), at).ok()
    }
}
