use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};
use tidemill_units::TickRange;

use crate::keeper::{Keeper, range_around};

/// Hypothesis: the price stays near where it starts for long enough that the higher fee share of a
/// narrow range outweighs the higher loss at its ends.
///
/// Parameters: `half_width_ticks`. Opens once around the first price and stays, in range or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedRange {
    keeper: Keeper,
    half_width_ticks: i32,
    range: Option<TickRange>,
}

impl FixedRange {
    pub(crate) fn new(half_width_ticks: i32) -> Self {
        Self { keeper: Keeper::default(), half_width_ticks, range: None }
    }
}

impl Strategy for FixedRange {
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
