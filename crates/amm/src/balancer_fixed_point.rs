//! Balancer's 18-decimal fixed point: products, quotients and powers with a named rounding, and the
//! exponential and logarithm under them.
//!
//! Source: Balancer v2 `FixedPoint.sol`, `Math.sol` and `LogExpMath.sol`, as the vault and pools of
//! 2021-04 and 2022-09 were compiled with them. A revert of theirs is a [`FixedPointError`].

mod log_exp;

use thiserror::Error;
use tidemill_units::{LimbDivisor, U256, div_limbs, mul_limbs, narrow};

pub use log_exp::{exp, ln, pow};

/// 1, with 18 decimals.
pub const ONE: U256 = U256::from_limbs([ONE_LIMB, 0, 0, 0]);
const ONE_LIMB: u64 = 1_000_000_000_000_000_000;
const TWO: U256 = U256::from_limbs([2_000_000_000_000_000_000, 0, 0, 0]);
const FOUR: U256 = U256::from_limbs([4_000_000_000_000_000_000, 0, 0, 0]);
/// How far off a power may be, in parts of 10^18 (`MAX_POW_RELATIVE_ERROR`).
const POWER_ERROR: U256 = U256::from_limbs([10_000, 0, 0, 0]);
const BY_ONE: LimbDivisor = match LimbDivisor::new(ONE_LIMB) {
    Some(divisor) => divisor,
    None => unreachable!(),
};

/// Why the maths of Balancer's contracts reverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FixedPointError {
    /// A sum passes 2^256 - 1.
    #[error("a sum passes 2^256 - 1")]
    AddOverflow,
    /// A difference falls below zero.
    #[error("a difference falls below zero")]
    SubOverflow,
    /// A product passes 2^256 - 1.
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
    /// A division by zero.
    #[error("a division by zero")]
    ZeroDivision,
    /// A numerator passes 2^256 - 1 with 18 more decimals.
    #[error("a numerator passes 2^256 - 1 with 18 more decimals")]
    DivInternal,
    /// The base of a power is 2^255 or more.
    #[error("the base of a power is 2^255 or more")]
    BaseOutOfBounds,
    /// The exponent of a power is 2^254 / 10^20 or more.
    #[error("the exponent of a power is 2^254 / 10^20 or more")]
    ExponentOutOfBounds,
    /// The logarithm of a power is below -41 or above 130.
    #[error("the logarithm of a power is below -41 or above 130")]
    ProductOutOfBounds,
    /// The argument of the exponential is below -41 or above 130.
    #[error("the argument of the exponential is below -41 or above 130")]
    InvalidExponent,
    /// The logarithm of zero.
    #[error("the logarithm of zero")]
    OutOfBounds,
}

/// Whether powers with the exponents 1, 2 and 4 are plain products, as builds since 2022 have it,
/// or go through logarithm and exponential like all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerShortcuts {
    /// None: the builds of 2021.
    None,
    /// The exponents 1, 2 and 4.
    OneTwoFour,
}

impl FixedPointError {
    /// Returns the contract's reason.
    pub fn reason(self) -> &'static str {
        match self {
            Self::AddOverflow => "BAL#000",
            Self::SubOverflow => "BAL#001",
            Self::MulOverflow => "BAL#003",
            Self::ZeroDivision => "BAL#004",
            Self::DivInternal => "BAL#005",
            Self::BaseOutOfBounds => "BAL#006",
            Self::ExponentOutOfBounds => "BAL#007",
            Self::ProductOutOfBounds => "BAL#008",
            Self::InvalidExponent => "BAL#009",
            Self::OutOfBounds => "BAL#100",
        }
    }
}

/// Returns `a + b`. Errors: `AddOverflow`.
#[inline]
pub fn add(a: U256, b: U256) -> Result<U256, FixedPointError> {
    a.checked_add(b).ok_or(FixedPointError::AddOverflow)
}

/// Returns `a - b`. Errors: `SubOverflow`.
#[inline]
pub fn sub(a: U256, b: U256) -> Result<U256, FixedPointError> {
    a.checked_sub(b).ok_or(FixedPointError::SubOverflow)
}

/// Returns the plain product. Errors: `MulOverflow`.
#[inline]
pub fn mul(a: U256, b: U256) -> Result<U256, FixedPointError> {
    product(a, b).map(U256::from_limbs)
}

/// Returns the plain quotient, rounded down. Errors: `ZeroDivision`.
#[inline]
pub fn quotient_down(a: U256, b: U256) -> Result<U256, FixedPointError> {
    let quotient = div_limbs(a.into_limbs(), b.as_limbs()).ok_or(FixedPointError::ZeroDivision)?;
    Ok(U256::from_limbs(quotient.whole))
}

/// Returns the plain quotient, rounded up. Errors: `ZeroDivision`.
#[inline]
pub fn quotient_up(a: U256, b: U256) -> Result<U256, FixedPointError> {
    let quotient = div_limbs(a.into_limbs(), b.as_limbs()).ok_or(FixedPointError::ZeroDivision)?;
    // A quotient of 2^256 - 1 has the divisor one and so no remainder.
    Ok(quotient.ceil().unwrap_or(U256::MAX))
}

/// Returns the product of two 18-decimal numbers, rounded down. Errors: `MulOverflow`.
#[inline]
pub fn mul_down(a: U256, b: U256) -> Result<U256, FixedPointError> {
    Ok(U256::from_limbs(BY_ONE.div(&product(a, b)?).whole))
}

/// Returns the product of two 18-decimal numbers, rounded up. Errors: `MulOverflow`.
#[inline]
pub fn mul_up(a: U256, b: U256) -> Result<U256, FixedPointError> {
    BY_ONE.div(&product(a, b)?).ceil().ok_or(FixedPointError::MulOverflow)
}

/// Returns the quotient of two 18-decimal numbers, rounded down.
///
/// Errors: `ZeroDivision`, `DivInternal`.
#[inline]
pub fn div_down(a: U256, b: U256) -> Result<U256, FixedPointError> {
    if b.is_zero() {
        return Err(FixedPointError::ZeroDivision);
    }
    quotient_down(inflated(a)?, b)
}

/// Returns the quotient of two 18-decimal numbers, rounded up.
///
/// Errors: `ZeroDivision`, `DivInternal`.
#[inline]
pub fn div_up(a: U256, b: U256) -> Result<U256, FixedPointError> {
    if b.is_zero() {
        return Err(FixedPointError::ZeroDivision);
    }
    quotient_up(inflated(a)?, b)
}

/// Returns `1 - x`, or zero where `x` is above one.
#[inline]
pub fn complement(x: U256) -> U256 {
    ONE.saturating_sub(x)
}

/// Returns `x^y`, at most the true value.
///
/// Errors: `BaseOutOfBounds`, `ExponentOutOfBounds`, `ProductOutOfBounds`, `MulOverflow`.
pub fn pow_down(x: U256, y: U256, shortcuts: PowerShortcuts) -> Result<U256, FixedPointError> {
    match shortcuts {
        PowerShortcuts::OneTwoFour if y == ONE => return Ok(x),
        PowerShortcuts::OneTwoFour if y == TWO => return mul_down(x, x),
        PowerShortcuts::OneTwoFour if y == FOUR => {
            let square = mul_down(x, x)?;
            return mul_down(square, square);
        }
        PowerShortcuts::OneTwoFour | PowerShortcuts::None => {}
    }
    let raw = pow(x, y)?;
    Ok(raw.saturating_sub(power_error(raw)?))
}

/// Returns `x^y`, at least the true value. Errors: as [`pow_down`], and `AddOverflow`.
pub fn pow_up(x: U256, y: U256, shortcuts: PowerShortcuts) -> Result<U256, FixedPointError> {
    match shortcuts {
        PowerShortcuts::OneTwoFour if y == ONE => return Ok(x),
        PowerShortcuts::OneTwoFour if y == TWO => return mul_up(x, x),
        PowerShortcuts::OneTwoFour if y == FOUR => {
            let square = mul_up(x, x)?;
            return mul_up(square, square);
        }
        PowerShortcuts::OneTwoFour | PowerShortcuts::None => {}
    }
    let raw = pow(x, y)?;
    add(raw, power_error(raw)?)
}

/// By how much a power as computed may be wrong, and one more.
fn power_error(raw: U256) -> Result<U256, FixedPointError> {
    add(mul_up(raw, POWER_ERROR)?, U256::ONE)
}

/// The four limbs of a product. Most amounts, ratios and weights fit two limbs.
#[inline]
fn product(a: U256, b: U256) -> Result<[u64; 4], FixedPointError> {
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a.into_limbs(), b.into_limbs());
    if a2 | a3 | b2 | b3 == 0 {
        return Ok(mul_limbs(&[a0, a1], &[b0, b1]));
    }
    let wide: [u64; 8] = mul_limbs(a.as_limbs(), b.as_limbs());
    narrow(&wide).map(U256::into_limbs).ok_or(FixedPointError::MulOverflow)
}

/// A numerator with 18 more decimals.
#[inline]
fn inflated(a: U256) -> Result<U256, FixedPointError> {
    let wide: [u64; 5] = mul_limbs(a.as_limbs(), &[ONE_LIMB]);
    narrow(&wide).ok_or(FixedPointError::DivInternal)
}

#[cfg(test)]
mod tests;
