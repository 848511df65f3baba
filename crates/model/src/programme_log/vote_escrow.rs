use tidemill_units::{Amount, Timestamp};

use crate::Address;

/// What happened to a vote escrow, Curve's or Balancer's.
///
/// Source: `VotingEscrow.vy` of curve-dao-contracts and of v2-deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteEscrowLog {
    /// `Deposit`, with the `Supply` that follows it.
    Deposit {
        /// Whose lock it is.
        provider: Address,
        /// How much was added.
        value: Amount,
        /// When the lock ends, the beginning of a week.
        locktime: Timestamp,
        /// Which call, as the contract numbers them: 0 `deposit_for`, 1 `create_lock`,
        /// 2 `increase_amount`, 3 `increase_unlock_time` (`type`).
        deposit_type: u64,
        /// All that is locked afterwards.
        supply: Amount,
    },
    /// `Withdraw`, with the `Supply` that follows it.
    Withdraw {
        /// Whose lock it was.
        provider: Address,
        /// The whole lock.
        value: Amount,
        /// All that is locked afterwards.
        supply: Amount,
    },
    /// From a call trace: `checkpoint`.
    Checkpointed {},
}

impl VoteEscrowLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::Checkpointed {} => "checkpointed",
        }
    }

    /// Returns the event's name as the tapes of a system write it that the escrow is part of.
    pub(super) const fn kind_in_a_system(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "escrow_deposit",
            Self::Withdraw { .. } => "escrow_withdraw",
            Self::Checkpointed {} => "escrow_checkpointed",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        matches!(self, Self::Checkpointed {})
    }
}
