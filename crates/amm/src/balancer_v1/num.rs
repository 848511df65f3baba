//! Fixed point with 18 decimals, rounded half up.
//!
//! Source: `BNum.sol` of balancer-core, as compiled into `BPool` of set-protocol-v2 0.1.16.

use tidemill_units::{LimbDivisor, U256, div_limbs};

use super::BPoolError;

/// One, with 18 decimals (`BONE`).
pub(super) const ONE: U256 = U256::from_limbs([ONE_LIMB, 0, 0, 0]);
const ONE_LIMB: u64 = 1_000_000_000_000_000_000;
const HALF: U256 = U256::from_limbs([ONE_LIMB / 2, 0, 0, 0]);
const BY_ONE: Option<LimbDivisor> = LimbDivisor::new(ONE_LIMB);
/// Terms below this end the series (`BPOW_PRECISION`).
const PRECISION: U256 = U256::from_limbs([100_000_000, 0, 0, 0]);
/// The largest base of a power (`MAX_BPOW_BASE`).
const LARGEST_BASE: U256 = U256::from_limbs([2 * ONE_LIMB - 1, 0, 0, 0]);
/// More terms than any block's gas pays for: one takes over a thousand gas.
const MOST_TERMS: u64 = 100_000;

/// A difference without its sign.
struct Distance {
    size: U256,
    is_negative: bool,
}

pub(super) fn add(a: U256, b: U256) -> Result<U256, BPoolError> {
    a.checked_add(b).ok_or(BPoolError::AddOverflow)
}

pub(super) fn sub(a: U256, b: U256) -> Result<U256, BPoolError> {
    a.checked_sub(b).ok_or(BPoolError::SubUnderflow)
}

/// Source: `BNum.bmul`.
#[inline]
pub(super) fn mul(a: U256, b: U256) -> Result<U256, BPoolError> {
    let product = a.checked_mul(b).and_then(|product| product.checked_add(HALF));
    let product = product.ok_or(BPoolError::MulOverflow)?;
    BY_ONE.and_then(|by_one| by_one.mul_div(product, 1).floor()).ok_or(BPoolError::DivZero)
}

/// Source: `BNum.bdiv`.
#[inline]
pub(super) fn div(a: U256, b: U256) -> Result<U256, BPoolError> {
    if b.is_zero() {
        return Err(BPoolError::DivZero);
    }
    let scaled = a.checked_mul(ONE).and_then(|scaled| scaled.checked_add(b.wrapping_shr(1)));
    let scaled = scaled.ok_or(BPoolError::DivInternal)?;
    let quotient = div_limbs(*scaled.as_limbs(), b.as_limbs());
    quotient.and_then(|quotient| quotient.floor()).ok_or(BPoolError::DivZero)
}

/// Returns `base` to the power `exponent`, both with 18 decimals: the whole part by squaring, the
/// rest by the binomial series, to about ten decimals.
///
/// Errors: `BpowBaseTooLow` for zero, `BpowBaseTooHigh` from 2 up, `OutOfGas` where the series
/// converges too slowly, and overflows. Source: `BNum.bpow`.
pub(super) fn pow(base: U256, exponent: U256) -> Result<U256, BPoolError> {
    if base.is_zero() {
        return Err(BPoolError::BpowBaseTooLow);
    }
    if base > LARGEST_BASE {
        return Err(BPoolError::BpowBaseTooHigh);
    }
    let whole = exponent.wrapping_div(ONE);
    let rest = exponent.wrapping_rem(ONE);
    let power = pow_whole(base, whole)?;
    if rest.is_zero() {
        return Ok(power);
    }
    mul(power, pow_series(base, rest)?)
}

/// Source: `BNum.bpowi`.
fn pow_whole(base: U256, exponent: U256) -> Result<U256, BPoolError> {
    let mut square = base;
    let mut left = exponent;
    let mut power = if left.bit(0) { base } else { ONE };
    left = left.wrapping_shr(1);
    while !left.is_zero() {
        square = mul(square, square)?;
        if left.bit(0) {
            power = mul(power, square)?;
        }
        left = left.wrapping_shr(1);
    }
    Ok(power)
}

/// Source: `BNum.bpowApprox`.
fn pow_series(base: U256, exponent: U256) -> Result<U256, BPoolError> {
    let x = distance(base, ONE);
    let mut term = ONE;
    let mut sum = ONE;
    let mut is_negative = false;
    // One less than the number of the term, and its number, as fixed point.
    let mut before = U256::ZERO;
    for _ in 0..MOST_TERMS {
        if term < PRECISION {
            return Ok(sum);
        }
        let number = before.wrapping_add(ONE);
        let c = distance(exponent, before);
        term = div(mul(term, mul(c.size, x.size)?)?, number)?;
        if term.is_zero() {
            return Ok(sum);
        }
        is_negative ^= x.is_negative ^ c.is_negative;
        sum = if is_negative { sub(sum, term)? } else { add(sum, term)? };
        before = number;
    }
    Err(BPoolError::OutOfGas)
}

/// Source: `BNum.bsubSign`.
fn distance(a: U256, b: U256) -> Distance {
    let is_negative = a < b;
    let size = if is_negative { b.wrapping_sub(a) } else { a.wrapping_sub(b) };
    Distance { size, is_negative }
}
