use thiserror::Error;
use tidemill_units::{Amount, Liquidity, Tick, TickRange, U256};

use super::reward_math::MAX_160;
use super::staker::{Deposit, Incentive, Stake};
use super::{IncentiveKey, TokenId, V3Staker};
use crate::Account;

/// Everything that determines what a v3-staker does.
///
/// [`Default`] is the staker that Uniswap deployed, with nothing in it, at the zero address: starts
/// at most 30 days ahead, incentives of at most 730 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3StakerState {
    /// Its own address.
    pub staker: Account,
    /// The position manager, whose tokens it takes.
    pub position_manager: Account,
    /// How far ahead an incentive may start.
    pub max_incentive_start_lead_time_seconds: u64,
    /// How long an incentive may last.
    pub max_incentive_duration_seconds: u64,
    /// Every incentive that ever was, by key.
    pub incentives: Vec<IncentiveState>,
    /// The deposits, by token.
    pub deposits: Vec<DepositState>,
    /// The stakes, by token and incentive.
    pub stakes: Vec<StakeState>,
    /// What can be claimed, by reward token and owner, without zeros.
    pub rewards: Vec<RewardState>,
}

/// An incentive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncentiveState {
    /// What names it.
    pub key: IncentiveKey,
    /// What it has not paid yet.
    pub total_reward_unclaimed: Amount,
    /// Seconds of the whole pool's liquidity that were paid for, Q32.128, below 2^160.
    pub total_seconds_claimed_x128: U256,
}

/// A deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositState {
    /// The position.
    pub token_id: TokenId,
    /// Whose it is.
    pub owner: Account,
    /// The position's ticks.
    pub range: TickRange,
}

/// A deposit staked in an incentive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeState {
    /// The deposit.
    pub token_id: TokenId,
    /// The incentive.
    pub key: IncentiveKey,
    /// Seconds per liquidity inside its range when it was staked, Q32.128, below 2^160.
    pub seconds_per_liquidity_inside_initial_x128: U256,
    /// Its liquidity when it was staked, not zero.
    pub liquidity: Liquidity,
}

/// What somebody can claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardState {
    /// The token.
    pub reward_token: Account,
    /// Whose it is.
    pub owner: Account,
    /// How much, not zero.
    pub amount: Amount,
}

/// Which field no v3-staker can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum V3StakerStateError {
    /// A list is not sorted, or names something twice.
    #[error("`{0}` is not sorted, or names something twice")]
    Unsorted(&'static str),
    /// An incentive ends no later than it starts, or lasts longer than allowed.
    #[error("`incentives`: an incentive lasts no time, or longer than the staker allows")]
    Duration,
    /// Seconds pass 2^160 - 1.
    #[error("`{0}` passes 2^160 - 1")]
    TooManySeconds(&'static str),
    /// A range that no position has.
    #[error("`deposits`: {0} is no range of ticks")]
    Range(TickRange),
    /// A deposit of nobody.
    #[error("`deposits`: the zero address owns token {0}")]
    NoOwner(TokenId),
    /// A stake of a token that is not deposited.
    #[error("`stakes`: token {0} is not deposited")]
    NoDeposit(TokenId),
    /// A stake in an incentive that does not exist.
    #[error("`stakes`: token {0} is staked in an incentive that does not exist")]
    NoIncentive(TokenId),
    /// A stake without liquidity.
    #[error("`stakes`: the stake of token {0} has no liquidity")]
    NoLiquidity(TokenId),
    /// A reward of nothing.
    #[error("`rewards`: a reward is zero")]
    ZeroReward,
}

impl Default for V3StakerState {
    fn default() -> Self {
        Self {
            staker: Account::default(),
            position_manager: Account::default(),
            max_incentive_start_lead_time_seconds: 2_592_000,
            max_incentive_duration_seconds: 63_072_000,
            incentives: Vec::new(),
            deposits: Vec::new(),
            stakes: Vec::new(),
            rewards: Vec::new(),
        }
    }
}

impl V3Staker {
    /// Returns the staker in this state.
    ///
    /// Errors: the field that no staker can have.
    pub fn new(state: &V3StakerState) -> Result<Self, V3StakerStateError> {
        let mut staker = Self {
            staker: state.staker,
            position_manager: state.position_manager,
            max_incentive_start_lead_time_seconds: state.max_incentive_start_lead_time_seconds,
            max_incentive_duration_seconds: state.max_incentive_duration_seconds,
            incentives: Default::default(),
            deposits: Default::default(),
            stakes: Default::default(),
            rewards: Default::default(),
        };
        check_sorted("incentives", state.incentives.iter().map(|incentive| incentive.key))?;
        for incentive in &state.incentives {
            staker.add_incentive(incentive)?;
        }
        check_sorted("deposits", state.deposits.iter().map(|deposit| deposit.token_id))?;
        for deposit in &state.deposits {
            staker.add_deposit(deposit)?;
        }
        check_sorted("stakes", state.stakes.iter().map(|stake| (stake.token_id, stake.key)))?;
        for stake in &state.stakes {
            staker.add_stake(stake)?;
        }
        let rewards = state.rewards.iter();
        check_sorted("rewards", rewards.map(|reward| (reward.reward_token, reward.owner)))?;
        for reward in &state.rewards {
            if reward.amount.is_zero() {
                return Err(V3StakerStateError::ZeroReward);
            }
            staker.rewards.insert((reward.reward_token, reward.owner), reward.amount.0);
        }
        Ok(staker)
    }

    fn add_incentive(&mut self, state: &IncentiveState) -> Result<(), V3StakerStateError> {
        let IncentiveState { key, total_reward_unclaimed, total_seconds_claimed_x128 } = *state;
        let duration = key.end_time.seconds_since(key.start_time);
        if duration == 0 || duration > self.max_incentive_duration_seconds {
            return Err(V3StakerStateError::Duration);
        }
        if total_seconds_claimed_x128 > MAX_160 {
            return Err(V3StakerStateError::TooManySeconds("total_seconds_claimed_x128"));
        }
        let incentive = Incentive {
            total_reward_unclaimed: total_reward_unclaimed.0,
            total_seconds_claimed_x128,
            number_of_stakes: 0,
        };
        self.incentives.insert(key, incentive);
        Ok(())
    }

    fn add_deposit(&mut self, state: &DepositState) -> Result<(), V3StakerStateError> {
        let DepositState { token_id, owner, range } = *state;
        if owner == Account::default() {
            return Err(V3StakerStateError::NoOwner(token_id));
        }
        if range.lower < Tick::MIN || range.lower >= range.upper || range.upper > Tick::MAX {
            return Err(V3StakerStateError::Range(range));
        }
        self.deposits.insert(token_id, Deposit { owner, range, number_of_stakes: 0 });
        Ok(())
    }

    fn add_stake(&mut self, state: &StakeState) -> Result<(), V3StakerStateError> {
        let StakeState { token_id, key, liquidity, .. } = *state;
        let seconds_per_liquidity_inside_initial_x128 =
            state.seconds_per_liquidity_inside_initial_x128;
        if seconds_per_liquidity_inside_initial_x128 > MAX_160 {
            let field = "seconds_per_liquidity_inside_initial_x128";
            return Err(V3StakerStateError::TooManySeconds(field));
        }
        if liquidity.is_zero() {
            return Err(V3StakerStateError::NoLiquidity(token_id));
        }
        let deposit = self.deposits.get_mut(&token_id);
        let deposit = deposit.ok_or(V3StakerStateError::NoDeposit(token_id))?;
        let incentive = self.incentives.get_mut(&key);
        let incentive = incentive.ok_or(V3StakerStateError::NoIncentive(token_id))?;
        deposit.number_of_stakes = deposit.number_of_stakes.saturating_add(1);
        incentive.number_of_stakes = incentive.number_of_stakes.saturating_add(1);
        let stake = Stake { seconds_per_liquidity_inside_initial_x128, liquidity };
        self.stakes.insert((token_id, key), stake);
        Ok(())
    }

    /// Returns the staker's state.
    pub fn state(&self) -> V3StakerState {
        let incentives = self.incentives.iter().map(|(key, incentive)| IncentiveState {
            key: *key,
            total_reward_unclaimed: Amount(incentive.total_reward_unclaimed),
            total_seconds_claimed_x128: incentive.total_seconds_claimed_x128,
        });
        let deposits = self.deposits.iter().map(|(token_id, deposit)| DepositState {
            token_id: *token_id,
            owner: deposit.owner,
            range: deposit.range,
        });
        let stakes = self.stakes.iter().map(|((token_id, key), stake)| StakeState {
            token_id: *token_id,
            key: *key,
            seconds_per_liquidity_inside_initial_x128: stake
                .seconds_per_liquidity_inside_initial_x128,
            liquidity: stake.liquidity,
        });
        let rewards = self.rewards.iter().map(|((reward_token, owner), amount)| RewardState {
            reward_token: *reward_token,
            owner: *owner,
            amount: Amount(*amount),
        });
        V3StakerState {
            staker: self.staker,
            position_manager: self.position_manager,
            max_incentive_start_lead_time_seconds: self.max_incentive_start_lead_time_seconds,
            max_incentive_duration_seconds: self.max_incentive_duration_seconds,
            incentives: incentives.collect(),
            deposits: deposits.collect(),
            stakes: stakes.collect(),
            rewards: rewards.collect(),
        }
    }
}

fn check_sorted<K: Ord>(
    name: &'static str,
    keys: impl Iterator<Item = K> + Clone,
) -> Result<(), V3StakerStateError> {
    if keys.clone().zip(keys.skip(1)).all(|(one, next)| one < next) {
        Ok(())
    } else {
        Err(V3StakerStateError::Unsorted(name))
    }
}
