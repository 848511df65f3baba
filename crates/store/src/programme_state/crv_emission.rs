//! The state of the emission of Curve's token.

use tidemill_rewards::StateError;
use tidemill_rewards::crv_emission::CrvEmission;

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(CrvEmission { mining_epoch, start_epoch_time, rate, start_epoch_supply, total_supply });

impl Resumable for CrvEmission {
    type Programme = Self;
    type Refused = StateError;

    fn resume(&self) -> Result<Self, StateError> {
        self.checked()
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
