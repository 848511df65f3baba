use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_signals::TauReset;
use tidemill_strategy::{Strategy, View};

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::keeper::{Keeper, range_around};
use crate::{BuildError, bounded};

/// Hypothesis: following the price keeps a narrow range earning, and that is worth crystallising
/// the divergence and paying swap fees and gas at each move (tau-reset; Fan et al. 2023, arXiv
/// 2106.12033).
///
/// Parameters: `half_width_ticks` of the range, `threshold_ticks` (tau) from its centre beyond
/// which it is closed, the wallet balanced by a swap, and a new one opened around the price of that
/// moment. A threshold equal to the half-width moves when the price leaves the range; a smaller one
/// moves earlier. Never stops; each move waits for the one before to be included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recentre {
    /// From the centre to either end, the pool's tick spacing to 443636.
    pub half_width_ticks: i32,
    /// Distance of the price from the centre beyond which the position moves, 1 to 443636.
    pub threshold_ticks: i32,
}

impl Default for Recentre {
    fn default() -> Self {
        Self { half_width_ticks: 600, threshold_ticks: 600 }
    }
}

impl Declared for Recentre {
    fn name(&self) -> &'static str {
        "recentre"
    }

    fn summary(&self) -> &'static str {
        "Follows the price: closes, swaps and reopens a threshold away from the centre."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        vec![
            row("half_width_ticks", &self.half_width_ticks),
            row("threshold_ticks", &self.threshold_ticks),
        ]
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let widths = (site.tick_spacing(self.name())?, MAX_HALF_WIDTH);
        let half_width_ticks = bounded("half_width_ticks", self.half_width_ticks, widths)?;
        let threshold = bounded("threshold_ticks", self.threshold_ticks, (1, MAX_HALF_WIDTH))?;
        Ok(Box::new(RecentreDecider {
            keeper: Keeper::default(),
            half_width_ticks,
            threshold_ticks: threshold.unsigned_abs(),
            rule: None,
        }))
    }
}

#[derive(Clone, Copy, Debug)]
struct RecentreDecider {
    keeper: Keeper,
    half_width_ticks: i32,
    threshold_ticks: u32,
    rule: Option<TauReset>,
}

impl Strategy for RecentreDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        let tick = pool.tick();
        let position = Keeper::position(view);
        let is_in_place = self.rule.is_some_and(|rule| !rule.is_beyond(tick));
        if (position.is_some() && is_in_place) || view.is_waiting() {
            return Vec::new();
        }
        if let Some((position, _)) = position {
            self.rule = None;
            return vec![Intent::Close { position }];
        }
        // Between closing and opening the price may move on: the centre is where it is now.
        self.rule = Some(TauReset::new(tick, self.threshold_ticks));
        let range = range_around(tick, self.half_width_ticks, pool.tick_spacing());
        range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
    }
}
