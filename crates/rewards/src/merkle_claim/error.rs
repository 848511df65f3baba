use thiserror::Error;

/// Why a claim of a single drop is refused. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MerkleClaimError {
    /// The index was claimed before, by whomever.
    #[error("the drop of this index was claimed before")]
    AlreadyClaimed,
    /// The proof does not lead from the leaf to the root.
    #[error("the proof does not lead to the root")]
    InvalidProof,
    /// The distributor has too few tokens; the revert is the token's.
    #[error("the distributor holds less than the drop")]
    Unfunded,
    /// A payment in takes the holding past 2^256 - 1; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of the token")]
    TokenOverflow,
}

/// Why Merkl's distributor refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CumulativeClaimError {
    /// Nothing is claimed.
    #[error("a call claims at least one amount")]
    InvalidLengths,
    /// The caller may not claim for this user.
    #[error("the caller is neither the user nor an operator of it")]
    NotWhitelisted,
    /// There is no tree in force yet.
    #[error("no tree is in force")]
    InvalidUninitializedRoot,
    /// The proof does not lead to the root in force.
    #[error("the proof does not lead to the root in force")]
    InvalidProof,
    /// The cumulative amount is below what was claimed already.
    #[error("the cumulative amount is below what was claimed already")]
    BelowClaimed,
    /// The cumulative amount passes 2^208 - 1.
    #[error("the cumulative amount passes 2^208 - 1")]
    AmountTooWide,
    /// The distributor has too few tokens; the revert is the token's.
    #[error("the distributor holds less than it has to pay")]
    Unfunded,
    /// A payment in takes a holding past 2^256 - 1; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
    /// The caller may not update the tree, or not now.
    #[error("the caller may not update the tree, or not now")]
    NotTrusted,
    /// Only a governor may do this.
    #[error("only a governor may do this")]
    NotGovernor,
    /// A dispute has to be resolved first.
    #[error("a dispute has to be resolved first")]
    UnresolvedDispute,
    /// The tree can no longer be disputed.
    #[error("the dispute period is over")]
    InvalidDispute,
    /// There is no dispute to resolve.
    #[error("there is no dispute to resolve")]
    NoDispute,
    /// The end of the dispute period does not fit 48 bits, or the chain's clock is at zero.
    #[error("the end of the dispute period does not fit 48 bits")]
    TimeOverflow,
}

impl MerkleClaimError {
    /// Returns the reason string that the contract reverts with; `None` where it is the token that
    /// reverts.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::AlreadyClaimed => Some("MerkleDistributor: Drop already claimed."),
            Self::InvalidProof => Some("MerkleDistributor: Invalid proof."),
            Self::Unfunded | Self::TokenOverflow => None,
        }
    }
}

impl CumulativeClaimError {
    /// Returns the name of the contract's custom error, or its reason string; `None` where it is
    /// the token that reverts or the compiler's own check of arithmetic.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidLengths => "InvalidLengths",
            Self::NotWhitelisted => "NotWhitelisted",
            Self::InvalidUninitializedRoot => "InvalidUninitializedRoot",
            Self::InvalidProof => "InvalidProof",
            Self::AmountTooWide => "SafeCast: value doesn't fit in 208 bits",
            Self::NotTrusted => "NotTrusted",
            Self::NotGovernor => "NotGovernor",
            Self::UnresolvedDispute => "UnresolvedDispute",
            Self::InvalidDispute => "InvalidDispute",
            Self::NoDispute => "NoDispute",
            Self::BelowClaimed | Self::Unfunded | Self::TokenOverflow | Self::TimeOverflow => {
                return None;
            }
        })
    }
}
