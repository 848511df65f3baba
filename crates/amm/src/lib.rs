//! Pool maths, one file per kind: state in, state out, equal to the deployed contracts to the wei.
//!
//! Knows no token symbol, chain, event or clock: time comes in as an argument, payment is the
//! caller's. Every revert of a contract is a variant of a typed error, and an operation that fails
//! leaves the state as it was. The proof is in `testkit`, which runs the real bytecode beside it.
//!
//! ```
//! use tidemill_amm::concentrated::{sqrt_price_at_tick, tick_at_sqrt_price};
//! use tidemill_units::Tick;
//!
//! let price = sqrt_price_at_tick(Tick(-276_325)).ok_or("out of range")?;
//! assert_eq!(tick_at_sqrt_price(price), Some(Tick(-276_325)));
//! # Ok::<(), &str>(())
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

pub mod concentrated;
pub mod constant_product;
