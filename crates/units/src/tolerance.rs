use std::str::FromStr;

use crate::parse::{digits, out_of_range};
use crate::{Amount, ParseError, U256, mul_div_rounding_up};

/// How far a recorded value may stand from the exact one, as a share of the larger of the two.
///
/// Held as parts per 10^18, so that comparing needs no float. Zero demands equality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativeTolerance {
    parts_per_quintillion: u64,
}

const QUINTILLION: u64 = 1_000_000_000_000_000_000;
const EXPECTED: &str = "a relative tolerance such as 1e-9 or 0.000001, 0 to 0.01";

impl RelativeTolerance {
    /// Equality.
    pub const EXACT: Self = Self { parts_per_quintillion: 0 };
    /// The widest tolerance that still compares anything, one percent.
    pub const MAX: Self = Self { parts_per_quintillion: QUINTILLION / 100 };

    /// Whether only equality passes.
    pub fn is_exact(self) -> bool {
        self.parts_per_quintillion == 0
    }

    /// Returns how far from `value` is still accepted, rounded up.
    pub fn allowance(self, value: Amount) -> Amount {
        let allowance = mul_div_rounding_up(
            value.0,
            U256::from(self.parts_per_quintillion),
            U256::from(QUINTILLION),
        );
        Amount(allowance.unwrap_or(U256::MAX))
    }

    /// Whether the two agree within the tolerance.
    pub fn accepts(self, one: Amount, other: Amount) -> bool {
        let (small, large) = if one <= other { (one, other) } else { (other, one) };
        one == other || large.0.abs_diff(small.0) <= self.allowance(large).0
    }
}

impl FromStr for RelativeTolerance {
    type Err = ParseError;

    /// Reads a plain or exponent decimal, `1e-9`, `2.5e-12`, `0.001` or `0`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()),
            None => (text, Some(0_i32)),
        };
        let exponent = exponent.ok_or_else(|| out_of_range(text, EXPECTED))?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let value = digits(&format!("{whole}{fraction}"), EXPECTED)?;
        let places = i32::try_from(fraction.len()).ok().and_then(|len| exponent.checked_sub(len));
        let shift = places.and_then(|places| places.checked_add(18));
        let parts = shift.and_then(|shift| shift_decimal(value, shift));
        let parts = parts.and_then(|parts| u64::try_from(parts).ok());
        let tolerance = parts.map(|parts_per_quintillion| Self { parts_per_quintillion });
        tolerance.filter(|read| *read <= Self::MAX).ok_or_else(|| out_of_range(text, EXPECTED))
    }
}

/// Returns `value * 10^shift` if that is a whole number below 2^256.
fn shift_decimal(value: U256, shift: i32) -> Option<U256> {
    if value.is_zero() {
        return Some(value);
    }
    let power = U256::from(10_u8).checked_pow(U256::from(shift.unsigned_abs()))?;
    if shift >= 0 {
        return value.checked_mul(power);
    }
    let (quotient, remainder) = value.div_rem(power);
    remainder.is_zero().then_some(quotient)
}
