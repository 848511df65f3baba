use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};
use tidemill_units::TickRange;

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::keeper::{Keeper, range_around};
use crate::{BuildError, bounded};

/// Hypothesis: the price stays near where it starts for long enough that the higher fee share of a
/// narrow range outweighs the higher loss at its ends.
///
/// Parameters: `half_width_ticks`. Opens once around the first price and stays, in range or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FixedRange {
    /// From the first tick to either end, the pool's tick spacing to 443636.
    pub half_width_ticks: i32,
}

impl Default for FixedRange {
    fn default() -> Self {
        Self { half_width_ticks: 600 }
    }
}

impl Declared for FixedRange {
    fn name(&self) -> &'static str {
        "fixed_range"
    }

    fn summary(&self) -> &'static str {
        "One position around the first price; stays whatever happens."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        vec![row("half_width_ticks", &self.half_width_ticks)]
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let widths = (site.tick_spacing(self.name())?, MAX_HALF_WIDTH);
        let half_width_ticks = bounded("half_width_ticks", self.half_width_ticks, widths)?;
        let keeper = Keeper::default();
        Ok(Box::new(FixedRangeDecider { keeper, half_width_ticks, range: None }))
    }
}

#[derive(Clone, Copy, Debug)]
struct FixedRangeDecider {
    keeper: Keeper,
    half_width_ticks: i32,
    range: Option<TickRange>,
}

impl Strategy for FixedRangeDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() || Keeper::position(view).is_some() {
            return Vec::new();
        }
        if self.range.is_none() {
            self.range = view.pool().and_then(|pool| {
                range_around(pool.tick(), self.half_width_ticks, pool.tick_spacing())
            });
        }
        self.range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
    }
}
