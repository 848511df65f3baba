use alloy_primitives::{Bytes, keccak256};
use tidemill_model::{Address, Bytes32};
use tidemill_units::{Timestamp, U256};

use crate::LogPlace;

/// A transaction's call, as a node tells it beside the logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionCall {
    /// Who sent it.
    pub from: Address,
    /// The contract that was called, or created.
    pub to: Address,
    /// A selector and its arguments; empty where a contract was created.
    pub input: Bytes,
    /// Where an event that no log tells stands: at the log after it.
    pub place: LogPlace,
    /// The block's time, where it is told.
    pub time: Option<Timestamp>,
}

const SELECTOR: usize = 4;
const WORD: usize = 32;

impl TransactionCall {
    /// Whether it is of a function with this signature.
    pub(super) fn is(&self, signature: &str) -> bool {
        let hash = keccak256(signature.as_bytes());
        hash.get(..SELECTOR) == self.input.get(..SELECTOR)
    }

    /// Returns an argument by its place; `None` past the end.
    pub(super) fn word(&self, index: usize) -> Option<U256> {
        let start = index.checked_mul(WORD)?.checked_add(SELECTOR)?;
        let bytes = self.input.get(start..start.checked_add(WORD)?)?;
        Some(U256::from_be_slice(bytes))
    }

    /// Returns an argument that is an address.
    pub(super) fn address(&self, index: usize) -> Option<Address> {
        let bytes: [u8; WORD] = self.word(index)?.to_be_bytes();
        bytes.last_chunk().copied().map(Address)
    }

    /// Returns an argument that is a small number.
    pub(super) fn small(&self, index: usize) -> Option<u64> {
        u64::try_from(self.word(index)?).ok()
    }

    /// Returns the words of a list whose place is said at `index`.
    pub(super) fn list(&self, index: usize) -> Option<Vec<U256>> {
        let start = usize::try_from(self.word(index)?).ok()?.checked_div(WORD)?;
        let count = usize::try_from(self.word(start)?).ok()?;
        // No more than there are, so that a length cannot ask for memory.
        (1..=count).map(|place| self.word(start.checked_add(place)?)).collect()
    }

    /// As [`list`](Self::list), of hashes.
    pub(super) fn hashes(&self, index: usize) -> Option<Vec<Bytes32>> {
        let words = self.list(index)?;
        Some(words.into_iter().map(|word| Bytes32(word.to_be_bytes())).collect())
    }

    /// As [`list`](Self::list), of addresses.
    pub(super) fn addresses(&self, index: usize) -> Option<Vec<Address>> {
        let of = |word: U256| {
            let bytes: [u8; WORD] = word.to_be_bytes();
            bytes.last_chunk().copied().map(Address)
        };
        self.list(index)?.into_iter().map(of).collect()
    }
}
