//! The state of a Balancer liquidity gauge by itself.

use tidemill_rewards::StateError;
use tidemill_rewards::balancer_gauge::{
    AllowanceState, BalancerGauge, BalancerGaugeState, BalancerStakeState, GaugeIdentity,
    HeldState, ReceiverState, RewardClaim, RewardStream,
};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(BalancerGaugeState {
    identity,
    relative_weight_cap,
    is_killed,
    period,
    stakes,
    rewards,
    held,
    allowances,
    receivers,
});
record!(GaugeIdentity { account, pool_token, admin, vault });
record!(BalancerStakeState { account, stake, rewards });
record!(RewardClaim { integral_for, claimable, claimed });
record!(RewardStream { token, distributor, period_finish, rate, last_update, integral });
record!(HeldState { token, amount });
record!(AllowanceState { owner, spender, amount });
record!(ReceiverState { account, receiver });

impl Resumable for BalancerGaugeState {
    type Programme = BalancerGauge;
    type Refused = StateError;

    fn resume(&self) -> Result<BalancerGauge, StateError> {
        BalancerGauge::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
