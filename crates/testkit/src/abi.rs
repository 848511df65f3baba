use revm::primitives::{Address, Bytes, keccak256};
use tidemill_units::U256;

use crate::OracleError;

/// The data of a contract call, built argument by argument in the contract ABI's encoding.
///
/// Arguments go in in the order of the signature; nothing checks them against it.
#[derive(Clone, Debug)]
pub struct Call {
    head: Vec<u8>,
    tail: Vec<u8>,
    words: usize,
}

impl Call {
    /// Starts a call with `words` words of arguments (one each, also for a dynamic one) to the
    /// function with this signature, such as `transfer(address,uint256)`.
    pub fn new(signature: &str, words: usize) -> Self {
        Self { head: keccak256(signature)[..4].to_vec(), tail: Vec::new(), words }
    }

    /// Starts the encoding of bare values, without a selector, as `abi.encode` does.
    pub fn bare(words: usize) -> Self {
        Self { head: Vec::new(), tail: Vec::new(), words }
    }

    /// Adds one static value; signed ones as two's complement.
    #[must_use]
    pub fn word(mut self, value: U256) -> Self {
        self.head.extend_from_slice(&value.to_be_bytes::<32>());
        self
    }

    /// Adds an address.
    #[must_use]
    pub fn address(self, address: Address) -> Self {
        self.word(address_word(address))
    }

    /// Adds a signed integer.
    #[must_use]
    pub fn int(self, value: i64) -> Self {
        self.word(int_word(value))
    }

    /// Adds a dynamic byte string.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let offset = self.words * 32 + self.tail.len();
        let mut call = self.word(U256::from(offset));
        call.tail.extend_from_slice(&U256::from(bytes.len()).to_be_bytes::<32>());
        call.tail.extend_from_slice(bytes);
        call.tail.resize(call.tail.len().next_multiple_of(32), 0);
        call
    }

    /// Adds a dynamic array of static values.
    #[must_use]
    pub fn array(self, values: &[U256]) -> Self {
        let offset = self.words * 32 + self.tail.len();
        let mut call = self.word(U256::from(offset));
        for value in [U256::from(values.len())].iter().chain(values) {
            call.tail.extend_from_slice(&value.to_be_bytes::<32>());
        }
        call
    }

    /// Adds a struct with a dynamic member, itself started by [`Call::bare`].
    #[must_use]
    pub fn tuple(self, members: Self) -> Self {
        let offset = self.words * 32 + self.tail.len();
        let mut call = self.word(U256::from(offset));
        call.tail.extend_from_slice(&members.encode());
        call
    }

    /// Returns the bytes.
    pub fn encode(self) -> Bytes {
        let mut bytes = self.head;
        bytes.extend_from_slice(&self.tail);
        bytes.into()
    }
}

/// Returns an address as the word a contract stores it in.
pub fn address_word(address: Address) -> U256 {
    U256::from_be_slice(address.as_slice())
}

/// Returns a signed integer as a two's complement word.
pub fn int_word(value: i64) -> U256 {
    let magnitude = U256::from(value.unsigned_abs());
    if value < 0 { magnitude.wrapping_neg() } else { magnitude }
}

/// What a call gave back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer(pub Bytes);

impl Answer {
    /// Returns word `index` of the answer; `ShortAnswer` past its end.
    pub fn word(&self, index: usize) -> Result<U256, OracleError> {
        let short = OracleError::ShortAnswer { found: self.0.len() / 32, wanted: index };
        let word = self.0.get(index * 32..index * 32 + 32).ok_or(short)?;
        Ok(U256::from_be_slice(word))
    }

    /// Returns all whole words.
    pub fn words(&self) -> Vec<U256> {
        self.0.chunks_exact(32).map(U256::from_be_slice).collect()
    }
}
