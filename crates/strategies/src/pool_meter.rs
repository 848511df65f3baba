use tidemill_amm::concentrated::Pool;
use tidemill_signals::{EwmaRate, EwmaVolatility, sqrt_price_to_f64};
use tidemill_strategy::View;
use tidemill_units::{BlockNumber, FeeGrowth, Tick, Timestamp};

/// ln(1.0001): the log return of one tick.
pub(crate) const LOG_RETURN_PER_TICK: f64 = 9.999_500_033_330_834e-5;

/// What a concentrated pool has been like lately, from nothing but its own state: how volatile its
/// price is, where it is going, and what fees pay.
///
/// Samples are taken at the first event that is as late as the time between two of them; what
/// happens in between counts for fees and not for the price. A volatility from the pool's own price
/// contains the bounce between arbitrage bounds and errs on the high side.
#[derive(Clone, Debug)]
pub(crate) struct PoolMeter {
    sample_seconds: u64,
    volatility: EwmaVolatility,
    fees: EwmaRate,
    drift: EwmaRate,
    last: Option<Sample>,
    measured_seconds: u64,
}

/// What the pool was, and in which block.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Timestamp,
    block: BlockNumber,
    tick: Tick,
    growth: [FeeGrowth; 2],
}

impl PoolMeter {
    /// Returns a meter without samples; both times are above zero.
    pub(crate) fn new(sample_minutes: u64, half_life_hours: f64) -> Self {
        let half_life = half_life_hours * 3_600.0;
        Self {
            sample_seconds: sample_minutes.saturating_mul(60).max(1),
            volatility: EwmaVolatility::with_half_life(half_life),
            fees: EwmaRate::with_half_life(half_life),
            drift: EwmaRate::with_half_life(half_life),
            last: None,
            measured_seconds: 0,
        }
    }

    /// Takes a sample if it is time for one; returns whether there is more to know than before.
    pub(crate) fn look(&mut self, view: &View<'_>, pool: &Pool) -> bool {
        // From a price that never was there is no return; those that were counted decay.
        let stands =
            |last: &Sample| view.reverted_from().is_none_or(|reverted| last.block < reverted);
        let Some(then) = self.last.filter(stands) else {
            self.last = Some(sample(view, pool));
            return false;
        };
        let elapsed = view.now().seconds_since(then.at);
        if elapsed < self.sample_seconds {
            return false;
        }
        let now = sample(view, pool);
        let moved = f64::from(now.tick.0) - f64::from(then.tick.0);
        let seconds = elapsed as f64;
        self.volatility.update(moved * LOG_RETURN_PER_TICK, seconds);
        self.drift.update(moved * LOG_RETURN_PER_TICK, seconds);
        self.fees.update(fee_yield(pool, then.growth, now.growth), seconds);
        self.measured_seconds = self.measured_seconds.saturating_add(elapsed);
        self.last = Some(now);
        true
    }

    /// Returns the standard deviation of a day's log return.
    pub(crate) fn sigma_daily(&self) -> Option<f64> {
        self.volatility.sigma_daily()
    }

    /// Returns what fees pay in a day on liquidity over all prices, as a part of its value.
    pub(crate) fn fee_rate_daily(&self) -> Option<f64> {
        self.fees.per_day()
    }

    /// Returns how far the price goes in a day: that of its logarithm and half of the variance.
    pub(crate) fn drift_daily(&self) -> Option<f64> {
        let sigma = self.sigma_daily()?;
        Some(self.drift.per_day()? + sigma * sigma / 2.0)
    }

    /// Returns how long it was measured.
    pub(crate) fn measured_seconds(&self) -> u64 {
        self.measured_seconds
    }
}

fn sample(view: &View<'_>, pool: &Pool) -> Sample {
    let (at, block) = (view.now(), view.block());
    Sample { at, block, tick: pool.tick(), growth: pool.fee_growth_global() }
}

/// Fees on liquidity over all prices, over its value: `(g0 P + g1) / (2 sqrt P)`.
fn fee_yield(pool: &Pool, from: [FeeGrowth; 2], to: [FeeGrowth; 2]) -> f64 {
    let [growth0, growth1] = [0, 1].map(|token: usize| per_unit(from[token], to[token]));
    let root = sqrt_price_to_f64(pool.sqrt_price());
    f64::midpoint(growth0 * root, growth1 / root)
}

/// Raw units of a token per unit of liquidity.
fn per_unit(from: FeeGrowth, to: FeeGrowth) -> f64 {
    let grown = to.wrapping_sub(from).0;
    let two_to_64 = 2_f64.powi(64);
    let limbs = grown.into_limbs().into_iter().rev();
    limbs.fold(0.0, |sum, limb| sum * two_to_64 + limb as f64) / 2_f64.powi(128)
}
