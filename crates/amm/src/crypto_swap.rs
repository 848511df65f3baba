//! The Curve crypto pools, of two coins and of three.

use thiserror::Error;

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CryptoSwapError {
    /// A number would not fit its type in the contract.
    #[error("a number passes what the contract can hold")]
    Overflow,
}
