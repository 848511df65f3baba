use std::fmt;
use std::str::FromStr;

/// An account or contract on an EVM chain. Printed in lower-case hexadecimal.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

/// A text that is not `0x` and forty hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address: expected 0x and 40 hexadecimal digits")]
pub struct AddressError {
    text: String,
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads any letter case; an EIP-55 checksum is not verified.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError { text: text.chars().take(80).collect() };
        read_hexadecimal(text).map(Self).ok_or_else(error)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hexadecimal(&self.0, formatter)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Reads `0x` and exactly two digits for each byte.
pub(crate) fn read_hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    let mut bytes = [0; N];
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        let value = high.zip(low).map(|(high, low)| (high << 4_u32) | low);
        *byte = value.and_then(|value| u8::try_from(value).ok())?;
    }
    Some(bytes)
}

pub(crate) fn write_hexadecimal(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str("0x")?;
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}
