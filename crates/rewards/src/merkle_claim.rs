//! Rewards that are computed elsewhere and claimed against a Merkle root: Uniswap's one-time drops
//! ([`MerkleClaim`]) and Merkl's cumulative claims ([`CumulativeClaim`]).
//!
//! Who computes the amounts, and how, is not known here; [`crate::merkl`] is one answer.

mod cumulative;
mod error;
mod facts;
mod tree;

use std::collections::BTreeMap;

use tidemill_units::{Amount, U256};

pub use cumulative::{
    CumulativeClaim, CumulativeClaimState, CumulativeReward, Governance, Operator, Payment,
    TokenAmount, UserTokenAmount,
};
pub use error::{CumulativeClaimError, MerkleClaimError};
pub use facts::FACTS;
pub use tree::{MerkleTree, Node};

use crate::{Account, StateError};

#[cfg(test)]
mod tests;

/// What a drop of tokens is to do: one root, one token, each index paid once.
///
/// Source: `MerkleDistributor.sol` of `@uniswap/merkle-distributor` 1.0.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerkleClaim {
    address: Account,
    merkle_root: Node,
    balance: Amount,
    claimed: BTreeMap<U256, U256>,
}

/// All that determines what a [`MerkleClaim`] does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerkleClaimState {
    /// The distributor's own account: a drop to it moves nothing.
    pub address: Account,
    /// The root that all claims are proven against.
    pub merkle_root: Node,
    /// Tokens it has, raw units.
    pub balance: Amount,
    /// Words with a claimed index in them, ascending (`claimedBitMap`).
    pub claimed_bit_map: Vec<ClaimedWord>,
}

/// 256 indices and which of them are claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimedWord {
    /// The indices divided by 256.
    pub word: U256,
    /// A bit for each, from the lowest; not zero.
    pub bits: U256,
}

/// A leaf: who may be paid how much, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenDrop {
    /// Its number, which is what can be claimed once.
    pub index: U256,
    /// Who is paid, whoever claims.
    pub account: Account,
    /// How much, raw units.
    pub amount: Amount,
}

impl TokenDrop {
    /// Returns the leaf: keccak256 over index, account and amount, packed to 84 bytes.
    pub fn leaf(&self) -> Node {
        let mut bytes = [0; 84];
        let parts: [&[u8]; 3] =
            [&self.index.to_be_bytes::<32>(), &self.account.0, &self.amount.0.to_be_bytes::<32>()];
        for (place, byte) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        Node::hash(&bytes)
    }
}

impl MerkleClaim {
    /// Resumes from a state.
    ///
    /// Errors: a word of claimed indices that is zero, past 2^248 - 1 or not above the one before.
    pub fn new(state: &MerkleClaimState) -> Result<Self, StateError> {
        let mut last = None;
        for (index, word) in state.claimed_bit_map.iter().enumerate() {
            let is_above = last.is_none_or(|last| last < word.word);
            if !is_above || word.bits.is_zero() || word.word.bit_len() > 248 {
                let allowed = "ascending words of at most 2^248 - 1, none of them without a bit";
                return Err(StateError::at("claimed_bit_map", index, allowed));
            }
            last = Some(word.word);
        }
        Ok(Self {
            address: state.address,
            merkle_root: state.merkle_root,
            balance: state.balance,
            claimed: state.claimed_bit_map.iter().map(|word| (word.word, word.bits)).collect(),
        })
    }

    /// Returns all there is to resume from.
    pub fn state(&self) -> MerkleClaimState {
        let words =
            self.claimed.iter().map(|(word, bits)| ClaimedWord { word: *word, bits: *bits });
        MerkleClaimState {
            address: self.address,
            merkle_root: self.merkle_root,
            balance: self.balance,
            claimed_bit_map: words.collect(),
        }
    }

    /// Returns the tokens it has, raw units.
    pub fn balance(&self) -> Amount {
        self.balance
    }

    /// Says whether an index was claimed (`isClaimed`).
    pub fn is_claimed(&self, index: U256) -> bool {
        let bits = self.claimed.get(&index.wrapping_shr(8));
        bits.is_some_and(|bits| bits.bit(usize::from(index.byte(0))))
    }

    /// Gives it tokens: a plain transfer to it.
    ///
    /// Errors: `TokenOverflow`.
    pub fn fund(&mut self, amount: Amount) -> Result<(), MerkleClaimError> {
        self.balance = self.balance.checked_add(amount).ok_or(MerkleClaimError::TokenOverflow)?;
        Ok(())
    }

    /// Claims a drop for its account, on anyone's behalf; the drop's amount is to be paid to it.
    ///
    /// Errors: `AlreadyClaimed`, `InvalidProof`, `Unfunded`, in this order.
    /// Source: `MerkleDistributor.claim`.
    pub fn claim(&mut self, drop: &TokenDrop, proof: &[Node]) -> Result<(), MerkleClaimError> {
        if self.is_claimed(drop.index) {
            return Err(MerkleClaimError::AlreadyClaimed);
        }
        if drop.leaf().root_by(proof) != self.merkle_root {
            return Err(MerkleClaimError::InvalidProof);
        }
        let left = self.balance.checked_sub(drop.amount).ok_or(MerkleClaimError::Unfunded)?;
        if drop.account != self.address {
            self.balance = left;
        }
        let bits = self.claimed.entry(drop.index.wrapping_shr(8)).or_default();
        bits.set_bit(usize::from(drop.index.byte(0)), true);
        Ok(())
    }
}
