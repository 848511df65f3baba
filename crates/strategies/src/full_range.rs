use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};
use tidemill_units::TickRange;

use crate::keeper::Keeper;

/// Hypothesis: fees on the whole curve beat its divergence loss, and never having to act beats
/// acting.
///
/// Parameters: none. Opens once over all ticks and stays.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FullRange {
    keeper: Keeper,
}

impl Strategy for FullRange {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.is_waiting() || Keeper::position(view).is_some() {
            return Vec::new();
        }
        let spacing = view.pool().map(|pool| pool.tick_spacing());
        let range = spacing.and_then(TickRange::full);
        range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
    }
}
