//! The pools of `tidemill-amm` beside the real contracts: after every random operation, everything
//! that can be seen from outside is equal, and so is every refusal.
#![allow(clippy::unwrap_used, reason = "an oracle that fails is a failed test")]

mod concentrated;
mod constant_product;
mod oracle;
mod tally;
