//! The maths of tricrypto-ng: a cubic in closed form for a balance, and machine maths that wrap
//! where the contract's do.

use tidemill_units::{U256, sqrt};

use super::CryptoSwapError;
use super::checked::{
    A_MULTIPLIER, Checked, E14, E16, E20, ONE, THREE, TWO, WAD, ZERO, check_fraction, difference,
    machine_quotient, product, small, sum, times_over, wad_of,
};
use super::int256::Int;
use super::newton::{Limits, Shape, balance_of_three_unchecked, check_invariant, sorted};
use super::roots::{mean_by_cbrt, wad_cbrt};

/// A balance that solves the invariant, and what K0 is there, which speeds up the next D; zero
/// where Newton's method had to be used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Solution {
    pub(super) balance: U256,
    pub(super) k0: U256,
}

const E18: Int = Int::small(1_000_000_000_000_000_000);
const E36: U256 = U256::from_limbs([0xb34b_9f10_0000_0000, 0x00c0_97ce_7bc9_0715, 0, 0]);
const E36_OVER_9: Int = Int::from_limbs([0xdb08_6701_c71c_71c7, 0x0015_6633_6316_561e, 0, 0]);
const E36_OVER_27: Int = Int::from_limbs([0x4902_cd00_97b4_25ed, 0x0007_2211_2107_720a, 0, 0]);
const I27: Int = Int::small(27);

/// Returns the balance of one coin of three, given the others' (in the coins' order) and D.
///
/// Source: `CurveCryptoMathOptimized3.vy` `get_y`.
pub(super) fn solve(
    shape: &Shape,
    limits: &Limits,
    others: [U256; 2],
    d: U256,
) -> Checked<Solution> {
    shape.check(limits)?;
    check_invariant(d)?;
    for other in others {
        check_fraction(times_over(other, WAD, d)?, CryptoSwapError::UnsafeRatio)?;
    }
    let cubic = Cubic::of(shape, others, d)?.balanced()?;
    let Some(root) = cubic.root()? else {
        let balance = balance_of_three_unchecked(shape, others, d)?;
        return Ok(Solution { balance, k0: ZERO });
    };
    let signed_d = Int::convert(d)?;
    let (x_j, x_k) = (Int::convert(others[0])?, Int::convert(others[1])?);
    let cube = signed_d.times(signed_d)?.machine_over(I27).machine_over(x_k);
    let cube = cube.times(signed_d)?.machine_over(x_j);
    let balance = cube.times(root)?.machine_over(cubic.a).to_unsigned()?;
    let k0 = E18.times(root)?.machine_over(cubic.a).to_unsigned()?;
    let fraction = product(balance, WAD)?.wrapping_div(d);
    // One less than Newton's method asks for.
    if fraction < difference(E16, ONE)? || fraction > E20 {
        return Err(CryptoSwapError::UnsafeResult);
    }
    Ok(Solution { balance, k0 })
}

/// The coefficients of `a K0^3 + b K0^2 + c K0 + d`.
#[derive(Clone, Copy, Debug)]
struct Cubic {
    a: Int,
    b: Int,
    c: Int,
    d: Int,
}

impl Cubic {
    fn of(shape: &Shape, others: [U256; 2], d: U256) -> Checked<Self> {
        let (ann, gamma) = (Int::convert(shape.a)?, Int::convert(shape.gamma)?);
        let d = Int::convert(d)?;
        let (x_j, x_k) = (Int::convert(others[0])?, Int::convert(others[1])?);
        let multiplier = Int::small(10_000);
        let gamma2 = gamma.wrapping_times(gamma);

        let fixed = E36_OVER_9.wrapping_plus(
            Int::small(2_000_000_000_000_000_000).wrapping_times(gamma).machine_over(I27),
        );
        let moving = d.wrapping_times(d).machine_over(x_j).wrapping_times(gamma2).times(ann)?;
        let moving =
            moving.machine_over(Int::small(729)).machine_over(multiplier).machine_over(x_k);
        let b = fixed.minus(moving)?;

        let four = Int::small(4_000_000_000_000_000_000);
        let fixed = E36_OVER_9
            .wrapping_plus(gamma.wrapping_times(gamma.wrapping_plus(four)).machine_over(I27));
        let excess = x_j.wrapping_plus(x_k).wrapping_minus(d);
        let moving = gamma2.times(excess)?.machine_over(d).wrapping_times(ann);
        let c = fixed.plus(moving.machine_over(I27).machine_over(multiplier))?;

        let one = E18.wrapping_plus(gamma);
        let d = one.times(one)?.machine_over(I27);
        Ok(Self { a: E36_OVER_27, b, c, d })
    }

    /// The same cubic with coefficients of a size that the roots can be taken of.
    fn balanced(self) -> Checked<Self> {
        let Self { a, b, c, d } = self;
        let size = THREE_A.times(c)?.over(b)?.minus(b)?.abs()?;
        let divider = divider(size.bits());
        if a.magnitude() > b.abs()?.magnitude() {
            let more = a.machine_over(b).abs()?;
            return Ok(Self {
                a: a.wrapping_times(more).machine_over(divider),
                b: b.times(more)?.machine_over(divider),
                c: c.times(more)?.machine_over(divider),
                d: d.times(more)?.machine_over(divider),
            });
        }
        let more = b.machine_over(a).abs()?;
        Ok(Self {
            a: a.over(more)?.machine_over(divider),
            b: b.machine_over(more).machine_over(divider),
            c: c.machine_over(more).machine_over(divider),
            d: d.machine_over(more).machine_over(divider),
        })
    }

    /// Three times `a` times K0; `None` where the root is not of the kind that the formula gives.
    fn root(&self) -> Checked<Option<Int>> {
        let Self { a, b, c, d } = *self;
        let triple = Int::small(3).wrapping_times(a).times(c)?;
        let delta0 = triple.machine_over(b).minus(b)?;
        let square = I27.times(a.times(a)?)?;
        let delta1 = Int::small(3)
            .times(triple)?
            .machine_over(b)
            .minus(Int::small(2).wrapping_times(b))?
            .minus(square.machine_over(b).times(d)?.machine_over(b))?;
        let under_root = delta1
            .times(delta1)?
            .plus(Int::small(4).times(delta0.times(delta0)?)?.machine_over(b).times(delta0)?)?;
        if !under_root.is_positive() {
            return Ok(None);
        }
        let root = Int::convert(sqrt(under_root.bits()))?;
        let b_cbrt = signed_cbrt(b)?;
        let second = if delta1.is_positive() {
            half_cbrt(delta1.plus(root)?)?
        } else {
            half_cbrt(delta1.minus(root)?.neg()?)?.neg()?
        };
        let c1 = b_cbrt.times(b_cbrt)?.machine_over(E18).times(second)?.machine_over(E18);
        let found = b.plus(b.times(delta0)?.over(c1)?)?.minus(c1)?;
        Ok(Some(found.machine_over(Int::small(3))))
    }
}

const THREE_A: Int = Int::from_limbs([0xdb08_6701_c71c_71c7, 0x0015_6633_6316_561e, 0, 0]);

pub(super) fn signed_cbrt(value: Int) -> Checked<Int> {
    let root = Int::convert(wad_cbrt(value.abs()?.bits()))?;
    if value.is_negative() { root.neg() } else { Ok(root) }
}

pub(super) fn half_cbrt(value: Int) -> Checked<Int> {
    Int::convert(wad_cbrt(value.to_unsigned()?.wrapping_shr(1)))
}

/// Ten to the power that brings the coefficients near 10^18, in steps of four places.
fn divider(size: U256) -> Int {
    const STEPS: [(u64, u64); 8] =
        [(48, 30), (44, 26), (40, 22), (36, 18), (32, 14), (28, 10), (24, 6), (20, 2)];
    let power = |places: u64| small(10).wrapping_pow(U256::from(places));
    let step = STEPS.iter().find(|(over, _)| size > power(*over));
    let divider = step.map_or(ONE, |(_, places)| power(*places));
    Int::convert(divider).unwrap_or(Int::small(1))
}

/// Returns D of three balances; from what K0 was, where that is known.
///
/// Source: `CurveCryptoMathOptimized3.vy` `newton_D`, which checks neither parameter.
pub(super) fn invariant(shape: &Shape, x: [U256; 3], known_k0: U256) -> Checked {
    /// `2^256 / 10^18 * 27`, rounded as the contract does.
    const LIMIT: U256 = U256::from_limbs([
        0x98d5_06d3_74fd_487b,
        0x1d49_5c8b_a43b_5b4b,
        0x0fe5_212d_2319_f867,
        0x1f2,
    ]);
    let x = sorted(x);
    if x[0] >= LIMIT {
        return Err(CryptoSwapError::UnsafeBalance);
    }
    if x[0].is_zero() {
        return Err(CryptoSwapError::EmptyPool);
    }
    let total = x[0].wrapping_add(x[1]).wrapping_add(x[2]);
    let mut d = if known_k0.is_zero() {
        mean_by_cbrt(x)?.wrapping_mul(THREE)
    } else {
        first_guess(x, total, known_k0)?
    };
    for _ in 0..255 {
        let before = d;
        d = invariant_round(shape, x, total, d)?;
        if d.abs_diff(before).wrapping_mul(E14) < d.max(E16) {
            for each in x {
                let fraction = machine_quotient(each.wrapping_mul(WAD), d);
                if fraction < difference(E16, ONE)? || fraction > E20 {
                    return Err(CryptoSwapError::UnsafeRatio);
                }
            }
            return Ok(d);
        }
    }
    Err(CryptoSwapError::DidNotConverge)
}

fn first_guess(x: [U256; 3], total: U256, known_k0: U256) -> Checked {
    const E24: U256 = U256::from_limbs([0x1bce_cced_a100_0000, 0xd3c2, 0, 0]);
    let (scale, back) = if total > E36 {
        (E36, Some(small(1_000_000_000_000)))
    } else if total > E24 {
        (E24, Some(small(1_000_000)))
    } else {
        (WAD, None)
    };
    let volume = product(product(x[0], x[1])?.wrapping_div(scale), x[2])?;
    let cube = product(machine_quotient(volume, known_k0), small(27))?;
    let cube = back.map_or(Ok(cube), |back| product(cube, back))?;
    Ok(wad_cbrt(cube))
}

fn invariant_round(shape: &Shape, x: [U256; 3], total: U256, d: U256) -> Checked {
    let mut k0 = WAD;
    for each in x {
        k0 = machine_quotient(k0.wrapping_mul(each).wrapping_mul(THREE), d);
    }
    let bound = shape.gamma.wrapping_add(WAD);
    let g1k0 = bound.abs_diff(k0).wrapping_add(ONE);
    let mul1 = machine_quotient(WAD.wrapping_mul(d), shape.gamma);
    let mul1 = machine_quotient(mul1.wrapping_mul(g1k0), shape.gamma);
    let mul1 = machine_quotient(mul1.wrapping_mul(g1k0).wrapping_mul(A_MULTIPLIER), shape.a);
    let mul2 = small(6_000_000_000_000_000_000).wrapping_mul(k0);
    let mul2 = machine_quotient(mul2, g1k0);
    let slope = total
        .wrapping_add(total.wrapping_mul(mul2).wrapping_div(WAD))
        .wrapping_add(machine_quotient(mul1.wrapping_mul(THREE), k0))
        .wrapping_sub(mul2.wrapping_mul(d).wrapping_div(WAD));

    let plus = machine_quotient(product(d, slope.wrapping_add(total))?, slope);
    let minus = machine_quotient(product(d, d)?, slope);
    let bend = wad_of(d, machine_quotient(mul1, slope))?;
    let bend = machine_quotient(bend.wrapping_mul(WAD.abs_diff(k0)), k0);
    let minus = if WAD > k0 { sum(minus, bend)? } else { difference(minus, bend)? };
    Ok(if plus > minus {
        plus.wrapping_sub(minus)
    } else {
        minus.wrapping_sub(plus).wrapping_shr(1)
    })
}

/// Returns the prices of all coins but the first in the first, before the price scale; of two
/// coins, where the third balance is zero, the one price twice.
///
/// Source: `get_p` of `CurveCryptoMathOptimized3.vy` and of `CurveCryptoMathOptimized2.vy`, as
/// deployed: K0 and the rest in 10^-36.
pub(super) fn marginal_prices(
    shape: &Shape,
    xp: [U256; 3],
    coins: usize,
    d: U256,
) -> Checked<[U256; 2]> {
    check_invariant(d).map_err(|_| CryptoSwapError::UnpricedInvariant)?;
    let [first, second, third] = xp;
    let volume = if coins == 2 {
        product(product(small(4), first)?, second)?
    } else {
        let area = product(product(small(27), first)?, second)?.wrapping_div(d);
        product(area, third)?
    };
    let k0 = product(volume.wrapping_div(d), E36)?.wrapping_div(d);
    let at = Margin::of(shape, k0, d)?;
    let below = at.pull(first)?;
    let price = |other: U256| -> Checked {
        let above = times_over(first, at.pull(other)?, other)?;
        Ok(machine_quotient(product(above, WAD)?, below))
    };
    let next = price(second)?;
    Ok([next, if coins == 2 { next } else { price(third)? }])
}

/// The invariant's derivatives, up to a factor.
struct Margin {
    d: U256,
    k0: U256,
    bent: U256,
    flat: U256,
}

impl Margin {
    fn of(shape: &Shape, k0: U256, d: U256) -> Checked<Self> {
        // Where this one overflows the contract's `2 * K0 * K0` does too.
        let squared = product(k0, k0)?.wrapping_div(E36);
        let doubled = product(product(TWO, k0)?, k0)?.wrapping_div(E36);
        let cubed = product(doubled, k0)?.wrapping_div(E36);
        let bound = shape.gamma.wrapping_add(WAD);
        let up = sum(cubed, bound.wrapping_mul(bound))?;
        let width = shape.gamma.wrapping_shl(1).wrapping_add(small(3_000_000_000_000_000_000));
        let bent = difference(up, wad_of(squared, width)?)?;
        let flat = shape.a.wrapping_mul(shape.gamma.wrapping_mul(shape.gamma));
        Ok(Self { d, k0, bent, flat: flat.wrapping_div(A_MULTIPLIER) })
    }

    fn pull(&self, balance: U256) -> Checked {
        let part = product(self.flat, balance)?.wrapping_div(self.d);
        sum(self.bent, product(part, self.k0)?.wrapping_div(E36))
    }
}
