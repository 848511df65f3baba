//! Reward programmes, one file each: accrual, claims and votes, equal to the deployed contracts to
//! the unit.
//!
//! Knows no token symbol, chain, event or clock: time and block come in as arguments, payment is
//! the caller's. Every revert of a contract is a variant of a typed error, and an operation that
//! fails leaves the state as it was. The proof is in `testkit`, which runs the real bytecode beside
//! it.
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod account;
pub mod liquid_staking;
mod programmes;
pub mod validator_staking;

pub use account::Account;
pub use programmes::programmes;
pub use tidemill_units::facts::{Contract, GasFigure, KindFacts, Proof, Quirk};
