use tidemill_units::{Amount, Timestamp};

use crate::{Address, Bytes32};

/// What happened to Merkl's distributor of cumulative rewards.
///
/// Source: `Distributor.sol` of AngleProtocol/merkl-contracts at 005348eb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CumulativeClaimLog {
    /// `Claimed`; a call for several leaves has one for each.
    Claimed {
        /// Whose reward it is.
        user: Address,
        /// Of what.
        token: Address,
        /// How much was paid: the leaf's amount less what was claimed before.
        amount: Amount,
        /// The leaf's amount, from the call's arguments.
        cumulative: Amount,
        /// The siblings from the leaf up, from the call's arguments.
        merkle_proof: Vec<Bytes32>,
        /// Who called.
        caller: Address,
    },
    /// `TreeUpdated` of an `updateTree`; that after a `Revoked` is part of it.
    TreeUpdated {
        /// The new root.
        merkle_root: Bytes32,
        /// From when on it is in force.
        end_of_dispute_period: Timestamp,
    },
    /// `Disputed`; the deposit's `Transfer` is part of it.
    Disputed {
        /// Who called.
        disputer: Address,
    },
    /// `DisputeResolved`; what else its call logs is part of it.
    DisputeResolved {
        /// Whether the tree before is back.
        valid: bool,
        /// Whom the deposit was paid, by its `Transfer`.
        to: Address,
        /// The deposit, likewise.
        amount: Amount,
    },
    /// `Revoked` of a `revokeTree`, with the `TreeUpdated` after it.
    Revoked {
        /// The root that is back.
        merkle_root: Bytes32,
    },
    /// `OperatorToggled`.
    OperatorToggled {
        /// For whom it may claim.
        user: Address,
        /// Who may; the zero address for everybody.
        operator: Address,
        /// Whether it may from now on.
        is_whitelisted: bool,
    },
    /// `TrustedToggled`.
    TrustedToggled {
        /// Who may update the tree.
        eoa: Address,
        /// Whether it may from now on.
        trust: bool,
    },
    /// `DisputeAmountUpdated`.
    DisputeAmountUpdated {
        /// The deposit from now on.
        dispute_amount: Amount,
    },
    /// `DisputeTokenUpdated`.
    DisputeTokenUpdated {
        /// The deposit's token from now on.
        dispute_token: Address,
    },
    /// `DisputePeriodUpdated`.
    DisputePeriodUpdated {
        /// Epochs for which a new tree waits.
        dispute_period: u64,
    },
    /// `EpochDurationUpdated`.
    EpochDurationUpdated {
        /// Seconds of an epoch; 0 stands for 3600.
        new_epoch_duration: u64,
    },
    /// `Transfer` of a token to the distributor that is no deposit of a dispute.
    Funded {
        /// Of what.
        token: Address,
        /// How much.
        amount: Amount,
    },
}

impl CumulativeClaimLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "claimed",
            Self::TreeUpdated { .. } => "tree_updated",
            Self::Disputed { .. } => "disputed",
            Self::DisputeResolved { .. } => "dispute_resolved",
            Self::Revoked { .. } => "revoked",
            Self::OperatorToggled { .. } => "operator_toggled",
            Self::TrustedToggled { .. } => "trusted_toggled",
            Self::DisputeAmountUpdated { .. } => "dispute_amount_updated",
            Self::DisputeTokenUpdated { .. } => "dispute_token_updated",
            Self::DisputePeriodUpdated { .. } => "dispute_period_updated",
            Self::EpochDurationUpdated { .. } => "epoch_duration_updated",
            Self::Funded { .. } => "funded",
        }
    }
}
