use tidemill_amm::concentrated::Pool;
use tidemill_model::ConcentratedGaugeLog;
use tidemill_rewards::aerodrome::{
    AerodromeError, ConcentratedGauge, Notification, PoolNow, PositionId, StakedPosition,
};
use tidemill_units::{Amount, Amounts, Timestamp, U256};

use super::mismatch::Comparison;
use super::{
    EpochEmission, Paid, ProgrammeMismatch, ProgrammePools, TokenTotal, UpcomingEmissions, account,
    total,
};
use crate::gauge_trail::{PoolChange, PoolMove, now_of};

/// Slipstream's gauge with the emissions that it is still to be notified of.
///
/// The growth of its rewards is kept by the pool, and so every move of the pool has to be followed.
/// What the gauge claims of the pool's fees goes to those who vote for it, who are no part of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcentratedGaugeFold {
    gauge: ConcentratedGauge,
    upcoming: UpcomingEmissions,
    /// The pool when it was last seen.
    pool: Option<PoolNow>,
}

impl ConcentratedGaugeFold {
    /// Returns a gauge that is notified of these emissions, in order of time.
    pub fn new(
        gauge: ConcentratedGauge,
        emissions: impl IntoIterator<Item = EpochEmission>,
    ) -> Self {
        Self { gauge, upcoming: UpcomingEmissions::new(emissions), pool: None }
    }

    /// Returns the gauge, as it was when anything happened to it last.
    pub fn gauge(&self) -> &ConcentratedGauge {
        &self.gauge
    }

    /// Whether it emits at a time.
    pub(crate) fn is_running(&self, now: Timestamp) -> bool {
        self.upcoming.is_running(self.gauge.period_finish(), now)
    }

    /// Whether there is anything to be notified of by a time.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.upcoming.is_due(now)
    }

    /// Returns the gauge at a time, notified of what is due by then; `pool` is what it has been
    /// since anything last happened to it.
    ///
    /// Errors: those of a notification.
    pub(crate) fn at(
        &mut self,
        pool: PoolNow,
        now: Timestamp,
    ) -> Result<&mut ConcentratedGauge, AerodromeError> {
        while let Some(EpochEmission { at, amount }) = self.upcoming.pop_due(now) {
            let claimed = Amounts::ZERO;
            self.gauge.notify(Notification { amount, most: None, claimed }, pool, at)?;
        }
        Ok(&mut self.gauge)
    }

    /// Follows a change of the pool, in the contract's order; `after` is the pool after it.
    ///
    /// Errors: those of a notification, and an emission past 2^256 - 1 for a unit of liquidity.
    pub(crate) fn follow(
        &mut self,
        change: PoolChange,
        after: &Pool,
        now: Timestamp,
    ) -> Result<(), AerodromeError> {
        let PoolChange { before, kind } = change;
        let gauge = self.at(before, now)?;
        match kind {
            PoolMove::Swapped | PoolMove::SwappedByUs => {
                let (from, to) = (before.tick, after.tick());
                for tick in after.initialized_between(to, from).rev() {
                    gauge.cross(tick, before.staked_liquidity, now)?;
                }
                for tick in after.initialized_between(from, to) {
                    gauge.cross(tick, before.staked_liquidity, now)?;
                }
            }
            PoolMove::Burned(range) => {
                for tick in [range.lower, range.upper] {
                    if after.tick_info(tick).is_none() {
                        gauge.clear_tick(tick);
                    }
                }
            }
            PoolMove::Staked(range) => {
                if range.contains(before.tick) {
                    gauge.update(before.staked_liquidity, now)?;
                }
            }
            PoolMove::Other => {}
        }
        self.pool = Some(now_of(after));
        Ok(())
    }

    /// Makes the call behind a log, and compares what was recorded. In the pool the stake has
    /// changed by then, or will within the same second: to the gauge that is the same.
    pub(super) fn apply(
        &mut self,
        log: &ConcentratedGaugeLog,
        at: Timestamp,
        pools: &dyn ProgrammePools,
    ) -> Result<Option<Paid>, ProgrammeMismatch> {
        let with = Comparison { event: log.kind() };
        let Some(pool) = pools.now() else {
            return Err(with.fields("is of a gauge, which reads a pool that is not there"));
        };
        self.pool = Some(pool);
        let reverts = with.reverts::<AerodromeError>();
        let gauge = self.at(pool, at).map_err(&reverts)?;
        match *log {
            ConcentratedGaugeLog::Deposit { user, token_id, liquidity, range } => {
                let position = StakedPosition {
                    owner: account(user),
                    range,
                    liquidity,
                    reward_growth_inside: U256::ZERO,
                    rewards: Amount::ZERO,
                    last_update_time: Timestamp(0),
                };
                let deposited = gauge.deposit((PositionId(token_id), position), true, pool, at);
                deposited.map_err(reverts).map(|()| None)
            }
            ConcentratedGaugeLog::Withdraw { user, token_id, liquidity } => {
                let id = PositionId(token_id);
                let staked = gauge.position(id).ok_or_else(|| with.unknown("token_id", id))?;
                with.value("liquidity", staked.liquidity, liquidity)?;
                let paid = gauge.withdraw(account(user), id, pool, at).map_err(reverts)?;
                if !paid.is_zero() {
                    return Err(with.fields("pays a reward without the claim_rewards before it"));
                }
                Ok(None)
            }
            ConcentratedGaugeLog::ClaimRewards { from, token_id, amount } => {
                let paid = gauge.claim(account(from), PositionId(token_id), pool, at);
                with.value("amount", paid.map_err(reverts)?, amount)?;
                Ok(Some(Paid { token: None, amount }))
            }
            ConcentratedGaugeLog::Checkpointed { from, token_id } => {
                let paid = gauge.claim(account(from), PositionId(token_id), pool, at);
                with.value("amount", paid.map_err(reverts)?, Amount::ZERO)?;
                Ok(None)
            }
            ConcentratedGaugeLog::NotifyReward { .. } => {
                notify(gauge, log, (pool, at), with).map(|()| None)
            }
        }
    }

    /// The liquidity of all positions whose stakes are known.
    pub(super) fn staked(&self) -> Vec<TokenTotal> {
        let positions = self.gauge.state().positions;
        let liquidity = positions.iter().map(|(_, staked)| Amount::from_u128(staked.liquidity.0));
        vec![TokenTotal { token: None, amount: total(liquidity) }]
    }

    /// What positions could claim, beside the pool as it was last seen; left out is what no call
    /// could work out either. Without a pool only what was booked when they were last brought up
    /// to date.
    pub(super) fn unclaimed(&self, at: Timestamp) -> Vec<TokenTotal> {
        let positions = self.gauge.state().positions;
        let earned = positions.iter().flat_map(|(id, staked)| {
            let is_due = staked.last_update_time != at;
            let pool = self.pool.filter(|_| is_due);
            let earned = pool.and_then(|pool| self.gauge.earned(staked.owner, *id, pool, at).ok());
            [Some(staked.rewards), earned]
        });
        vec![TokenTotal { token: None, amount: total(earned.flatten()) }]
    }
}

/// Notifies a gauge of an emission; what its factory caps is the redistributor's.
fn notify(
    gauge: &mut ConcentratedGauge,
    log: &ConcentratedGaugeLog,
    (pool, at): (PoolNow, Timestamp),
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let ConcentratedGaugeLog::NotifyReward {
        amount,
        emission,
        excess,
        claimed0,
        claimed1,
        fees0,
        fees1,
    } = *log
    else {
        return Err(with.fields("is a log of another call"));
    };
    let taken = emission.checked_sub(excess);
    let taken = taken.ok_or_else(|| with.fields("has an excess above the emission"))?;
    let most = (!excess.is_zero()).then_some(taken);
    let claimed = Amounts { amount0: claimed0, amount1: claimed1 };
    let notified = gauge.notify(Notification { amount: emission, most, claimed }, pool, at);
    let notified = notified.map_err(with.reverts::<AerodromeError>())?;
    with.value("amount", notified.streamed, amount)?;
    with.value("fees0", notified.fees.amount0, fees0)?;
    with.value("fees1", notified.fees.amount1, fees1)
}
