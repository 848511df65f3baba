//! The state of Balancer's escrow and fee distributor as one system.

use tidemill_rewards::StateError;
use tidemill_rewards::fee_distribution::{FeeDistribution, FeeDistributionState};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(FeeDistributionState { escrow, distributor });

impl Resumable for FeeDistributionState {
    type Programme = FeeDistribution;
    type Refused = StateError;

    fn resume(&self) -> Result<FeeDistribution, StateError> {
        FeeDistribution::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        match self.escrow.resume() {
            Err(refused) => self.escrow.refusal(&refused).within("escrow"),
            Ok(_) => Refusal::from(*error).within("distributor"),
        }
    }
}
