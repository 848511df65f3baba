use tidemill_rewards::master_chef::MasterChef;
use tidemill_units::Amount;

use super::{Scene, Staker, Staking};

impl Staking for MasterChef {
    type Place = usize;

    fn put_in(&mut self, pool: usize, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        self.deposit(staker.account(), pool, staker.shares()?, scene.at.block).ok().map(drop)
    }

    fn pay(&mut self, pool: usize, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.deposit(staker.account(), pool, Amount::ZERO, scene.at.block).ok()
    }

    fn take_out(&mut self, pool: usize, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.withdraw(staker.account(), pool, staker.shares()?, scene.at.block).ok()
    }

    /// What is pending; the chef pays no more than it holds, which a withdrawal finds out.
    fn owed(&self, pool: usize, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.pending_sushi(pool, staker.account(), scene.at.block).ok()
    }
}
