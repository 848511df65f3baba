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

pub mod balancer_fixed_point;
pub mod balancer_v1;
pub mod composable_stable;
pub mod concentrated;
pub mod constant_product;
pub mod crypto_swap;
mod curve_math;
mod kinds;
mod least_input;
mod metapool;
mod pool;
mod pool_error;
mod price_digits;
mod share_pool;
pub mod solidly;
pub mod stable_swap;
pub mod stable_swap_meta;
pub mod stable_swap_meta_ng;
pub mod stable_swap_ng;
mod state_error;
mod trade;
pub mod weighted;

pub use kinds::kinds;
pub use metapool::Metapool;
pub use pool::Pool;
pub use pool_error::PoolError;
pub use share_pool::SharePool;
pub use state_error::{Field, StateError};
pub use tidemill_units::facts::{Contract, GasFigure, KindFacts, Proof, Quirk};
pub use trade::{PriceRatio, Quote, SwapAmount, SwapFee, Trade};
