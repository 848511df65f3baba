//! The state of Balancer's fee distributor, beside its escrow.

use tidemill_rewards::StateError;
use tidemill_rewards::fee_distributor::{
    FeeDistributor, FeeDistributorState, FeeTokenState, FeeUserState, WeekAmount,
};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(FeeDistributorState { start_time, time_cursor, total_supply, tokens, users });
record!(WeekAmount { week, amount });
record!(FeeTokenState { token, start_time, time_cursor, cached_balance, balance, tokens_per_week });
record!(FeeUserState {
    user,
    start_time,
    time_cursor,
    last_epoch_checkpointed,
    is_only_caller_enabled,
    balances,
    token_time_cursors,
});

impl Resumable for FeeDistributorState {
    type Programme = FeeDistributor;
    type Refused = StateError;

    fn resume(&self) -> Result<FeeDistributor, StateError> {
        FeeDistributor::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
