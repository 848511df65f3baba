//! The maths of the first generations: everything by Newton's method, every step checked.

use tidemill_units::U256;

use super::checked::{
    A_MULTIPLIER, Checked, E14, E16, E20, ONE, TWO, WAD, ZERO, check_fraction, difference,
    distance, product, quotient, small, sum, times_over,
};
use super::{CryptoSwapError, narrow};

const ROUNDS: u32 = 255;
/// Newton's method for a balance stops within a hundred wei, if not sooner.
const FINEST: U256 = small(100);

/// The two parameters that shape the invariant's curve at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Amplification times N^N times 10^4.
    pub(super) a: U256,
    /// Width of the flat middle, in 10^-18.
    pub(super) gamma: U256,
}

/// What the maths of a generation accept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) a: (u64, u64),
    pub(super) gamma: (u64, u64),
}

/// What each round of Newton's method for a balance is computed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others {
    /// Number of coins.
    pub(super) count: U256,
    /// The product of the other balances over D, each times N, in 10^-18.
    pub(super) k0: U256,
    /// Their sum.
    pub(super) sum: U256,
    /// What the solver starts from.
    pub(super) guess: U256,
    /// How near two rounds must be.
    pub(super) convergence: U256,
}

impl Shape {
    pub(super) fn check(&self, limits: &Limits) -> Checked<()> {
        if self.a < small(limits.a.0) || self.a > small(limits.a.1) {
            return Err(CryptoSwapError::UnsafeA);
        }
        if self.gamma < small(limits.gamma.0) || self.gamma > small(limits.gamma.1) {
            return Err(CryptoSwapError::UnsafeGamma);
        }
        Ok(())
    }
}

/// D of between 0.1 and 10^15 coins.
pub(super) fn check_invariant(d: U256) -> Checked<()> {
    if d < small(100_000_000_000_000_000) || d > MOST {
        Err(CryptoSwapError::UnsafeInvariant)
    } else {
        Ok(())
    }
}

/// 10^33.
const MOST: U256 = U256::from_limbs([0x38c1_5b0a_0000_0000, 0x0000_314d_c644_8d93, 0, 0]);

/// Returns the square root of the product of two; `a` is the larger, or the start may be slow.
///
/// Source: `CurveCryptoSwap2ETH.vy` `geometric_mean`.
pub(super) fn mean_of_two(a: U256, b: U256) -> Checked {
    let area = product(a, b)?;
    let mut mean = a;
    for _ in 0..ROUNDS {
        let before = mean;
        mean = sum(mean, quotient(area, mean)?)?.wrapping_shr(1);
        if mean_is_found(mean, before)? {
            return Ok(mean);
        }
    }
    Err(CryptoSwapError::DidNotConverge)
}

/// Returns the cube root of the product of three, sorted from large to small.
///
/// Source: `CurveCryptoMath3.vy` `_geometric_mean`.
pub(super) fn mean_of_three(x: [U256; 3]) -> Checked {
    let three = small(3_000_000_000_000_000_000);
    let two = small(2_000_000_000_000_000_000);
    let mut mean = x[0];
    for _ in 0..ROUNDS {
        let before = mean;
        let mut part = WAD;
        for each in x {
            part = times_over(part, each, mean)?;
        }
        mean = product(mean, sum(two, part)?)?.wrapping_div(three);
        if mean_is_found(mean, before)? {
            return Ok(mean);
        }
    }
    Err(CryptoSwapError::DidNotConverge)
}

fn mean_is_found(mean: U256, before: U256) -> Checked<bool> {
    let moved = distance(mean, before);
    Ok(moved <= ONE || product(moved, WAD)? < mean)
}

/// Returns D of two balances.
///
/// Source: `CurveCryptoSwap2ETH.vy` `newton_D`.
pub(super) fn invariant_of_two(shape: &Shape, limits: &Limits, x: [U256; 2]) -> Checked {
    shape.check(limits)?;
    let x = if x[0] < x[1] { [x[1], x[0]] } else { x };
    check_start(&x, E14)?;
    let start = product(TWO, mean_of_two(x[0], x[1])?)?;
    let doubled = product(small(4_000_000_000_000_000_000), x[0])?;
    let k0 = |d: U256| times_over(quotient(doubled, d)?, x[1], d);
    invariant(shape, &x, start, k0)
}

/// Returns D of three balances.
///
/// Source: `CurveCryptoMath3.vy` `newton_D`.
pub(super) fn invariant_of_three(shape: &Shape, limits: &Limits, x: [U256; 3]) -> Checked {
    shape.check(limits)?;
    let x = sorted(x);
    check_start(&x, small(100_000_000_000))?;
    let start = product(small(3), mean_of_three(x)?)?;
    let k0 = |d: U256| {
        let mut k0 = WAD;
        for each in x {
            k0 = quotient(product(product(k0, each)?, small(3))?, d)?;
        }
        Ok(k0)
    };
    invariant(shape, &x, start, k0)
}

fn check_start(x: &[U256], least_part: U256) -> Checked<()> {
    let Some((most, others)) = x.split_first() else { return Err(CryptoSwapError::EmptyPool) };
    if *most < small(1_000_000_000) || *most > MOST {
        return Err(CryptoSwapError::UnsafeBalance);
    }
    for each in others {
        if times_over(*each, WAD, *most)? < least_part {
            return Err(CryptoSwapError::UnsafeRatio);
        }
    }
    Ok(())
}

/// The rounds that both have in common; only how K0 is rounded differs.
fn invariant(shape: &Shape, x: &[U256], start: U256, k0_at: impl Fn(U256) -> Checked) -> Checked {
    let count = U256::from(x.len());
    let total = x.iter().try_fold(ZERO, |total, each| sum(total, *each))?;
    let mut d = start;
    for _ in 0..ROUNDS {
        let before = d;
        d = invariant_round(shape, count, total, d, k0_at(d)?)?;
        if product(distance(d, before), E14)? < d.max(E16) {
            for each in x {
                check_fraction(times_over(*each, WAD, d)?, CryptoSwapError::UnsafeRatio)?;
            }
            return Ok(d);
        }
    }
    Err(CryptoSwapError::DidNotConverge)
}

fn invariant_round(shape: &Shape, count: U256, total: U256, d: U256, k0: U256) -> Checked {
    let g1k0 = spread(shape.gamma, k0)?;
    let mul1 = mul1(shape, d, g1k0)?;
    let mul2 = quotient(product(product(small(2_000_000_000_000_000_000), count)?, k0)?, g1k0)?;
    let rising = sum(total, wad_of(total, mul2)?)?;
    let rising = sum(rising, quotient(product(mul1, count)?, k0)?)?;
    let slope = difference(rising, wad_of(mul2, d)?)?;

    let plus = times_over(d, sum(slope, total)?, slope)?;
    let minus = times_over(d, d, slope)?;
    let bend = wad_of(d, quotient(mul1, slope)?)?;
    let minus = if WAD > k0 {
        sum(minus, times_over(bend, difference(WAD, k0)?, k0)?)?
    } else {
        difference(minus, times_over(bend, difference(k0, WAD)?, k0)?)?
    };
    if plus > minus {
        difference(plus, minus)
    } else {
        Ok(difference(minus, plus)?.wrapping_shr(1))
    }
}

/// `|1 + gamma - K0| + 1`, in 10^-18.
fn spread(gamma: U256, k0: U256) -> Checked {
    sum(distance(sum(gamma, WAD)?, k0), ONE)
}

/// D over the amplification, bent by gamma: the weight of the sum against the product.
fn mul1(shape: &Shape, d: U256, g1k0: U256) -> Checked {
    let part = quotient(product(WAD, d)?, shape.gamma)?;
    let part = times_over(part, g1k0, shape.gamma)?;
    quotient(product(product(part, g1k0)?, A_MULTIPLIER)?, shape.a)
}

fn wad_of(a: U256, b: U256) -> Checked {
    Ok(product(a, b)?.wrapping_div(WAD))
}

/// Returns the balance of one coin of two, given the other's and D.
///
/// Source: `CurveCryptoSwap2ETH.vy` `newton_y`.
pub(super) fn balance_of_two(shape: &Shape, limits: &Limits, other: U256, d: U256) -> Checked {
    shape.check(limits)?;
    check_invariant(d)?;
    let guess = quotient(product(d, d)?, product(other, small(4))?)?;
    let k0 = times_over(small(2_000_000_000_000_000_000), other, d)?;
    if k0 < E16.wrapping_shl(1) || k0 > E20.wrapping_shl(1) {
        return Err(CryptoSwapError::UnsafeRatio);
    }
    let convergence = other.max(d).wrapping_div(E14).max(FINEST);
    balance(shape, d, &Others { count: TWO, k0, sum: other, guess, convergence })
}

/// Returns the balance of one coin of three, given the others' and D.
///
/// Source: `CurveCryptoMath3.vy` `newton_y`.
pub(super) fn balance_of_three(
    shape: &Shape,
    limits: &Limits,
    others: [U256; 2],
    d: U256,
) -> Checked {
    shape.check(limits)?;
    check_invariant(d)?;
    balance_of_three_unchecked(shape, others, d)
}

/// As [`balance_of_three`], where the caller has checked the parameters and D.
///
/// Source: `CurveCryptoMathOptimized3.vy` `_newton_y`, which its `get_y` falls back on.
pub(super) fn balance_of_three_unchecked(shape: &Shape, others: [U256; 2], d: U256) -> Checked {
    for other in others {
        check_fraction(times_over(other, WAD, d)?, CryptoSwapError::UnsafeRatio)?;
    }
    let three = small(3);
    let large = others[0].max(others[1]);
    let little = others[0].min(others[1]);
    let convergence = large.max(d).wrapping_div(E14).max(FINEST);
    let mut guess = d.wrapping_div(three);
    for other in [little, large] {
        guess = times_over(guess, d, product(other, three)?)?;
    }
    let mut k0 = WAD;
    for other in [large, little] {
        k0 = quotient(product(product(k0, other)?, three)?, d)?;
    }
    balance(shape, d, &Others { count: three, k0, sum: sum(large, little)?, guess, convergence })
}

fn balance(shape: &Shape, d: U256, others: &Others) -> Checked {
    narrow::balance(shape, d, others).map_or_else(|| wide_balance(shape, d, others), Ok)
}

/// The rounds in the contract's own words: what decides, and what [`narrow::balance`] is held to.
pub(super) fn wide_balance(shape: &Shape, d: U256, others: &Others) -> Checked {
    let mut y = others.guess;
    for _ in 0..ROUNDS {
        let before = y;
        let k0 = quotient(product(product(others.k0, y)?, others.count)?, d)?;
        let total = sum(others.sum, y)?;
        let g1k0 = spread(shape.gamma, k0)?;
        let mul1 = mul1(shape, d, g1k0)?;
        let two = small(2_000_000_000_000_000_000);
        let mul2 = sum(WAD, times_over(two, k0, g1k0)?)?;
        let up = sum(sum(product(WAD, y)?, product(total, mul2)?)?, mul1)?;
        let down = product(d, mul2)?;
        if up < down {
            y = before.wrapping_shr(1);
            continue;
        }
        let yfprime = difference(up, down)?;
        let fprime = quotient(yfprime, y)?;
        let minus = quotient(mul1, fprime)?;
        let plus = sum(
            quotient(sum(yfprime, product(WAD, d)?)?, fprime)?,
            quotient(product(minus, WAD)?, k0)?,
        )?;
        let minus = sum(minus, quotient(product(WAD, total)?, fprime)?)?;
        y = if plus < minus { before.wrapping_shr(1) } else { difference(plus, minus)? };
        if distance(y, before) < others.convergence.max(y.wrapping_div(E14)) {
            check_fraction(times_over(y, WAD, d)?, CryptoSwapError::UnsafeResult)?;
            return Ok(y);
        }
    }
    Err(CryptoSwapError::DidNotConverge)
}

/// From large to small.
pub(super) fn sorted(mut x: [U256; 3]) -> [U256; 3] {
    x.sort_unstable_by(|a, b| b.cmp(a));
    x
}

/// Returns the price of the second of two coins in the first, before the price scale, from the
/// invariant's derivatives.
///
/// Source: `CurveCryptoMathOptimized2.vy` `get_p`, which twocrypto-ng has and its forerunners lack.
pub(super) fn marginal_price(shape: &Shape, x: [U256; 2], d: U256) -> Checked {
    const E36: U256 = U256::from_limbs([0xb34b_9f10_0000_0000, 0x00c0_97ce_7bc9_0715, 0, 0]);
    check_invariant(d)?;
    let [first, second] = x;
    let k0 = times_over(product(small(4), first)?, second, d)?;
    let k0 = times_over(k0, E36, d)?;
    let squared = times_over(k0, k0, E36)?;
    let bound = sum(shape.gamma, WAD)?;
    let up = sum(times_over(product(TWO, squared)?, k0, E36)?, product(bound, bound)?)?;
    let width = sum(product(TWO, shape.gamma)?, small(3_000_000_000_000_000_000))?;
    let bent = difference(up, times_over(squared, width, WAD)?)?;
    let flat = product(product(shape.a, shape.gamma)?, shape.gamma)?.wrapping_div(A_MULTIPLIER);
    let pull = |balance: U256| -> Checked {
        sum(bent, times_over(times_over(flat, balance, d)?, k0, E36)?)
    };
    let price = times_over(first, pull(second)?, second)?;
    times_over(price, WAD, pull(first)?)
}
