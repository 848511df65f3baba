//! The Balancer v2 weighted pools, of both deployed roundings.

use thiserror::Error;

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WeightedError {
    /// A number would not fit its type in the contract.
    #[error("a number passes what the contract can hold")]
    Overflow,
}
