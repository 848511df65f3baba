use tidemill_model::AerodromeGaugeLog;
use tidemill_rewards::aerodrome::{AerodromeError, Gauge};
use tidemill_units::{Amount, Amounts, Timestamp};

use super::mismatch::Comparison;
use super::{
    EpochEmission, Paid, ProgrammeMismatch, TokenTotal, UpcomingEmissions, account, total,
};

/// Aerodrome's gauge of a pool of shares, with the emissions that it is still to be notified of.
///
/// What the gauge claims of the pool's fees goes to those who vote for it, who are no part of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AerodromeGaugeFold {
    gauge: Gauge,
    upcoming: UpcomingEmissions,
}

impl AerodromeGaugeFold {
    /// Returns a gauge that is notified of these emissions, in order of time.
    pub fn new(gauge: Gauge, emissions: impl IntoIterator<Item = EpochEmission>) -> Self {
        Self { gauge, upcoming: UpcomingEmissions::new(emissions) }
    }

    /// Returns the gauge, as it was when anything happened to it last.
    pub fn gauge(&self) -> &Gauge {
        &self.gauge
    }

    /// Whether it emits at a time.
    pub(crate) fn is_running(&self, now: Timestamp) -> bool {
        self.upcoming.is_running(self.gauge.totals().period_finish, now)
    }

    /// Whether there is anything to be notified of by a time.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.upcoming.is_due(now)
    }

    /// Returns the gauge at a time, notified of what is due by then.
    ///
    /// Errors: those of a notification.
    pub(crate) fn at(&mut self, now: Timestamp) -> Result<&mut Gauge, AerodromeError> {
        while let Some(EpochEmission { at, amount }) = self.upcoming.pop_due(now) {
            self.gauge.notify(amount, at)?;
        }
        Ok(&mut self.gauge)
    }

    /// Makes the call behind a log, and compares what was recorded.
    pub(super) fn apply(
        &mut self,
        log: &AerodromeGaugeLog,
        at: Timestamp,
    ) -> Result<Option<Paid>, ProgrammeMismatch> {
        let with = Comparison { event: log.kind() };
        let reverts = with.reverts::<AerodromeError>();
        let gauge = self.at(at).map_err(&reverts)?;
        match *log {
            AerodromeGaugeLog::Deposit { amount, .. } if amount.is_zero() => {
                Err(reverts(AerodromeError::ZeroAmount))
            }
            AerodromeGaugeLog::Deposit { to, amount } => {
                gauge.deposit(account(to), amount, at).map_err(reverts).map(|()| None)
            }
            AerodromeGaugeLog::Withdraw { from, amount } => {
                gauge.withdraw(account(from), amount, at).map_err(reverts).map(|()| None)
            }
            AerodromeGaugeLog::ClaimRewards { from, amount } => {
                let paid = gauge.claim(account(from), at).map_err(reverts)?;
                with.value("amount", paid, amount)?;
                Ok(Some(Paid { token: None, amount }))
            }
            AerodromeGaugeLog::NotifyReward { amount, claimed0, claimed1, fees0, fees1 } => {
                let claimed = Amounts { amount0: claimed0, amount1: claimed1 };
                let fees = gauge.notify_with_fees(amount, claimed, at).map_err(reverts)?;
                with.value("fees0", fees.amount0, fees0)?;
                with.value("fees1", fees.amount1, fees1)?;
                Ok(None)
            }
            AerodromeGaugeLog::Checkpointed { from } => {
                let paid = gauge.claim(account(from), at).map_err(reverts)?;
                with.value("amount", paid, Amount::ZERO)?;
                Ok(None)
            }
        }
    }

    pub(super) fn staked(&self) -> Vec<TokenTotal> {
        vec![TokenTotal { token: None, amount: self.gauge.totals().total_supply }]
    }

    /// Everybody's claim; left out is one that no call could work out either.
    pub(super) fn unclaimed(&self, at: Timestamp) -> Vec<TokenTotal> {
        let earned = self.gauge.stakers().map(|(account, _)| self.gauge.earned(account, at));
        vec![TokenTotal { token: None, amount: total(earned.filter_map(Result::ok)) }]
    }
}
