use thiserror::Error;

use crate::vote_escrow::VoteEscrowError;

/// Why a fee distributor refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FeeDistributorError {
    /// It would start in a week that is over.
    #[error("the distribution cannot start before the current week")]
    StartInPast,
    /// It would start in this week, and nobody had a vote at its beginning.
    #[error("nobody has a vote, so what is distributed would be lost")]
    ZeroSupply,
    /// A token or user is checkpointed for the first time before the start, or at its second.
    #[error("the distribution has not started yet")]
    NotStarted,
    /// The balance of a token passes 2^128 - 1.
    #[error("the balance of a token passes 2^128 - 1")]
    MaximumBalance,
    /// The user lets nobody else claim for it.
    #[error("the user lets nobody else claim for it")]
    SenderNotAllowed,
    /// A week to be claimed had no supply; the contract stops at the invalid opcode.
    #[error("division by zero: nobody had a vote in a week to be claimed")]
    DivisionByZero,
    /// The escrow refuses to be checkpointed or asked.
    #[error("the escrow: {0}")]
    Escrow(VoteEscrowError),
    /// A payment in takes a balance past 2^256 - 1; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
    /// A number passes what the model keeps; out of reach for any chain's times and balances.
    #[error("a number passes what its type holds")]
    Overflow,
}

impl FeeDistributorError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::StartInPast => "Cannot start before current week",
            Self::ZeroSupply => "Zero total supply results in lost tokens",
            Self::NotStarted => "Fee distribution has not started yet",
            Self::MaximumBalance => "Maximum token balance exceeded",
            Self::SenderNotAllowed => "BAL#401",
            Self::Escrow(error) => return error.reason(),
            Self::DivisionByZero | Self::TokenOverflow | Self::Overflow => return None,
        })
    }
}
