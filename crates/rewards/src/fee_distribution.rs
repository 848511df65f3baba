//! Balancer's fee distributor with the escrow whose locks it pays, as one system.

use crate::fee_distributor::{FeeDistributor, FeeDistributorState};
use crate::vote_escrow::VoteEscrowState;
use crate::{StateError, VoteEscrow};

/// An escrow and what distributes fees among its locks. Either can be used alone, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeDistribution {
    /// The escrow, whose balances are paid for and which the distributor checkpoints.
    pub escrow: VoteEscrow,
    /// The distributor.
    pub distributor: FeeDistributor,
}

/// Everything that determines what both do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeDistributionState {
    /// The escrow.
    pub escrow: VoteEscrowState,
    /// The distributor.
    pub distributor: FeeDistributorState,
}

impl FeeDistribution {
    /// Returns both in this state.
    ///
    /// Errors: the field that no escrow or no distributor can have.
    pub fn new(state: &FeeDistributionState) -> Result<Self, StateError> {
        let escrow = VoteEscrow::new(&state.escrow)?;
        Ok(Self { escrow, distributor: FeeDistributor::new(&state.distributor)? })
    }

    /// Returns everything that determines what both do.
    pub fn state(&self) -> FeeDistributionState {
        FeeDistributionState { escrow: self.escrow.state(), distributor: self.distributor.state() }
    }
}
