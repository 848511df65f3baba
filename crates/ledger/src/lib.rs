//! Everything that is ours, as a fold of the event log: orders in flight and double-entry accounts.
//!
//! Every outcome becomes one posting whose legs add up to zero for each asset; nothing is ever
//! deleted, and what a reverted block takes back is posted the other way round. It knows no price:
//! what things are worth is the report's business.
//!
//! ```
//! use tidemill_ledger::{Account, Ledger};
//! use tidemill_model::AssetId;
//! use tidemill_units::{Amount, SignedAmount};
//!
//! let ledger = Ledger::funded(&[(AssetId(0), Amount::from_u64(1_000))])?;
//! assert_eq!(ledger.balance(Account::Wallet, AssetId(0)), SignedAmount::from_i128(1_000));
//! assert_eq!(ledger.balance(Account::Capital, AssetId(0)), SignedAmount::from_i128(-1_000));
//! # Ok::<(), tidemill_ledger::LedgerError>(())
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod account;
mod assets;
mod exchange;
mod ledger;
mod reversals;

pub use account::{Account, Leg, Posting};
pub use assets::PoolAssets;
pub use ledger::{Ledger, LedgerError, OpenPosition};

#[cfg(test)]
mod tests;
