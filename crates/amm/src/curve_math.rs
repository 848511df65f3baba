//! Arithmetic of the Curve contracts compiled by Vyper: 256 bits, checked, and what both of their
//! younger pools, stableswap-ng and the metapools, work out with it.

use tidemill_units::{Amount, U256, div_limbs, mul_limbs};

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

pub(crate) const ONE: U256 = U256::ONE;
pub(crate) const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);
pub(crate) const FOUR: U256 = U256::from_limbs([4, 0, 0, 0]);
/// `A_PRECISION`: amplifications are kept in hundredths.
pub(crate) const A_PRECISION: U256 = U256::from_limbs([100, 0, 0, 0]);
/// `PRECISION`, 10^18.
pub(crate) const PRECISION: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// `FEE_DENOMINATOR`, 10^10.
pub(crate) const FEE_DENOMINATOR: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);
/// Rounds that the contracts give Newton's method.
const ROUNDS: u32 = 255;

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

/// Returns `n^n` and `n` for a number of coins, 2 to 8.
pub(crate) fn powers(count: usize) -> (U256, U256) {
    let number = U256::from(count);
    (number.wrapping_pow(number), number)
}

/// Whether two rounds of Newton's method differ by one or less.
#[inline]
fn is_at_rest(a: U256, b: U256) -> bool {
    a.abs_diff(b) <= ONE
}

/// Returns the next round of the invariant, of the sum of balances, the amplification times the
/// number of coins and `D^(n+1) / (n^n prod(x))`.
#[inline]
pub(crate) fn invariant_round(
    round: &InvariantRound,
    d: U256,
    d_p: U256,
) -> Result<U256, MathError> {
    let numerator = product(sum(round.weighted, product(d_p, round.count)?)?, d)?;
    let damped = quotient(product(round.damping, d)?, A_PRECISION)?;
    let denominator = sum(damped, product(round.count_and_one, d_p)?)?;
    quotient(numerator, denominator)
}

/// What does not change from round to round.
pub(crate) struct InvariantRound {
    pub(crate) count: U256,
    count_and_one: U256,
    weighted: U256,
    damping: U256,
}

impl InvariantRound {
    pub(crate) fn new(amplification: U256, count: usize, total: U256) -> Result<Self, MathError> {
        let count = U256::from(count);
        let ann = product(amplification, count)?;
        Ok(Self {
            count,
            count_and_one: sum(count, ONE)?,
            weighted: part(ann, total, A_PRECISION)?,
            damping: difference(ann, A_PRECISION)?,
        })
    }

    /// Runs the rounds from the sum of the balances on; `d_p` works out the product term.
    pub(crate) fn run(
        &self,
        total: U256,
        d_p: impl Fn(U256) -> Result<U256, MathError>,
    ) -> Result<U256, MathError> {
        let mut d = total;
        for _ in 0..ROUNDS {
            let next = invariant_round(self, d, d_p(d)?)?;
            if is_at_rest(next, d) {
                return Ok(next);
            }
            d = next;
        }
        Err(MathError::NotConverged)
    }
}

pub(crate) fn total(balances: &[Amount]) -> Result<U256, MathError> {
    balances.iter().try_fold(U256::ZERO, |total, balance| sum(total, balance.0))
}

/// Returns the balance that goes with an invariant, the amplification and the other balances
/// (`get_y` and `get_y_D` once their coins are checked).
pub(crate) fn balance_for(
    others: impl Iterator<Item = U256>,
    count: usize,
    amplification: U256,
    d: U256,
) -> Result<U256, MathError> {
    let count = U256::from(count);
    let ann = product(amplification, count)?;
    let mut total = U256::ZERO;
    let mut c = d;
    for balance in others {
        total = sum(total, balance)?;
        c = quotient(product(c, d)?, product(balance, count)?)?;
    }
    c = quotient(product(product(c, d)?, A_PRECISION)?, product(ann, count)?)?;
    let b = sum(total, part(d, A_PRECISION, ann)?)?;
    let mut y = d;
    for _ in 0..ROUNDS {
        let slope = difference(sum(product(TWO, y)?, b)?, d)?;
        let next = quotient(sum(product(y, y)?, c)?, slope)?;
        if is_at_rest(next, y) {
            return Ok(next);
        }
        y = next;
    }
    Err(MathError::NotConverged)
}

/// An amplification that moves from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ramp {
    pub(crate) from: U256,
    pub(crate) to: U256,
    pub(crate) starts: u64,
    pub(crate) ends: u64,
}

impl Ramp {
    /// Returns the amplification in hundredths at an instant (`_A`).
    pub(crate) fn at(&self, now: u64) -> Result<U256, MathError> {
        if now >= self.ends {
            return Ok(self.to);
        }
        let passed = now.checked_sub(self.starts).ok_or(MathError::Underflow)?;
        let whole = self.ends.checked_sub(self.starts).ok_or(MathError::Underflow)?;
        let moved = part(self.to.abs_diff(self.from), U256::from(passed), U256::from(whole))?;
        if self.to > self.from { sum(self.from, moved) } else { difference(self.from, moved) }
    }
}

/// Why a ramp is refused: in the contracts asserts without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RampError {
    TooSoon,
    TooShort,
    OutOfRange,
    TooSteep,
    Math(MathError),
}

impl From<MathError> for RampError {
    fn from(error: MathError) -> Self {
        Self::Math(error)
    }
}

/// The least seconds between the start of two ramps, and of a ramp (`MIN_RAMP_TIME`).
const LEAST_RAMP: u64 = 86_400;
/// The factor that a ramp may change by (`MAX_A_CHANGE`).
const MOST_CHANGE: U256 = U256::from_limbs([10, 0, 0, 0]);
/// The first whole amplification that is too large (`MAX_A`).
const A_BOUND: u64 = 1_000_000;
/// The bounds of an amplification in hundredths, from those of `ramp_A`.
pub(crate) const LEAST_A: u64 = 100;
pub(crate) const MOST_A: u64 = 99_999_900;

impl Ramp {
    /// Returns the ramp to a whole amplification (`ramp_A`).
    pub(crate) fn to(&self, future: u64, ends: u64, now: u64) -> Result<Self, RampError> {
        let ready = self.starts.checked_add(LEAST_RAMP).ok_or(MathError::Overflow)?;
        if now < ready {
            return Err(RampError::TooSoon);
        }
        if ends < now.checked_add(LEAST_RAMP).ok_or(MathError::Overflow)? {
            return Err(RampError::TooShort);
        }
        let from = self.at(now)?;
        if future == 0 || future >= A_BOUND {
            return Err(RampError::OutOfRange);
        }
        let to = product(U256::from(future), A_PRECISION)?;
        let (low, high) = if to < from { (to, from) } else { (from, to) };
        if product(low, MOST_CHANGE)? < high {
            return Err(RampError::TooSteep);
        }
        Ok(Self { from, to, starts: now, ends })
    }

    /// Returns the ramp that stands where this one is at an instant (`stop_ramp_A`).
    pub(crate) fn stopped(&self, now: u64) -> Result<Self, MathError> {
        let current = self.at(now)?;
        Ok(Self { from: current, to: current, starts: now, ends: now })
    }
}
