//! The state of Uniswap's v3-staker.

use tidemill_rewards::v3_staker::{
    DepositState, IncentiveKey, IncentiveState, RewardState, StakeState, TokenId, V3Staker,
    V3StakerState, V3StakerStateError,
};

use super::Resumable;
use super::refusal::{Refusal, culprit};
use super::value::{StateValue, record};
use crate::pool_state::{FieldFault, Json, Value};

record!(V3StakerState {
    staker,
    position_manager,
    max_incentive_start_lead_time_seconds,
    max_incentive_duration_seconds,
    incentives,
    deposits,
    stakes,
    rewards,
});

record!(IncentiveState { key, total_reward_unclaimed, total_seconds_claimed_x128 });
record!(IncentiveKey { reward_token, pool, start_time, end_time, refundee });
record!(DepositState { token_id, owner, range });
record!(StakeState { token_id, key, seconds_per_liquidity_inside_initial_x128, liquidity });
record!(RewardState { reward_token, owner, amount });

impl StateValue for TokenId {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.u256().map(Self)
    }

    fn write(&self) -> Json {
        self.0.write()
    }
}

impl Resumable for V3StakerState {
    type Programme = V3Staker;
    type Refused = V3StakerStateError;

    fn resume(&self) -> Result<V3Staker, V3StakerStateError> {
        V3Staker::new(self)
    }

    fn refusal(&self, error: &V3StakerStateError) -> Refusal {
        let of =
            |list: &'static str, allowed| Refusal::of(list, allowed).item(place(self, list, error));
        match error {
            V3StakerStateError::Unsorted("incentives") => {
                of("incentives", "ascending by key, none twice")
            }
            V3StakerStateError::Unsorted("deposits") => {
                of("deposits", "ascending by token_id, none twice")
            }
            V3StakerStateError::Unsorted("stakes") => {
                of("stakes", "ascending by token_id, then key, none twice")
            }
            V3StakerStateError::Unsorted(_) => {
                of("rewards", "ascending by reward_token, then owner, none twice")
            }
            V3StakerStateError::Duration => {
                const ALLOWED: &str = "after start_time, by at most max_incentive_duration_seconds";
                of("incentives", ALLOWED).field("key").field("end_time")
            }
            V3StakerStateError::TooManySeconds(field) => {
                let is_stake = *field == "seconds_per_liquidity_inside_initial_x128";
                let list = if is_stake { "stakes" } else { "incentives" };
                of(list, "0 to 2^160 - 1").field(field)
            }
            V3StakerStateError::Range(_) => {
                let allowed = "lower below upper, within -887272 to 887272";
                of("deposits", allowed).field("range")
            }
            V3StakerStateError::NoOwner(_) => {
                of("deposits", "an account, not the zero address").field("owner")
            }
            V3StakerStateError::NoDeposit(_) => {
                of("stakes", "a token of the deposits").field("token_id")
            }
            V3StakerStateError::NoIncentive(_) => {
                of("stakes", "the key of an incentive").field("key")
            }
            V3StakerStateError::NoLiquidity(_) => of("stakes", "1 or more").field("liquidity"),
            V3StakerStateError::ZeroReward => of("rewards", "1 or more").field("amount"),
        }
    }
}

/// Finds the item that the staker refuses. It looks through its lists in this order, and those
/// behind are left out.
fn place(state: &V3StakerState, list: &str, error: &V3StakerStateError) -> usize {
    let refused = |state: V3StakerState| V3Staker::new(&state).err();
    let of = || state.clone();
    let (stakes, rewards) = (Vec::new, Vec::new);
    match list {
        "incentives" => culprit(&state.incentives, error, |incentives| {
            let (deposits, stakes, rewards) = (Vec::new(), stakes(), rewards());
            refused(V3StakerState { incentives, deposits, stakes, rewards, ..of() })
        }),
        "deposits" => culprit(&state.deposits, error, |deposits| {
            let (stakes, rewards) = (stakes(), rewards());
            refused(V3StakerState { deposits, stakes, rewards, ..of() })
        }),
        "stakes" => culprit(&state.stakes, error, |stakes| {
            refused(V3StakerState { stakes, rewards: rewards(), ..of() })
        }),
        _ => culprit(&state.rewards, error, |rewards| refused(V3StakerState { rewards, ..of() })),
    }
}
