//! The state of Synthetix's StakingRewards or Uniswap's.

use tidemill_rewards::staking_rewards::{
    StakerState, StakingRewards, StakingRewardsBuild, StakingRewardsState, StakingRewardsStateError,
};

use super::Resumable;
use super::refusal::{Refusal, culprit};
use super::value::{StateValue, one_of, record, text};
use crate::pool_state::{FieldFault, Json, Value};

record!(StakingRewardsState {
    build,
    rewards_distribution,
    owner,
    is_paused,
    reward_is_staked,
    rewards_duration,
    period_finish,
    reward_rate,
    last_update_time,
    reward_per_token_stored,
    reward_balance,
    stakers,
});

record!(StakerState { account, balance, reward_per_token_paid, rewards });

impl StateValue for StakingRewardsBuild {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        let all = [("uniswap", Self::Uniswap), ("synthetix", Self::Synthetix)];
        one_of(value, &all, "\"uniswap\" or \"synthetix\"")
    }

    fn write(&self) -> Json {
        text(match self {
            Self::Uniswap => "uniswap",
            Self::Synthetix => "synthetix",
        })
    }
}

impl Resumable for StakingRewardsState {
    type Programme = StakingRewards;
    type Refused = StakingRewardsStateError;

    fn resume(&self) -> Result<StakingRewards, StakingRewardsStateError> {
        StakingRewards::new(self)
    }

    fn refusal(&self, error: &StakingRewardsStateError) -> Refusal {
        let staker = |allowed| {
            let index = culprit(&self.stakers, error, |stakers| {
                StakingRewards::new(&Self { stakers, ..self.clone() }).err()
            });
            Refusal::of("stakers", allowed).item(index)
        };
        match error {
            StakingRewardsStateError::Owner => {
                Refusal::of("owner", "an account in Synthetix's build, null in Uniswap's")
            }
            StakingRewardsStateError::IsPaused => {
                Refusal::of("is_paused", "false in Uniswap's build")
            }
            StakingRewardsStateError::RewardsDuration => {
                Refusal::of("rewards_duration", "5184000 in Uniswap's build: 60 days")
            }
            StakingRewardsStateError::LastUpdateTime => {
                Refusal::of("last_update_time", "no time after period_finish")
            }
            StakingRewardsStateError::Stakers => {
                staker("stakers ascending by account, nobody twice").field("account")
            }
            StakingRewardsStateError::Balance => {
                staker("balances whose sum is below 2^256").field("balance")
            }
            StakingRewardsStateError::RewardPerTokenPaid => {
                staker("at most reward_per_token_stored").field("reward_per_token_paid")
            }
            StakingRewardsStateError::Rewards => staker("below 2^255").field("rewards"),
        }
    }
}
