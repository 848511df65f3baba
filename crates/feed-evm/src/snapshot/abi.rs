use alloy_primitives::{Bytes, keccak256};
use tidemill_model::Address;
use tidemill_units::U256;

use super::error::{AnswerFault, SnapshotError};

/// A call to a contract's view function with arguments of one word each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractCall {
    /// The contract.
    pub contract: Address,
    /// The function, such as `balanceOf(address)`.
    pub signature: &'static str,
    /// Selector and arguments.
    pub data: Bytes,
}

/// What a call gave back: words, to be read one after the other by the types that the function
/// returns, none of which is taken on trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    contract: Address,
    signature: &'static str,
    bytes: Bytes,
}

const WORD: usize = 32;
const TWENTY: &str = "twenty bytes";

impl ContractCall {
    /// Returns the call with these arguments.
    pub fn new(contract: Address, signature: &'static str, arguments: &[U256]) -> Self {
        let mut data = keccak256(signature).0[..4].to_vec();
        for argument in arguments {
            data.extend_from_slice(&argument.to_be_bytes::<WORD>());
        }
        Self { contract, signature, data: data.into() }
    }

    /// Takes what came for the call.
    pub(super) fn answered(&self, bytes: Bytes) -> Words {
        Words { contract: self.contract, signature: self.signature, bytes }
    }

    pub(super) fn reverted(&self, detail: String) -> SnapshotError {
        let (contract, call) = (self.contract, self.signature);
        SnapshotError::Reverted { contract, call, detail }
    }
}

/// Returns an address as an argument.
pub(super) fn address_word(address: Address) -> U256 {
    U256::from_be_slice(&address.0)
}

/// Returns the address that a word is; `None` where it is more.
fn address_of(word: U256) -> Option<Address> {
    let word = word.to_be_bytes::<WORD>();
    let (zeros, address) = word.split_at(12);
    <[u8; 20]>::try_from(address).ok().filter(|_| zeros == [0; 12]).map(Address)
}

/// Returns a signed number as an argument.
pub(super) fn int_word(value: i32) -> U256 {
    let magnitude = U256::from(value.unsigned_abs());
    if value < 0 { magnitude.wrapping_neg() } else { magnitude }
}

impl Words {
    /// The whole answer.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns word `index`. Errors: the answer ends before it.
    pub fn word(&self, index: usize) -> Result<U256, SnapshotError> {
        self.word_at(index.saturating_mul(WORD))
    }

    fn word_at(&self, offset: usize) -> Result<U256, SnapshotError> {
        let end = offset.saturating_add(WORD);
        let short = AnswerFault::Short { found: self.bytes.len(), least: end };
        let word = self.bytes.get(offset..end).ok_or_else(|| self.fault(short))?;
        Ok(U256::from_be_slice(word))
    }

    /// Returns an unsigned number. Errors: there is none, or a larger one.
    pub fn number<T>(&self, index: usize, allowed: &'static str) -> Result<T, SnapshotError>
    where
        T: TryFrom<U256>,
    {
        T::try_from(self.word(index)?).map_err(|_| self.value("number", allowed))
    }

    /// Returns a signed number of at most 32 bits.
    pub fn signed(&self, index: usize, allowed: &'static str) -> Result<i32, SnapshotError> {
        let word = self.wide_signed(index, allowed)?;
        i32::try_from(word).map_err(|_| self.value("number", allowed))
    }

    /// Returns a signed number of at most 128 bits.
    pub fn wide_signed(&self, index: usize, allowed: &'static str) -> Result<i128, SnapshotError> {
        let word = self.word(index)?;
        let bad = || self.value("number", allowed);
        if word.bit(255) {
            let magnitude = u128::try_from(word.wrapping_neg()).map_err(|_| bad())?;
            0_i128.checked_sub_unsigned(magnitude).ok_or_else(bad)
        } else {
            i128::try_from(u128::try_from(word).map_err(|_| bad())?).map_err(|_| bad())
        }
    }

    /// Returns yes or no.
    pub fn flag(&self, index: usize) -> Result<bool, SnapshotError> {
        match self.number::<u8>(index, "0 or 1")? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.value("flag", "0 or 1")),
        }
    }

    /// Returns an address.
    pub fn address(&self, index: usize) -> Result<Address, SnapshotError> {
        address_of(self.word(index)?).ok_or_else(|| self.value("address", TWENTY))
    }

    /// Returns the list whose place word `index` tells; at most `most` long.
    pub fn list(&self, index: usize, most: usize) -> Result<Vec<U256>, SnapshotError> {
        let (start, length) = self.dynamic(index)?;
        if length > most {
            return Err(self.value("list", "no longer than the contract makes it"));
        }
        (0..length).map(|place| self.word_at(start.saturating_add(place * WORD))).collect()
    }

    /// As [`list`](Self::list), of addresses.
    pub fn addresses(&self, index: usize, most: usize) -> Result<Vec<Address>, SnapshotError> {
        let words = self.list(index, most)?.into_iter();
        let address = |word| address_of(word).ok_or_else(|| self.value("address", TWENTY));
        words.map(address).collect()
    }

    /// Returns the bytes whose place word `index` tells.
    pub fn text(&self, index: usize) -> Result<&[u8], SnapshotError> {
        let (start, length) = self.dynamic(index)?;
        let end = start.saturating_add(length);
        let short = AnswerFault::Short { found: self.bytes.len(), least: end };
        self.bytes.get(start..end).ok_or_else(|| self.fault(short))
    }

    /// Where a dynamic value begins, and its length.
    fn dynamic(&self, index: usize) -> Result<(usize, usize), SnapshotError> {
        let place: usize = self.number(index, "a place within the answer")?;
        let length = self.word_at(place)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= self.bytes.len());
        let bad = || self.value("length", "no longer than the answer");
        Ok((place.saturating_add(WORD), length.ok_or_else(bad)?))
    }

    /// Says that a value is not what the contract answers.
    pub fn value(&self, what: &'static str, allowed: &'static str) -> SnapshotError {
        self.fault(AnswerFault::Value { what, allowed })
    }

    fn fault(&self, fault: AnswerFault) -> SnapshotError {
        SnapshotError::Answer { contract: self.contract, call: self.signature, fault }
    }
}

#[cfg(test)]
mod tests;
