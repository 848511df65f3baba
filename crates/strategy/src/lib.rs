//! The strategy port: what a strategy sees, and what it returns.
//!
//! A strategy is a synchronous function from the world and what is ours to intents. It cannot see
//! risk, execution, feeds, storage or a clock: the same code runs on a tape, on paper and live.

mod view;

pub use view::View;

use tidemill_model::Intent;

/// Something that decides.
pub trait Strategy: Send {
    /// Returns what is wanted done now that an event was applied; mostly nothing.
    ///
    /// Called after every event. Each intent is checked by `risk` in turn; a refusal is recorded
    /// and not reported back, so ask again when it still makes sense.
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent>;
}
