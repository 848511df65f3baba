use std::fmt;
use std::str::FromStr;

use crate::address::{read_hexadecimal, write_hexadecimal};

/// Thirty-two bytes by which Uniswap v4's manager tells pools, and an owner's positions, apart.
/// Printed in lower-case hexadecimal.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes32(pub [u8; 32]);

/// A text that is not `0x` and sixty-four hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not `0x` and 64 hexadecimal digits")]
pub struct Bytes32Error {
    text: String,
}

impl FromStr for Bytes32 {
    type Err = Bytes32Error;

    /// Reads any letter case.
    fn from_str(text: &str) -> Result<Self, Bytes32Error> {
        let error = || Bytes32Error { text: text.chars().take(80).collect() };
        read_hexadecimal(text).map(Self).ok_or_else(error)
    }
}

impl fmt::Display for Bytes32 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hexadecimal(&self.0, formatter)
    }
}

impl fmt::Debug for Bytes32 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
