//! Curve's first liquidity gauge: stakers of a pool's shares divide what the controller gives the
//! gauge of the emission, by balances that votes boost.

mod error;
mod facts;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use tidemill_units::{Amount, Timestamp, U256};

use crate::crv_emission::CrvEmission;
use crate::gauge_controller::GaugeController;
use crate::gauge_integral::IntegralSpan;
use crate::working_balance::{BoostedStake, TOKENLESS_PERCENT, percent};
use crate::{Account, VoteEscrow};

pub use error::CurveGaugeError;
pub use facts::FACTS;
pub use state::{CurveGaugeState, GaugeStakeState};

use CurveGaugeError::{Overflow, Underflow};

/// Seconds after its creation in which a gauge knows no boost (`BOOST_WARMUP`).
pub const BOOST_WARMUP: u64 = 1_209_600;
const SCALE: u64 = 1_000_000_000_000_000_000;

/// A gauge: who has staked what, what of it works, and what it has earned.
///
/// Source: `LiquidityGauge.vy` (v1, Vyper 0.2.4); this version cannot be killed. Of the lists of
/// past periods only the last entry is kept, which is all that anything depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveGauge {
    account: Account,
    created_at: Timestamp,
    period: GaugePeriod,
    stakes: BTreeMap<Account, GaugeStake>,
    /// Who may deposit for whom.
    approvals: BTreeSet<(Account, Account)>,
}

/// What a gauge's checkpoints bring forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaugePeriod {
    /// Checkpoints there were (`period`).
    pub period: u64,
    /// When the last one was (`period_timestamp`).
    pub at: Timestamp,
    /// Emission per unit of working balance since the creation, in 1e-18 (`integrate_inv_supply`).
    pub integrate_inv_supply: U256,
    /// The token's rate as the last checkpoint found it.
    pub inflation_rate: U256,
    /// When the token's next epoch can begin, as the last checkpoint that asked found it.
    pub future_epoch_time: Timestamp,
    /// All that is staked.
    pub total_supply: U256,
    /// All that works.
    pub working_supply: U256,
}

/// What an account has staked and earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaugeStake {
    /// Raw units of the pool's shares (`balanceOf`).
    pub balance: U256,
    /// What of it works, between 40 percent and all (`working_balances`).
    pub working_balance: U256,
    /// The gauge's integral at the account's last checkpoint (`integrate_inv_supply_of`).
    pub integrate_inv_supply_of: U256,
    /// When that was (`integrate_checkpoint_of`).
    pub integrate_checkpoint_of: Timestamp,
    /// All tokens the account has ever earned here (`integrate_fraction`).
    pub integrate_fraction: U256,
}

/// What a gauge asks of other contracts.
#[derive(Debug)]
pub struct GaugeSources<'a> {
    /// The token, for its rate.
    pub token: &'a mut CrvEmission,
    /// The controller, for the gauge's share.
    pub controller: &'a mut GaugeController,
    /// The escrow, for boosts.
    pub escrow: &'a VoteEscrow,
}

/// Shares to be staked in one gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeDeposit {
    /// Who asks, and pays.
    pub caller: Account,
    /// Whose stake they become.
    pub recipient: Account,
    /// Raw units of the pool's shares.
    pub value: Amount,
}

/// What an operation would write to a gauge.
#[derive(Clone, Copy)]
struct Written {
    period: GaugePeriod,
    account: Account,
    stake: GaugeStake,
}

/// What a gauge was before an operation on one account.
#[derive(Clone, Copy)]
pub(crate) struct GaugeUndo {
    period: GaugePeriod,
    account: Account,
    stake: Option<GaugeStake>,
}

impl GaugeSources<'_> {
    /// Does all of an operation or nothing.
    pub(crate) fn atomically<T>(
        &mut self,
        operation: impl FnOnce(&mut GaugeSources<'_>) -> Result<T, CurveGaugeError>,
    ) -> Result<T, CurveGaugeError> {
        let token = *self.token;
        let mark = self.controller.hold();
        let result = operation(self);
        self.controller.release(mark, result.is_err());
        if result.is_err() {
            *self.token = token;
        }
        result
    }
}

impl CurveGauge {
    /// Returns a gauge as its constructor leaves it, which may begin an epoch of the token.
    ///
    /// Errors: `Token`.
    pub fn deployed(
        account: Account,
        token: &mut CrvEmission,
        at: Timestamp,
    ) -> Result<Self, CurveGaugeError> {
        // The constructor reads the rate before it may change.
        let inflation_rate = token.rate;
        let future_epoch_time = token.future_epoch_time_write(at)?;
        let period = GaugePeriod { at, inflation_rate, future_epoch_time, ..Default::default() };
        Ok(Self {
            account,
            created_at: at,
            period,
            stakes: BTreeMap::new(),
            approvals: BTreeSet::new(),
        })
    }

    /// Returns the gauge's own address.
    pub fn account(&self) -> Account {
        self.account
    }

    /// Returns when the gauge was created, from which the boost warms up.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns what the gauge's checkpoints bring forward.
    pub fn period(&self) -> &GaugePeriod {
        &self.period
    }

    /// Returns what an account has staked and earned, as of its last checkpoint.
    pub fn stake_of(&self, account: Account) -> GaugeStake {
        self.stakes.get(&account).copied().unwrap_or_default()
    }

    /// Says whether one account may deposit for another.
    pub fn may_deposit_for(&self, caller: Account, recipient: Account) -> bool {
        self.approvals.contains(&(caller, recipient))
    }

    /// Lets an account deposit for `recipient`, or no longer. Source: `set_approve_deposit`.
    pub fn set_approve_deposit(&mut self, recipient: Account, caller: Account, is_allowed: bool) {
        if is_allowed {
            self.approvals.insert((caller, recipient));
        } else {
            self.approvals.remove(&(caller, recipient));
        }
    }

    /// Stakes shares for the recipient, after a checkpoint for it; the caller pays them. Nothing
    /// staked is a checkpoint that leaves the boost as it was.
    ///
    /// Errors: `NotApproved`, `Overflow` and those of the sources. Source: `deposit`.
    pub fn deposit(
        &mut self,
        deposit: StakeDeposit,
        mut sources: GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let StakeDeposit { caller, recipient, value } = deposit;
        if caller != recipient && !self.may_deposit_for(caller, recipient) {
            return Err(CurveGaugeError::NotApproved);
        }
        let written = sources.atomically(|sources| {
            let mut written = self.checkpointed(recipient, sources, at)?;
            if !value.is_zero() {
                let Written { period, stake, .. } = &mut written;
                stake.balance = stake.balance.checked_add(value.0).ok_or(Overflow)?;
                period.total_supply = period.total_supply.checked_add(value.0).ok_or(Overflow)?;
                self.limit(&mut written, sources.escrow, at)?;
            }
            Ok(written)
        })?;
        self.write(written);
        Ok(())
    }

    /// Unstakes shares after a checkpoint; they are to be paid to the account.
    ///
    /// Errors: `Underflow` for more than is staked, and those of the sources. Source: `withdraw`.
    pub fn withdraw(
        &mut self,
        account: Account,
        value: Amount,
        mut sources: GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let written = sources.atomically(|sources| {
            let mut written = self.checkpointed(account, sources, at)?;
            let Written { period, stake, .. } = &mut written;
            stake.balance = stake.balance.checked_sub(value.0).ok_or(Underflow)?;
            period.total_supply = period.total_supply.checked_sub(value.0).ok_or(Underflow)?;
            self.limit(&mut written, sources.escrow, at)?;
            Ok(written)
        })?;
        self.write(written);
        Ok(())
    }

    /// Counts what an account has earned up to now, and sets its boost by its votes as they are.
    /// The account itself or the minter asks for it.
    ///
    /// Errors: those of the sources. Source: `user_checkpoint`.
    pub fn user_checkpoint(
        &mut self,
        account: Account,
        mut sources: GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let written = sources.atomically(|sources| {
            let mut written = self.checkpointed(account, sources, at)?;
            self.limit(&mut written, sources.escrow, at)?;
            Ok(written)
        })?;
        self.write(written);
        Ok(())
    }

    /// Counts what an account has earned up to now and leaves its boost as it was; returns all it
    /// has ever earned here. Anybody may ask for it.
    ///
    /// Errors: those of the sources. Source: `claimable_tokens`, sent as a transaction.
    pub fn checkpoint_only(
        &mut self,
        account: Account,
        mut sources: GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        let written = sources.atomically(|sources| self.checkpointed(account, sources, at))?;
        let earned = written.stake.integrate_fraction;
        self.write(written);
        Ok(Amount(earned))
    }

    /// Returns all that an account has ever earned here, up to now, and leaves the gauge as it was.
    ///
    /// Errors: those of the sources, which are brought up to date.
    pub(crate) fn earned_by(
        &self,
        account: Account,
        mut sources: GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        Ok(Amount(self.checkpointed(account, &mut sources, at)?.stake.integrate_fraction))
    }

    /// Takes away a boost that its account no longer has the votes for, or has touched its lock
    /// since. Anybody may do it.
    ///
    /// Errors: `KickNotAllowed`, `KickNotNeeded`, and those of the sources. Source: `kick`.
    pub fn kick(
        &mut self,
        account: Account,
        sources: GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let stake = self.stake_of(account);
        let voted_at = sources.escrow.user_points(account).last().map(|point| point.at);
        let is_later = voted_at.unwrap_or_default() > stake.integrate_checkpoint_of;
        if !sources.escrow.balance_of(account, at)?.is_zero() && !is_later {
            return Err(CurveGaugeError::KickNotAllowed);
        }
        if stake.working_balance <= percent(stake.balance, TOKENLESS_PERCENT).ok_or(Overflow)? {
            return Err(CurveGaugeError::KickNotNeeded);
        }
        self.user_checkpoint(account, sources, at)
    }

    /// Returns what is to be restored if an operation on this account has to be taken back.
    pub(crate) fn before(&self, account: Account) -> GaugeUndo {
        let stake = self.stakes.get(&account).copied();
        GaugeUndo { period: self.period, account, stake }
    }

    /// Restores what was before an operation.
    pub(crate) fn restore(&mut self, undo: GaugeUndo) {
        self.period = undo.period;
        match undo.stake {
            Some(stake) => self.stakes.insert(undo.account, stake),
            None => self.stakes.remove(&undo.account),
        };
    }

    fn write(&mut self, written: Written) {
        self.period = written.period;
        self.stakes.insert(written.account, written.stake);
    }

    /// Source: `_checkpoint`.
    fn checkpointed(
        &self,
        account: Account,
        sources: &mut GaugeSources<'_>,
        at: Timestamp,
    ) -> Result<Written, CurveGaugeError> {
        let mut period = self.period;
        if self.period.future_epoch_time >= self.period.at {
            period.future_epoch_time = sources.token.future_epoch_time_write(at)?;
            period.inflation_rate = sources.token.rate;
        }
        sources.controller.checkpoint_gauge(self.account, at)?;
        let span = IntegralSpan {
            integral: self.period.integrate_inv_supply,
            working_supply: self.period.working_supply,
            rate: self.period.inflation_rate,
            new_rate: period.inflation_rate,
            epoch_end: self.period.future_epoch_time.0,
            from: self.period.at.0,
            until: at.0,
        };
        let controller = &*sources.controller;
        let share = |from| controller.gauge_relative_weight(self.account, Timestamp(from));
        period.integrate_inv_supply = span.integrated(share).ok_or(Overflow)?;
        period.period = period.period.checked_add(1).ok_or(Overflow)?;
        period.at = at;
        let mut stake = self.stake_of(account);
        let grown = period.integrate_inv_supply.checked_sub(stake.integrate_inv_supply_of);
        let earned = stake.working_balance.checked_mul(grown.ok_or(Underflow)?).ok_or(Overflow)?;
        let earned = earned.checked_div(U256::from(SCALE)).unwrap_or_default();
        stake.integrate_fraction = stake.integrate_fraction.checked_add(earned).ok_or(Overflow)?;
        stake.integrate_inv_supply_of = period.integrate_inv_supply;
        stake.integrate_checkpoint_of = at;
        Ok(Written { period, account, stake })
    }

    /// Sets what of a balance works by the votes behind it.
    ///
    /// Source: `_update_liquidity_limit`.
    fn limit(
        &self,
        written: &mut Written,
        escrow: &VoteEscrow,
        at: Timestamp,
    ) -> Result<(), CurveGaugeError> {
        let Written { period, account, stake } = written;
        let votes = escrow.balance_of(*account, at)?.0;
        let all_votes = escrow.total_supply(at)?.0;
        let warm_at = self.created_at.0.checked_add(BOOST_WARMUP).ok_or(Overflow)?;
        let boosted = BoostedStake {
            balance: stake.balance,
            total_supply: period.total_supply,
            votes,
            all_votes: if at.0 > warm_at { all_votes } else { U256::ZERO },
        };
        let limit = boosted.working().ok_or(Overflow)?;
        let working = period.working_supply.checked_add(limit).ok_or(Overflow)?;
        period.working_supply = working.checked_sub(stake.working_balance).ok_or(Underflow)?;
        stake.working_balance = limit;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
