//! Emissions on their way to the gauges, and what gauges and votes earn.

use std::collections::BTreeMap;

use tidemill_units::{Amount, Amounts, Timestamp};

use super::gauge::GaugeTotals;
use super::voter::Accrued;
use super::words::{WEEK_AMOUNT, epoch_start, sum};
use super::{Aerodrome, AerodromeError, Emission, GaugeId, LockId};
use crate::Account;

/// What a distribution did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// The week's emission, if it was the first distribution of its epoch.
    pub emission: Option<Emission>,
    /// The gauges that got something, with how much; of these only the pools' fees were claimed.
    pub paid: Vec<(GaugeId, Amount)>,
}

/// A gauge as a distribution leaves it.
struct Step {
    accrued: Accrued,
    totals: Option<(GaugeTotals, Amounts)>,
}

impl Aerodrome {
    fn gauge_of(&self, gauge: GaugeId) -> Result<&super::Gauge, AerodromeError> {
        self.voter.gauge(gauge)?.gauge.as_ref().ok_or(AerodromeError::GaugeElsewhere)
    }

    fn gauge_of_mut(&mut self, gauge: GaugeId) -> Result<&mut super::Gauge, AerodromeError> {
        self.voter.gauge_mut(gauge)?.gauge.as_mut().ok_or(AerodromeError::GaugeElsewhere)
    }

    /// Stakes shares in a gauge for an account; whoever does it pays them (`Gauge.deposit`).
    ///
    /// Errors: `GaugeDoesNotExist`, `GaugeElsewhere`, `ZeroAmount`, `NotAlive`, `Overflow`.
    pub fn stake(
        &mut self,
        gauge: GaugeId,
        account: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.gauge_of(gauge)?;
            if amount.is_zero() {
                return Err(AerodromeError::ZeroAmount);
            }
            if !system.voter.gauge(gauge)?.is_alive {
                return Err(AerodromeError::NotAlive);
            }
            system.gauge_of_mut(gauge)?.deposit(account, amount, at)
        })
    }

    /// Takes shares out of a gauge, which pays them to the account (`Gauge.withdraw`).
    ///
    /// Errors: `GaugeDoesNotExist`, `GaugeElsewhere`; `Overflow` for more than the account has.
    pub fn unstake(
        &mut self,
        gauge: GaugeId,
        account: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| system.gauge_of_mut(gauge)?.withdraw(account, amount, at))
    }

    /// Claims what an account has earned in a gauge, rounded down; returns what the gauge pays it
    /// (`Gauge.getReward`, `Voter.claimRewards`).
    ///
    /// Errors: `GaugeDoesNotExist`, `GaugeElsewhere`; `NotAuthorized` for strangers; `Overflow`.
    pub fn claim_emission(
        &mut self,
        sender: Account,
        gauge: GaugeId,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        self.then(at, |system| {
            system.gauge_of(gauge)?;
            if sender != account {
                return Err(AerodromeError::NotAuthorized);
            }
            system.gauge_of_mut(gauge)?.claim(account, at)
        })
    }

    /// Brings a gauge's part of the emission up to date (`Voter.updateFor`).
    ///
    /// Errors: `GaugeDoesNotExist`, `Overflow`.
    pub fn update_for(&mut self, gauge: GaugeId, at: Timestamp) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let accrued = system.voter.accrued(gauge)?;
            system.minter.balance = sum(system.minter.balance, accrued.returned)?;
            system.voter.gauge_mut(gauge)?.set_accrued(accrued);
            Ok(())
        })
    }

    /// Emits for the running epoch, if that was not done yet (`Minter.updatePeriod`).
    ///
    /// Errors: `Overflow`; `DivisionByZero` where the token has no supply.
    pub fn update_period(&mut self, at: Timestamp) -> Result<Option<Emission>, AerodromeError> {
        self.then(at, |system| system.emit(at))
    }

    fn emit(&mut self, at: Timestamp) -> Result<Option<Emission>, AerodromeError> {
        let Some(period) = self.minter.due(at) else { return Ok(None) };
        let before = period.0.checked_sub(1).ok_or(AerodromeError::Overflow)?;
        let locked = self.escrow.supply_at(Timestamp(before))?;
        let (minter, emission) = self.minter.emitted(period, locked)?;
        let rebase = self.distributor.recorded(emission.rebase, at)?;
        let index = self.voter.indexed(emission.gauges)?;
        self.minter = minter;
        self.distributor.keep(rebase);
        self.voter.index = index;
        Ok(Some(emission))
    }

    /// Hands gauges what their votes earned them, where that is more than what they still have to
    /// emit and more than a unit per second of a week. With each gauge comes what a claim of its
    /// pool's fees would give it now: more than a week's seconds of a token, with what was kept
    /// before, goes to the voters of this epoch. An emission that comes late in an epoch raises
    /// the rate over what is left of it.
    ///
    /// Errors: those of [`update_period`](Self::update_period), `GaugeDoesNotExist`,
    /// `GaugeElsewhere`, `Overflow`. Source: `Voter.distribute`.
    pub fn distribute(
        &mut self,
        gauges: &[(GaugeId, Amounts)],
        at: Timestamp,
    ) -> Result<Distribution, AerodromeError> {
        self.then(at, |system| {
            let before = (system.minter, system.voter.index);
            let rebases = system.minter.due(at).map(|_| system.distributor.clone());
            let result = system.distribute_all(gauges, at);
            if result.is_err() {
                (system.minter, system.voter.index) = before;
                if let Some(rebases) = rebases {
                    system.distributor = rebases;
                }
            }
            result
        })
    }

    /// Plans all gauges before it writes any, so that only the emission has to be taken back.
    fn distribute_all(
        &mut self,
        gauges: &[(GaugeId, Amounts)],
        at: Timestamp,
    ) -> Result<Distribution, AerodromeError> {
        let emission = self.emit(at)?;
        let mut paid = Vec::new();
        let mut steps = BTreeMap::new();
        let mut returned = self.minter.balance;
        for (id, claimed) in gauges {
            // A second time there is nothing left to hand on.
            if steps.contains_key(id) {
                continue;
            }
            let mut accrued = self.voter.accrued(*id)?;
            returned = sum(returned, accrued.returned)?;
            let gauge = self.gauge_of(*id)?;
            let amount = accrued.claimable;
            let mut totals = None;
            if amount > gauge.left(at)? && amount > WEEK_AMOUNT {
                accrued.claimable = Amount::ZERO;
                let has_fees = self.voter.gauge(*id)?.tokens.is_some();
                let claimed = if has_fees { *claimed } else { Amounts::ZERO };
                let after = gauge.notified(amount, claimed, at)?;
                self.check_fees(*id, after.1, at)?;
                totals = Some(after);
                paid.push((*id, amount));
            }
            steps.insert(*id, Step { accrued, totals });
        }
        self.minter.balance = returned;
        for (id, step) in steps {
            let voted = self.voter.gauge_mut(id)?;
            voted.set_accrued(step.accrued);
            if let Some((totals, fees)) = step.totals {
                if let Some(gauge) = voted.gauge.as_mut() {
                    gauge.set_totals(totals);
                }
                self.pay_fees(id, fees, at)?;
            }
        }
        Ok(Distribution { emission, paid })
    }

    fn check_fees(
        &self,
        gauge: GaugeId,
        fees: Amounts,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let gauge = self.voter.gauge(gauge)?;
        let pairs = gauge.tokens.into_iter().flatten().zip([fees.amount0, fees.amount1]);
        for (token, amount) in pairs.filter(|(_, amount)| !amount.is_zero()) {
            gauge.fees.with_reward(token, amount, at)?;
        }
        Ok(())
    }

    fn pay_fees(
        &mut self,
        gauge: GaugeId,
        fees: Amounts,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let gauge = self.voter.gauge_mut(gauge)?;
        let pairs = gauge.tokens.into_iter().flatten().zip([fees.amount0, fees.amount1]);
        for (token, amount) in pairs.filter(|(_, amount)| !amount.is_zero()) {
            gauge.fees.notify(token, amount, at)?;
        }
        Ok(())
    }

    /// Adds an emission of the team's own to a gauge's, without claiming the pool's fees
    /// (`Gauge.notifyRewardWithoutClaim`).
    ///
    /// Errors: `GaugeDoesNotExist`, `GaugeElsewhere`, `ZeroAmount`; `ZeroRewardRate` for less than
    /// a unit per second; `Overflow`.
    pub fn notify_without_claim(
        &mut self,
        gauge: GaugeId,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let gauge = system.gauge_of_mut(gauge)?;
            if amount.is_zero() {
                return Err(AerodromeError::ZeroAmount);
            }
            let (totals, _) = gauge.notified(amount, Amounts::ZERO, at)?;
            gauge.set_totals(totals);
            Ok(())
        })
    }

    /// Takes what a gauge that is kept elsewhere is due, given what it still has to emit; zero
    /// where that is too little to hand on (`Voter.distribute`).
    ///
    /// Errors: those of [`update_period`](Self::update_period); `GaugeDoesNotExist`, `Overflow`.
    pub fn distribute_elsewhere(
        &mut self,
        gauge: GaugeId,
        left: Amount,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        self.then(at, |system| {
            system.voter.gauge(gauge)?;
            // The emission alone can fail before anything is written, the rest hardly: it is done
            // on a copy of what it may change.
            let before = (system.minter, system.voter.index, system.distributor.clone());
            let result = system.take_elsewhere(gauge, left, at);
            if result.is_err() {
                (system.minter, system.voter.index, system.distributor) = before;
            }
            result
        })
    }

    fn take_elsewhere(
        &mut self,
        gauge: GaugeId,
        left: Amount,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        self.emit(at)?;
        let mut accrued = self.voter.accrued(gauge)?;
        let balance = sum(self.minter.balance, accrued.returned)?;
        let mut due = Amount::ZERO;
        if accrued.claimable > left && accrued.claimable > WEEK_AMOUNT {
            due = std::mem::take(&mut accrued.claimable);
        }
        self.minter.balance = balance;
        self.voter.gauge_mut(gauge)?.set_accrued(accrued);
        Ok(due)
    }

    /// Gives the voters of a gauge that is kept elsewhere the fees it passes on
    /// (`FeesVotingReward.notifyRewardAmount`).
    ///
    /// Errors: `GaugeDoesNotExist`, `Overflow`.
    pub fn notify_fees(
        &mut self,
        gauge: GaugeId,
        fees: Amounts,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.check_fees(gauge, fees, at)?;
            system.pay_fees(gauge, fees, at)
        })
    }

    /// Pays a bribe to those who vote for a gauge at this epoch's end
    /// (`BribeVotingReward.notifyRewardAmount`).
    ///
    /// Errors: `GaugeDoesNotExist`, `NotWhitelisted`, `ZeroAmount`, `Overflow`.
    pub fn notify_bribe(
        &mut self,
        gauge: GaugeId,
        token: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let is_whitelisted = system.voter.whitelisted_tokens.contains(&token);
            let bribes = &mut system.voter.gauge_mut(gauge)?.bribes;
            bribes.notify_whitelisted((token, amount), is_whitelisted, at)
        })
    }

    /// Claims a lock's bribes of the epochs that are over; returns what its owner is paid of each
    /// token (`Voter.claimBribes`).
    ///
    /// Errors: `NotApprovedOrOwner`, `GaugeDoesNotExist`, `Overflow`.
    pub fn claim_bribes(
        &mut self,
        sender: Account,
        (gauge, lock): (GaugeId, LockId),
        tokens: &[Account],
        at: Timestamp,
    ) -> Result<Vec<Amount>, AerodromeError> {
        self.then(at, |system| {
            system.require_owner(sender, lock)?;
            system.voter.gauge_mut(gauge)?.bribes.claim(tokens, lock, at)
        })
    }

    /// Claims a lock's part of a pool's fees, as [`claim_bribes`](Self::claim_bribes)
    /// (`Voter.claimFees`).
    ///
    /// Errors: `NotApprovedOrOwner`, `GaugeDoesNotExist`, `Overflow`.
    pub fn claim_fees(
        &mut self,
        sender: Account,
        (gauge, lock): (GaugeId, LockId),
        tokens: &[Account],
        at: Timestamp,
    ) -> Result<Vec<Amount>, AerodromeError> {
        self.then(at, |system| {
            system.require_owner(sender, lock)?;
            system.voter.gauge_mut(gauge)?.fees.claim(tokens, lock, at)
        })
    }

    /// Returns when the epoch of the last operation began.
    pub fn epoch(&self) -> Timestamp {
        epoch_start(self.updated_at)
    }
}
