//! The invariant and its solution for one balance, with the rounding of each generation.
//!
//! Both are Newton loops over products of two balances. Where every number fits 128 bits, as in
//! all pools but absurd ones, their products fit 256 and no check of the contract can fail: that
//! form runs on pairs of limbs. It gives up where a number is wider, and the checked form decides.

use tidemill_units::{Halves, LimbDivisor, U128Divisor, U256};

use super::checked::{difference, product, quotient, share, sum};
use super::{Generation, StableSwapError};

/// Rounds that the contracts' loops have.
const ROUNDS: u32 = 255;

/// Returns the invariant of scaled balances, at the amplification as the contract keeps it (in
/// hundredths for the third generation). Two to eight coins.
///
/// Errors: `Overflow`, `Underflow`, `DivisionByZero`, `NotConverged`.
/// Source: `get_D` of StableSwapSUSD.vy and StableSwap3Pool.vy, `_get_D` of SwapTemplateBase.vy.
pub(crate) fn get_d(
    generation: Generation,
    amplification: u64,
    balances: &[U256],
) -> Result<U256, StableSwapError> {
    let narrow = match balances {
        [a, b] => narrow_d(generation, amplification, [*a, *b]),
        [a, b, c] => narrow_d(generation, amplification, [*a, *b, *c]),
        [a, b, c, d] => narrow_d(generation, amplification, [*a, *b, *c, *d]),
        _ => None,
    };
    narrow.map_or_else(|| wide_d(generation, amplification, balances), |d| Ok(U256::from(d)))
}

/// Returns the scaled balance of `coin` that keeps the invariant `d`, given those of the others;
/// what `balances` has in its place does not matter.
///
/// Errors: as [`get_d`]. Source: `get_y` and `get_y_D` of the same contracts.
pub(crate) fn get_y(
    generation: Generation,
    amplification: u64,
    d: U256,
    balances: &[U256],
    coin: usize,
) -> Result<U256, StableSwapError> {
    let narrow = match balances {
        [a, b] => narrow_y(generation, amplification, d, [*a, *b], coin),
        [a, b, c] => narrow_y(generation, amplification, d, [*a, *b, *c], coin),
        [a, b, c, e] => narrow_y(generation, amplification, d, [*a, *b, *c, *e], coin),
        _ => None,
    };
    narrow
        .map_or_else(|| wide_y(generation, amplification, d, balances, coin), |y| Ok(U256::from(y)))
}

fn wide_d(
    generation: Generation,
    amplification: u64,
    balances: &[U256],
) -> Result<U256, StableSwapError> {
    let coins = U256::from(balances.len());
    let precision = U256::from(generation.amplification_precision());
    let guard = U256::from(generation.divisor_guard());
    let total = balances.iter().try_fold(U256::ZERO, |total, balance| sum(total, *balance))?;
    if total.is_zero() {
        return Ok(U256::ZERO);
    }
    let ann = product(U256::from(amplification), coins)?;
    let mut d = total;
    for _ in 0..ROUNDS {
        let mut d_product = d;
        for balance in balances {
            d_product = share(d_product, d, sum(product(*balance, coins)?, guard)?)?;
        }
        let numerator = quotient(product(ann, total)?, precision)?;
        let numerator = product(sum(numerator, product(d_product, coins)?)?, d)?;
        let denominator = quotient(product(difference(ann, precision)?, d)?, precision)?;
        let denominator = sum(denominator, product(sum(coins, U256::ONE)?, d_product)?)?;
        let before = d;
        d = quotient(numerator, denominator)?;
        if d.abs_diff(before) <= U256::ONE {
            return Ok(d);
        }
    }
    if generation.must_converge() { Err(StableSwapError::NotConverged) } else { Ok(d) }
}

fn wide_y(
    generation: Generation,
    amplification: u64,
    d: U256,
    balances: &[U256],
    coin: usize,
) -> Result<U256, StableSwapError> {
    let coins = U256::from(balances.len());
    let precision = U256::from(generation.amplification_precision());
    let ann = product(U256::from(amplification), coins)?;
    let mut others = U256::ZERO;
    let mut c = d;
    for (_, balance) in balances.iter().enumerate().filter(|(place, _)| *place != coin) {
        others = sum(others, *balance)?;
        c = share(c, d, product(*balance, coins)?)?;
    }
    let c = share(product(c, d)?, precision, product(ann, coins)?)?;
    let b = sum(others, share(d, precision, ann)?)?;
    let mut y = d;
    for _ in 0..ROUNDS {
        let before = y;
        let denominator = difference(sum(product(U256::from(2), y)?, b)?, d)?;
        y = quotient(sum(product(y, y)?, c)?, denominator)?;
        if y.abs_diff(before) <= U256::ONE {
            return Ok(y);
        }
    }
    if generation.must_converge() { Err(StableSwapError::NotConverged) } else { Ok(y) }
}

/// [`wide_d`] where every number fits 128 bits; `None` where one does not, or a check fails.
#[inline(always)]
fn narrow_d<const N: usize>(
    generation: Generation,
    amplification: u64,
    balances: [U256; N],
) -> Option<u128> {
    let coins = u128::try_from(N).ok()?;
    let precision = u128::from(generation.amplification_precision());
    let ann = u128::from(amplification).checked_mul(coins)?;
    let mut total = 0_u128;
    let mut divisors = [U128Divisor::new(1)?; N];
    for (divisor, balance) in divisors.iter_mut().zip(balances) {
        let balance = narrow(balance)?;
        total = total.checked_add(balance)?;
        let by = balance.checked_mul(coins)?.checked_add(generation.divisor_guard())?;
        *divisor = U128Divisor::new(by)?;
    }
    let ann_total = divide(ann.checked_mul(total)?, precision)?;
    let ann_less = ann.checked_sub(precision)?;
    let mut d = total;
    for _ in 0..ROUNDS {
        let mut d_product = d;
        for divisor in &divisors {
            d_product = divisor.mul_div(d_product, d)?;
        }
        let numerator = ann_total.checked_add(d_product.checked_mul(coins)?)?;
        let denominator = divide(ann_less.checked_mul(d)?, precision)?;
        let denominator = denominator.checked_add(d_product.checked_mul(coins.checked_add(1)?)?)?;
        let before = d;
        d = U128Divisor::new(denominator)?.mul_div(numerator, d)?;
        if d.abs_diff(before) <= 1 {
            return Some(d);
        }
    }
    (!generation.must_converge()).then_some(d)
}

/// [`wide_y`] where every number but squares fits 128 bits; `None` as for [`narrow_d`].
#[inline(always)]
fn narrow_y<const N: usize>(
    generation: Generation,
    amplification: u64,
    d: U256,
    balances: [U256; N],
    coin: usize,
) -> Option<u128> {
    let d = narrow(d)?;
    let coins = u64::try_from(N).ok()?;
    let precision = u128::from(generation.amplification_precision());
    let ann = amplification.checked_mul(coins)?;
    let mut others = 0_u128;
    let mut c = d;
    for (_, balance) in balances.into_iter().enumerate().filter(|(place, _)| *place != coin) {
        let balance = narrow(balance)?;
        others = others.checked_add(balance)?;
        c = U128Divisor::new(balance.checked_mul(u128::from(coins))?)?.mul_div(c, d)?;
    }
    let c = halves_over(Halves::product(c.checked_mul(precision)?, d), ann.checked_mul(coins)?)?;
    let b = others.checked_add(divide(d.checked_mul(precision)?, u128::from(ann))?)?;
    let mut y = d;
    for _ in 0..ROUNDS {
        let before = y;
        let denominator = y.checked_mul(2)?.checked_add(b)?.checked_sub(d)?;
        y = U128Divisor::new(denominator)?.div(Halves::product(y, y).checked_add(c)?)?;
        if y.abs_diff(before) <= 1 {
            return Some(y);
        }
    }
    (!generation.must_converge()).then_some(y)
}

#[inline(always)]
fn narrow(number: U256) -> Option<u128> {
    let [a, b, 0, 0] = number.into_limbs() else {
        return None;
    };
    Some(u128::from(b).wrapping_shl(64) | u128::from(a))
}

/// A division by a precision, which is one but for the third generation.
#[inline(always)]
fn divide(number: u128, by: u128) -> Option<u128> {
    if by == 1 { Some(number) } else { number.checked_div(by) }
}

#[inline(always)]
fn halves_over(number: Halves, by: u64) -> Option<Halves> {
    let Halves { high, low } = number;
    let number = U256::from_limbs([low64(low), high64(low), low64(high), high64(high)]);
    let [a, b, c, d, _] = LimbDivisor::new(by)?.mul_div(number, 1).whole;
    let pair = |high: u64, low: u64| u128::from(high).wrapping_shl(64) | u128::from(low);
    Some(Halves { high: pair(d, c), low: pair(b, a) })
}

#[inline(always)]
fn low64(number: u128) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = number.to_le_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[inline(always)]
fn high64(number: u128) -> u64 {
    low64(number.wrapping_shr(64))
}

#[cfg(test)]
mod tests;
