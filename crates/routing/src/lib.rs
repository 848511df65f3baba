//! The best trade over pools as they stand: which amount to send around a cycle, and what it earns.
//!
//! Real numbers find the amount, the pools' own integers say what it earns: [`best_trade`] looks
//! for the input with the Moebius form of constant-product swaps, stretch of liquidity by stretch,
//! or by a bounded search where a pool has no such form, and then asks every pool what it would
//! pay. What is returned is what executing it in one transaction gives, to the unit.
//!
//! Knows no chain, event, wallet or gas: fixed costs are a threshold, and the caller's. A price of
//! an exchange is a hop like any other ([`Hop::at_price`]).
//!
//! ```
//! use tidemill_amm::PriceRatio;
//! use tidemill_routing::{Hop, best_trade};
//! use tidemill_units::{Amount, U256};
//!
//! let hop = |output: u64, input: u64| {
//!     Hop::at_price(PriceRatio { output: U256::from(output), input: U256::from(input) })
//! };
//! let most = Amount::from_u64(1_000);
//! let best = best_trade(&[hop(2, 1), hop(3, 5)], most).ok_or("2 * 3 / 5 is more than one")?;
//! assert_eq!(best.profit, Amount::from_u64(200));
//! # Ok::<(), &str>(())
//! ```

mod best_trade;
mod hop;
mod moebius;
mod number;
mod search;

pub use best_trade::{BestTrade, best_trade, executed};
pub use hop::{Hop, HopQuote};

#[cfg(test)]
mod tests;
