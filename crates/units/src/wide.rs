//! Products of 512 bits and their quotients, on 64-bit limbs, least significant first.
//!
//! Division is schoolbook with a precomputed reciprocal: Möller and Granlund, "Improved division by
//! invariant integers", IEEE Transactions on Computers 60 (2011), algorithms 4, 5 and 6. Solidity's
//! `mulDiv` (Newton steps modulo 2^256) gives the same quotient in three times the instructions.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::needless_range_loop,
    reason = "limb arithmetic: every carry, borrow and truncation here is meant, and the laws in \
              tests.rs compare each function with an independent big integer"
)]

mod inverse;
mod u128_divisor;

pub use inverse::{Inverse, Ratio};
pub use u128_divisor::{Halves, U128Divisor};

/// The unsigned 256-bit integer of the EVM. Its operators wrap: outside this module use the
/// checked methods.
pub type U256 = ruint::aliases::U256;

#[inline(always)]
fn wide(high: u64, low: u64) -> u128 {
    (u128::from(high) << 64) | u128::from(low)
}

/// Returns the full product of two little-endian limb arrays in `N + M` limbs; `P` must be that.
#[inline(always)]
pub fn mul_limbs<const N: usize, const M: usize, const P: usize>(
    a: &[u64; N],
    b: &[u64; M],
) -> [u64; P] {
    const { assert!(P == N + M, "the product has as many limbs as both factors") };
    let mut product = [0; P];
    for i in 0..N {
        // Amounts, liquidity and prices leave the top limbs of a word empty.
        if a[i] == 0 {
            continue;
        }
        let mut carry = 0;
        for j in 0..M {
            (product[i + j], carry) = a[i].carrying_mul_add(b[j], product[i + j], carry);
        }
        product[i + M] = carry;
    }
    product
}

/// Returns the 512-bit product, least significant limb first.
#[inline]
pub fn mul_wide(a: U256, b: U256) -> [u64; 8] {
    mul_limbs(a.as_limbs(), b.as_limbs())
}

/// Counts the limbs up to the highest that is not zero.
#[inline(always)]
fn significant<const N: usize>(limbs: &[u64; N]) -> usize {
    let mut count = N;
    while count > 0 && limbs[count - 1] == 0 {
        count -= 1;
    }
    count
}

/// Algorithm "reciprocal word": floor((2^128 - 1) / d) - 2^64 for a `d` with its top bit set.
#[inline(always)]
const fn reciprocal_2_by_1(d: u64) -> u64 {
    let numerator = ((!d as u128) << 64) | u64::MAX as u128;
    (numerator / d as u128) as u64
}

/// Algorithm 6, for a two-limb divisor with its top bit set.
#[inline(always)]
const fn reciprocal_3_by_2(d1: u64, d0: u64) -> u64 {
    let mut v = reciprocal_2_by_1(d1);
    let mut p = d1.wrapping_mul(v).wrapping_add(d0);
    if p < d0 {
        v = v.wrapping_sub(1);
        if p >= d1 {
            v = v.wrapping_sub(1);
            p = p.wrapping_sub(d1);
        }
        p = p.wrapping_sub(d1);
    }
    let t = v as u128 * d0 as u128;
    let (t1, t0) = ((t >> 64) as u64, t as u64);
    let sum = p.wrapping_add(t1);
    if sum < t1 {
        v = v.wrapping_sub(1);
        if sum > d1 || (sum == d1 && t0 >= d0) {
            v = v.wrapping_sub(1);
        }
    }
    v
}

/// Algorithm 4: divides `u1:u0` by `d`, `u1 < d`; returns quotient and remainder.
#[inline(always)]
fn div_2_by_1(u1: u64, u0: u64, d: u64, v: u64) -> (u64, u64) {
    let q = u128::from(v) * u128::from(u1) + ((u128::from(u1) << 64) | u128::from(u0));
    let q0 = q as u64;
    let mut q1 = ((q >> 64) as u64).wrapping_add(1);
    let mut r = u0.wrapping_sub(q1.wrapping_mul(d));
    if r > q0 {
        q1 = q1.wrapping_sub(1);
        r = r.wrapping_add(d);
    }
    if r >= d {
        std::hint::cold_path();
        q1 = q1.wrapping_add(1);
        r = r.wrapping_sub(d);
    }
    (q1, r)
}

/// Algorithm 5: divides `u21:u0` by `d`, `u21 < d`; returns quotient and two-limb remainder.
#[inline(always)]
fn div_3_by_2(u21: u128, u0: u64, d: u128, v: u64) -> (u64, u128) {
    let q = u128::from(v) * u128::from((u21 >> 64) as u64);
    let q = q.wrapping_add(u21);
    let q0 = q as u64;
    let mut q1 = (q >> 64) as u64;
    let r1 = (u21 as u64).wrapping_sub(q1.wrapping_mul((d >> 64) as u64));
    let t = u128::from(d as u64) * u128::from(q1);
    let mut r = ((u128::from(r1) << 64) | u128::from(u0)).wrapping_sub(t).wrapping_sub(d);
    q1 = q1.wrapping_add(1);
    if (r >> 64) as u64 >= q0 {
        q1 = q1.wrapping_sub(1);
        r = r.wrapping_add(d);
    }
    if r >= d {
        std::hint::cold_path();
        q1 = q1.wrapping_add(1);
        r = r.wrapping_sub(d);
    }
    (q1, r)
}

/// What a division of limb arrays leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotient<const U: usize> {
    /// The whole part.
    pub whole: [u64; U],
    /// Whether the division was not exact.
    pub inexact: bool,
}

/// Shifts left by less than 64 bits; returns what falls out at the top too.
#[inline(always)]
fn shift_left<const N: usize>(limbs: &[u64; N], bits: u32) -> ([u64; N], u64) {
    let mut shifted = *limbs;
    let mut carry = 0;
    for limb in &mut shifted {
        let out = *limb >> 1 >> (63 - bits);
        *limb = (*limb << bits) | carry;
        carry = out;
    }
    (shifted, carry)
}

/// Divides one limb array by another; `None` where the divisor is zero.
#[inline(always)]
pub fn div_limbs<const U: usize, const D: usize>(
    numerator: [u64; U],
    divisor: &[u64; D],
) -> Option<Quotient<U>> {
    Some(match significant(divisor) {
        0 => return None,
        1 => div_by_1(&numerator, divisor[0]),
        2 => div_by_2(&numerator, wide(divisor[1], divisor[0])),
        3 => div_by_n::<U, 3>(&numerator, std::array::from_fn(|i| divisor[i])),
        4 => div_by_n::<U, 4>(&numerator, std::array::from_fn(|i| divisor[i])),
        _ => div_by_n::<U, D>(&numerator, *divisor),
    })
}

#[inline(always)]
fn div_by_1<const U: usize>(u: &[u64; U], d: u64) -> Quotient<U> {
    let bits = d.leading_zeros();
    let d = d << bits;
    let v = reciprocal_2_by_1(d);
    let (u, mut remainder) = shift_left(u, bits);
    let mut whole = [0; U];
    for j in (0..U).rev() {
        if remainder == 0 && u[j] < d {
            remainder = u[j];
        } else {
            (whole[j], remainder) = div_2_by_1(remainder, u[j], d, v);
        }
    }
    Quotient { whole, inexact: remainder != 0 }
}

#[inline(always)]
fn div_by_2<const U: usize>(u: &[u64; U], d: u128) -> Quotient<U> {
    let bits = d.leading_zeros();
    let d = d << bits;
    let v = reciprocal_3_by_2((d >> 64) as u64, d as u64);
    let (u, top) = shift_left(u, bits);
    let mut whole = [0; U];
    let mut remainder = wide(top, u[U - 1]);
    for j in (0..U - 1).rev() {
        if remainder < d >> 64 {
            remainder = wide(remainder as u64, u[j]);
        } else {
            (whole[j], remainder) = div_3_by_2(remainder, u[j], d, v);
        }
    }
    Quotient { whole, inexact: remainder != 0 }
}

/// Schoolbook division by a divisor of exactly `N` significant limbs, `N` at least 3.
#[inline(always)]
fn div_by_n<const U: usize, const N: usize>(u: &[u64; U], d: [u64; N]) -> Quotient<U> {
    let mut whole = [0; U];
    if U < N {
        // The divisor's top limb is not zero.
        return Quotient { whole, inexact: u.iter().any(|limb| *limb != 0) };
    }
    let bits = d[N - 1].leading_zeros();
    let (d, _) = shift_left(&d, bits);
    let v = reciprocal_3_by_2(d[N - 1], d[N - 2]);
    let (u, top) = shift_left(u, bits);
    let mut remainder: [u64; N] =
        std::array::from_fn(|i| if i == N - 1 { top } else { u[U - N + 1 + i] });
    for j in (0..U - N + 1).rev() {
        (whole[j], remainder) = div_step(remainder, u[j], &d, v);
    }
    Quotient { whole, inexact: remainder.iter().any(|limb| *limb != 0) }
}

/// One quotient limb: divides `remainder:next` by `d`, whose top bit is set and whose two top limbs
/// have the reciprocal `v`; `remainder` is below `d`. Returns the limb and the new remainder.
#[inline(always)]
fn div_step<const N: usize>(
    remainder: [u64; N],
    next: u64,
    d: &[u64; N],
    v: u64,
) -> (u64, [u64; N]) {
    let (high, middle) = (remainder[N - 1], remainder[N - 2]);
    let mut window = std::array::from_fn(|i| if i == 0 { next } else { remainder[i - 1] });
    if high == 0 && middle < d[N - 1] {
        return (0, window);
    }
    let (mut q, mut top, above) =
        estimate(wide(high, middle), window[N - 2], wide(d[N - 1], d[N - 2]), v);
    let (mut carry, mut borrow) = (0, false);
    for i in 0..N - 2 {
        let low;
        (low, carry) = q.carrying_mul(d[i], carry);
        (window[i], borrow) = window[i].borrowing_sub(low, borrow);
    }
    (top, borrow) = top.borrowing_sub(u128::from(carry), borrow);
    if borrow && !above {
        // The two top limbs promised one too many.
        q -= 1;
        let mut carry = false;
        for i in 0..N - 2 {
            (window[i], carry) = window[i].carrying_add(d[i], carry);
        }
        (top, _) = top.carrying_add(wide(d[N - 1], d[N - 2]), carry);
    }
    (window[N - 2], window[N - 1]) = (top as u64, (top >> 64) as u64);
    (q, window)
}

/// Estimates a quotient limb from the two top limbs of the divisor, `u21` at most `d`: at most one
/// too high (Knuth, TAOCP 4.3.1, theorem B). Returns it, the remainder it leaves, and whether that
/// remainder passes 2^128.
#[inline(always)]
fn estimate(u21: u128, u0: u64, d: u128, v: u64) -> (u64, u128, bool) {
    if u21 == d {
        std::hint::cold_path();
        let (remainder, above) = d.overflowing_add(u128::from(u0));
        return (u64::MAX, remainder, above);
    }
    let (q, remainder) = div_3_by_2(u21, u0, d, v);
    (q, remainder, false)
}

/// Returns the low four limbs as an integer, or `None` where a higher limb is not zero.
#[inline(always)]
pub fn narrow<const N: usize>(limbs: &[u64; N]) -> Option<U256> {
    let fits = limbs.iter().skip(4).all(|limb| *limb == 0);
    let low = std::array::from_fn(|i| limbs.get(i).copied().unwrap_or(0));
    fits.then_some(U256::from_limbs(low))
}

impl<const U: usize> Quotient<U> {
    /// Returns the quotient rounded down, or `None` past 2^256 - 1.
    #[inline(always)]
    pub fn floor(&self) -> Option<U256> {
        narrow(&self.whole)
    }

    /// Returns the quotient rounded up, or `None` past 2^256 - 1.
    #[inline(always)]
    pub fn ceil(&self) -> Option<U256> {
        let floor = narrow(&self.whole)?;
        if self.inexact { floor.checked_add(U256::ONE) } else { Some(floor) }
    }
}

/// Returns `floor(a * b / divisor)`; `None` where the divisor is zero or the quotient passes
/// 2^256 - 1, the cases in which `FullMath.mulDiv` of v3-core 1.0.1 reverts.
#[inline]
pub fn mul_div(a: U256, b: U256, divisor: U256) -> Option<U256> {
    div_limbs(mul_wide(a, b), divisor.as_limbs())?.floor()
}

/// Returns `ceil(a * b / divisor)`; `None` as for [`mul_div`], and where rounding passes
/// 2^256 - 1 (`FullMath.mulDivRoundingUp`).
#[inline]
pub fn mul_div_rounding_up(a: U256, b: U256, divisor: U256) -> Option<U256> {
    div_limbs(mul_wide(a, b), divisor.as_limbs())?.ceil()
}

/// Returns `ceil(numerator / divisor)`, or `None` where the divisor is zero.
#[inline]
pub fn div_rounding_up(numerator: U256, divisor: U256) -> Option<U256> {
    div_limbs(*numerator.as_limbs(), divisor.as_limbs())?.ceil()
}

/// A small divisor that is divided by again and again, with its reciprocal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimbDivisor {
    normalised: u64,
    reciprocal: u64,
    shift: u32,
}

impl LimbDivisor {
    /// Prepares a divisor; `None` for zero.
    pub const fn new(divisor: u64) -> Option<Self> {
        if divisor == 0 {
            return None;
        }
        let shift = divisor.leading_zeros();
        let normalised = divisor << shift;
        Some(Self { normalised, reciprocal: reciprocal_2_by_1(normalised), shift })
    }

    /// Returns `value * factor / divisor`, whole part and whether it is inexact.
    #[inline(always)]
    pub fn mul_div(&self, value: U256, factor: u64) -> Quotient<5> {
        let [a, b, c, d] = value.into_limbs();
        if c | d == 0 {
            let Quotient { whole: [a, b, c], inexact } = self.div(&mul_limbs(&[factor], &[a, b]));
            return Quotient { whole: [a, b, c, 0, 0], inexact };
        }
        self.div(&mul_limbs(&[factor], &[a, b, c, d]))
    }

    /// Returns the quotient of two limbs rounded down, or `None` where it does not fit one.
    #[inline(always)]
    pub fn quotient(&self, numerator: u128) -> Option<u64> {
        if (numerator >> 64) as u64 >= self.normalised >> self.shift {
            return None;
        }
        let u = numerator << self.shift;
        Some(div_2_by_1((u >> 64) as u64, u as u64, self.normalised, self.reciprocal).0)
    }

    /// Returns the quotient of a limb array, whole part and whether it is inexact.
    #[inline(always)]
    pub fn div<const U: usize>(&self, u: &[u64; U]) -> Quotient<U> {
        let (u, mut remainder) = shift_left(u, self.shift);
        let mut whole = [0; U];
        for j in (0..U).rev() {
            (whole[j], remainder) = div_2_by_1(remainder, u[j], self.normalised, self.reciprocal);
        }
        Quotient { whole, inexact: remainder != 0 }
    }
}

/// Returns the square root rounded down.
pub fn sqrt(value: U256) -> U256 {
    value.root(2)
}
