//! Newton's method for a balance where its numbers fit 128 bits and their products 256, as those
//! of every pool of a sane size do: the same whole numbers as with checked words, sooner.

use tidemill_units::{Halves, LimbDivisor, U128Divisor, U256};

use super::newton::{Others, Rounds, Shape};

const ROUNDS: u32 = 255;
const WAD: u128 = 1_000_000_000_000_000_000;
const TWO_WAD: u128 = 2_000_000_000_000_000_000;
const E14: u128 = 100_000_000_000_000;
/// A hundredth of D and its hundredfold, in 10^-18.
const FRACTIONS: (u128, u128) = (10_000_000_000_000_000, 100_000_000_000_000_000_000);

/// What no round changes.
struct Round {
    d: u128,
    by_d: U128Divisor,
    /// `10^18 * D`, and that over gamma.
    wad_d: Halves,
    wad_d_over_gamma: u128,
    /// `1 + gamma`, in 10^-18.
    bound: u128,
    by_gamma: U128Divisor,
    by_a: LimbDivisor,
    /// K0 of the others, times the number of coins.
    k0: u128,
    sum: u128,
}

/// What one round comes to.
enum Step {
    /// The slope is below zero there.
    Back,
    To(u128),
}

/// Returns the balance that the contract's rounds find; `None` where a number does not fit, where
/// the contract would refuse, or where the rounds do not end: then words decide.
#[inline(always)]
pub(super) fn balance(shape: &Shape, d: U256, others: &Others) -> Option<U256> {
    let is_bounded = match others.rounds {
        Rounds::Plain => true,
        Rounds::Unbounded => false,
        Rounds::OneAboveTheLine => return None,
    };
    let (d, gamma) = (u128::try_from(d).ok()?, u128::try_from(shape.gamma).ok()?);
    let by_gamma = U128Divisor::new(gamma)?;
    let wad_d = Halves::product(WAD, d);
    let round = Round {
        d,
        by_d: U128Divisor::new(d)?,
        wad_d,
        wad_d_over_gamma: by_gamma.div(wad_d)?,
        bound: gamma.checked_add(WAD)?,
        by_gamma,
        by_a: LimbDivisor::new(u64::try_from(shape.a).ok()?)?,
        k0: u128::try_from(others.k0).ok()?.checked_mul(u128::try_from(others.count).ok()?)?,
        sum: u128::try_from(others.sum).ok()?,
    };
    let convergence = u128::try_from(others.convergence).ok()?;
    let mut y = u128::try_from(others.guess).ok()?;
    for _ in 0..ROUNDS {
        let before = y;
        y = match round.step(y)? {
            Step::Back => {
                y = before.wrapping_shr(1);
                continue;
            }
            Step::To(y) => y,
        };
        let moved = y.abs_diff(before);
        if moved < convergence || moved < y.wrapping_div(E14) {
            let fraction = round.by_d.mul_div(y, WAD)?;
            let fits = fraction >= FRACTIONS.0 && fraction <= FRACTIONS.1;
            return (fits || !is_bounded).then(|| U256::from(y));
        }
    }
    None
}

impl Round {
    #[inline(always)]
    fn step(&self, y: u128) -> Option<Step> {
        let k0 = self.by_d.mul_div(self.k0, y)?;
        let total = self.sum.checked_add(y)?;
        let spread = self.bound.abs_diff(k0).checked_add(1)?;
        let bent = self.by_gamma.mul_div(self.wad_d_over_gamma, spread)?;
        let mul1 = Halves::product(bent, spread.checked_mul(10_000)?);
        let mul1 = over(mul1, &self.by_a);
        let mul2 = k0.checked_mul(TWO_WAD)?.checked_div(spread)?.checked_add(WAD)?;

        let up = Halves::product(WAD, y).checked_add(Halves::product(total, mul2))?;
        let Some(slope) = less(up.checked_add(mul1)?, Halves::product(self.d, mul2)) else {
            return Some(Step::Back);
        };
        let by_slope = U128Divisor::new(U128Divisor::new(y)?.div(slope)?)?;
        let minus = by_slope.div(mul1)?;
        let plus = by_slope.div(slope.checked_add(self.wad_d)?)?;
        let plus = plus.checked_add(U128Divisor::new(k0)?.mul_div(minus, WAD)?)?;
        let minus = minus.checked_add(by_slope.mul_div(WAD, total)?)?;
        Some(Step::To(plus.checked_sub(minus).unwrap_or(y.wrapping_shr(1))))
    }
}

#[inline(always)]
fn less(a: Halves, b: Halves) -> Option<Halves> {
    let (low, borrows) = a.low.overflowing_sub(b.low);
    let high = a.high.checked_sub(b.high)?.checked_sub(u128::from(borrows))?;
    Some(Halves { high, low })
}

#[inline(always)]
fn over(number: Halves, by: &LimbDivisor) -> Halves {
    let ([a, b], [c, d]) = (limbs(number.low), limbs(number.high));
    let [a, b, c, d] = by.div(&[a, b, c, d]).whole;
    let pair = |low: u64, high: u64| u128::from(high).wrapping_shl(64) | u128::from(low);
    Halves { high: pair(c, d), low: pair(a, b) }
}

#[inline(always)]
fn limbs(number: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = number.to_le_bytes();
    [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest)]
}
