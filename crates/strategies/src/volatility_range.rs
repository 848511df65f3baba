use tidemill_model::Intent;
use tidemill_signals::EwmaVolatility;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{BlockNumber, Tick, Timestamp};

use crate::keeper::{Keeper, range_around};

/// ln(1.0001): the log return of one tick.
const LOG_RETURN_PER_TICK: f64 = 9.999_500_033_330_834e-5;

/// How wide the range is, and how volatility is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Width {
    /// Half-width in standard deviations of the price over the horizon.
    pub(crate) sigmas: f64,
    /// The horizon.
    pub(crate) horizon_days: f64,
    /// Age at which a return counts half.
    pub(crate) half_life_hours: f64,
    /// Time between two samples of the price.
    pub(crate) sample_minutes: u64,
    /// Half-width never below this; also used until there is a volatility.
    pub(crate) min_half_width_ticks: i32,
    /// Half-width never above this.
    pub(crate) max_half_width_ticks: i32,
}

/// Hypothesis: the width at which fees and divergence balance scales with volatility, so a range of
/// a fixed number of standard deviations is out of range equally rarely in calm and in wild
/// markets.
///
/// Parameters: those of [`Width`]. The range is set when it is opened; when the price leaves it, it
/// is closed, the wallet balanced by a swap, and one of the width of that moment opened. Never
/// stops. Volatility is an exponentially weighted mean of squared returns between samples of the
/// pool's own tick, so it contains the bounce between arbitrage bounds and errs on the wide side.
#[derive(Clone, Debug)]
pub(crate) struct VolatilityRange {
    keeper: Keeper,
    width: Width,
    volatility: EwmaVolatility,
    last_sample: Option<Sample>,
}

/// What the price was, and in which block.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Timestamp,
    block: BlockNumber,
    tick: Tick,
}

impl VolatilityRange {
    pub(crate) fn new(width: Width) -> Self {
        Self {
            keeper: Keeper::default(),
            width,
            volatility: EwmaVolatility::with_half_life(width.half_life_hours * 3_600.0),
            last_sample: None,
        }
    }

    fn sample(&mut self, view: &View<'_>, tick: Tick) {
        let now = Sample { at: view.now(), block: view.block(), tick };
        // From a price that never was there is no return; those that were counted decay.
        let stands =
            |last: &Sample| view.reverted_from().is_none_or(|reverted| last.block < reverted);
        let Some(then) = self.last_sample.filter(stands) else {
            self.last_sample = Some(now);
            return;
        };
        let elapsed = now.at.seconds_since(then.at);
        if elapsed < self.width.sample_minutes.saturating_mul(60).max(1) {
            return;
        }
        let moved = f64::from(tick.0) - f64::from(then.tick.0);
        self.volatility.update(moved * LOG_RETURN_PER_TICK, elapsed as f64);
        self.last_sample = Some(now);
    }

    fn half_width(&self) -> i32 {
        let Width { sigmas, horizon_days, min_half_width_ticks, max_half_width_ticks, .. } =
            self.width;
        let Some(sigma_daily) = self.volatility.sigma_daily() else { return min_half_width_ticks };
        let ticks = sigmas * sigma_daily * horizon_days.sqrt() / LOG_RETURN_PER_TICK;
        // Bounded by the parameters' own range, so the conversion is exact up to the fraction.
        let bounded = ticks.clamp(f64::from(min_half_width_ticks), f64::from(max_half_width_ticks));
        bounded as i32
    }
}

impl Strategy for VolatilityRange {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        self.sample(view, pool.tick());
        if view.is_waiting() {
            return Vec::new();
        }
        match Keeper::position(view) {
            Some((_, range)) if range.contains(pool.tick()) => Vec::new(),
            Some((position, _)) => vec![Intent::Close { position }],
            None => {
                let range = range_around(pool.tick(), self.half_width(), pool.tick_spacing());
                range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
            }
        }
    }
}
