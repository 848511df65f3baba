//! The state of the emission of BAL.

use tidemill_rewards::StateError;
use tidemill_rewards::token_admin::{INITIAL_RATE, TokenAdmin};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(TokenAdmin { mining_epoch, start_epoch_time, start_epoch_supply, rate });

impl Resumable for TokenAdmin {
    type Programme = Self;
    type Refused = StateError;

    /// The rate only falls; all else is as it may be.
    fn resume(&self) -> Result<Self, StateError> {
        if self.rate > INITIAL_RATE {
            return Err(StateError::of("rate", "at most 239748677248677248, the first epoch's"));
        }
        Ok(*self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
