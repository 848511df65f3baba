//! The Balancer v1 pool (`BPool`).

use thiserror::Error;

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BPoolError {
    /// A number would not fit its type in the contract.
    #[error("a number passes what the contract can hold")]
    Overflow,
}
