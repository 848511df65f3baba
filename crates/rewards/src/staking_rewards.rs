//! Synthetix's StakingRewards and Uniswap's build of it: one reward token, paid by the second to
//! the stakers of one token, in proportion to their stakes.
//!
//! Both tokens are taken to be plain: a transfer moves exactly its amount, and fails only where
//! the payer has too little. What a staker pays in is the caller's; whether the contract itself
//! has enough of the reward token is decided here. The lock against reentry has no counterpart,
//! since nothing can call a programme while it is borrowed.

mod accrual;
mod admin;
mod error;
mod facts;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp, U256};

use crate::Account;

pub use error::StakingRewardsError;
pub use facts::FACTS;
pub use state::{StakerState, StakingRewardsState, StakingRewardsStateError};

/// Which of the two contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakingRewardsBuild {
    /// Uniswap's liquidity-staker 1.0.2: every period lasts 60 days, and nobody owns it.
    Uniswap,
    /// Synthetix 2.102: an owner sets the duration between periods, pauses staking, recovers
    /// tokens and appoints who notifies.
    Synthetix,
}

/// A programme: its stream of rewards, what it holds of the reward token, and its stakers.
///
/// Source: `StakingRewards.sol` of `@uniswap/liquidity-staker` 1.0.2 and of `synthetix` 2.102.1.
#[derive(Clone, Debug)]
pub struct StakingRewards {
    build: StakingRewardsBuild,
    rewards_distribution: Account,
    owner: Option<Account>,
    is_paused: bool,
    reward_is_staked: bool,
    rewards_duration: U256,
    reward_rate: Amount,
    total_supply: Amount,
    reward_balance: Amount,
    clock: Clock,
    places: BTreeMap<Account, usize>,
    stakers: Vec<Staker>,
}

/// How far the stream has been shared out.
#[derive(Clone, Copy, Debug)]
struct Clock {
    period_finish: U256,
    last_update_time: U256,
    reward_per_token_stored: U256,
}

/// What the contract keeps of one staker. They lie in the order of their first stake, so that a
/// checkpoint of all of them walks through memory once.
#[derive(Clone, Copy, Debug, Default)]
struct Staker {
    balance: U256,
    reward_per_token_paid: U256,
    rewards: U256,
}

/// What [`StakingRewards::exit`] pays to the staker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// The whole stake, in the staking token.
    pub withdrawn: Amount,
    /// What it had earned, in the reward token.
    pub reward: Amount,
}

/// Seconds of a period of Uniswap's build (60 days).
pub const UNISWAP_DURATION: U256 = U256::from_limbs([60 * 86_400, 0, 0, 0]);

/// Seconds of the first period of Synthetix's build (7 days), until its owner sets others.
pub const SYNTHETIX_DURATION: U256 = U256::from_limbs([7 * 86_400, 0, 0, 0]);

impl StakingRewards {
    /// Returns the seconds from a notification to its end.
    pub fn rewards_duration(&self) -> U256 {
        self.rewards_duration
    }

    /// Returns reward units per second of the current or last period, rounded down.
    pub fn reward_rate(&self) -> Amount {
        self.reward_rate
    }

    /// Returns when the current or last period ends, in seconds since 1970; zero before the first.
    pub fn period_finish(&self) -> U256 {
        self.clock.period_finish
    }

    /// Returns all that is staked.
    pub fn total_supply(&self) -> Amount {
        self.total_supply
    }

    /// Returns what the contract holds of the reward token, stakes included where that is also
    /// what is staked.
    pub fn reward_balance(&self) -> Amount {
        self.reward_balance
    }

    /// Returns the stake of an account (`balanceOf`).
    pub fn balance_of(&self, account: Account) -> Amount {
        Amount(self.staker(account).balance)
    }

    /// Returns the time up to which rewards are due: now, or the period's end if that has passed.
    pub fn last_time_reward_applicable(&self, at: Timestamp) -> U256 {
        U256::from(at.0).min(self.clock.period_finish)
    }

    /// Returns what one unit of stake would have earned since the beginning, times 10^18, rounded
    /// down: the programme keeps the rest for ever.
    ///
    /// Errors: `MulOverflow` where elapsed seconds times rate times 10^18 pass 2^256 - 1;
    /// `SubUnderflow` for a time before the last update.
    pub fn reward_per_token(&self, at: Timestamp) -> Result<U256, StakingRewardsError> {
        self.clock_at(at).map(|clock| clock.reward_per_token_stored)
    }

    /// Returns what an account could claim now, in units of the reward token, rounded down.
    ///
    /// Errors: as [`reward_per_token`](Self::reward_per_token), and `MulOverflow` where the stake
    /// times that passes 2^256 - 1.
    pub fn earned(&self, account: Account, at: Timestamp) -> Result<Amount, StakingRewardsError> {
        let clock = self.clock_at(at)?;
        accrual::earned(&self.staker(account), &clock).map(Amount)
    }

    /// Returns what a whole period pays at the present rate: the notified reward less what the
    /// division by the duration left over, which is never paid.
    ///
    /// Errors: `MulOverflow`. Source: `getRewardForDuration`.
    pub fn reward_for_duration(&self) -> Result<Amount, StakingRewardsError> {
        product(self.reward_rate.0, self.rewards_duration).map(Amount)
    }

    /// Gives the contract units of the reward token: the transfer that comes before a
    /// notification, or a gift.
    ///
    /// Errors: `TokenOverflow`.
    pub fn fund(&mut self, amount: Amount) -> Result<(), StakingRewardsError> {
        let funded = self.reward_balance.checked_add(amount);
        self.reward_balance = funded.ok_or(StakingRewardsError::TokenOverflow)?;
        Ok(())
    }

    /// Stakes tokens, which the caller pays in.
    ///
    /// Errors: `Paused`; `CannotStakeZero`; `AddOverflow`; those of [`earned`](Self::earned);
    /// `TokenOverflow`. The reverts come in the contract's order.
    pub fn stake(
        &mut self,
        account: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), StakingRewardsError> {
        if self.is_paused {
            return Err(StakingRewardsError::Paused);
        }
        let (clock, mut staker) = self.updated(account, at)?;
        if amount.is_zero() {
            return Err(StakingRewardsError::CannotStakeZero);
        }
        let total_supply = sum(self.total_supply.0, amount.0)?;
        staker.balance = sum(staker.balance, amount.0)?;
        if self.reward_is_staked {
            self.fund(amount)?;
        }
        self.total_supply = Amount(total_supply);
        self.keep(clock, account, staker);
        Ok(())
    }

    /// Gives back stake; the caller pays exactly the amount to the account.
    ///
    /// Errors: `CannotWithdrawZero`; `SubUnderflow` for more than is staked; those of
    /// [`earned`](Self::earned); `TokenShort` where the rewards paid were others' stakes.
    pub fn withdraw(
        &mut self,
        account: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), StakingRewardsError> {
        let (clock, mut staker) = self.updated(account, at)?;
        self.take_out(&mut staker, amount)?;
        self.keep(clock, account, staker);
        Ok(())
    }

    /// Pays what an account has earned; returns it, zero where there is nothing.
    ///
    /// Errors: those of [`earned`](Self::earned); `TokenShort` where the contract has too little.
    /// Source: `getReward`.
    pub fn get_reward(
        &mut self,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, StakingRewardsError> {
        let (clock, mut staker) = self.updated(account, at)?;
        self.reward_balance = Amount(paid_out(self.reward_balance.0, staker.rewards)?);
        let reward = std::mem::take(&mut staker.rewards);
        self.keep(clock, account, staker);
        Ok(Amount(reward))
    }

    /// Withdraws the whole stake and claims.
    ///
    /// Errors: those of [`withdraw`](Self::withdraw), `CannotWithdrawZero` for an account without
    /// a stake even if it has earned; those of [`get_reward`](Self::get_reward).
    pub fn exit(&mut self, account: Account, at: Timestamp) -> Result<Exit, StakingRewardsError> {
        let (clock, mut staker) = self.updated(account, at)?;
        let (balance, reward) = (staker.balance, staker.rewards);
        let before = (self.total_supply, self.reward_balance);
        self.take_out(&mut staker, Amount(balance))?;
        match paid_out(self.reward_balance.0, reward) {
            Ok(left) => self.reward_balance = Amount(left),
            Err(error) => {
                (self.total_supply, self.reward_balance) = before;
                return Err(error);
            }
        }
        staker.rewards = U256::ZERO;
        self.keep(clock, account, staker);
        Ok(Exit { withdrawn: Amount(balance), reward: Amount(reward) })
    }

    /// Starts a period, or stretches the running one by a whole duration from now: what is left
    /// of it and the new reward are spread over that, at a rate rounded down.
    ///
    /// The tokens must have come before, by [`fund`](Self::fund).
    ///
    /// Errors: `NotRewardsDistribution`; those of [`reward_per_token`](Self::reward_per_token);
    /// `MulOverflow`, `AddOverflow`; `DivisionByZero` while the duration is zero;
    /// `ProvidedRewardTooHigh` where the contract holds less than a period pays, whoever that
    /// belongs to. Source: `notifyRewardAmount`.
    pub fn notify_reward_amount(
        &mut self,
        caller: Account,
        reward: Amount,
        at: Timestamp,
    ) -> Result<(), StakingRewardsError> {
        if caller != self.rewards_distribution {
            return Err(StakingRewardsError::NotRewardsDistribution);
        }
        let clock = self.clock_at(at)?;
        let now = U256::from(at.0);
        let rate = match clock.period_finish.checked_sub(now) {
            None | Some(U256::ZERO) => quotient(reward.0, self.rewards_duration)?,
            Some(remaining) => {
                let leftover = product(remaining, self.reward_rate.0)?;
                quotient(sum(reward.0, leftover)?, self.rewards_duration)?
            }
        };
        if rate > quotient(self.reward_balance.0, self.rewards_duration)? {
            return Err(StakingRewardsError::ProvidedRewardTooHigh);
        }
        let period_finish = sum(now, self.rewards_duration)?;
        self.reward_rate = Amount(rate);
        self.clock = Clock { period_finish, last_update_time: now, ..clock };
        Ok(())
    }

    fn take_out(&mut self, staker: &mut Staker, amount: Amount) -> Result<(), StakingRewardsError> {
        if amount.is_zero() {
            return Err(StakingRewardsError::CannotWithdrawZero);
        }
        let total_supply = difference(self.total_supply.0, amount.0)?;
        staker.balance = difference(staker.balance, amount.0)?;
        if self.reward_is_staked {
            self.reward_balance = Amount(paid_out(self.reward_balance.0, amount.0)?);
        }
        self.total_supply = Amount(total_supply);
        Ok(())
    }
}

/// What is left of the contract's tokens after a payment.
fn paid_out(balance: U256, amount: U256) -> Result<U256, StakingRewardsError> {
    balance.checked_sub(amount).ok_or(StakingRewardsError::TokenShort)
}

fn sum(a: U256, b: U256) -> Result<U256, StakingRewardsError> {
    a.checked_add(b).ok_or(StakingRewardsError::AddOverflow)
}

fn difference(a: U256, b: U256) -> Result<U256, StakingRewardsError> {
    a.checked_sub(b).ok_or(StakingRewardsError::SubUnderflow)
}

fn product(a: U256, b: U256) -> Result<U256, StakingRewardsError> {
    a.checked_mul(b).ok_or(StakingRewardsError::MulOverflow)
}

fn quotient(a: U256, b: U256) -> Result<U256, StakingRewardsError> {
    a.checked_div(b).ok_or(StakingRewardsError::DivisionByZero)
}

#[cfg(test)]
mod tests;
