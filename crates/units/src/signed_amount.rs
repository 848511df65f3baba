use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::parse::{digits, out_of_range, split_sign};
use crate::{Amount, ParseError, U256};

/// A change of an amount in raw units, in the range of Solidity's `int256`.
///
/// In pool results a positive change is paid into the pool and a negative one paid out of it.
/// Zero has one form: it is never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SignedAmount {
    negative: bool,
    magnitude: U256,
}

/// Whether a magnitude is 2^255 or more.
#[inline(always)]
fn has_top_bit(magnitude: U256) -> bool {
    let [_, _, _, top] = magnitude.into_limbs();
    top >> 63_u32 != 0
}

const EXPECTED: &str = "a signed amount in raw units, -2^255 to 2^255 - 1";

impl SignedAmount {
    /// No change.
    pub const ZERO: Self = Self { negative: false, magnitude: U256::ZERO };
    /// The largest value, 2^255 - 1.
    pub const MAX: Self = Self {
        negative: false,
        magnitude: U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]),
    };
    /// The smallest value, -2^255.
    pub const MIN: Self = Self { negative: true, magnitude: U256::from_limbs([0, 0, 0, 1 << 63]) };

    /// Returns `+magnitude`, or `None` past 2^255 - 1.
    #[inline(always)]
    pub fn positive(magnitude: Amount) -> Option<Self> {
        let magnitude = magnitude.0;
        (!has_top_bit(magnitude)).then_some(Self { negative: false, magnitude })
    }

    /// Returns `-magnitude`, or `None` below -2^255.
    #[inline(always)]
    pub fn negative(magnitude: Amount) -> Option<Self> {
        let magnitude = magnitude.0;
        let fits = !has_top_bit(magnitude) || magnitude == Self::MIN.magnitude;
        fits.then_some(Self { negative: !magnitude.is_zero(), magnitude })
    }

    /// Returns the change of this many raw units.
    pub fn from_i128(raw: i128) -> Self {
        Self { negative: raw < 0, magnitude: U256::from(raw.unsigned_abs()) }
    }

    /// Whether it is below zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.magnitude.is_zero()
    }

    /// Returns the size without the sign.
    #[inline]
    pub fn magnitude(self) -> Amount {
        Amount(self.magnitude)
    }

    /// Returns the value as the 256-bit two's complement word that a contract stores.
    pub fn to_twos_complement(self) -> U256 {
        if self.negative { self.magnitude.wrapping_neg() } else { self.magnitude }
    }

    /// Reads a 256-bit two's complement word.
    pub fn from_twos_complement(word: U256) -> Self {
        if word.bit(255) {
            Self { negative: true, magnitude: word.wrapping_neg() }
        } else {
            Self { negative: false, magnitude: word }
        }
    }

    /// Returns the value with its sign turned, or `None` for -2^255.
    pub fn checked_neg(self) -> Option<Self> {
        if self.negative {
            Self::positive(self.magnitude())
        } else {
            Self::negative(self.magnitude())
        }
    }

    /// Returns the sum, or `None` outside the range.
    #[inline]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.negative == other.negative {
            let sum = self.magnitude().checked_add(other.magnitude())?;
            return if self.negative { Self::negative(sum) } else { Self::positive(sum) };
        }
        let (minuend, subtrahend) = if self.negative {
            (other.magnitude, self.magnitude)
        } else {
            (self.magnitude, other.magnitude)
        };
        match minuend.checked_sub(subtrahend) {
            Some(rest) => Self::positive(Amount(rest)),
            None => Self::negative(Amount(subtrahend.checked_sub(minuend)?)),
        }
    }

    /// Returns the difference, or `None` outside the range.
    #[inline]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        if other == Self::MIN {
            return if self.negative {
                Some(Self::positive(Amount(Self::MIN.magnitude.checked_sub(self.magnitude)?))?)
            } else {
                None
            };
        }
        self.checked_add(other.checked_neg()?)
    }

    /// Writes the change in whole tokens with exactly `decimals` digits behind the point.
    pub fn to_decimal_string(self, decimals: u8) -> String {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}", self.magnitude().to_decimal_string(decimals))
    }
}

impl Ord for SignedAmount {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude.cmp(&other.magnitude),
            (true, true) => other.magnitude.cmp(&self.magnitude),
        }
    }
}

impl PartialOrd for SignedAmount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SignedAmount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.magnitude.to_string();
        formatter.pad_integral(!self.negative, "", &text)
    }
}

impl FromStr for SignedAmount {
    type Err = ParseError;

    /// Reads raw units: decimal digits with at most one leading `-`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (negative, rest) = split_sign(text);
        let magnitude = Amount(digits(rest, EXPECTED)?);
        let value = if negative { Self::negative(magnitude) } else { Self::positive(magnitude) };
        value.ok_or_else(|| out_of_range(text, EXPECTED))
    }
}
