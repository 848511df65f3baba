use serde::{Deserialize, Serialize};
use tidemill_signals::loss_versus_rebalancing::break_even_sigma;
use tidemill_strategy::View;

use crate::pool_meter::PoolMeter;
use crate::{BuildError, bounded};

/// Hypothesis: fees pay for what is lost to those who trade against the pool up to a volatility,
/// and not above it; and volatility stays high for a while once it is.
///
/// Measures from the pool itself the volatility and what fees pay on liquidity over all prices.
/// Leaves the pool when the volatility is above `leave_above` times the one at which those fees
/// just pay the loss, `sqrt(8 fee rate)`, and returns when it is below `return_below` times that.
/// Both the fees and the loss of a narrower range are larger by the same factor. In the pool until
/// `warm_up_hours` were measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VolatilityFilter {
    /// Parts of the break-even volatility above which it leaves, 0.1 to 100.
    pub leave_above: f64,
    /// Parts of the break-even volatility below which it returns, 0.01 to `leave_above`.
    pub return_below: f64,
    /// Age at which a sample counts half, 0.1 to 8760 hours.
    pub half_life_hours: f64,
    /// Between two samples, 1 to 1440 minutes.
    pub sample_minutes: u64,
    /// How long is measured before it leaves, 0.1 to 8760 hours.
    pub warm_up_hours: f64,
}

impl Default for VolatilityFilter {
    fn default() -> Self {
        Self {
            leave_above: 1.0,
            return_below: 0.9,
            half_life_hours: 24.0,
            sample_minutes: 5,
            warm_up_hours: 6.0,
        }
    }
}

impl VolatilityFilter {
    /// Returns parameter and value, for the report.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("leave_above", self.leave_above.to_string()),
            ("return_below", self.return_below.to_string()),
            ("half_life_hours", self.half_life_hours.to_string()),
            ("sample_minutes", self.sample_minutes.to_string()),
            ("warm_up_hours", self.warm_up_hours.to_string()),
        ]
    }

    /// Checks the parameters and returns the alarm.
    ///
    /// Errors: the first parameter outside its range.
    pub(crate) fn build(&self) -> Result<VolatilityAlarm, BuildError> {
        let leave = bounded("volatility_filter.leave_above", self.leave_above, (0.1, 100.0))?;
        let hours = (0.1, 8_760.0);
        bounded("volatility_filter.return_below", self.return_below, (0.01, leave))?;
        bounded("volatility_filter.half_life_hours", self.half_life_hours, hours)?;
        bounded("volatility_filter.sample_minutes", self.sample_minutes, (1, 1_440))?;
        bounded("volatility_filter.warm_up_hours", self.warm_up_hours, hours)?;
        let meter = PoolMeter::new(self.sample_minutes, self.half_life_hours);
        Ok(VolatilityAlarm { rules: *self, meter, is_on: false })
    }
}

/// Says whether fees do not pay for the volatility.
#[derive(Clone, Debug)]
pub(crate) struct VolatilityAlarm {
    rules: VolatilityFilter,
    meter: PoolMeter,
    is_on: bool,
}

impl VolatilityAlarm {
    /// Takes in the latest event; returns whether to be out of the pool.
    pub(crate) fn is_on(&mut self, view: &View<'_>) -> bool {
        let Some(pool) = view.pool() else { return self.is_on };
        if self.meter.look(view, pool) {
            let measured = self.meter.measured_seconds() as f64;
            let known = self.meter.sigma_daily().zip(self.meter.fee_rate_daily());
            if let Some((sigma, fee_rate)) = known
                && measured >= self.rules.warm_up_hours * 3_600.0
            {
                let bound =
                    if self.is_on { self.rules.return_below } else { self.rules.leave_above };
                self.is_on = sigma > bound * break_even_sigma(fee_rate);
            }
        }
        self.is_on
    }
}
