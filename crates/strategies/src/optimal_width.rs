use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_signals as signals;
use tidemill_strategy::{Strategy, View};

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::keeper::{Keeper, range_between};
use crate::patience::Patience;
use crate::pool_meter::PoolMeter;
use crate::{BuildError, bounded};

/// Hypothesis: of all widths around the price there is one at which fees, loss versus rebalancing
/// and the cost of concentrating balance, and none at all where fees do not pay for the loss
/// (Cartea, Drissi and Monga 2023, arXiv 2309.08431).
///
/// With the fee rate `pi` of liquidity over all prices, the volatility `sigma` and the drift `mu`,
/// each of a day and measured from the pool itself, and `gamma` what concentrating costs: both
/// sides together are `(2 gamma + mu^2 sigma^2) / (4 pi - sigma^2/2 + mu (mu - sigma^2/2))`, of
/// which the upper one has `1/2 + mu/width`. Opens such a range, closes it when the price leaves it
/// and opens the one of that moment. Stays out, and leaves, while the divisor is not above zero or
/// too little was measured. Never stops for good.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimalWidth {
    /// What concentrating costs in a day, a rate that the square of the width divides, 1e-9 to 1.
    pub concentration_cost_daily: f64,
    /// Whether the price's drift is measured; zero without.
    pub drift: bool,
    /// Age at which a sample counts half, 0.1 to 8760 hours.
    pub half_life_hours: f64,
    /// Between two samples, 1 to 1440 minutes.
    pub sample_minutes: u64,
    /// How long is measured before the first range, 0.1 to 8760 hours.
    pub warm_up_hours: f64,
    /// Neither side is below this, the pool's tick spacing to 443636.
    pub min_half_width_ticks: i32,
    /// Neither side is above this, the least to 443636.
    pub max_half_width_ticks: i32,
}

impl Default for OptimalWidth {
    fn default() -> Self {
        Self {
            concentration_cost_daily: 5e-5,
            drift: false,
            half_life_hours: 24.0,
            sample_minutes: 5,
            warm_up_hours: 6.0,
            min_half_width_ticks: 200,
            max_half_width_ticks: 50_000,
        }
    }
}

impl Declared for OptimalWidth {
    fn name(&self) -> &'static str {
        "optimal_width"
    }

    fn summary(&self) -> &'static str {
        "As wide as fees, loss and concentration balance; out while fees do not pay for the loss."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        vec![
            row("concentration_cost_daily", &self.concentration_cost_daily),
            row("drift", &self.drift),
            row("half_life_hours", &self.half_life_hours),
            row("sample_minutes", &self.sample_minutes),
            row("warm_up_hours", &self.warm_up_hours),
            row("min_half_width_ticks", &self.min_half_width_ticks),
            row("max_half_width_ticks", &self.max_half_width_ticks),
        ]
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let least = site.tick_spacing(self.name())?;
        bounded("concentration_cost_daily", self.concentration_cost_daily, (1e-9, 1.0))?;
        bounded("half_life_hours", self.half_life_hours, (0.1, 8_760.0))?;
        bounded("sample_minutes", self.sample_minutes, (1, 1_440))?;
        bounded("warm_up_hours", self.warm_up_hours, (0.1, 8_760.0))?;
        let (min, max) = (self.min_half_width_ticks, self.max_half_width_ticks);
        let min = bounded("min_half_width_ticks", min, (least, MAX_HALF_WIDTH))?;
        bounded("max_half_width_ticks", max, (min, MAX_HALF_WIDTH))?;
        let meter = PoolMeter::new(self.sample_minutes, self.half_life_hours);
        let (keeper, patience, sides) = (Keeper::default(), Patience::default(), None);
        Ok(Box::new(OptimalWidthDecider { rules: *self, keeper, patience, meter, sides }))
    }
}

#[derive(Clone, Debug)]
struct OptimalWidthDecider {
    rules: OptimalWidth,
    keeper: Keeper,
    patience: Patience,
    meter: PoolMeter,
    /// How far the ends of the best range are from the price; `None` where it is best to be out.
    sides: Option<[i32; 2]>,
}

impl OptimalWidthDecider {
    /// The best range by the samples so far, in ticks below and above the price.
    fn best(&self) -> Option<[i32; 2]> {
        if (self.meter.measured_seconds() as f64) < self.rules.warm_up_hours * 3_600.0 {
            return None;
        }
        let drift = if self.rules.drift { self.meter.drift_daily()? } else { 0.0 };
        let best = signals::OptimalWidth {
            fee_rate: self.meter.fee_rate_daily()?,
            concentration_cost: self.rules.concentration_cost_daily,
            sigma: self.meter.sigma_daily()?,
            drift,
        };
        let (least, most) = (self.rules.min_half_width_ticks, self.rules.max_half_width_ticks);
        // Bounded by the parameters' own range, so the conversion is exact up to the fraction.
        let bounded = |ticks: f64| ticks.clamp(f64::from(least), f64::from(most)) as i32;
        Some(best.width()?.ticks().map(bounded))
    }
}

impl Strategy for OptimalWidthDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        if self.meter.look(view, pool) {
            self.sides = self.best();
        }
        if view.is_waiting() {
            return Vec::new();
        }
        if let Some((position, range)) = Keeper::position(view) {
            self.patience.forget();
            let stays = range.contains(pool.tick()) && self.sides.is_some();
            return if stays { Vec::new() } else { vec![Intent::Close { position }] };
        }
        let Some(sides) = self.sides else { return Vec::new() };
        let Some(wallet) = self.patience.wallet(view) else { return Vec::new() };
        let range = range_between(pool.tick(), sides, pool.tick_spacing());
        let asked = range.map(|range| self.keeper.enter(view, range)).unwrap_or_default();
        self.patience.note(view, wallet, !asked.is_empty());
        asked
    }
}
