use tidemill_rewards::master_chef::MasterChef;
use tidemill_units::Amount;

use super::{Scene, Staker, Staking};

/// One pool of a MasterChef.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChefFarm {
    /// The chef, with all its pools.
    pub chef: MasterChef,
    /// The number of the one that takes the shares.
    pub pool: usize,
}

impl Staking for ChefFarm {
    fn stake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let (account, shares) = (staker.account(), staker.shares()?);
        self.chef.deposit(account, self.pool, shares, scene.at.block).ok().map(drop)
    }

    fn claim(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.chef.deposit(staker.account(), self.pool, Amount::ZERO, scene.at.block).ok()
    }

    fn unstake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let (account, shares) = (staker.account(), staker.shares()?);
        self.chef.withdraw(account, self.pool, shares, scene.at.block).ok()
    }

    fn earned(&self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        // The chef pays no more than it holds, which a trial withdrawal knows.
        self.clone().unstake(staker, scene)
    }
}
