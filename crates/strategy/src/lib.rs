//! The strategy port: what a strategy sees, and what it returns.
//!
//! A strategy is a synchronous function from the world and what is ours to intents. It cannot see
//! risk, execution, feeds, storage or a clock: the same code runs on a tape, on paper and live.
//!
//! ```
//! use tidemill_model::Intent;
//! use tidemill_strategy::{Strategy, View};
//!
//! /// Closes whatever is open.
//! struct Leave;
//!
//! impl Strategy for Leave {
//!     fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
//!         let open = view.positions().map(|(position, _)| position);
//!         let left = open.filter(|position| !view.is_closing(*position));
//!         left.map(|position| Intent::Close { position }).collect()
//!     }
//! }
//! ```

mod fault;
mod view;

pub use fault::StrategyFault;
pub use view::View;

use tidemill_model::Intent;

/// Something that decides.
pub trait Strategy: Send {
    /// Returns what is wanted done now that an event was applied; mostly nothing.
    ///
    /// Called after every event. Each intent is checked by `risk` in turn; a refusal is recorded
    /// and not reported back, so ask again when it still makes sense.
    ///
    /// Not called when a block is taken back, for there is more to come. At the next event the view
    /// is that of a chain without it: earlier times and blocks may come again, and orders whose
    /// ends were in it are in flight once more. A strategy's own memory is not undone; one that
    /// keeps any asks [`View::reverted_from`].
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent>;

    /// Returns why the strategy gives up, if it does; asked after each [`decide`](Self::decide).
    ///
    /// Whoever runs it then drops what that call returned, asks no more, and closes what is open. A
    /// strategy that cannot fail leaves this as it is; one that has another inside hands on the
    /// other's.
    fn fault(&self) -> Option<&StrategyFault> {
        None
    }
}

#[cfg(test)]
mod tests;
