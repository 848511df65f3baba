use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::parse::{out_of_range, split_sign};

/// A number of an exchange or of a series, exact to 18 places behind the point.
///
/// Prices and quantities that venues write as decimal text are kept as they were written. Holds
/// whole parts of up to 20 digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

/// A text read as a [`Decimal`], and whether it had more places than that keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundedDecimal {
    /// The nearest decimal, half away from zero.
    pub value: Decimal,
    /// Whether it is just what the text says.
    pub exact: bool,
}

const EXPECTED: &str = "a decimal number with at most 18 digits behind the point";
const EXPECTED_SCIENTIFIC: &str = "a number, perhaps with an exponent, below 10^20";

impl Decimal {
    /// How many places behind the point it keeps.
    pub const PLACES: u8 = 18;
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(1_000_000_000_000_000_000);

    /// Returns so many 10^-18.
    pub const fn from_raw(raw: i128) -> Self {
        Self(raw)
    }

    /// Returns how many 10^-18 it is.
    pub const fn raw(self) -> i128 {
        self.0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Returns the sum, or `None` past what fits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Returns the difference, or `None` past what fits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads a number that may have an exponent or more places than are kept, as tables written
    /// from floating point have them; rounded to the nearest, half away from zero.
    ///
    /// Errors: [`ParseError`].
    pub fn from_scientific(text: &str) -> Result<RoundedDecimal, ParseError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            None => (text, 0),
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                let read = exponent.parse::<i16>().ok().filter(|_| is_digits(digits));
                (mantissa, read.ok_or_else(|| not_a_number(text, EXPECTED_SCIENTIFIC))?)
            }
        };
        let (negative, unsigned) = split_sign(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(not_a_number(text, EXPECTED_SCIENTIFIC));
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_number(text, EXPECTED_SCIENTIFIC));
        }
        // Digits from the first to the one of weight 10^-18, then what is cut off.
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX);
        let kept = point.saturating_add(i64::from(exponent)).saturating_add(18);
        let mut value = RoundedDecimal { value: Self::ZERO, exact: true };
        let mut raw = 0_i128;
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte.wrapping_sub(b'0'));
        let mut count = 0_i64;
        for digit in digits {
            if count < kept {
                raw = push_digit(raw, digit).ok_or_else(|| too_large(text))?;
            } else {
                value.exact &= digit == 0;
                if count == kept && digit >= 5 {
                    raw = raw.checked_add(1).ok_or_else(|| too_large(text))?;
                }
            }
            count = count.saturating_add(1);
        }
        while count < kept && raw != 0 {
            raw = push_digit(raw, 0).ok_or_else(|| too_large(text))?;
            count = count.saturating_add(1);
        }
        value.value = Self(if negative { raw.saturating_neg() } else { raw });
        Ok(value)
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn push_digit(raw: i128, digit: u8) -> Option<i128> {
    raw.checked_mul(10)?.checked_add(i128::from(digit))
}

fn not_a_number(text: &str, expected: &'static str) -> ParseError {
    if text.is_empty() {
        return ParseError::Empty { expected };
    }
    ParseError::NotANumber { text: text.chars().take(80).collect(), expected }
}

fn too_large(text: &str) -> ParseError {
    out_of_range(text, EXPECTED_SCIENTIFIC)
}

impl FromStr for Decimal {
    type Err = ParseError;

    /// Reads digits with at most one point and one leading minus sign; no exponent, no plus sign.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (negative, unsigned) = split_sign(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let bare_point = unsigned.contains('.') && fraction.is_empty();
        if bare_point || !is_digits(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_number(text, EXPECTED));
        }
        let significant = fraction.trim_end_matches('0');
        if significant.len() > usize::from(Self::PLACES) {
            return Err(out_of_range(text, EXPECTED));
        }
        let digits = whole.bytes().chain(significant.bytes());
        let zeros = usize::from(Self::PLACES).saturating_sub(significant.len());
        let padded = digits.chain(std::iter::repeat_n(b'0', zeros));
        let mut raw = 0_i128;
        for byte in padded {
            let digit = byte.wrapping_sub(b'0');
            raw = push_digit(raw, digit).ok_or_else(|| out_of_range(text, EXPECTED))?;
        }
        Ok(Self(if negative { raw.saturating_neg() } else { raw }))
    }
}

impl fmt::Display for Decimal {
    /// Writes it without zeros at the end, and without a point where it is whole.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let digits = format!("{:0>19}", self.0.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(18));
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        formatter.pad(&format!("{sign}{whole}{point}{fraction}"))
    }
}
