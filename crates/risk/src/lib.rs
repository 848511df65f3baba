//! Limits, and the only place that can make an [`Approved`].
//!
//! Nothing reaches a venue but an `Approved`, which has no public constructor, cannot be cloned and
//! cannot be read from anywhere. There are two entrances: [`Risk::check`] for what strategies and
//! operators want, and [`Risk::reduce`], which passes only what provably lowers exposure and stays
//! open whatever the limits say.
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
mod exposure;
mod limits;
mod refusal;
mod risk;
mod trade;

pub use approved::Approved;
pub use exposure::Equity;
pub use limits::{Limits, LossLimit, ZeroLoss};
pub use refusal::Refusal;
pub use risk::Risk;

#[cfg(test)]
mod tests;
