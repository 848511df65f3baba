//! The two curves and the output for an input, before the fee is thought of.

use tidemill_units::{Amount, Side, U256};

use super::{SolidlyBuild, SolidlyError};

/// One, with 18 decimals.
pub(super) const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
const THREE: U256 = U256::from_limbs([3, 0, 0, 0]);
const MOST_STEPS: u32 = 255;

/// What the curve depends on and trades do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Curve {
    pub(super) build: SolidlyBuild,
    pub(super) is_stable: bool,
    /// Raw units of one whole token0.
    pub(super) unit0: U256,
    /// Raw units of one whole token1.
    pub(super) unit1: U256,
}

impl Curve {
    /// The invariant of two raw amounts, `x y` or `x^3 y + y^3 x`.
    ///
    /// Source: `Pool._k` (aerodrome-finance/contracts 5908982b), `BaseV1Pair._k`.
    pub(super) fn k(&self, x: U256, y: U256) -> Result<U256, SolidlyError> {
        if !self.is_stable {
            return product(x, y);
        }
        invariant(scaled(x, self.unit0)?, scaled(y, self.unit1)?)
    }

    /// What an input, its fee already taken, buys.
    ///
    /// Source: `Pool._getAmountOut`.
    pub(super) fn amount_out(
        &self,
        amount_in: U256,
        input: Side,
        [reserve0, reserve1]: [Amount; 2],
    ) -> Result<U256, SolidlyError> {
        let of_side = |pair: [U256; 2]| match input {
            Side::Token0 => pair,
            Side::Token1 => [pair[1], pair[0]],
        };
        if !self.is_stable {
            let [reserve_in, reserve_out] = of_side([reserve0.0, reserve1.0]);
            return quotient(product(amount_in, reserve_out)?, sum(reserve_in, amount_in)?);
        }
        let xy = self.k(reserve0.0, reserve1.0)?;
        let scaled0 = scaled(reserve0.0, self.unit0)?;
        let scaled1 = scaled(reserve1.0, self.unit1)?;
        let [reserve_in, reserve_out] = of_side([scaled0, scaled1]);
        let [unit_in, unit_out] = of_side([self.unit0, self.unit1]);
        let x = sum(scaled(amount_in, unit_in)?, reserve_in)?;
        let y = match self.build {
            SolidlyBuild::Solidly => solidly_y(x, xy, reserve_out)?,
            SolidlyBuild::Velodrome2 => self.velodrome_y(x, xy, reserve_out)?,
        };
        quotient(product(difference(reserve_out, y)?, unit_out)?, ONE)
    }

    /// Newton's steps to the least `y` whose invariant is not below `xy`.
    ///
    /// The step past the answer is judged by `k`, which scales its arguments by the tokens'
    /// decimals although they are scaled already, as token0's and token1's whichever is paid in:
    /// with fewer than 18 decimals the judgement is nearly always to stop.
    ///
    /// Source: `Pool._get_y`.
    fn velodrome_y(&self, x: U256, xy: U256, start: U256) -> Result<U256, SolidlyError> {
        let mut y = start;
        for _ in 0..MOST_STEPS {
            let k = invariant(x, y)?;
            if k < xy {
                let mut step = newton_step(difference(xy, k)?, x, y)?;
                if step.is_zero() {
                    let above = sum(y, U256::ONE)?;
                    if self.k(x, above)? > xy {
                        return Ok(above);
                    }
                    step = U256::ONE;
                }
                y = sum(y, step)?;
            } else {
                let mut step = newton_step(difference(k, xy)?, x, y)?;
                if step.is_zero() {
                    if k == xy || invariant(x, difference(y, U256::ONE)?)? < xy {
                        return Ok(y);
                    }
                    step = U256::ONE;
                }
                y = difference(y, step)?;
            }
        }
        Err(SolidlyError::NoConvergence)
    }
}

/// Newton's steps until one is at most one wei, or for 255 steps.
///
/// Source: `BaseV1Pair._get_y`, with the same function and another rounding than its `_k`.
fn solidly_y(x: U256, xy: U256, start: U256) -> Result<U256, SolidlyError> {
    let mut y = start;
    for _ in 0..MOST_STEPS {
        let k = solidly_invariant(x, y)?;
        let step;
        if k < xy {
            step = newton_step(difference(xy, k)?, x, y)?;
            y = sum(y, step)?;
        } else {
            step = newton_step(difference(k, xy)?, x, y)?;
            y = difference(y, step)?;
        }
        if step <= U256::ONE {
            return Ok(y);
        }
    }
    Ok(y)
}

/// `x y (x^2 + y^2)`, of amounts with 18 decimals.
fn invariant(x: U256, y: U256) -> Result<U256, SolidlyError> {
    let squares = sum(wad_product(x, x)?, wad_product(y, y)?)?;
    wad_product(wad_product(x, y)?, squares)
}

/// `x y^3 + x^3 y`, of amounts with 18 decimals (`BaseV1Pair._f`).
fn solidly_invariant(x: U256, y: U256) -> Result<U256, SolidlyError> {
    sum(wad_product(x, cube(y)?)?, wad_product(cube(x)?, y)?)
}

fn cube(x: U256) -> Result<U256, SolidlyError> {
    wad_product(wad_product(x, x)?, x)
}

/// A difference of the invariant over its derivative by `y`, `3 x y^2 + x^3`.
fn newton_step(gap: U256, x: U256, y: U256) -> Result<U256, SolidlyError> {
    let scaled_gap = product(gap, ONE)?;
    let slope = sum(wad_product(product(THREE, x)?, wad_product(y, y)?)?, cube(x)?)?;
    quotient(scaled_gap, slope)
}

/// A raw amount with 18 decimals.
pub(super) fn scaled(amount: U256, unit: U256) -> Result<U256, SolidlyError> {
    quotient(product(amount, ONE)?, unit)
}

#[inline]
fn wad_product(a: U256, b: U256) -> Result<U256, SolidlyError> {
    quotient(product(a, b)?, ONE)
}

pub(super) fn sum(a: U256, b: U256) -> Result<U256, SolidlyError> {
    a.checked_add(b).ok_or(SolidlyError::Overflow)
}

pub(super) fn difference(a: U256, b: U256) -> Result<U256, SolidlyError> {
    a.checked_sub(b).ok_or(SolidlyError::Overflow)
}

pub(super) fn product(a: U256, b: U256) -> Result<U256, SolidlyError> {
    a.checked_mul(b).ok_or(SolidlyError::Overflow)
}

#[inline]
pub(super) fn quotient(a: U256, b: U256) -> Result<U256, SolidlyError> {
    a.checked_div(b).ok_or(SolidlyError::DivisionByZero)
}
