//! Vyper's arithmetic: every result is checked, and what does not fit reverts.

use tidemill_units::U256;

use super::StableSwapError;

/// The unit of the pool's fixed-point numbers (`PRECISION`).
pub(crate) const PRECISION: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// What fees are parts of (`FEE_DENOMINATOR`).
pub(crate) const FEE_DENOMINATOR: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);

type Checked = Result<U256, StableSwapError>;

#[inline]
pub(crate) fn sum(a: U256, b: U256) -> Checked {
    a.checked_add(b).ok_or(StableSwapError::Overflow)
}

#[inline]
pub(crate) fn difference(a: U256, b: U256) -> Checked {
    a.checked_sub(b).ok_or(StableSwapError::Underflow)
}

#[inline]
pub(crate) fn product(a: U256, b: U256) -> Checked {
    // Most are of two numbers below 2^128, which cannot overflow.
    a.checked_mul(b).ok_or(StableSwapError::Overflow)
}

#[inline]
pub(crate) fn quotient(a: U256, b: U256) -> Checked {
    if b.is_zero() {
        return Err(StableSwapError::DivisionByZero);
    }
    Ok(a.wrapping_div(b))
}

/// `a * b / divisor`, whose product must fit 256 bits.
#[inline]
pub(crate) fn share(a: U256, b: U256, divisor: U256) -> Checked {
    quotient(product(a, b)?, divisor)
}

/// The part of an amount that a fee takes, rounded down.
#[inline]
pub(crate) fn fee_of(amount: U256, fee: u64) -> Checked {
    share(amount, U256::from(fee), FEE_DENOMINATOR)
}
