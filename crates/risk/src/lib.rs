//! Limits, and the only place that can make an [`Approved`].
//!
//! Nothing reaches a venue but an `Approved`, which has no public constructor, cannot be cloned and
//! cannot be read from anywhere. There are two entrances: [`Risk::check`] for what strategies and
//! operators want, and [`Risk::reduce`], which passes only what provably lowers exposure and stays
//! open whatever the limits say.
//!
//! ```compile_fail
//! use tidemill_risk::Approved;
//! fn twice(approved: &Approved) -> Approved {
//!     approved.clone()
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

pub use approved::Approved;
pub use exposure::Equity;
pub use limits::{Limits, LossLimit, ZeroLoss};
pub use refusal::Refusal;
pub use risk::Risk;

#[cfg(test)]
mod tests;
