//! Whole numbers as Vyper checks them: 256 bits, and an error past either end.

use tidemill_units::U256;

use super::CryptoSwapError;
use crate::curve_math::{self, FEE_DENOMINATOR, MathError, PRECISION};

pub(super) type Checked<T = U256> = Result<T, CryptoSwapError>;

pub(super) const fn small(value: u64) -> U256 {
    U256::from_limbs([value, 0, 0, 0])
}

pub(super) const ZERO: U256 = U256::ZERO;
pub(super) const ONE: U256 = small(1);
pub(super) const TWO: U256 = curve_math::TWO;
pub(super) const THREE: U256 = small(3);
pub(super) const WAD: U256 = PRECISION;
/// Fees count in 10^-10.
pub(super) const FEE_UNIT: U256 = FEE_DENOMINATOR;
pub(super) const A_MULTIPLIER: U256 = small(10_000);
pub(super) const E14: U256 = small(100_000_000_000_000);
pub(super) const E16: U256 = small(10_000_000_000_000_000);
/// 10^20.
pub(super) const E20: U256 = U256::from_limbs([0x6bc7_5e2d_6310_0000, 5, 0, 0]);

impl From<MathError> for CryptoSwapError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow | MathError::Underflow | MathError::DivisionByZero => {
                Self::Overflow
            }
            MathError::NotConverged => Self::DidNotConverge,
        }
    }
}

#[inline]
pub(super) fn sum(a: U256, b: U256) -> Checked {
    Ok(curve_math::sum(a, b)?)
}

#[inline]
pub(super) fn difference(a: U256, b: U256) -> Checked {
    Ok(curve_math::difference(a, b)?)
}

#[inline]
pub(super) fn product(a: U256, b: U256) -> Checked {
    Ok(curve_math::product(a, b)?)
}

#[inline]
pub(super) fn quotient(a: U256, b: U256) -> Checked {
    Ok(curve_math::quotient(a, b)?)
}

/// `a * b / 10^18`.
#[inline]
pub(super) fn wad_of(a: U256, b: U256) -> Checked {
    Ok(curve_math::over_precision(a, b)?)
}

/// `a * b / 10^10`.
#[inline]
pub(super) fn fee_of(a: U256, b: U256) -> Checked {
    Ok(curve_math::over_fees(a, b)?)
}

/// `a * b / c`, where the product must fit 256 bits.
pub(super) fn times_over(a: U256, b: U256, c: U256) -> Checked {
    quotient(product(a, b)?, c)
}

pub(super) fn distance(a: U256, b: U256) -> U256 {
    a.abs_diff(b)
}

/// What the machine's own division gives: zero for a divisor of zero.
pub(super) fn machine_quotient(a: U256, b: U256) -> U256 {
    a.checked_div(b).unwrap_or_default()
}

/// Refuses a fraction of D outside a hundredth to a hundredfold, in 10^-18.
pub(super) fn check_fraction(fraction: U256, error: CryptoSwapError) -> Checked<()> {
    if fraction < E16 || fraction > E20 { Err(error) } else { Ok(()) }
}
