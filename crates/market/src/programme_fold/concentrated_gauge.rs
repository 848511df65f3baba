use tidemill_amm::concentrated::Pool;
use tidemill_rewards::aerodrome::{AerodromeError, ConcentratedGauge, Notification, PoolNow};
use tidemill_units::{Amount, Amounts, Timestamp};

use super::{EpochEmission, TokenTotal, UpcomingEmissions, total};
use crate::gauge_trail::{PoolChange, PoolMove};

/// Slipstream's gauge with the emissions that it is still to be notified of.
///
/// The growth of its rewards is kept by the pool, and so every move of the pool has to be followed.
/// What the gauge claims of the pool's fees goes to those who vote for it, who are no part of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcentratedGaugeFold {
    gauge: ConcentratedGauge,
    upcoming: UpcomingEmissions,
}

impl ConcentratedGaugeFold {
    /// Returns a gauge that is notified of these emissions, in order of time.
    pub fn new(
        gauge: ConcentratedGauge,
        emissions: impl IntoIterator<Item = EpochEmission>,
    ) -> Self {
        Self { gauge, upcoming: UpcomingEmissions::new(emissions) }
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
        Ok(())
    }

    /// The liquidity of all positions whose stakes are known.
    pub(super) fn staked(&self) -> Vec<TokenTotal> {
        let positions = self.gauge.state().positions;
        let liquidity = positions.iter().map(|(_, staked)| Amount::from_u128(staked.liquidity.0));
        vec![TokenTotal { token: None, amount: total(liquidity) }]
    }

    /// What was booked for positions when they were last brought up to date.
    pub(super) fn unclaimed(&self) -> Vec<TokenTotal> {
        let positions = self.gauge.state().positions;
        let rewards = positions.iter().map(|(_, staked)| staked.rewards);
        vec![TokenTotal { token: None, amount: total(rewards) }]
    }
}
