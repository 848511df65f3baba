//! Limits, and the only place that can make an [`Approved`].
//!
//! Nothing reaches a venue but an `Approved`, which has no public constructor, cannot be cloned and
//! cannot be read from anywhere. There are two entrances: [`Risk::check`] for what strategies and
//! operators want, and [`Risk::reduce`], which passes only what provably lowers exposure and stays
//! open whatever the limits say.
//!
//! Limits that are off until they are set are the [`Safeguards`]. Some of them close what has to be
//! closed: [`Risk::exits`] says what, and only what reduces is ever among it.
//!
//! What is possible with an order, and not with its approval; each pair differs in one type only:
//!
//! ```
//! fn twice<T: Clone>() {}
//! twice::<tidemill_model::Order>();
//! ```
//! ```compile_fail,E0277
//! fn twice<T: Clone>() {}
//! twice::<tidemill_risk::Approved>();
//! ```
//!
//! ```
//! fn out_of_thin_air<T: serde::de::DeserializeOwned>() {}
//! out_of_thin_air::<String>();
//! ```
//! ```compile_fail,E0277
//! fn out_of_thin_air<T: serde::de::DeserializeOwned>() {}
//! out_of_thin_air::<tidemill_risk::Approved>();
//! ```
//!
//! An approval can be read, and neither made of an order nor changed into that of another:
//!
//! ```
//! fn read(approved: &tidemill_risk::Approved) -> tidemill_model::Order {
//!     *approved.order()
//! }
//! ```
//! ```compile_fail,E0624
//! fn make(order: tidemill_model::Order) -> tidemill_risk::Approved {
//!     tidemill_risk::Approved::new(order)
//! }
//! ```
//! ```compile_fail,E0451
//! fn make(order: tidemill_model::Order) -> tidemill_risk::Approved {
//!     tidemill_risk::Approved { order }
//! }
//! ```
//! ```compile_fail,E0594
//! fn change(approved: &tidemill_risk::Approved, order: tidemill_model::Order) {
//!     *approved.order() = order;
//! }
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod approved;
mod asset_limit;
mod break_even;
mod budget;
mod concentration;
mod decision_book;
mod depth;
mod exposure;
mod exposure_limits;
mod gate;
mod limits;
mod mean_tick;
mod minutes;
mod pool_share;
mod price_deviation;
mod range_timer;
mod refusal;
mod risk;
mod safeguards;
mod scene;
mod slippage;
mod staleness;
mod state;
mod state_text;
mod stops;
mod trade;
mod value_limits;
mod watch;

pub use approved::Approved;
pub use asset_limit::AssetLimit;
pub use break_even::{BreakEven, DecisionKind};
pub use budget::Budget;
pub use decision_book::{Decision, Realised};
pub use depth::DepthLimit;
pub use exposure::Equity;
pub use exposure_limits::ExposureLimits;
pub use limits::{Limits, LossLimit, ZeroLoss};
pub use minutes::Minutes;
pub use price_deviation::DeviationLimit;
pub use range_timer::RangeTimer;
pub use refusal::Refusal;
pub use risk::Risk;
pub use safeguards::Safeguards;
pub use state::RiskState;
pub use state_text::StateTextError;
pub use stops::{Fall, StopCause, StopRule};
pub use trade::contracts_out;
pub use value_limits::ValueLimits;

#[cfg(test)]
mod tests;
