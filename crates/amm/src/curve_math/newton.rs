//! The invariant and its solution for one balance, with the rounding of each contract.
//!
//! Both are Newton loops over products of two balances. Where every number fits 128 bits, as in
//! all pools but absurd ones, their products fit 256 and no check of the contract can fail: that
//! form runs on pairs of limbs. It gives up where a number is wider, and the checked form decides.

mod settled;
mod settled_d;
mod settled_y;

use tidemill_units::{Halves, Inverse, LimbDivisor, U128Divisor, U256};

use super::{HUNDREDTHS, MathError, difference, part, powers, product, quotient, sum};
use settled_d::settled_d;
use settled_y::{Parabola, settled_y, settled_y_of};

/// Rounds that the contracts' loops have.
const ROUNDS: u32 = 255;
/// The parts of an amplification of the younger pools.
const PARTS: LimbDivisor = match LimbDivisor::new(HUNDREDTHS) {
    Some(divisor) => divisor,
    None => unreachable!(),
};

/// What the contracts' loops differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rounding {
    /// Into how many parts the unit of the amplification is divided (`A_PRECISION`): 1 or 100.
    pub(crate) precision: u64,
    /// How the term of the balances' product is divided.
    pub(crate) divisors: Divisors,
    /// Whether a loop that has not converged after its last round reverts; else it just ends.
    pub(crate) must_converge: bool,
}

/// How `D^(n+1) / (n^n prod(x))` is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Divisors {
    /// By each balance times n, and one more.
    EachAndOne,
    /// By each balance times n.
    Each,
    /// By each balance, and once by n^n in the end.
    Together,
}

impl Rounding {
    /// The sUSD pool of 2020 and its contemporaries.
    pub(crate) const FIRST: Self =
        Self { precision: 1, divisors: Divisors::EachAndOne, must_converge: false };
    /// The 3pool.
    pub(crate) const SECOND: Self =
        Self { precision: 1, divisors: Divisors::Each, must_converge: false };
    /// The template of the later plain pools, and the factory's metapools.
    pub(crate) const THIRD: Self =
        Self { precision: HUNDREDTHS, divisors: Divisors::Each, must_converge: true };
    /// The metapools before the factory.
    pub(crate) const META: Self = Self { must_converge: false, ..Self::THIRD };
    /// Stableswap-ng.
    pub(crate) const NG: Self =
        Self { precision: HUNDREDTHS, divisors: Divisors::Together, must_converge: true };
}

/// Returns the invariant of scaled balances, at the amplification as the contract keeps it. Two to
/// eight coins.
///
/// Errors: `Overflow`, `Underflow`, `DivisionByZero`, `NotConverged`.
/// Source: `get_D` of StableSwapSUSD.vy, StableSwap3Pool.vy, MetaUSD.vy and CurveStableSwapNG.vy,
/// `_get_D` of SwapTemplateBase.vy.
pub(crate) fn get_d(
    rounding: &Rounding,
    amplification: u64,
    balances: &[U256],
) -> Result<U256, MathError> {
    // Each contract's own loop, with its constants built in.
    let narrow = match *rounding {
        Rounding::FIRST => narrow_d_of(Rounding::FIRST, amplification, balances),
        Rounding::SECOND => narrow_d_of(Rounding::SECOND, amplification, balances),
        Rounding::THIRD => narrow_d_of(Rounding::THIRD, amplification, balances),
        Rounding::META => narrow_d_of(Rounding::META, amplification, balances),
        Rounding::NG => narrow_d_of(Rounding::NG, amplification, balances),
        _ => None,
    };
    narrow.map_or_else(|| wide_d(rounding, amplification, balances), |d| Ok(U256::from(d)))
}

/// Returns the scaled balance of `coin` that keeps the invariant `d`, given those of the others;
/// what `balances` has in its place is only where a search starts.
///
/// Errors: as [`get_d`]. Source: `get_y` and `get_y_D` of the same contracts.
pub(crate) fn get_y(
    rounding: &Rounding,
    amplification: u64,
    d: U256,
    balances: &[U256],
    coin: usize,
) -> Result<U256, MathError> {
    let narrow = match *rounding {
        Rounding::FIRST | Rounding::SECOND => {
            narrow_y_of(Rounding::SECOND, amplification, d, balances, coin)
        }
        Rounding::THIRD | Rounding::NG => {
            narrow_y_of(Rounding::THIRD, amplification, d, balances, coin)
        }
        Rounding::META => narrow_y_of(Rounding::META, amplification, d, balances, coin),
        _ => None,
    };
    narrow.map_or_else(|| wide_y(rounding, amplification, d, balances, coin), |y| Ok(U256::from(y)))
}

fn wide_d(rounding: &Rounding, amplification: u64, balances: &[U256]) -> Result<U256, MathError> {
    let (power, coins) = powers(balances.len());
    let precision = U256::from(rounding.precision);
    let total = balances.iter().try_fold(U256::ZERO, |total, balance| sum(total, *balance))?;
    if total.is_zero() {
        return Ok(U256::ZERO);
    }
    let ann = product(U256::from(amplification), coins)?;
    let mut d = total;
    for _ in 0..ROUNDS {
        let mut d_product = d;
        for balance in balances {
            let by = match rounding.divisors {
                Divisors::EachAndOne => sum(product(*balance, coins)?, U256::ONE)?,
                Divisors::Each => product(*balance, coins)?,
                Divisors::Together => *balance,
            };
            d_product = part(d_product, d, by)?;
        }
        if rounding.divisors == Divisors::Together {
            d_product = quotient(d_product, power)?;
        }
        let numerator = part(ann, total, precision)?;
        let numerator = product(sum(numerator, product(d_product, coins)?)?, d)?;
        let denominator = part(difference(ann, precision)?, d, precision)?;
        let denominator = sum(denominator, product(sum(coins, U256::ONE)?, d_product)?)?;
        let before = d;
        d = quotient(numerator, denominator)?;
        if d.abs_diff(before) <= U256::ONE {
            return Ok(d);
        }
    }
    if rounding.must_converge { Err(MathError::NotConverged) } else { Ok(d) }
}

fn wide_y(
    rounding: &Rounding,
    amplification: u64,
    d: U256,
    balances: &[U256],
    coin: usize,
) -> Result<U256, MathError> {
    let coins = U256::from(balances.len());
    let precision = U256::from(rounding.precision);
    let ann = product(U256::from(amplification), coins)?;
    let mut others = U256::ZERO;
    let mut c = d;
    for (_, balance) in balances.iter().enumerate().filter(|(place, _)| *place != coin) {
        others = sum(others, *balance)?;
        c = part(c, d, product(*balance, coins)?)?;
    }
    let c = part(product(c, d)?, precision, product(ann, coins)?)?;
    let b = sum(others, part(d, precision, ann)?)?;
    let mut y = d;
    for _ in 0..ROUNDS {
        let before = y;
        let denominator = difference(sum(product(U256::from(2), y)?, b)?, d)?;
        y = quotient(sum(product(y, y)?, c)?, denominator)?;
        if y.abs_diff(before) <= U256::ONE {
            return Ok(y);
        }
    }
    if rounding.must_converge { Err(MathError::NotConverged) } else { Ok(y) }
}

#[inline(always)]
fn narrow_d_of(rounding: Rounding, amplification: u64, balances: &[U256]) -> Option<u128> {
    match *balances {
        [a, b] => narrow_d(rounding, amplification, [a, b]),
        [a, b, c] => narrow_d(rounding, amplification, [a, b, c]),
        [a, b, c, d] => narrow_d(rounding, amplification, [a, b, c, d]),
        _ if rounding.divisors != Divisors::Together => None,
        [a, b, c, d, e] => narrow_d(rounding, amplification, [a, b, c, d, e]),
        [a, b, c, d, e, f] => narrow_d(rounding, amplification, [a, b, c, d, e, f]),
        [a, b, c, d, e, f, g] => narrow_d(rounding, amplification, [a, b, c, d, e, f, g]),
        [a, b, c, d, e, f, g, h] => narrow_d(rounding, amplification, [a, b, c, d, e, f, g, h]),
        _ => None,
    }
}

#[inline(always)]
fn narrow_y_of(
    rounding: Rounding,
    amplification: u64,
    d: U256,
    balances: &[U256],
    coin: usize,
) -> Option<u128> {
    match *balances {
        [a, b] => narrow_y(rounding, amplification, d, &[a, b], coin),
        [a, b, c] => narrow_y(rounding, amplification, d, &[a, b, c], coin),
        [a, b, c, e] => narrow_y(rounding, amplification, d, &[a, b, c, e], coin),
        _ => narrow_y(rounding, amplification, d, balances, coin),
    }
}

/// [`wide_d`] where every number fits 128 bits; `None` where one does not, or a check fails.
#[inline(always)]
fn narrow_d<const N: usize>(
    rounding: Rounding,
    amplification: u64,
    balances: [U256; N],
) -> Option<u128> {
    let coins = u128::try_from(N).ok()?;
    let power = coins.checked_pow(u32::try_from(N).ok()?)?;
    let ann = amplification.checked_mul(u64::try_from(N).ok()?)?;
    let mut total = 0_u128;
    let mut by = [0_u128; N];
    for (divisor, balance) in by.iter_mut().zip(balances) {
        let balance = narrow(balance)?;
        total = total.checked_add(balance)?;
        let and_one = u128::from(rounding.divisors == Divisors::EachAndOne);
        *divisor = balance.checked_mul(coins)?.checked_add(and_one)?;
    }
    if let Some(d) = settled_d(rounding, ann, total, &by) {
        return Some(d);
    }
    let mut inverses = [Inverse::ONE; N];
    for (inverse, (divisor, balance)) in inverses.iter_mut().zip(by.iter().zip(balances)) {
        *inverse = match rounding.divisors {
            Divisors::Together => Inverse::new(narrow(balance)?)?,
            Divisors::Each | Divisors::EachAndOne => Inverse::new(*divisor)?,
        };
    }
    let scaled_down = |number| over_precision(rounding, number);
    let ann_total = scaled_down(u128::from(ann).checked_mul(total)?);
    let ann_less = u128::from(ann.checked_sub(rounding.precision)?);
    let mut d = total;
    for _ in 0..ROUNDS {
        let mut d_product = d;
        for inverse in &inverses {
            // The ratios do not wait for each other, so that only short steps do.
            d_product = inverse.ratio(d)?.mul_floor(d_product)?;
        }
        if rounding.divisors == Divisors::Together {
            d_product = if power.is_power_of_two() {
                d_product.wrapping_shr(power.trailing_zeros())
            } else {
                d_product.checked_div(power)?
            };
        }
        let numerator = ann_total.checked_add(d_product.checked_mul(coins)?)?;
        let denominator = scaled_down(ann_less.checked_mul(d)?);
        let denominator = denominator.checked_add(d_product.checked_mul(coins.checked_add(1)?)?)?;
        let before = d;
        let change = Halves::product(numerator.abs_diff(denominator), d);
        d = moved(d, numerator >= denominator, change, denominator)?;
        if d.abs_diff(before) <= 1 {
            return Some(d);
        }
    }
    (!rounding.must_converge).then_some(d)
}

/// [`wide_y`] where every number but squares fits 128 bits; `None` as for [`narrow_d`].
#[inline(always)]
fn narrow_y(
    rounding: Rounding,
    amplification: u64,
    d: U256,
    balances: &[U256],
    coin: usize,
) -> Option<u128> {
    let d = narrow(d)?;
    let coins = u64::try_from(balances.len()).ok()?;
    let precision = u128::from(rounding.precision);
    let ann = amplification.checked_mul(coins)?;
    let mut others = 0_u128;
    for (place, balance) in balances.iter().enumerate() {
        if place == coin {
            continue;
        }
        let balance = narrow(*balance)?;
        others = others.checked_add(balance)?;
        balance.checked_mul(u128::from(coins))?;
    }
    let part = d.checked_mul(precision)?.checked_div(u128::from(ann))?;
    let b = others.checked_add(part)?;
    if let Some(y) = settled_y(&Parabola { rounding, ann, d, part, b }, balances, coin) {
        return Some(y);
    }
    let mut c = d;
    for (place, balance) in balances.iter().enumerate() {
        if place == coin {
            continue;
        }
        let balance = narrow(*balance)?;
        c = U128Divisor::new(balance.checked_mul(u128::from(coins))?)?.mul_div(c, d)?;
    }
    let c = halves_over(Halves::product(c.checked_mul(precision)?, d), ann.checked_mul(coins)?)?;
    let start = balances.get(coin).copied().and_then(narrow).unwrap_or(d);
    if let Some(y) = settled_y_of(d, b, c, start) {
        return Some(y);
    }
    let mut y = d;
    for _ in 0..ROUNDS {
        let before = y;
        y = next_y(y, d, b, c)?;
        if y.abs_diff(before) <= 1 {
            return Some(y);
        }
    }
    (!rounding.must_converge).then_some(y)
}

/// One round of [`narrow_y`]: `(y^2 + c) / (2 y + b - d)`.
#[inline(always)]
fn next_y(y: u128, d: u128, b: u128, c: Halves) -> Option<u128> {
    if let Some(Round { start, up, change, denominator }) = Round::of(y, d, b, c) {
        return moved(start, up, change, denominator);
    }
    let denominator = y.checked_mul(2)?.checked_add(b)?.checked_sub(d)?;
    U128Divisor::new(denominator)?.div(Halves::product(y, y).checked_add(c)?)
}

/// A round's quotient by what it differs by from the number before: `start` plus or minus
/// `change / denominator`.
struct Round {
    start: u128,
    up: bool,
    change: Halves,
    denominator: u128,
}

impl Round {
    /// That of [`next_y`]; `None` where the denominator is below `y`.
    #[inline(always)]
    fn of(y: u128, d: u128, b: u128, c: Halves) -> Option<Self> {
        let denominator = y.checked_mul(2)?.checked_add(b)?.checked_sub(d)?;
        // What y^2 + c has more, or less, than y times the denominator.
        let less = Halves::product(y, denominator.checked_sub(y)?);
        let change = c.checked_sub(less).or_else(|| less.checked_sub(c))?;
        Some(Self { start: y, up: c >= less, change, denominator })
    }
}

/// `before` plus or minus `change / divisor`, rounded down: a round's quotient from what it differs
/// by from the one before, which is soon a small number.
#[inline(always)]
fn moved(before: u128, up: bool, change: Halves, divisor: u128) -> Option<u128> {
    let (change, inexact) = change.div_once(divisor)?;
    if up {
        return before.checked_add(change);
    }
    before.checked_sub(change)?.checked_sub(u128::from(inexact))
}

#[inline(always)]
fn narrow(number: U256) -> Option<u128> {
    let [a, b, 0, 0] = number.into_limbs() else {
        return None;
    };
    Some(pair(b, a))
}

#[inline(always)]
fn over(number: u128, by: &LimbDivisor) -> u128 {
    let [low, high] = by.div(&[low64(number), high64(number)]).whole;
    pair(high, low)
}

/// An amplification's product in whole units.
#[inline(always)]
fn over_precision(rounding: Rounding, number: u128) -> u128 {
    if rounding.precision == 1 { number } else { over(number, &PARTS) }
}

#[inline(always)]
fn halves_over(number: Halves, by: u64) -> Option<Halves> {
    let Halves { high, low } = number;
    let number = [low64(low), high64(low), low64(high), high64(high)];
    let [a, b, c, d] = LimbDivisor::new(by)?.div(&number).whole;
    Some(Halves { high: pair(d, c), low: pair(b, a) })
}

#[inline(always)]
fn pair(high: u64, low: u64) -> u128 {
    u128::from(high).wrapping_shl(64) | u128::from(low)
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
