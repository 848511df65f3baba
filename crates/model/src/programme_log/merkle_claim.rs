use tidemill_units::{Amount, U256};

use crate::{Address, Bytes32};

/// What happened to a merkle-distributor.
///
/// Source: `MerkleDistributor.sol` of `@uniswap/merkle-distributor` 1.0.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MerkleClaimLog {
    /// `Claimed`.
    Claimed {
        /// The drop's number.
        index: U256,
        /// Who was paid.
        account: Address,
        /// How much.
        amount: Amount,
        /// The siblings from the leaf up, from the call's arguments.
        merkle_proof: Vec<Bytes32>,
    },
    /// `Transfer` of the token to the distributor.
    Funded {
        /// How much.
        amount: Amount,
    },
}

impl MerkleClaimLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "claimed",
            Self::Funded { .. } => "funded",
        }
    }
}
