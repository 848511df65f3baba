//! Synthetix StakingRewards over anything staked.

use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_units::{Amount, U256};

use super::{Capture, Clock, Group};

const GIVER: Account = Account([0x91; 20]);

/// A stream that lasts as long as the campaign.
pub(crate) struct Streamed {
    programme: StakingRewards,
    clock: Clock,
}

impl Streamed {
    pub(crate) fn new(budget: Amount, clock: Clock) -> Result<Self, String> {
        let mut state = StakingRewardsState::synthetix(GIVER, GIVER);
        state.rewards_duration = U256::from(clock.seconds);
        let made = StakingRewards::new(&state).map_err(|error| error.to_string());
        let mut programme = made?;
        let text =
            |error: tidemill_rewards::staking_rewards::StakingRewardsError| error.to_string();
        programme.fund(budget).map_err(text)?;
        programme.notify_reward_amount(GIVER, budget, clock.start).map_err(text)?;
        Ok(Self { programme, clock })
    }

    /// Stakes an amount of anything.
    pub(crate) fn stake(
        &mut self,
        group: Group,
        amount: Amount,
        at: tidemill_units::Timestamp,
    ) -> Result<(), String> {
        if amount.is_zero() {
            return Ok(());
        }
        let staked = self.programme.stake(group.account(), amount, at);
        staked.map_err(|error| error.to_string())
    }

    /// Gives an amount back.
    pub(crate) fn withdraw(
        &mut self,
        group: Group,
        amount: Amount,
        at: tidemill_units::Timestamp,
    ) -> Result<(), String> {
        if amount.is_zero() {
            return Ok(());
        }
        let withdrawn = self.programme.withdraw(group.account(), amount, at);
        withdrawn.map_err(|error| error.to_string())
    }

    /// Returns what one unit staked all the while has been paid, with 18 decimals.
    pub(crate) fn per_unit(&self, at: tidemill_units::Timestamp) -> Result<U256, String> {
        self.programme.reward_per_token(at).map_err(|error| error.to_string())
    }

    /// Pays everybody at the end.
    pub(crate) fn pay(&mut self) -> Result<Capture, String> {
        let mut paid = Vec::new();
        for group in Group::ALL {
            let reward = self.programme.get_reward(group.account(), self.clock.end());
            paid.push((group, reward.map_err(|error| error.to_string())?));
        }
        let rest = self.programme.reward_balance();
        Ok(Capture { paid, rest, ..Capture::default() })
    }
}
