//! Signs that volume is not what it seems: trades that undo each other, sizes that nobody chose.
//!
//! Each is a reason to look, and none a proof.

mod first_digits;
mod trade_netting;

pub use first_digits::{FirstDigits, benford_share};
pub use trade_netting::TradeNetting;
