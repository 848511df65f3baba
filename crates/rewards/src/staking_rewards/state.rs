use std::collections::BTreeMap;

use thiserror::Error;
use tidemill_units::{Amount, Timestamp, U256};

use super::{
    Clock, SYNTHETIX_DURATION, Staker, StakingRewards, StakingRewardsBuild, UNISWAP_DURATION,
};
use crate::Account;

/// Everything that determines what a programme does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakingRewardsState {
    /// Which contract.
    pub build: StakingRewardsBuild,
    /// Who may notify rewards.
    pub rewards_distribution: Account,
    /// Who owns Synthetix's build; `None` in Uniswap's.
    pub owner: Option<Account>,
    /// Whether staking is stopped; only in Synthetix's build.
    pub is_paused: bool,
    /// Whether the staking token is the reward token too: stakes then count as rewards.
    pub reward_is_staked: bool,
    /// Seconds from a notification to its end; 60 days in Uniswap's build.
    pub rewards_duration: U256,
    /// When the period ends, in seconds since 1970; zero before the first.
    pub period_finish: U256,
    /// Reward units per second.
    pub reward_rate: Amount,
    /// Up to when the stream has been shared out; not after the period's end.
    pub last_update_time: Timestamp,
    /// Reward units per unit of stake since the beginning, times 10^18.
    pub reward_per_token_stored: U256,
    /// What the contract holds of the reward token.
    pub reward_balance: Amount,
    /// Everybody who ever staked, by account, each once.
    pub stakers: Vec<StakerState>,
}

/// What determines what one staker is owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakerState {
    /// Who it is.
    pub account: Account,
    /// Its stake.
    pub balance: Amount,
    /// `rewardPerToken` at its last checkpoint, not above the programme's.
    pub reward_per_token_paid: U256,
    /// What it had earned by then and not claimed; below 2^255.
    pub rewards: Amount,
}

/// Why no programme can be in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StakingRewardsStateError {
    /// Synthetix's build has an owner, Uniswap's none.
    #[error("owner: Synthetix's build has one, Uniswap's none")]
    Owner,
    /// Uniswap's build cannot be paused.
    #[error("is_paused: Uniswap's build cannot be paused")]
    IsPaused,
    /// Uniswap's periods last 60 days.
    #[error("rewards_duration: Uniswap's build has 60 days")]
    RewardsDuration,
    /// The stream is shared out past the period's end.
    #[error("last_update_time: after the period's end")]
    LastUpdateTime,
    /// Stakers are not in the order of their accounts, or one is there twice.
    #[error("stakers: out of order, or one twice")]
    Stakers,
    /// The stakes pass 2^256 - 1 together.
    #[error("stakers: the balances pass 2^256 - 1 together")]
    Balance,
    /// A staker was credited beyond the programme.
    #[error("reward_per_token_paid: above the programme's")]
    RewardPerTokenPaid,
    /// Each credit is below 2^256 / 10^18, and no chain lives long enough to add up to so many.
    #[error("rewards: 2^255 or more")]
    Rewards,
}

impl StakingRewardsState {
    /// Returns Uniswap's build as its constructor leaves it.
    pub fn uniswap(rewards_distribution: Account) -> Self {
        Self {
            build: StakingRewardsBuild::Uniswap,
            rewards_distribution,
            owner: None,
            is_paused: false,
            reward_is_staked: false,
            rewards_duration: UNISWAP_DURATION,
            period_finish: U256::ZERO,
            reward_rate: Amount::ZERO,
            last_update_time: Timestamp(0),
            reward_per_token_stored: U256::ZERO,
            reward_balance: Amount::ZERO,
            stakers: Vec::new(),
        }
    }

    /// Returns Synthetix's build as its constructor leaves it.
    pub fn synthetix(owner: Account, rewards_distribution: Account) -> Self {
        Self {
            build: StakingRewardsBuild::Synthetix,
            owner: Some(owner),
            rewards_duration: SYNTHETIX_DURATION,
            ..Self::uniswap(rewards_distribution)
        }
    }

    fn check(&self) -> Result<(), StakingRewardsStateError> {
        match self.build {
            StakingRewardsBuild::Uniswap => {
                if self.owner.is_some() {
                    return Err(StakingRewardsStateError::Owner);
                }
                if self.is_paused {
                    return Err(StakingRewardsStateError::IsPaused);
                }
                if self.rewards_duration != UNISWAP_DURATION {
                    return Err(StakingRewardsStateError::RewardsDuration);
                }
            }
            StakingRewardsBuild::Synthetix if self.owner.is_none() => {
                return Err(StakingRewardsStateError::Owner);
            }
            StakingRewardsBuild::Synthetix => {}
        }
        if U256::from(self.last_update_time.0) > self.period_finish {
            return Err(StakingRewardsStateError::LastUpdateTime);
        }
        Ok(())
    }
}

impl StakingRewards {
    /// Returns the programme in this state.
    ///
    /// Errors: the field that no such contract can have.
    pub fn new(state: &StakingRewardsState) -> Result<Self, StakingRewardsStateError> {
        state.check()?;
        let mut places = BTreeMap::new();
        let mut stakers = Vec::with_capacity(state.stakers.len());
        let mut total_supply = Amount::ZERO;
        let mut last = None;
        for staker in &state.stakers {
            if last.replace(staker.account) >= Some(staker.account) {
                return Err(StakingRewardsStateError::Stakers);
            }
            if staker.reward_per_token_paid > state.reward_per_token_stored {
                return Err(StakingRewardsStateError::RewardPerTokenPaid);
            }
            if staker.rewards.0.bit_len() == 256 {
                return Err(StakingRewardsStateError::Rewards);
            }
            let total = total_supply.checked_add(staker.balance);
            total_supply = total.ok_or(StakingRewardsStateError::Balance)?;
            places.insert(staker.account, stakers.len());
            stakers.push(Staker {
                balance: staker.balance.0,
                reward_per_token_paid: staker.reward_per_token_paid,
                rewards: staker.rewards.0,
            });
        }
        Ok(Self {
            build: state.build,
            rewards_distribution: state.rewards_distribution,
            owner: state.owner,
            is_paused: state.is_paused,
            reward_is_staked: state.reward_is_staked,
            rewards_duration: state.rewards_duration,
            reward_rate: state.reward_rate,
            total_supply,
            reward_balance: state.reward_balance,
            clock: Clock {
                period_finish: state.period_finish,
                last_update_time: U256::from(state.last_update_time.0),
                reward_per_token_stored: state.reward_per_token_stored,
            },
            places,
            stakers,
        })
    }

    /// Returns everything that determines what the programme does.
    pub fn state(&self) -> StakingRewardsState {
        let staker = |(account, place): (&Account, &usize)| {
            let staker = self.stakers.get(*place).copied().unwrap_or_default();
            StakerState {
                account: *account,
                balance: Amount(staker.balance),
                reward_per_token_paid: staker.reward_per_token_paid,
                rewards: Amount(staker.rewards),
            }
        };
        // It is a time of the programme's, or the lower end of a period: it fits.
        let last_update_time = u64::try_from(self.clock.last_update_time).unwrap_or(u64::MAX);
        StakingRewardsState {
            build: self.build,
            rewards_distribution: self.rewards_distribution,
            owner: self.owner,
            is_paused: self.is_paused,
            reward_is_staked: self.reward_is_staked,
            rewards_duration: self.rewards_duration,
            period_finish: self.clock.period_finish,
            reward_rate: self.reward_rate,
            last_update_time: Timestamp(last_update_time),
            reward_per_token_stored: self.clock.reward_per_token_stored,
            reward_balance: self.reward_balance,
            stakers: self.places.iter().map(staker).collect(),
        }
    }
}

/// Two programmes are equal if they will always do the same, in whatever order their stakers came.
impl PartialEq for StakingRewards {
    fn eq(&self, other: &Self) -> bool {
        self.state() == other.state()
    }
}

impl Eq for StakingRewards {}
