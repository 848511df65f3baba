use tidemill_rewards::CurveGauges;
use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_units::Amount;

use super::gauge_seat::lock_ours;
use super::{GaugeSeat, OURS, Scene, Seat, Staker, Staking};

fn of(seat: Seat) -> Option<GaugeSeat> {
    let Seat::CurveGauge(seat) = seat else { return None };
    Some(seat)
}

impl Staking for CurveGauges {
    fn put_in(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let GaugeSeat { gauge, locked } = of(seat)?;
        let value = staker.shares().filter(|shares| !shares.is_zero())?;
        let mut after = self.clone();
        lock_ours(&mut after.escrow, locked, scene.at)?;
        let deposit = GaugeDeposit { gauge, recipient: OURS, value };
        after.deposit(OURS, deposit, scene.at.at).ok()?;
        *self = after;
        Some(())
    }

    fn pay(&mut self, seat: Seat, _: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.mint(OURS, of(seat)?.gauge, scene.at.at).ok()
    }

    /// The minter pays and the gauge gives back, in two calls.
    fn take_out(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let (mut after, at, gauge) = (self.clone(), scene.at.at, of(seat)?.gauge);
        let paid = after.mint(OURS, gauge, at).ok()?;
        after.withdraw(OURS, gauge, staker.shares()?, at).ok()?;
        *self = after;
        Some(paid)
    }

    fn owed(&self, seat: Seat, _: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.claimable_at(of(seat)?.gauge, OURS, scene.at.at).ok()
    }
}
