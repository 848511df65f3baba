use thiserror::Error;

use crate::crv_emission::CrvEmissionError;
use crate::gauge_controller::GaugeControllerError;
use crate::vote_escrow::VoteEscrowError;

/// Why a gauge or the minter refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CurveGaugeError {
    /// The account to deposit for has not allowed it (`deposit`).
    #[error("the account to deposit for has not allowed it")]
    NotApproved,
    /// A checkpoint with the boost is the account's own affair (`user_checkpoint`).
    #[error("only the account itself may ask for its checkpoint")]
    Unauthorized,
    /// The account still has votes and has not touched its lock (`kick`).
    #[error("the account has votes, and has not touched its lock since its checkpoint")]
    KickNotAllowed,
    /// The account has no boost (`kick`).
    #[error("the account has no boost to lose")]
    KickNotNeeded,
    /// There is no such gauge.
    #[error("there is no such gauge")]
    UnknownGauge,
    /// A gauge with this address is there already.
    #[error("a gauge with this address is there already")]
    KnownGauge,
    /// The controller refuses.
    #[error(transparent)]
    Controller(#[from] GaugeControllerError),
    /// The escrow refuses.
    #[error(transparent)]
    Escrow(#[from] VoteEscrowError),
    /// The token refuses.
    #[error(transparent)]
    Token(#[from] CrvEmissionError),
    /// A sum or product passes 2^256 - 1.
    #[error("a sum or product passes 2^256 - 1")]
    Overflow,
    /// A difference is below zero, as where more is withdrawn than is staked.
    #[error("a difference is below zero")]
    Underflow,
}

impl CurveGaugeError {
    /// Returns the reason string that the contracts revert with; `None` where they give none.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::NotApproved => Some("Not approved"),
            Self::Controller(error) => error.reason(),
            Self::Escrow(error) => error.reason(),
            Self::Unauthorized
            | Self::KickNotAllowed
            | Self::KickNotNeeded
            | Self::UnknownGauge
            | Self::KnownGauge
            | Self::Token(_)
            | Self::Overflow
            | Self::Underflow => None,
        }
    }
}
