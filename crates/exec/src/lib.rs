//! The execution port: where events come from, and where approved orders go.
//!
//! Backtest, paper, live and audit differ only in which [`World`] is plugged into the same driver.
//! An order's end comes back as an event, never as a return value.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use tidemill_exec::World;
//! use tidemill_market::Market;
//! use tidemill_model::Event;
//! use tidemill_risk::Approved;
//!
//! /// Where nothing happens and nothing is done.
//! struct Nowhere;
//!
//! impl World for Nowhere {
//!     type Error = Infallible;
//!
//!     fn next(&mut self, _: &Market) -> Result<Option<Event>, Infallible> {
//!         Ok(None)
//!     }
//!
//!     fn submit(&mut self, _: Approved) {}
//! }
//! ```

use tidemill_market::Market;
use tidemill_model::Event;
use tidemill_risk::Approved;

/// The outside, as far as the driver sees it.
pub trait World {
    /// What can go wrong on the way.
    type Error;

    /// Returns the next event, or `None` where there will be no more.
    ///
    /// The market is the one that the engine has folded so far: a simulated venue fills from it, so
    /// that there is one state of each pool and not two. A real venue does not look.
    ///
    /// Errors: the world's own; the run is over then.
    fn next(&mut self, market: &Market) -> Result<Option<Event>, Self::Error>;

    /// Takes an approved order. How it ends comes as an event; where that is of a block that is
    /// taken back, the order has no end any more, and another is to come.
    fn submit(&mut self, approved: Approved);
}
