use serde::{Deserialize, Serialize};
use tidemill_model::{Intent, Placement};
use tidemill_strategy::{Strategy, View};
use tidemill_units::TickRange;

use crate::BuildError;
use crate::declared::{Declared, Site};
use crate::keeper::Keeper;

/// Hypothesis: fees on the whole curve beat its divergence loss, and never having to act beats
/// acting.
///
/// Parameters: none. Opens once over all ticks and stays. In a pool of shares, where every position
/// is one over all prices, it deposits what the pool's proportion takes, and nothing is swapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FullRange {}

impl Declared for FullRange {
    fn name(&self) -> &'static str {
        "full_range"
    }

    fn summary(&self) -> &'static str {
        "One position at every price; never acts."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, _: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        Ok(Box::new(FullRangeDecider::default()))
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct FullRangeDecider {
    keeper: Keeper,
}

impl Strategy for FullRangeDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() || view.positions().next().is_some() {
            return Vec::new();
        }
        if view.shares().is_some() {
            return deposit(view);
        }
        let spacing = view.pool().map(|pool| pool.tick_spacing());
        let range = spacing.and_then(TickRange::full);
        range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
    }
}

/// Everything there is; what the pool's proportion does not take stays.
pub(crate) fn deposit(view: &View<'_>) -> Vec<Intent> {
    let wallet = view.available().filter(|wallet| !wallet.is_zero());
    let placement = Placement::Shares;
    let open = |(pool, desired)| Intent::Open { pool, placement, desired };
    view.pool_id().zip(wallet).map(open).into_iter().collect()
}
