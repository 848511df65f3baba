use std::fmt;

use alloy_primitives::keccak256;
use tidemill_units::{Timestamp, U256};

use crate::Account;

/// What names an incentive; the contract hashes it (v3-staker 1.0.2 `IncentiveId.compute`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncentiveKey {
    /// The token that is paid.
    pub reward_token: Account,
    /// The pool whose positions earn it.
    pub pool: Account,
    /// From when on it can be staked in.
    pub start_time: Timestamp,
    /// From when on it cannot be staked in any more, and everybody may unstake.
    pub end_time: Timestamp,
    /// Who is paid what nobody earned.
    pub refundee: Account,
}

impl IncentiveKey {
    /// Returns what logs name the incentive by: keccak256 over the five fields as words.
    ///
    /// Source: v3-staker 1.0.2 `IncentiveId.compute`.
    pub fn id(&self) -> [u8; 32] {
        let account = |account: Account| U256::from_be_slice(&account.0);
        let words = [
            account(self.reward_token),
            account(self.pool),
            U256::from(self.start_time.0),
            U256::from(self.end_time.0),
            account(self.refundee),
        ];
        keccak256(words.map(|word| word.to_be_bytes::<32>()).as_flattened()).0
    }
}

/// The number of a position among those of the position manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub U256);

impl fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
