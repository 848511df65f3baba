//! The maths of the first generations: everything by Newton's method, every step checked.

use tidemill_units::U256;

use super::checked::{
    A_MULTIPLIER, Checked, E14, E16, E20, ONE, TWO, WAD, ZERO, check_fraction, difference,
    distance, product, quotient, small, sum, times_over, wad_of,
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
    pub(super) rounds: Rounds,
}

/// What the contracts' solvers for a balance have not in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounds {
    /// As most have them.
    Plain,
    /// EUROC's: one is added to `2 K0 / (1 + gamma - K0)` above the line, not to the whole.
    OneAboveTheLine,
    /// Of twocrypto-ng: the balance found is not held to a hundredth to a hundredfold of D.
    Unbounded,
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
    invariant(shape, &x, start, (E16, E20), k0_of_two(x)?)
}

/// K0 of two balances for a D, in 10^-18.
pub(super) fn k0_of_two(x: [U256; 2]) -> Checked<impl Fn(U256) -> Checked> {
    let quadrupled = product(small(4_000_000_000_000_000_000), x[0])?;
    Ok(move |d: U256| times_over(quotient(quadrupled, d)?, x[1], d))
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
    invariant(shape, &x, start, (E16, E20), k0)
}

pub(super) fn check_start(x: &[U256], least_part: U256) -> Checked<()> {
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

/// The rounds that all have in common; how K0 is rounded differs, and what balances are let pass,
/// in 10^-18 of D.
pub(super) fn invariant(
    shape: &Shape,
    x: &[U256],
    start: U256,
    fractions: (U256, U256),
    k0_at: impl Fn(U256) -> Checked,
) -> Checked {
    let count = U256::from(x.len());
    let total = x.iter().try_fold(ZERO, |total, each| sum(total, *each))?;
    let mut d = start;
    for _ in 0..ROUNDS {
        let before = d;
        d = invariant_round(shape, count, total, d, k0_at(d)?)?;
        if product(distance(d, before), E14)? < d.max(E16) {
            for each in x {
                let fraction = times_over(*each, WAD, d)?;
                if fraction < fractions.0 || fraction > fractions.1 {
                    return Err(CryptoSwapError::UnsafeRatio);
                }
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

/// Returns the balance of one coin of two, given the other's and D.
///
/// Source: `CurveCryptoSwap2ETH.vy` `newton_y`.
pub(super) fn balance_of_two(
    shape: &Shape,
    limits: &Limits,
    other: U256,
    d: U256,
    rounds: Rounds,
) -> Checked {
    shape.check(limits)?;
    check_invariant(d)?;
    balance_of_two_unchecked(shape, other, d, (E16.wrapping_shl(1), E20.wrapping_shl(1)), rounds)
}

/// As [`balance_of_two`], where the caller has checked the parameters and D; K0 of the other
/// balance is let pass between two bounds.
///
/// Source: also `CurveCryptoMathOptimized2.vy` `_newton_y`, which its `get_y` falls back on.
pub(super) fn balance_of_two_unchecked(
    shape: &Shape,
    other: U256,
    d: U256,
    bounds: (U256, U256),
    rounds: Rounds,
) -> Checked {
    let guess = quotient(product(d, d)?, product(other, small(4))?)?;
    let k0 = times_over(small(2_000_000_000_000_000_000), other, d)?;
    if k0 < bounds.0 || k0 > bounds.1 {
        return Err(CryptoSwapError::UnsafeRatio);
    }
    let convergence = other.max(d).wrapping_div(E14).max(FINEST);
    balance(shape, d, &Others { count: TWO, k0, sum: other, guess, convergence, rounds })
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
    let (sum, rounds) = (sum(large, little)?, Rounds::Plain);
    balance(shape, d, &Others { count: three, k0, sum, guess, convergence, rounds })
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
        let doubled = product(small(2_000_000_000_000_000_000), k0)?;
        let mul2 = match others.rounds {
            Rounds::Plain | Rounds::Unbounded => sum(WAD, quotient(doubled, g1k0)?)?,
            Rounds::OneAboveTheLine => quotient(sum(WAD, doubled)?, g1k0)?,
        };
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
            if others.rounds != Rounds::Unbounded {
                check_fraction(times_over(y, WAD, d)?, CryptoSwapError::UnsafeResult)?;
            }
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
