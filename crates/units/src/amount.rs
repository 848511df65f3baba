use std::fmt;
use std::str::FromStr;

use crate::parse::{digits, out_of_range};
use crate::{ParseError, U256};

/// An amount of one token in its raw integer units, as the token contract counts it.
///
/// Which token it is of, and how many decimals people write it with, is not part of the type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub U256);

impl Amount {
    /// No tokens.
    pub const ZERO: Self = Self(U256::ZERO);
    /// The largest amount a contract can hold, 2^256 - 1.
    pub const MAX: Self = Self(U256::MAX);

    /// Returns the amount of this many raw units.
    pub const fn from_u64(raw: u64) -> Self {
        Self(U256::from_limbs([raw, 0, 0, 0]))
    }

    /// Returns the amount of this many raw units.
    pub fn from_u128(raw: u128) -> Self {
        Self(U256::from(raw))
    }

    /// Whether there is none of it.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Returns the sum, or `None` past 2^256 - 1.
    #[inline]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Returns the difference, or `None` below zero.
    #[inline]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads an amount in whole tokens, digits with at most one point and no more than `decimals`
    /// digits behind it.
    ///
    /// Errors: [`ParseError`].
    pub fn from_decimal_str(text: &str, decimals: u8) -> Result<Self, ParseError> {
        const EXPECTED: &str =
            "an amount in whole tokens, with no more decimals than the token has";
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let places = usize::from(decimals);
        let is_bare_point = text.contains('.') && (whole.is_empty() || fraction.is_empty());
        if fraction.len() > places || is_bare_point {
            return Err(out_of_range(text, EXPECTED));
        }
        digits(&format!("{whole}{fraction:0<places$}"), EXPECTED).map(Self)
    }

    /// Writes the amount in whole tokens with exactly `decimals` digits behind the point.
    pub fn to_decimal_string(self, decimals: u8) -> String {
        let digits = self.0.to_string();
        let places = usize::from(decimals);
        if places == 0 {
            return digits;
        }
        let padded = format!("{digits:0>width$}", width = places.saturating_add(1));
        let (whole, fraction) = padded.split_at(padded.len().saturating_sub(places));
        format!("{whole}.{fraction}")
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for Amount {
    type Err = ParseError;

    /// Reads raw units: decimal digits only.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        digits(text, "an amount in raw units, 0 to 2^256 - 1").map(Self)
    }
}
