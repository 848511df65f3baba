//! The gauge of a pool of shares: emissions until the epoch's end for those who stake shares.

use std::collections::BTreeMap;

use tidemill_units::{Amount, Amounts, Timestamp, U256};

use super::state::check_alone;
use super::words::{
    ONE, WEEK_AMOUNT, difference, epoch_next, part, product, quotient, seconds, sum,
};
use super::{AerodromeError, AerodromeStateError, GaugeState};
use crate::Account;

/// What a gauge keeps beside its stakers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaugeTotals {
    /// When what was notified has been paid out: the end of an epoch.
    pub period_finish: Timestamp,
    /// Reward units a second.
    pub reward_rate: Amount,
    /// When the reward of a share was last brought up to date.
    pub last_update_time: Timestamp,
    /// The reward of one share since the gauge's start, with 18 decimals.
    pub reward_per_token_stored: U256,
    /// Shares staked.
    pub total_supply: Amount,
    /// Reward tokens the gauge holds.
    pub balance: Amount,
    /// Fees of the pool's token0 that were too few to be passed on.
    pub fees0: Amount,
    /// Fees of the pool's token1 that were too few to be passed on.
    pub fees1: Amount,
}

/// What a gauge keeps of a staker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staker {
    /// Shares staked.
    pub balance: Amount,
    /// The reward of one share when the staker was last brought up to date.
    pub reward_per_token_paid: U256,
    /// What the staker had earned and not claimed then.
    pub rewards: Amount,
}

/// A gauge.
///
/// Source: `Gauge.sol`, aerodrome-finance/contracts at a88d6ffb.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    totals: GaugeTotals,
    stakers: BTreeMap<Account, Staker>,
}

/// What a claim of the pool's fees comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PassedOn {
    /// What stays in the gauge.
    pub(super) kept: Amounts,
    /// What the voters get.
    pub(super) passed: Amounts,
}

/// Adds a claim of fees to what was kept; more than a week's seconds of a token are passed on.
pub(super) fn pass_on(kept: Amounts, claimed: Amounts) -> Result<PassedOn, AerodromeError> {
    let none = PassedOn { kept, passed: Amounts::ZERO };
    if claimed == Amounts::ZERO {
        return Ok(none);
    }
    let total = kept.checked_add(claimed).ok_or(AerodromeError::Overflow)?;
    let split = |amount: Amount| match amount > WEEK_AMOUNT {
        true => (Amount::ZERO, amount),
        false => (amount, Amount::ZERO),
    };
    let (kept0, passed0) = split(total.amount0);
    let (kept1, passed1) = split(total.amount1);
    Ok(PassedOn {
        kept: Amounts { amount0: kept0, amount1: kept1 },
        passed: Amounts { amount0: passed0, amount1: passed1 },
    })
}

impl Gauge {
    pub(super) fn of(totals: GaugeTotals, stakers: BTreeMap<Account, Staker>) -> Self {
        Self { totals, stakers }
    }

    /// Returns a gauge by itself in this state.
    ///
    /// Errors: the field that no gauge can have.
    pub fn new(state: &GaugeState) -> Result<Self, AerodromeStateError> {
        check_alone(state)?;
        Ok(Self::of(state.totals, state.stakers.iter().copied().collect()))
    }

    /// Returns everything that determines what the gauge does.
    pub fn state(&self) -> GaugeState {
        let stakers = self.stakers().map(|(account, staker)| (account, *staker));
        GaugeState { totals: self.totals, stakers: stakers.collect() }
    }

    /// Returns what the gauge keeps beside its stakers.
    pub fn totals(&self) -> &GaugeTotals {
        &self.totals
    }

    /// Returns what the gauge keeps of each staker that ever was, in their order.
    pub fn stakers(&self) -> impl Iterator<Item = (Account, &Staker)> {
        self.stakers.iter().map(|(account, staker)| (*account, staker))
    }

    /// Returns what the gauge keeps of an account.
    pub fn staker(&self, account: Account) -> Staker {
        self.stakers.get(&account).copied().unwrap_or_default()
    }

    /// Returns the reward of one share since the gauge's start, with 18 decimals, rounded down;
    /// what is emitted while nobody stakes is nobody's.
    ///
    /// Errors: `Overflow`.
    pub fn reward_per_token(&self, at: Timestamp) -> Result<U256, AerodromeError> {
        let totals = &self.totals;
        if totals.total_supply.is_zero() {
            return Ok(totals.reward_per_token_stored);
        }
        let until = at.min(totals.period_finish);
        let elapsed = until.0.checked_sub(totals.last_update_time.0);
        let elapsed = seconds(elapsed.ok_or(AerodromeError::Overflow)?);
        let emitted = product(product(elapsed, totals.reward_rate.0)?, ONE)?;
        let growth = quotient(emitted, totals.total_supply.0)?;
        totals.reward_per_token_stored.checked_add(growth).ok_or(AerodromeError::Overflow)
    }

    /// Returns what an account could claim, rounded down.
    ///
    /// Errors: `Overflow`.
    pub fn earned(&self, account: Account, at: Timestamp) -> Result<Amount, AerodromeError> {
        earned(self.staker(account), self.reward_per_token(at)?)
    }

    /// Returns what is still to be emitted in the running period.
    ///
    /// Errors: `Overflow`.
    pub fn left(&self, at: Timestamp) -> Result<Amount, AerodromeError> {
        let remaining = self.totals.period_finish.seconds_since(at);
        product(seconds(remaining), self.totals.reward_rate.0).map(Amount)
    }

    /// `_updateRewards`, without writing it yet.
    fn updated(
        &self,
        account: Account,
        at: Timestamp,
    ) -> Result<(GaugeTotals, Staker), AerodromeError> {
        let reward_per_token_stored = self.reward_per_token(at)?;
        let staker = self.staker(account);
        let rewards = earned(staker, reward_per_token_stored)?;
        let last_update_time = at.min(self.totals.period_finish);
        Ok((
            GaugeTotals { reward_per_token_stored, last_update_time, ..self.totals },
            Staker { rewards, reward_per_token_paid: reward_per_token_stored, ..staker },
        ))
    }

    fn keep(&mut self, totals: GaugeTotals, account: Account, staker: Staker) {
        self.totals = totals;
        self.stakers.insert(account, staker);
    }

    /// Stakes shares for an account (`Gauge.deposit`).
    ///
    /// Errors: `Overflow`.
    pub fn deposit(
        &mut self,
        account: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let (mut totals, mut staker) = self.updated(account, at)?;
        totals.total_supply = sum(totals.total_supply, amount)?;
        staker.balance = sum(staker.balance, amount)?;
        self.keep(totals, account, staker);
        Ok(())
    }

    /// Takes shares out, which go to the account (`Gauge.withdraw`).
    ///
    /// Errors: `Overflow` for more than the account has.
    pub fn withdraw(
        &mut self,
        account: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let (mut totals, mut staker) = self.updated(account, at)?;
        totals.total_supply = difference(totals.total_supply, amount)?;
        staker.balance = difference(staker.balance, amount)?;
        self.keep(totals, account, staker);
        Ok(())
    }

    /// Claims what an account has earned, rounded down, and returns it (`Gauge.getReward`).
    ///
    /// Errors: `Overflow`.
    pub fn claim(&mut self, account: Account, at: Timestamp) -> Result<Amount, AerodromeError> {
        let (mut totals, mut staker) = self.updated(account, at)?;
        let paid = std::mem::take(&mut staker.rewards);
        totals.balance = difference(totals.balance, paid)?;
        self.keep(totals, account, staker);
        Ok(paid)
    }

    /// Returns what the gauge becomes with an emission, and what voters get of the fees that were
    /// claimed from the pool with it.
    pub(super) fn notified(
        &self,
        amount: Amount,
        claimed: Amounts,
        at: Timestamp,
    ) -> Result<(GaugeTotals, Amounts), AerodromeError> {
        let before = &self.totals;
        let kept = Amounts { amount0: before.fees0, amount1: before.fees1 };
        let PassedOn { kept, passed } = pass_on(kept, claimed)?;
        let reward_per_token_stored = self.reward_per_token(at)?;
        let next = epoch_next(at);
        let until_next = seconds(next.seconds_since(at));
        let total = sum(amount, self.left(at)?)?;
        let reward_rate = Amount(quotient(total.0, until_next)?);
        let balance = sum(before.balance, amount)?;
        if reward_rate.is_zero() {
            return Err(AerodromeError::ZeroRewardRate);
        }
        if reward_rate.0 > quotient(balance.0, until_next)? {
            return Err(AerodromeError::RewardRateTooHigh);
        }
        let after = GaugeTotals {
            period_finish: next,
            reward_rate,
            last_update_time: at,
            reward_per_token_stored,
            total_supply: before.total_supply,
            balance,
            fees0: kept.amount0,
            fees1: kept.amount1,
        };
        Ok((after, passed))
    }

    /// Takes an emission, to be paid out until the epoch's end with what is left of the last one
    /// (`Gauge.notifyRewardAmount`), where nothing of the pool's fees is claimed with it.
    ///
    /// Errors: `ZeroAmount`, `ZeroRewardRate`, `RewardRateTooHigh`, `Overflow`.
    pub fn notify(&mut self, amount: Amount, at: Timestamp) -> Result<(), AerodromeError> {
        if amount.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        let (totals, _) = self.notified(amount, Amounts::ZERO, at)?;
        self.set_totals(totals);
        Ok(())
    }

    /// As [`notify`](Self::notify), where a claim of the pool's fees gives something too; returns
    /// what those who vote for the gauge get of them.
    ///
    /// Errors: those of [`notify`](Self::notify).
    pub fn notify_with_fees(
        &mut self,
        amount: Amount,
        claimed: Amounts,
        at: Timestamp,
    ) -> Result<Amounts, AerodromeError> {
        if amount.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        let (totals, fees) = self.notified(amount, claimed, at)?;
        self.set_totals(totals);
        Ok(fees)
    }

    pub(super) fn set_totals(&mut self, totals: GaugeTotals) {
        self.totals = totals;
    }
}

fn earned(staker: Staker, reward_per_token: U256) -> Result<Amount, AerodromeError> {
    let growth = reward_per_token.checked_sub(staker.reward_per_token_paid);
    let growth = growth.ok_or(AerodromeError::Overflow)?;
    sum(part(staker.balance, growth, ONE)?, staker.rewards)
}
