use std::collections::BTreeMap;

use tidemill_units::{Amount, Liquidity, TickRange, Timestamp, U256};

use super::reward_math::low_160;
use super::{
    IncentiveKey, ManagedPosition, PoolReader, RewardInputs, StakeReward, TokenId, V3StakerError,
    reward_amount,
};
use crate::Account;

/// A v3-staker: incentives, deposited positions, their stakes and what their owners have earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3Staker {
    pub(super) staker: Account,
    pub(super) position_manager: Account,
    pub(super) max_incentive_start_lead_time_seconds: u64,
    pub(super) max_incentive_duration_seconds: u64,
    pub(super) incentives: BTreeMap<IncentiveKey, Incentive>,
    pub(super) deposits: BTreeMap<TokenId, Deposit>,
    pub(super) stakes: BTreeMap<(TokenId, IncentiveKey), Stake>,
    /// By reward token and owner; zeros are left out.
    pub(super) rewards: BTreeMap<(Account, Account), U256>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Incentive {
    pub(super) total_reward_unclaimed: U256,
    pub(super) total_seconds_claimed_x128: U256,
    pub(super) number_of_stakes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deposit {
    pub(super) owner: Account,
    pub(super) range: TickRange,
    pub(super) number_of_stakes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stake {
    pub(super) seconds_per_liquidity_inside_initial_x128: U256,
    pub(super) liquidity: Liquidity,
}

/// Tokens that the caller has to move from the staker to somebody, or to the staker from whoever
/// called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The token.
    pub token: Account,
    /// Who receives it.
    pub to: Account,
    /// How much, perhaps nothing.
    pub amount: Amount,
}

/// A token of the position manager arriving with the manager's `safeTransferFrom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositCall {
    /// The contract that says so; none but the position manager is believed.
    pub sender: Account,
    /// Whose it was, who owns the deposit from now on.
    pub from: Account,
    /// The token.
    pub token_id: TokenId,
}

/// Who stakes or unstakes which token in which incentive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeCall {
    /// Who calls.
    pub sender: Account,
    /// The incentive.
    pub key: IncentiveKey,
    /// The token.
    pub token_id: TokenId,
}

/// What a stake that ended has earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unstaked {
    /// Whom the reward was booked for: who owns the deposit, whoever called.
    pub owner: Account,
    /// The reward and the seconds it is for.
    pub earned: StakeReward,
}

/// What can be seen of an incentive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IncentiveInfo {
    /// What it has not paid yet.
    pub total_reward_unclaimed: Amount,
    /// Seconds of the whole pool's liquidity that were paid for, Q32.128.
    pub total_seconds_claimed_x128: U256,
    /// How many tokens are staked in it.
    pub number_of_stakes: u64,
}

impl V3Staker {
    /// Promises a reward, or more of it where the incentive exists, and returns what the sender has
    /// to pay the staker. As in the contract the sum wraps at 2^256, which no token that could pay
    /// both reaches.
    ///
    /// Errors: [`V3StakerError::RewardNotPositive`], [`V3StakerError::StartInThePast`],
    /// [`V3StakerError::StartTooFar`], [`V3StakerError::StartNotBeforeEnd`],
    /// [`V3StakerError::DurationTooLong`]. Source: v3-staker 1.0.2 `createIncentive`.
    pub fn create_incentive(
        &mut self,
        key: IncentiveKey,
        reward: Amount,
        now: Timestamp,
    ) -> Result<Payment, V3StakerError> {
        if reward.is_zero() {
            return Err(V3StakerError::RewardNotPositive);
        }
        if now > key.start_time {
            return Err(V3StakerError::StartInThePast);
        }
        if key.start_time.seconds_since(now) > self.max_incentive_start_lead_time_seconds {
            return Err(V3StakerError::StartTooFar);
        }
        if key.start_time >= key.end_time {
            return Err(V3StakerError::StartNotBeforeEnd);
        }
        if key.end_time.seconds_since(key.start_time) > self.max_incentive_duration_seconds {
            return Err(V3StakerError::DurationTooLong);
        }
        let incentive = self.incentives.entry(key).or_default();
        incentive.total_reward_unclaimed = incentive.total_reward_unclaimed.wrapping_add(reward.0);
        Ok(Payment { token: key.reward_token, to: self.staker, amount: reward })
    }

    /// Pays the refundee what nobody earned, once nobody is staked any more; anybody may ask.
    ///
    /// Errors: [`V3StakerError::NotEnded`], [`V3StakerError::NoRefund`],
    /// [`V3StakerError::StillStaked`]. Source: v3-staker 1.0.2 `endIncentive`.
    pub fn end_incentive(
        &mut self,
        key: IncentiveKey,
        now: Timestamp,
    ) -> Result<Payment, V3StakerError> {
        if now < key.end_time {
            return Err(V3StakerError::NotEnded);
        }
        let incentive = self.incentives.get_mut(&key).ok_or(V3StakerError::NoRefund)?;
        if incentive.total_reward_unclaimed.is_zero() {
            return Err(V3StakerError::NoRefund);
        }
        if incentive.number_of_stakes != 0 {
            return Err(V3StakerError::StillStaked);
        }
        let refund = std::mem::take(&mut incentive.total_reward_unclaimed);
        Ok(Payment { token: key.reward_token, to: key.refundee, amount: Amount(refund) })
    }

    /// Takes a position in, and stakes it in incentives, in their order: in all of them or, where
    /// one refuses, in none, and the position stays where it was.
    ///
    /// Errors: [`V3StakerError::NotTheManager`], [`V3StakerError::AlreadyDeposited`],
    /// [`V3StakerError::UnknownToken`], and those of [`V3Staker::stake`] but for a stranger's.
    /// Source: v3-staker 1.0.2 `onERC721Received`.
    pub fn deposit(
        &mut self,
        call: DepositCall,
        keys: &[IncentiveKey],
        now: Timestamp,
        pools: &dyn PoolReader,
    ) -> Result<(), V3StakerError> {
        let DepositCall { sender, from, token_id } = call;
        if sender != self.position_manager {
            return Err(V3StakerError::NotTheManager);
        }
        if self.deposits.contains_key(&token_id) {
            return Err(V3StakerError::AlreadyDeposited);
        }
        let position = pools.position(token_id).ok_or(V3StakerError::UnknownToken)?;
        let deposit = Deposit { owner: from, range: position.range, number_of_stakes: 0 };
        self.deposits.insert(token_id, deposit);
        for (index, key) in keys.iter().enumerate() {
            if let Err(error) = self.stake_deposit(*key, token_id, now, pools) {
                for staked in keys.iter().take(index) {
                    self.remove_stake(token_id, *staked);
                }
                self.deposits.remove(&token_id);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Gives a deposit, with its stakes and all that they earn, to somebody else.
    ///
    /// Errors: [`V3StakerError::InvalidRecipient`], [`V3StakerError::TransferByStranger`]. Source:
    /// v3-staker 1.0.2 `transferDeposit`.
    pub fn transfer_deposit(
        &mut self,
        sender: Account,
        token_id: TokenId,
        to: Account,
    ) -> Result<(), V3StakerError> {
        if to == Account::default() {
            return Err(V3StakerError::InvalidRecipient);
        }
        let deposit = self.deposits.get_mut(&token_id);
        let deposit = deposit.filter(|deposit| deposit.owner == sender);
        deposit.ok_or(V3StakerError::TransferByStranger)?.owner = to;
        Ok(())
    }

    /// Ends a deposit; the caller then moves the position to `to`, and where that fails the whole
    /// operation has.
    ///
    /// Errors: [`V3StakerError::WithdrawToStaker`], [`V3StakerError::WithdrawWhileStaked`],
    /// [`V3StakerError::WithdrawByStranger`]. Source: v3-staker 1.0.2 `withdrawToken`.
    pub fn withdraw(
        &mut self,
        sender: Account,
        token_id: TokenId,
        to: Account,
    ) -> Result<(), V3StakerError> {
        if to == self.staker {
            return Err(V3StakerError::WithdrawToStaker);
        }
        let deposit = self.deposits.get(&token_id).ok_or(V3StakerError::WithdrawByStranger)?;
        if deposit.number_of_stakes != 0 {
            return Err(V3StakerError::WithdrawWhileStaked);
        }
        if deposit.owner != sender {
            return Err(V3StakerError::WithdrawByStranger);
        }
        self.deposits.remove(&token_id);
        Ok(())
    }

    /// Stakes a deposit in an incentive, with the liquidity that it has now.
    ///
    /// Errors, in this order: [`V3StakerError::StakeByStranger`], [`V3StakerError::NotStarted`],
    /// [`V3StakerError::Ended`], [`V3StakerError::NoIncentive`],
    /// [`V3StakerError::AlreadyStaked`], [`V3StakerError::UnknownToken`],
    /// [`V3StakerError::OtherPool`], [`V3StakerError::NoLiquidity`],
    /// [`V3StakerError::PoolRefused`]. Source: v3-staker 1.0.2 `stakeToken`.
    pub fn stake(
        &mut self,
        call: StakeCall,
        now: Timestamp,
        pools: &dyn PoolReader,
    ) -> Result<(), V3StakerError> {
        if self.owner(call.token_id) != Some(call.sender) {
            return Err(V3StakerError::StakeByStranger);
        }
        self.stake_deposit(call.key, call.token_id, now, pools)
    }

    /// Stakes without asking who calls (v3-staker 1.0.2 `_stakeToken`).
    fn stake_deposit(
        &mut self,
        key: IncentiveKey,
        token_id: TokenId,
        now: Timestamp,
        pools: &dyn PoolReader,
    ) -> Result<(), V3StakerError> {
        if now < key.start_time {
            return Err(V3StakerError::NotStarted);
        }
        if now >= key.end_time {
            return Err(V3StakerError::Ended);
        }
        let incentive = self.incentives.get_mut(&key);
        let incentive = incentive.filter(|incentive| !incentive.total_reward_unclaimed.is_zero());
        let incentive = incentive.ok_or(V3StakerError::NoIncentive)?;
        if self.stakes.contains_key(&(token_id, key)) {
            return Err(V3StakerError::AlreadyStaked);
        }
        let position = pools.position(token_id).ok_or(V3StakerError::UnknownToken)?;
        let ManagedPosition { pool, range, liquidity } = position;
        if pool != key.pool {
            return Err(V3StakerError::OtherPool);
        }
        if liquidity.is_zero() {
            return Err(V3StakerError::NoLiquidity);
        }
        let seconds = pools.seconds_per_liquidity_inside(pool, range);
        let seconds_per_liquidity_inside_initial_x128 =
            low_160(seconds.ok_or(V3StakerError::PoolRefused)?);
        let deposit = self.deposits.get_mut(&token_id).ok_or(V3StakerError::UnknownToken)?;
        // Each counts entries that are in memory, which are fewer than 2^64.
        deposit.number_of_stakes = deposit.number_of_stakes.saturating_add(1);
        incentive.number_of_stakes = incentive.number_of_stakes.saturating_add(1);
        let stake = Stake { seconds_per_liquidity_inside_initial_x128, liquidity };
        self.stakes.insert((token_id, key), stake);
        Ok(())
    }

    /// Ends a stake and books its reward for the deposit's owner, to be claimed; after the
    /// incentive's end anybody may ask.
    ///
    /// Errors: [`V3StakerError::UnstakeByStranger`], [`V3StakerError::UnstakeNothing`],
    /// [`V3StakerError::PoolRefused`], and those of [`reward_amount`]. Source: v3-staker 1.0.2
    /// `unstakeToken`, whose sums wrap as these do.
    pub fn unstake(
        &mut self,
        call: StakeCall,
        now: Timestamp,
        pools: &dyn PoolReader,
    ) -> Result<Unstaked, V3StakerError> {
        let StakeCall { sender, key, token_id } = call;
        if now < key.end_time && self.owner(token_id) != Some(sender) {
            return Err(V3StakerError::UnstakeByStranger);
        }
        let owner = self.owner(token_id).ok_or(V3StakerError::UnstakeNothing)?;
        let earned = self.earned(key, token_id, now, pools)?;
        let earned = earned.ok_or(V3StakerError::UnstakeNothing)?;
        self.remove_stake(token_id, key);
        let StakeReward { reward: Amount(reward), seconds_inside_x128 } = earned;
        let incentive = self.incentives.entry(key).or_default();
        let claimed = incentive.total_seconds_claimed_x128.wrapping_add(seconds_inside_x128);
        incentive.total_seconds_claimed_x128 = low_160(claimed);
        incentive.total_reward_unclaimed = incentive.total_reward_unclaimed.wrapping_sub(reward);
        let booked = (key.reward_token, owner);
        let owed = self.rewards.get(&booked).copied().unwrap_or_default();
        self.owe(booked, owed.wrapping_add(reward));
        Ok(Unstaked { owner, earned })
    }

    /// Pays the sender what was booked, or as much of it as was asked for; asking for nothing asks
    /// for all. Returns what the staker has to pay, which may be nothing.
    ///
    /// Source: v3-staker 1.0.2 `claimReward`.
    pub fn claim(
        &mut self,
        sender: Account,
        reward_token: Account,
        to: Account,
        requested: Amount,
    ) -> Payment {
        let booked = (reward_token, sender);
        let owed = self.rewards.get(&booked).copied().unwrap_or_default();
        let amount = if requested.is_zero() { owed } else { requested.0.min(owed) };
        self.owe(booked, owed.saturating_sub(amount));
        Payment { token: reward_token, to, amount: Amount(amount) }
    }

    /// Returns what a stake would be booked if it ended now.
    ///
    /// Errors: [`V3StakerError::NoStakeToInform`], [`V3StakerError::PoolRefused`], and those of
    /// [`reward_amount`]. Source: v3-staker 1.0.2 `getRewardInfo`.
    pub fn reward_info(
        &self,
        key: IncentiveKey,
        token_id: TokenId,
        now: Timestamp,
        pools: &dyn PoolReader,
    ) -> Result<StakeReward, V3StakerError> {
        self.earned(key, token_id, now, pools)?.ok_or(V3StakerError::NoStakeToInform)
    }

    /// What a stake has earned; `None` where there is no such stake.
    fn earned(
        &self,
        key: IncentiveKey,
        token_id: TokenId,
        now: Timestamp,
        pools: &dyn PoolReader,
    ) -> Result<Option<StakeReward>, V3StakerError> {
        let stake = self.stakes.get(&(token_id, key));
        let incentive = self.incentives.get(&key);
        let deposit = self.deposits.get(&token_id);
        let (Some(stake), Some(incentive), Some(deposit)) = (stake, incentive, deposit) else {
            return Ok(None);
        };
        let seconds = pools.seconds_per_liquidity_inside(key.pool, deposit.range);
        let inputs = RewardInputs {
            total_reward_unclaimed: Amount(incentive.total_reward_unclaimed),
            total_seconds_claimed_x128: incentive.total_seconds_claimed_x128,
            start_time: key.start_time,
            end_time: key.end_time,
            liquidity: stake.liquidity,
            seconds_per_liquidity_inside_initial_x128: stake
                .seconds_per_liquidity_inside_initial_x128,
            seconds_per_liquidity_inside_x128: seconds.ok_or(V3StakerError::PoolRefused)?,
            now,
        };
        reward_amount(&inputs).map(Some)
    }

    fn remove_stake(&mut self, token_id: TokenId, key: IncentiveKey) {
        if self.stakes.remove(&(token_id, key)).is_none() {
            return;
        }
        if let Some(deposit) = self.deposits.get_mut(&token_id) {
            deposit.number_of_stakes = deposit.number_of_stakes.saturating_sub(1);
        }
        if let Some(incentive) = self.incentives.get_mut(&key) {
            incentive.number_of_stakes = incentive.number_of_stakes.saturating_sub(1);
        }
    }

    fn owe(&mut self, booked: (Account, Account), amount: U256) {
        if amount.is_zero() {
            self.rewards.remove(&booked);
        } else {
            self.rewards.insert(booked, amount);
        }
    }

    /// Returns the position manager, whose tokens it takes.
    pub fn position_manager(&self) -> Account {
        self.position_manager
    }

    /// Returns who owns a deposit; `None` where there is none.
    pub fn owner(&self, token_id: TokenId) -> Option<Account> {
        self.deposits.get(&token_id).map(|deposit| deposit.owner)
    }

    /// Returns an incentive; all zeros where there never was one, as in the contract.
    pub fn incentive(&self, key: &IncentiveKey) -> IncentiveInfo {
        let incentive = self.incentives.get(key).copied().unwrap_or_default();
        IncentiveInfo {
            total_reward_unclaimed: Amount(incentive.total_reward_unclaimed),
            total_seconds_claimed_x128: incentive.total_seconds_claimed_x128,
            number_of_stakes: incentive.number_of_stakes,
        }
    }

    /// Returns in how many incentives a deposit is staked.
    pub fn number_of_stakes(&self, token_id: TokenId) -> u64 {
        self.deposits.get(&token_id).map_or(0, |deposit| deposit.number_of_stakes)
    }

    /// Returns what an account can claim now of a reward token.
    pub fn claimable(&self, reward_token: Account, owner: Account) -> Amount {
        Amount(self.rewards.get(&(reward_token, owner)).copied().unwrap_or_default())
    }
}
