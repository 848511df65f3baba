use tidemill_units::{Amount, Timestamp};

use super::VoteEscrowLog;
use crate::Address;

/// What happened to Balancer's fee distributor or its escrow, which have one tape.
///
/// Source: `FeeDistributor.sol` and `VotingEscrow.vy` of v2-deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeeDistributionLog {
    /// A token's `Transfer` to the distributor in `depositToken` or `depositTokens`.
    TokenDeposited {
        /// The token.
        token: Address,
        /// How much.
        amount: Amount,
        /// `TokenCheckpointed` before the transfer, if there is one.
        before: Option<FeeCheckpoint>,
        /// `TokenCheckpointed` after it, if there is one.
        after: Option<FeeCheckpoint>,
    },
    /// A token's `Transfer` to the distributor that is none of its calls.
    Given {
        /// The token.
        token: Address,
        /// How much.
        amount: Amount,
    },
    /// `OnlyCallerOptIn`.
    OnlyCallerOptIn {
        /// Who.
        user: Address,
        /// Whether only itself may claim for it.
        enabled: bool,
    },
    /// From a call trace: a token of `checkpointToken` or `checkpointTokens`, which log only where
    /// there is something to share out.
    TokenCheckpointed {
        /// The token.
        token: Address,
        /// `TokenCheckpointed`, if there is one.
        checkpoint: Option<FeeCheckpoint>,
    },
    /// From a call trace: `claimToken` or `claimTokens`, which log only what is paid.
    Claimed {
        /// Who is paid, whoever called.
        user: Address,
        /// Every token that was asked for, in order.
        claims: Vec<FeeClaim>,
    },
    /// From a call trace: `checkpoint`.
    Checkpointed {},
    /// From a call trace: `checkpointUser`.
    UserCheckpointed {
        /// Who.
        user: Address,
    },
    /// Of the escrow.
    Escrow(VoteEscrowLog),
}

/// What `TokenCheckpointed` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeCheckpoint {
    /// What was shared out.
    pub amount: Amount,
    /// From when on the last part of it is for (`lastCheckpointTimestamp`).
    pub last_checkpoint_timestamp: Timestamp,
}

/// A token of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeClaim {
    /// The token.
    pub token: Address,
    /// `TokenCheckpointed` before it is claimed, if there is one.
    pub checkpoint: Option<FeeCheckpoint>,
    /// `TokensClaimed`, if anything was paid.
    pub claimed: Option<FeePayment>,
}

/// What `TokensClaimed` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePayment {
    /// How much, not nothing.
    pub amount: Amount,
    /// The first week that is not claimed yet (`userTokenTimeCursor`).
    pub user_token_time_cursor: Timestamp,
}

impl FeeDistributionLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TokenDeposited { .. } => "token_deposited",
            Self::Given { .. } => "given",
            Self::OnlyCallerOptIn { .. } => "only_caller_opt_in",
            Self::TokenCheckpointed { .. } => "token_checkpointed",
            Self::Claimed { .. } => "claimed",
            Self::Checkpointed {} => "checkpointed",
            Self::UserCheckpointed { .. } => "user_checkpointed",
            Self::Escrow(log) => log.kind_in_a_system(),
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        match self {
            Self::TokenCheckpointed { .. }
            | Self::Claimed { .. }
            | Self::Checkpointed {}
            | Self::UserCheckpointed { .. } => true,
            Self::TokenDeposited { .. } | Self::Given { .. } | Self::OnlyCallerOptIn { .. } => {
                false
            }
            Self::Escrow(log) => log.is_from_trace(),
        }
    }
}
