use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::keeper::{Keeper, range_around};
use crate::pool_meter::{LOG_RETURN_PER_TICK, PoolMeter};
use crate::{BuildError, bounded};

/// Hypothesis: the width at which fees and divergence balance scales with volatility, so a range of
/// a fixed number of standard deviations is out of range equally rarely in calm and in wild
/// markets.
///
/// The range is set when it is opened; when the price leaves it, it is closed, the wallet balanced
/// by a swap, and one of the width of that moment opened. Never stops. Volatility is an
/// exponentially weighted mean of squared returns between samples of the pool's own tick, so it
/// contains the bounce between arbitrage bounds and errs on the wide side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VolatilityRange {
    /// Half-width in standard deviations over the horizon, 0.1 to 20.
    pub sigmas: f64,
    /// The horizon, 0.01 to 365 days.
    pub horizon_days: f64,
    /// Age at which a return counts half, 0.1 to 8760 hours.
    pub half_life_hours: f64,
    /// Between two samples of the price, 1 to 1440 minutes.
    pub sample_minutes: u64,
    /// Half-width is never below this, and is this until volatility was measured; the pool's tick
    /// spacing to 443636.
    pub min_half_width_ticks: i32,
    /// Half-width is never above this, the least to 443636.
    pub max_half_width_ticks: i32,
}

impl Default for VolatilityRange {
    fn default() -> Self {
        Self {
            sigmas: 2.0,
            horizon_days: 1.0,
            half_life_hours: 24.0,
            sample_minutes: 5,
            min_half_width_ticks: 200,
            max_half_width_ticks: 5_000,
        }
    }
}

impl Declared for VolatilityRange {
    fn name(&self) -> &'static str {
        "volatility_range"
    }

    fn summary(&self) -> &'static str {
        "As wide as the price is volatile; closes, swaps and reopens when it is left."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        vec![
            row("sigmas", &self.sigmas),
            row("horizon_days", &self.horizon_days),
            row("half_life_hours", &self.half_life_hours),
            row("sample_minutes", &self.sample_minutes),
            row("min_half_width_ticks", &self.min_half_width_ticks),
            row("max_half_width_ticks", &self.max_half_width_ticks),
        ]
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let least = site.tick_spacing(self.name())?;
        let (min, max) = (self.min_half_width_ticks, self.max_half_width_ticks);
        let min = bounded("min_half_width_ticks", min, (least, MAX_HALF_WIDTH))?;
        bounded("sigmas", self.sigmas, (0.1, 20.0))?;
        bounded("horizon_days", self.horizon_days, (0.01, 365.0))?;
        bounded("half_life_hours", self.half_life_hours, (0.1, 8_760.0))?;
        bounded("sample_minutes", self.sample_minutes, (1, 1_440))?;
        bounded("max_half_width_ticks", max, (min, MAX_HALF_WIDTH))?;
        Ok(Box::new(VolatilityRangeDecider::new(*self)))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct VolatilityRangeDecider {
    keeper: Keeper,
    width: VolatilityRange,
    meter: PoolMeter,
}

impl VolatilityRangeDecider {
    /// Returns the strategy with nothing measured, its parameters within their ranges.
    pub(crate) fn new(width: VolatilityRange) -> Self {
        let meter = PoolMeter::new(width.sample_minutes, width.half_life_hours);
        Self { keeper: Keeper::default(), width, meter }
    }

    fn half_width(&self) -> i32 {
        let VolatilityRange { sigmas, horizon_days, .. } = self.width;
        let VolatilityRange { min_half_width_ticks, max_half_width_ticks, .. } = self.width;
        let Some(sigma_daily) = self.meter.sigma_daily() else { return min_half_width_ticks };
        let ticks = sigmas * sigma_daily * horizon_days.sqrt() / LOG_RETURN_PER_TICK;
        // Bounded by the parameters' own range, so the conversion is exact up to the fraction.
        let bounded = ticks.clamp(f64::from(min_half_width_ticks), f64::from(max_half_width_ticks));
        bounded as i32
    }
}

impl Strategy for VolatilityRangeDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        self.meter.look(view, pool);
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
