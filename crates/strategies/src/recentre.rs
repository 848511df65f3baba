use tidemill_model::Intent;
use tidemill_signals::TauReset;
use tidemill_strategy::{Strategy, View};

use crate::keeper::{Keeper, range_around};

/// Hypothesis: following the price keeps a narrow range earning, and that is worth crystallising
/// the divergence and paying swap fees and gas at each move (tau-reset; Fan et al. 2023, arXiv
/// 2106.12033).
///
/// Parameters: `half_width_ticks` of the range, `threshold_ticks` (tau) from its centre beyond
/// which it is closed, the wallet balanced by a swap, and a new one opened around the price of that
/// moment. A threshold equal to the half-width moves when the price leaves the range; a smaller one
/// moves earlier. Never stops; each move waits for the one before to be included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recentre {
    keeper: Keeper,
    half_width_ticks: i32,
    threshold_ticks: u32,
    rule: Option<TauReset>,
}

impl Recentre {
    pub(crate) fn new(half_width_ticks: i32, threshold_ticks: u32) -> Self {
        Self { keeper: Keeper::default(), half_width_ticks, threshold_ticks, rule: None }
    }
}

impl Strategy for Recentre {
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
