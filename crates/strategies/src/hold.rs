use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};

/// Hypothesis: providing liquidity does not pay for its risk here; the two tokens are just held.
///
/// Parameters: none. Never stops, never trades: the yardstick of all others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hold;

impl Strategy for Hold {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        Vec::new()
    }
}
