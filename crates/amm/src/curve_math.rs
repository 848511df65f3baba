//! Arithmetic of the Curve contracts compiled by Vyper: 256 bits, checked, and what all of their
//! stable pools work out with it.

mod newton;
mod ramp;

use tidemill_units::{LimbDivisor, U256, div_limbs, mul_limbs};

pub(crate) use newton::{Rounding, get_d, get_y};
pub(crate) use ramp::{A_BOUND, LEAST_A, LEAST_RAMP, MOST_A, MOST_CHANGE, Ramp, RampError};

/// Why a calculation stops: in the contracts a revert without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MathError {
    /// A sum or product passes 2^256 - 1.
    Overflow,
    /// A difference is below zero.
    Underflow,
    /// A divisor is zero.
    DivisionByZero,
    /// Newton's method did not come to rest in 255 rounds.
    NotConverged,
}

pub(crate) const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);
pub(crate) const FOUR: U256 = U256::from_limbs([4, 0, 0, 0]);
/// `A_PRECISION`: the younger pools keep amplifications in hundredths.
pub(crate) const A_PRECISION: U256 = U256::from_limbs([HUNDREDTHS, 0, 0, 0]);
pub(crate) const HUNDREDTHS: u64 = 100;
/// `PRECISION`, 10^18.
pub(crate) const PRECISION: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// `FEE_DENOMINATOR`, 10^10.
pub(crate) const FEE_DENOMINATOR: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);

#[inline]
pub(crate) fn sum(a: U256, b: U256) -> Result<U256, MathError> {
    a.checked_add(b).ok_or(MathError::Overflow)
}

#[inline]
pub(crate) fn difference(a: U256, b: U256) -> Result<U256, MathError> {
    a.checked_sub(b).ok_or(MathError::Underflow)
}

/// Most factors have at most 128 bits, and four multiplications are then enough.
#[inline]
pub(crate) fn product(a: U256, b: U256) -> Result<U256, MathError> {
    let ([a0, a1, 0, 0], [b0, b1, 0, 0]) = (a.into_limbs(), b.into_limbs()) else {
        return a.checked_mul(b).ok_or(MathError::Overflow);
    };
    Ok(U256::from_limbs(mul_limbs(&[a0, a1], &[b0, b1])))
}

/// As [`product`], with a factor of 64 bits.
#[inline(always)]
pub(crate) fn multiple(a: U256, by: u64) -> Result<U256, MathError> {
    let [a, b, c, d, above] = mul_limbs(a.as_limbs(), &[by]);
    if above == 0 { Ok(U256::from_limbs([a, b, c, d])) } else { Err(MathError::Overflow) }
}

/// As [`quotient`], with a divisor of 64 bits.
#[inline(always)]
pub(crate) fn quotient_by(a: U256, by: u64) -> Result<U256, MathError> {
    if let Ok(short) = u128::try_from(a) {
        let result = short.checked_div(u128::from(by)).ok_or(MathError::DivisionByZero)?;
        return Ok(U256::from(result));
    }
    quotient(a, U256::from(by))
}

#[inline]
pub(crate) fn quotient(a: U256, b: U256) -> Result<U256, MathError> {
    let result = div_limbs(*a.as_limbs(), b.as_limbs()).ok_or(MathError::DivisionByZero)?;
    Ok(U256::from_limbs(result.whole))
}

/// `a * b / divisor`, rounded down; the product must fit 256 bits, as it must in the contracts.
#[inline]
pub(crate) fn part(a: U256, b: U256, divisor: U256) -> Result<U256, MathError> {
    quotient(product(a, b)?, divisor)
}

/// `a * b / 10^18`, as [`part`] of [`PRECISION`] but faster.
#[inline]
pub(crate) fn over_precision(a: U256, b: U256) -> Result<U256, MathError> {
    Ok(over(product(a, b)?, &BY_PRECISION))
}

/// `amount * fee / 10^10`, as [`part`] of [`FEE_DENOMINATOR`] but faster.
#[inline(always)]
pub(crate) fn fee_of(amount: U256, fee: u64) -> Result<U256, MathError> {
    if !matches!(amount.into_limbs(), [_, _, _, 0]) {
        multiple(amount, fee)?;
    }
    let [a, b, c, d, _] = BY_FEE_DENOMINATOR.mul_div(amount, fee).whole;
    Ok(U256::from_limbs([a, b, c, d]))
}

/// `a * b / 10^10`, as [`part`] of [`FEE_DENOMINATOR`] but faster.
#[inline]
pub(crate) fn over_fees(a: U256, b: U256) -> Result<U256, MathError> {
    Ok(over(product(a, b)?, &BY_FEE_DENOMINATOR))
}

#[inline]
fn over(number: U256, divisor: &LimbDivisor) -> U256 {
    U256::from_limbs(divisor.div(number.as_limbs()).whole)
}

const BY_PRECISION: LimbDivisor = match LimbDivisor::new(1_000_000_000_000_000_000) {
    Some(divisor) => divisor,
    None => unreachable!(),
};
const BY_FEE_DENOMINATOR: LimbDivisor = match LimbDivisor::new(10_000_000_000) {
    Some(divisor) => divisor,
    None => unreachable!(),
};

/// Returns `n^n` and `n` for a number of coins, 2 to 8.
pub(crate) fn powers(count: usize) -> (U256, U256) {
    let number = U256::from(count);
    (number.wrapping_pow(number), number)
}
