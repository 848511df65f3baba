use tidemill_rewards::staking_rewards::StakingRewards;
use tidemill_units::Amount;

use super::{Scene, Staker, Staking};

impl Staking for StakingRewards {
    fn stake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        StakingRewards::stake(self, staker.account(), staker.shares()?, scene.at.at).ok()
    }

    fn claim(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.get_reward(staker.account(), scene.at.at).ok()
    }

    fn unstake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.exit(staker.account(), scene.at.at).ok().map(|exit| exit.reward)
    }

    fn earned(&self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        StakingRewards::earned(self, staker.account(), scene.at.at).ok()
    }
}
