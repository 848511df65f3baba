//! The maths of twocrypto-ng: a cubic in closed form for a balance, and Newton's method for D from
//! what that cubic's root says of it.

use tidemill_units::{U256, sqrt};

use super::checked::{
    Checked, E14, E16, E20, ONE, TWO, WAD, ZERO, difference, machine_quotient, product, small, sum,
};
use super::closed_form::{Solution, half_cbrt, signed_cbrt};
use super::int256::Int;
use super::newton::{
    Rounds, Shape, balance_of_two_unchecked, check_invariant, check_start, invariant, k0_of_two,
};
use super::{CryptoGeneration, CryptoSwapError, TwocryptoNgBuild};

/// What the maths of a build let pass, in 10^-18, either end included.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// K0 of the balance that is given.
    k0: (U256, U256),
    /// The balance that is found, over D.
    found: (U256, U256),
    /// Balances over the D found for them.
    balances: (U256, U256),
}

const E36: U256 = U256::from_limbs([0xb34b_9f10_0000_0000, 0x00c0_97ce_7bc9_0715, 0, 0]);
/// 2 * 10^16: with a larger gamma, v2.1.0 lets less pass.
const SMALL_GAMMA: U256 = small(20_000_000_000_000_000);

impl Bounds {
    fn of(build: TwocryptoNgBuild, shape: &Shape) -> Checked<Self> {
        match build {
            TwocryptoNgBuild::V2_0_0 => {
                let found = (difference(E16, ONE)?, E20);
                let k0 = (E16.wrapping_shl(1), E20.wrapping_shl(1));
                Ok(Self { k0, found, balances: found })
            }
            TwocryptoNgBuild::V2_1_0 => {
                let most = if shape.gamma > SMALL_GAMMA {
                    machine_quotient(product(E20, SMALL_GAMMA)?, shape.gamma)
                } else {
                    E20
                };
                let half = |number: U256| number.wrapping_shr(1);
                Ok(Self {
                    k0: (machine_quotient(E36, most), most),
                    found: (machine_quotient(half(E36), most), half(most)),
                    balances: (half(E16), half(E20)),
                })
            }
        }
    }
}

/// Returns the balance of one coin of two, given the other's and D, and K0 there.
///
/// Source: `CurveCryptoMathOptimized2.vy` `get_y`.
pub(super) fn solve(
    shape: &Shape,
    build: TwocryptoNgBuild,
    other: U256,
    d: U256,
) -> Checked<Solution> {
    shape.check(&CryptoGeneration::TwocryptoNg(build).limits())?;
    check_invariant(d)?;
    let bounds = Bounds::of(build, shape)?;
    let (signed_d, signed) = (Int::convert(d)?, Int::convert(other)?);
    let square = signed_d.times(signed_d)?;
    // The contract's unused first guess, which refuses nothing of the other balance.
    square.over(signed.times(Int::small(4))?)?;
    let given = Int::small(2_000_000_000_000_000_000).times(signed)?.machine_over(signed_d).bits();
    if given < bounds.k0.0 || given > bounds.k0.1 {
        return Err(CryptoSwapError::UnsafeRatio);
    }
    let cubic = Cubic::of(shape, signed, signed_d)?.scaled()?;
    let Some(root) = cubic.root()? else {
        let rounds = Rounds::Unbounded;
        let balance = balance_of_two_unchecked(shape, other, d, bounds.k0, rounds)?;
        return Ok(Solution { balance, k0: ZERO });
    };
    let balance = square.machine_over(signed).wrapping_times(root).machine_over(Int::small(4));
    let balance = balance.machine_over(E18).to_unsigned()?;
    let k0 = root.to_unsigned()?;
    let fraction = product(balance, WAD)?.wrapping_div(d);
    if fraction < bounds.found.0 || fraction > bounds.found.1 {
        return Err(CryptoSwapError::UnsafeResult);
    }
    Ok(Solution { balance, k0 })
}

const E18: Int = Int::small(1_000_000_000_000_000_000);
/// 10^14, 10^32 and three times that.
const UNIT: Int = Int::small(100_000_000_000_000);
const A: Int = Int::from_limbs([0x85ac_ef81_0000_0000, 0x0000_04ee_2d6d_415b, 0, 0]);
const TRIPLE_A: Int = Int::from_limbs([0x9106_ce83_0000_0000, 0x0000_0eca_8847_c412, 0, 0]);
const I3: Int = Int::small(3);
const I4: Int = Int::small(4);
const I27: Int = Int::small(27);

/// The coefficients of `a K0^3 + b K0^2 + c K0 + d`.
#[derive(Clone, Copy, Debug)]
struct Cubic {
    a: Int,
    b: Int,
    c: Int,
    d: Int,
}

impl Cubic {
    fn of(shape: &Shape, other: Int, d: Int) -> Checked<Self> {
        const SCALE: Int = Int::small(400_000_000);
        let gamma = Int::convert(shape.gamma)?;
        let squared = gamma.wrapping_times(gamma);
        let weight = Int::convert(shape.a)?.times(squared)?;

        let moving = d.times(weight)?.over(SCALE)?.over(other)?;
        let bend = gamma.wrapping_times(Int::small(2)).wrapping_times(UNIT);
        let b = moving.minus(TRIPLE_A)?.minus(bend)?;

        let flat = I4.wrapping_times(weight).machine_over(SCALE);
        let c = TRIPLE_A
            .plus(I4.wrapping_times(gamma).wrapping_times(UNIT))?
            .plus(squared.machine_over(Int::small(10_000)))?
            .plus(flat.times(other)?.machine_over(d))?
            .minus(flat)?;

        let one = E18.wrapping_plus(gamma);
        let d = one.times(one)?.machine_over(Int::small(10_000)).neg()?;
        Ok(Self { a: A, b, c, d })
    }

    /// The same cubic with coefficients of a size that the roots can be taken of.
    fn scaled(self) -> Checked<Self> {
        let Self { a, b, c, d } = self;
        let delta0 = I3.times(a)?.times(c)?.over(b)?.minus(b)?;
        let last = I27.times(a.times(a)?)?.over(b)?.times(d)?.over(b)?;
        let delta1 = I3.times(delta0)?.plus(b)?.minus(last)?;
        let least = delta0.abs()?.bits().min(delta1.abs()?.bits()).min(a.bits());
        let by = divider(least);
        Ok(Self {
            a: a.machine_over(by),
            b: b.machine_over(by),
            c: c.machine_over(by),
            d: d.machine_over(by),
        })
    }

    /// K0 in 10^-18; `None` where the root is not of the kind that the formula gives.
    fn root(&self) -> Checked<Option<Int>> {
        let Self { a, b, c, d } = *self;
        let triple = I3.wrapping_times(a);
        let delta0 = triple.wrapping_times(c).machine_over(b).minus(b)?;
        let last = I27.wrapping_times(a.times(a)?).machine_over(b);
        let last = last.wrapping_times(d).machine_over(b);
        let delta1 = I3.times(delta0)?.plus(b)?.minus(last)?;
        let cubed = I4.times(delta0.times(delta0)?)?.machine_over(b).wrapping_times(delta0);
        let under_root = delta1.times(delta1)?.plus(cubed)?;
        if !under_root.is_positive() {
            return Ok(None);
        }
        let root = Int::convert(sqrt(under_root.bits()))?;
        let b_cbrt = signed_cbrt(b)?;
        let second = if delta1.is_positive() {
            half_cbrt(delta1.wrapping_plus(root))?
        } else {
            half_cbrt(root.wrapping_minus(delta1))?.neg()?
        };
        let c1 = b_cbrt.times(b_cbrt)?.machine_over(E18).wrapping_times(second).machine_over(E18);
        let b = E18.wrapping_times(b);
        let rest = b.over(c1)?.times(delta0)?;
        Ok(Some(E18.wrapping_times(c1).minus(b)?.minus(rest)?.over(triple)?))
    }
}

/// Ten to the power that brings the coefficients near 10^18, in steps of two places. What is sized
/// is at most 10^32, so that the contract's steps above have no use.
fn divider(size: U256) -> Int {
    const STEPS: [(u64, u64); 5] = [(30, 12), (28, 10), (26, 8), (24, 6), (20, 2)];
    let step = STEPS.iter().find(|(over, _)| size > small(10).wrapping_pow(U256::from(*over)));
    let places = step.map_or(0, |(_, places)| *places);
    Int::convert(small(10).wrapping_pow(U256::from(places))).unwrap_or(Int::small(1))
}

/// Returns D of two balances; from what K0 was, where that is known.
///
/// Source: `CurveCryptoMathOptimized2.vy` `newton_D`. Its rounds are those of the first
/// generation, its start is not.
pub(super) fn invariant_of(
    shape: &Shape,
    build: TwocryptoNgBuild,
    x: [U256; 2],
    known_k0: U256,
) -> Checked {
    shape.check(&CryptoGeneration::TwocryptoNg(build).limits())?;
    let x = if x[0] < x[1] { [x[1], x[0]] } else { x };
    check_start(&x, E14)?;
    let area = x[0].wrapping_mul(x[1]);
    let start = if known_k0.is_zero() {
        product(TWO, sqrt(area))?
    } else {
        let quadrupled = small(4).wrapping_mul(x[0]).wrapping_mul(x[1]);
        let square = machine_quotient(quadrupled, known_k0).wrapping_mul(WAD);
        sqrt(square).min(sum(x[0], x[1])?)
    };
    let k0_at = k0_of_two(x)?;
    let k0 = |d: U256| {
        if d.is_zero() { Err(CryptoSwapError::UnsafeInvariant) } else { k0_at(d) }
    };
    invariant(shape, &x, start, Bounds::of(build, shape)?.balances, k0)
}
