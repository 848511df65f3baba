use thiserror::Error;

use crate::gauge_controller::GaugeControllerError;
use crate::token_admin::TokenAdminError;
use crate::vote_escrow::VoteEscrowError;

/// Why a gauge or the minter refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BalancerGaugeError {
    /// Only the authorizer adaptor may do this.
    #[error("only the administrator may do this")]
    NotAdmin,
    /// Only the token's distributor may do this (`deposit_reward_token`), or the administrator
    /// (`set_reward_distributor`).
    #[error("only the distributor of the reward token may do this")]
    NotDistributor,
    /// A checkpoint with the boost is the account's own affair (`user_checkpoint`).
    #[error("only the account itself may ask for its checkpoint")]
    Unauthorized,
    /// A cap of more than 10^18 (`initialize`, `setRelativeWeightCap`).
    #[error("a cap of the relative weight is at most 10^18")]
    CapTooLarge,
    /// The account still has votes and has not touched its lock (`kick`).
    #[error("the account has votes, and has not touched its lock since its checkpoint")]
    KickNotAllowed,
    /// The account has no boost (`kick`).
    #[error("the account has no boost to lose")]
    KickNotNeeded,
    /// Rewards of another account, to a receiver of the caller's choice (`claim_rewards`).
    #[error("rewards of another account go where that account says")]
    CannotRedirect,
    /// The zero address as a distributor.
    #[error("a reward token needs a distributor that is not the zero address")]
    ZeroDistributor,
    /// More than eight reward tokens (`add_reward`).
    #[error("a gauge has at most 8 reward tokens")]
    TooManyRewards,
    /// The token was added before (`add_reward`).
    #[error("the reward token was added before")]
    KnownReward,
    /// The token was not added (`set_reward_distributor`).
    #[error("the reward token was not added")]
    UnknownReward,
    /// The gauge has less of a token than it is to pay; the contract reverts with what the token
    /// says.
    #[error("the gauge has less of a token than it is to pay")]
    TokenRefuses,
    /// The account has not let the caller mint (`mintFor`, `mintManyFor`).
    #[error("the account has not let the caller mint for it")]
    MintNotAllowed,
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
    /// The admin of BAL refuses, or the minter's own sums, which fail alike.
    #[error(transparent)]
    TokenAdmin(#[from] TokenAdminError),
    /// A sum or product passes 2^256 - 1.
    #[error("a sum or product passes 2^256 - 1")]
    Overflow,
    /// A difference is below zero, as where more is withdrawn than is staked.
    #[error("a difference is below zero")]
    Underflow,
}

impl BalancerGaugeError {
    /// Returns the reason string that the contracts revert with; `None` where they give none, and
    /// where it is the token's affair.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::CapTooLarge => Some("Relative weight cap exceeds allowed absolute maximum"),
            Self::MintNotAllowed => Some("Caller not allowed to mint for user"),
            Self::Controller(error) => error.reason(),
            Self::Escrow(error) => error.reason(),
            Self::TokenAdmin(error) => error.reason(),
            Self::NotAdmin
            | Self::NotDistributor
            | Self::Unauthorized
            | Self::KickNotAllowed
            | Self::KickNotNeeded
            | Self::CannotRedirect
            | Self::ZeroDistributor
            | Self::TooManyRewards
            | Self::KnownReward
            | Self::UnknownReward
            | Self::TokenRefuses
            | Self::UnknownGauge
            | Self::KnownGauge
            | Self::Overflow
            | Self::Underflow => None,
        }
    }
}
