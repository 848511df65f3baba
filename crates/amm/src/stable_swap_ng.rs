//! The Curve stableswap-ng pools.

use thiserror::Error;

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StableSwapNgError {
    /// A number would not fit its type in the contract.
    #[error("a number passes what the contract can hold")]
    Overflow,
}
