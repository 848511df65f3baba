use tidemill_rewards::master_chef::MasterChef;
use tidemill_units::Amount;

use super::{Scene, Seat, Staker, Staking};

impl Staking for MasterChef {
    fn put_in(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let Seat::MasterChef(pool) = seat else { return None };
        self.deposit(staker.account(), pool, staker.shares()?, scene.at.block).ok().map(drop)
    }

    fn pay(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let Seat::MasterChef(pool) = seat else { return None };
        self.deposit(staker.account(), pool, Amount::ZERO, scene.at.block).ok()
    }

    fn take_out(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let Seat::MasterChef(pool) = seat else { return None };
        self.withdraw(staker.account(), pool, staker.shares()?, scene.at.block).ok()
    }

    /// What is pending; the chef pays no more than it holds, which a withdrawal finds out.
    fn owed(&self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let Seat::MasterChef(pool) = seat else { return None };
        self.pending_sushi(pool, staker.account(), scene.at.block).ok()
    }
}
