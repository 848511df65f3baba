//! Everything that is true of the world, as a fold of the event log: pools, time, gas price.
//!
//! Applying the same events always gives the same market. Every recorded pool event is executed
//! again and compared with the record; a difference is an error that names its block and log index.
//! What our own orders did to the pools is an event too, and there are two models of it
//! ([`Footprint`]). It knows no wallet, strategy, file or clock.
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod error;
mod footprint;
mod market;
mod pool_market;
mod resolve;
mod valuation;

pub use error::{MarketError, Mismatch};
pub use footprint::{Footprint, OwnLiquidity};
pub use market::Market;
pub use pool_market::PoolMarket;
pub use resolve::{ReplayCounts, SwapKind};
pub use valuation::{NativeValue, Valuation};

#[cfg(test)]
mod tests;
