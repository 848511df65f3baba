use tidemill_rewards::BalancerGauges;
use tidemill_rewards::balancer_gauge::{BalancerDeposit, BalancerWithdrawal};
use tidemill_units::Amount;

use super::gauge_seat::lock_ours;
use super::{GaugeSeat, OURS, Scene, Seat, Staker, Staking};

fn of(seat: Seat) -> Option<GaugeSeat> {
    let Seat::BalancerGauge(seat) = seat else { return None };
    Some(seat)
}

/// Reward tokens that a gauge streams besides the emission stay where they are: nothing of ours
/// asks for them.
impl Staking for BalancerGauges {
    fn put_in(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let GaugeSeat { gauge, locked } = of(seat)?;
        let value = staker.shares().filter(|shares| !shares.is_zero())?;
        let mut after = self.clone();
        lock_ours(&mut after.escrow, locked, scene.at)?;
        let deposit = BalancerDeposit { recipient: OURS, value, claims: false };
        after.deposit(gauge, deposit, scene.at.at).ok()?;
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
        let value = staker.shares()?;
        let withdrawal = BalancerWithdrawal { account: OURS, value, claims: false };
        after.withdraw(gauge, withdrawal, at).ok()?;
        *self = after;
        Some(paid)
    }

    fn owed(&self, seat: Seat, _: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.claimable_at(of(seat)?.gauge, OURS, scene.at.at).ok()
    }
}
