//! The state of a Merkl campaign.

use tidemill_rewards::StateError;
use tidemill_rewards::merkl::{Merkl, MerklAccount, MerklState, MerklTerms, MerklWeights};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(MerklState { terms, updated_at, allotted, undistributed, boost_supply, accounts });
record!(MerklTerms {
    amount,
    start,
    duration_seconds,
    weights,
    is_out_of_range_incentivized,
    boosted_reward,
});
record!(MerklWeights { fees, amount0, amount1 });
record!(MerklAccount { account, fees, amount0, amount1, boost, earned });

impl Resumable for MerklState {
    type Programme = Merkl;
    type Refused = StateError;

    fn resume(&self) -> Result<Merkl, StateError> {
        Merkl::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        let refusal = Refusal::from(*error);
        match error.field.name {
            "duration_seconds" | "weights" | "boosted_reward" => refusal.within("terms"),
            _ => refusal,
        }
    }
}
