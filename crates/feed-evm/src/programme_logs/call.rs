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
        // No more than there are, so that a length cannot ask for memory.
        self.listed(Self::place(self.word(index)?)?)
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

    /// Returns the words of a list inside a tuple whose place is said at argument `tuple`, and
    /// whose own place in it is said at its field `index`.
    pub(super) fn list_in(&self, tuple: usize, index: usize) -> Option<Vec<U256>> {
        let start = Self::place(self.word(tuple)?)?;
        let list = Self::place(self.word(start.checked_add(index)?)?)?;
        self.listed(start.checked_add(list)?)
    }

    /// Returns a word of a tuple whose place is said at argument `tuple`.
    pub(super) fn word_in(&self, tuple: usize, index: usize) -> Option<U256> {
        self.word(Self::place(self.word(tuple)?)?.checked_add(index)?)
    }

    /// Returns the lists of hashes of a list whose place is said at `index`; together they have no
    /// more hashes than the call has words.
    pub(super) fn hash_lists(&self, index: usize) -> Option<Vec<Vec<Bytes32>>> {
        let start = Self::place(self.word(index)?)?;
        let count = usize::try_from(self.word(start)?).ok()?;
        let first = start.checked_add(1)?;
        let mut left = self.input.len().checked_div(WORD)?;
        let mut lists = Vec::new();
        for place in 0..count {
            let inner = Self::place(self.word(first.checked_add(place)?)?)?;
            let list = self.listed(first.checked_add(inner)?)?;
            left = left.checked_sub(list.len())?;
            lists.push(list.into_iter().map(|word| Bytes32(word.to_be_bytes())).collect());
        }
        Some(lists)
    }

    /// The words of a list at a place.
    fn listed(&self, start: usize) -> Option<Vec<U256>> {
        let count = usize::try_from(self.word(start)?).ok()?;
        (1..=count).map(|place| self.word(start.checked_add(place)?)).collect()
    }

    /// A place in bytes as one in words.
    fn place(bytes: U256) -> Option<usize> {
        usize::try_from(bytes).ok()?.checked_div(WORD)
    }
}
