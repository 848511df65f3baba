//! Numbers with units: checked maths, named rounding, strict parsing.
//!
//! The bottom of the tree: everything that crosses a crate boundary as money, price, liquidity,
//! tick, fee, gas or time is one of these types. It knows no token, pool, chain or clock; the rules
//! by which chains price gas and data are in [`chain_fees`], their numbers come in as arguments.
//!
//! ```
//! use tidemill_units::{Amount, U256, mul_div};
//!
//! let deposit: Amount = "1000000".parse()?;
//! assert_eq!(deposit.to_decimal_string(6), "1.000000");
//! assert!("1e6".parse::<Amount>().is_err(), "no exponents, signs or spaces in money");
//! let max = U256::MAX;
//! assert_eq!(mul_div(max, max, max), Some(max), "the product has all 512 bits");
//! # Ok::<(), tidemill_units::ParseError>(())
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod amount;
mod amounts;
pub mod chain_fees;
mod chain_time;
mod decimal;
pub mod facts;
mod fee;
mod instant;
mod liquidity;
mod parse;
mod signed_amount;
mod sqrt_price;
mod tick;
mod token_amounts;
mod tolerance;
mod wide;

pub use amount::Amount;
pub use amounts::{Amounts, Side, SignedAmounts};
pub use chain_time::{BlockNumber, Gas, GasPrice, LogIndex, Timestamp};
pub use decimal::{Decimal, RoundedDecimal};
pub use fee::{Bps, FeeGrowth, FeePips};
pub use instant::InstantUs;
pub use liquidity::{Liquidity, SignedLiquidity};
pub use parse::ParseError;
pub use signed_amount::SignedAmount;
pub use sqrt_price::SqrtPrice;
pub use tick::{Tick, TickRange};
pub use token_amounts::{TokenAmounts, TokenIndex, TokenPair};
pub use tolerance::RelativeTolerance;
pub use wide::{
    Halves, Inverse, LimbDivisor, Quotient, Ratio, U128Divisor, U256, div_limbs, div_rounding_up,
    mul_div, mul_div_rounding_up, mul_limbs, mul_wide, narrow, sqrt,
};

#[cfg(test)]
mod tests;
