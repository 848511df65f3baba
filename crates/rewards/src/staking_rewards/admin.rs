use tidemill_units::{Amount, Timestamp, U256};

use super::{StakingRewards, StakingRewardsBuild, StakingRewardsError, paid_out};
use crate::Account;

/// What only the owner of Synthetix's build may do; Uniswap's has none of it.
impl StakingRewards {
    /// Sets how long later periods last, in seconds; also to zero, after which none can start.
    ///
    /// Errors: `NotInThisBuild`; `NotOwner`; `PeriodNotComplete` until after the period's end.
    /// Source: `setRewardsDuration`.
    pub fn set_rewards_duration(
        &mut self,
        caller: Account,
        duration: U256,
        at: Timestamp,
    ) -> Result<(), StakingRewardsError> {
        self.check_owner(caller)?;
        if U256::from(at.0) <= self.clock.period_finish {
            return Err(StakingRewardsError::PeriodNotComplete);
        }
        self.rewards_duration = duration;
        Ok(())
    }

    /// Stops staking, or lets it go on; withdrawing and claiming never stop.
    ///
    /// Errors: `NotInThisBuild`; `NotOwner`. Source: `Pausable.setPaused`.
    pub fn set_paused(
        &mut self,
        caller: Account,
        is_paused: bool,
    ) -> Result<(), StakingRewardsError> {
        self.check_owner(caller)?;
        self.is_paused = is_paused;
        Ok(())
    }

    /// Takes reward tokens out, owed or not; the caller pays the amount to the owner.
    ///
    /// Errors: `NotInThisBuild`; `NotOwner`; `CannotRecoverStakingToken` where the reward token is
    /// what is staked; `TokenShort`. Source: `recoverERC20`.
    pub fn recover_reward_token(
        &mut self,
        caller: Account,
        amount: Amount,
    ) -> Result<(), StakingRewardsError> {
        self.check_owner(caller)?;
        if self.reward_is_staked {
            return Err(StakingRewardsError::CannotRecoverStakingToken);
        }
        self.reward_balance = Amount(paid_out(self.reward_balance.0, amount.0)?);
        Ok(())
    }

    /// Appoints who may notify rewards.
    ///
    /// Errors: `NotInThisBuild`; `NotOwner`. Source: `setRewardsDistribution`.
    pub fn set_rewards_distribution(
        &mut self,
        caller: Account,
        distribution: Account,
    ) -> Result<(), StakingRewardsError> {
        self.check_owner(caller)?;
        self.rewards_distribution = distribution;
        Ok(())
    }

    fn check_owner(&self, caller: Account) -> Result<(), StakingRewardsError> {
        match self.build {
            StakingRewardsBuild::Uniswap => Err(StakingRewardsError::NotInThisBuild),
            StakingRewardsBuild::Synthetix if self.owner != Some(caller) => {
                Err(StakingRewardsError::NotOwner)
            }
            StakingRewardsBuild::Synthetix => Ok(()),
        }
    }
}
