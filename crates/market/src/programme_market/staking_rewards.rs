use tidemill_rewards::staking_rewards::StakingRewards;
use tidemill_units::Amount;

use super::{Scene, Seat, Staker, Staking};

impl Staking for StakingRewards {
    fn put_in(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        self.stake(staker.account(), staker.shares()?, scene.at.at).ok()
    }

    fn pay(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.get_reward(staker.account(), scene.at.at).ok()
    }

    fn take_out(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.exit(staker.account(), scene.at.at).ok().map(|exit| exit.reward)
    }

    fn owed(&self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.earned(staker.account(), scene.at.at).ok()
    }
}
