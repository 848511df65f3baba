//! The states of the two programmes that pay against a Merkle root.

use tidemill_rewards::StateError;
use tidemill_rewards::merkle_claim::{
    ClaimedWord, CumulativeClaim, CumulativeClaimState, Governance, MerkleClaim, MerkleClaimState,
    Operator, TokenAmount, UserTokenAmount,
};

use super::Resumable;
use super::refusal::Refusal;
use super::value::record;

record!(MerkleClaimState { address, merkle_root, balance, claimed_bit_map });
record!(ClaimedWord { word, bits });

record!(CumulativeClaimState {
    tree,
    last_tree,
    end_of_dispute_period,
    disputer,
    governance,
    claimed,
    balances,
    operators,
});
record!(Governance {
    governors,
    trusted,
    dispute_token,
    dispute_amount,
    dispute_period,
    epoch_seconds,
});
record!(UserTokenAmount { user, token, amount });
record!(TokenAmount { token, amount });
record!(Operator { user, operator });

impl Resumable for MerkleClaimState {
    type Programme = MerkleClaim;
    type Refused = StateError;

    fn resume(&self) -> Result<MerkleClaim, StateError> {
        MerkleClaim::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}

impl Resumable for CumulativeClaimState {
    type Programme = CumulativeClaim;
    type Refused = StateError;

    fn resume(&self) -> Result<CumulativeClaim, StateError> {
        CumulativeClaim::new(self)
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        let refusal = Refusal::from(*error);
        match error.field.name {
            "dispute_period" | "epoch_seconds" => refusal.within("governance"),
            _ => refusal,
        }
    }
}
