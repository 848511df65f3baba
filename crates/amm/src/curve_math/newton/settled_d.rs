//! Where the contracts' rounds for the invariant end.

use super::settled::{
    FRACTION as PARTS, Landing, Loss, ZEROS, high, high_by, high_limb, reciprocal,
};
use super::{Rounding, high64, low64, over_precision};

/// Fractional bits of the guesses.
const FRACTION: u32 = 57;
const ONE: u64 = 1 << FRACTION;
/// How many times `2^TERM` as large as the sum the term of the balances' product may be.
const TERM: u32 = 7;

/// Returns where the contract's rounds for the invariant end, from the sum of the balances; `None`
/// where that is not certain. `by` has each balance times n, or what the contract divides by.
///
/// A round is Newton's, from above, for the convex `f(D) = D^(n+1) / prod(by) + (ann - 1) D - s`,
/// where `s` is `ann` times the sum; its root `r` is the invariant. Before it is rounded down, a
/// round's result is at or above that of Newton's step, by no more than a `noise`:
///
/// * the quotients on the way to `term`, the first in `f`, lose a [`Loss`]. The result falls by no
///   more than `1 / f'` per unit of `term`, from the root up;
/// * the quotient in `(ann - 1) D` adds at most `1 / f'`.
///
/// The step itself ends between `r` and `r + n e^2 / 2 D` from a distance of `e`. Let `reach` be
/// so short that from within it this is below `n / 2^12`, and let one round be known, before it is
/// rounded, that starts within reach. If no whole number is as close to it as that and the noise
/// together, then all rounds from within reach end at the same `m`, `r` rounded down. So does the
/// one from `m`: the contract stops there, or a round before where that was one off, with `m` too.
///
/// From above the reach a step is at least `e / (n + 1)` long, 2^20 and more, and the noise is at
/// most 2^(n-1) times what it is near the root, where it is below one: the loop goes on. None ends
/// below `m`. From at most `2 r` all that takes far fewer than 255 rounds, and with the bounds on
/// width and terms no product passes 256 bits.
#[inline(always)]
pub(super) fn settled_d<const N: usize>(
    rounding: Rounding,
    ann: u64,
    total: u128,
    by: &[u128; N],
) -> Option<u128> {
    let curve = Curve::of(rounding, ann, total, by)?;
    let mut start = curve.guess(ann)?;
    for _ in 0..3 {
        let round = curve.round(start)?;
        if round.landing.whole().wrapping_shr(curve.half_reach()) != 0 {
            start = round.landing.next(start, curve.back())?;
            continue;
        }
        let (below, above) = curve.margins(start, &round)?;
        let m = round.landing.certain(curve.number(start), below, above)?;
        return (m <= total).then_some(m);
    }
    None
}

/// The `f` of [`settled_d`], with fractions of `unit`, the power of two above the sum.
struct Curve<const N: usize> {
    rounding: Rounding,
    /// `ann` less one, in parts.
    less: u64,
    /// The `s` of `f`.
    sum: u128,
    /// Leading zeros of the largest number below `unit`.
    zeros: u32,
    /// The sum of the balances.
    total: u64,
    /// The divisors, as fractions of the least power of two times `unit` that is not below `n`.
    shares: [u128; N],
    /// The divisors' product: below one, since that of n numbers is at most their mean's power.
    product: u128,
}

/// A round from a start, before it is rounded.
struct Round {
    landing: Landing,
    /// `2^(127 + 64 - slope_zeros)` over the slope: `f'` times the divisors' product, in parts.
    per: u64,
    slope_zeros: u32,
    /// How many bits of a fraction tell no 2^-18 of the change.
    down: u32,
}

impl<const N: usize> Curve<N> {
    /// The logarithm of the power of two that shares are divided by.
    const LOG: u32 = N.next_power_of_two().trailing_zeros();

    #[inline(always)]
    fn of(rounding: Rounding, ann: u64, total: u128, by: &[u128; N]) -> Option<Self> {
        // With one of EachAndOne's ones for each balance, the mean of the divisors.
        let zeros = total.checked_add(1)?.leading_zeros();
        if !ZEROS.contains(&zeros) || ann.wrapping_shr(40) != 0 {
            return None;
        }
        let sum = over_precision(rounding, u128::from(ann).checked_mul(total)?);
        let less = ann.checked_sub(rounding.precision)?;
        let shares = by.map(|divisor| divisor.wrapping_shl(zeros.wrapping_sub(Self::LOG) & 63));
        let product = shares.iter().copied().reduce(high)?;
        let product = product.wrapping_shl(Self::LOG.wrapping_mul(Self::count()));
        let total = high64(total.wrapping_shl(zeros & 63));
        Some(Self { rounding, less, sum, zeros, total, shares, product })
    }

    /// The number of coins.
    #[inline(always)]
    fn count() -> u32 {
        u32::try_from(N).unwrap_or(u32::MAX)
    }

    /// How many bits of a short fraction tell no whole numbers.
    #[inline(always)]
    fn back(&self) -> u32 {
        64_u32.wrapping_sub(self.zeros) & 63
    }

    /// The number that a short fraction is.
    #[inline(always)]
    fn number(&self, fraction: u64) -> u128 {
        u128::from(fraction).wrapping_shl(self.back())
    }

    /// The logarithm of half the reach: of half of `sqrt(D) / 2^6`, by the least `D` there can be.
    #[inline(always)]
    fn half_reach(&self) -> u32 {
        127_u32.wrapping_sub(self.zeros).wrapping_shr(1).wrapping_sub(7)
    }

    /// Returns the root to some fifty bits, from rounds with short numbers.
    ///
    /// They run on the share `u` of the sum that the root is, and on `f` over `ann` times the sum:
    /// `(k u^(n+1) - u) / ann + u - 1` with `k = total^n / prod(by)`.
    #[inline(always)]
    fn guess(&self, ann: u64) -> Option<u64> {
        let n = u64::from(Self::count());
        let mut k = self.total;
        for _ in 1..N {
            k = high_limb(k, self.total);
        }
        let product = u128::from(high64(self.product));
        let k = u128::from(k).wrapping_shl(FRACTION).checked_div(product)?;
        let inverse = self.rounding.precision.wrapping_shl(FRACTION).checked_div(ann)?;
        let k = times(u64::try_from(k).ok()?, inverse);
        let flat = ONE.wrapping_sub(inverse);
        let (mut u, mut term) = (ONE, k);
        for _ in 0..12 {
            let above = times(term, u).wrapping_add(times(flat, u)).saturating_sub(ONE);
            let slope = flat.wrapping_add(term.wrapping_mul(n.wrapping_add(1)));
            let change = u128::from(above).wrapping_shl(FRACTION).checked_div(u128::from(slope))?;
            let change = u64::try_from(change).ok()?;
            u = u.checked_sub(change)?;
            // What the next round would change is about the term's part of this one's square.
            if times(times(change, change), term).wrapping_mul(n).wrapping_mul(n) < 64 {
                break;
            }
            term = k;
            for _ in 0..N {
                term = times(term, u);
            }
        }
        Some(times(self.total, u))
    }

    /// Returns one round of Newton's: `(s - (ann - 1) D - D^(n+1) / prod(by)) / f'` is its change,
    /// here with numerator and denominator times the product, so that only one quotient is left.
    #[inline(always)]
    fn round(&self, start: u64) -> Option<Round> {
        let Self { rounding, less, zeros, .. } = *self;
        if start > self.total || start < self.total.wrapping_shr(1) {
            return None;
        }
        let linear = u128::from(less).wrapping_mul(self.number(start));
        let term = self.sum.checked_sub(over_precision(rounding, linear))?;
        if high64(term).wrapping_shr(64_u32.wrapping_add(TERM).wrapping_sub(zeros)) != 0 {
            return None;
        }
        let term = term.wrapping_shl(zeros.wrapping_sub(TERM) & 63);
        let left = high(term, self.product);
        if left.wrapping_shr(128_u32.wrapping_sub(TERM)) != 0 {
            return None;
        }
        let left = left.wrapping_shl(TERM);
        let mut power = u128::from(start).wrapping_mul(u128::from(start));
        for _ in 2..N {
            power = high_by(power, start);
        }
        let right = high_by(power, start);
        let apart = left.abs_diff(right).checked_mul(u128::from(rounding.precision))?;
        let flat = u128::from(less).wrapping_mul(u128::from(high64(self.product)));
        let steep = u64::from(Self::count()).wrapping_add(1).wrapping_mul(rounding.precision);
        let steep = u128::from(steep).wrapping_mul(u128::from(high64(power)));
        let slope = flat.wrapping_add(steep);
        let slope_zeros = slope.leading_zeros();
        let per = reciprocal(high64(slope.checked_shl(slope_zeros)?))?;
        let down = zeros.wrapping_add(127_u32.wrapping_sub(64).wrapping_sub(PARTS));
        let down = down.checked_sub(slope_zeros)?;
        let landing = Landing::of(left >= right, apart, down, per)?;
        Some(Round { landing, per, slope_zeros, down })
    }

    /// Returns how far from a whole number, below and above, a round has to end, in 2^-18.
    #[inline(always)]
    fn margins(&self, start: u64, round: &Round) -> Option<(u64, u64)> {
        let [first, rest @ ..] = self.shares.as_slice() else { return None };
        let mut loss = Loss::of_first(start, *first, Self::LOG)?;
        for share in rest {
            loss = loss.after(*share)?;
        }
        // What a part of the term moves a round by, in units of 2^-18 and 32 bits shorter.
        let steepness = high_limb(high64(self.product), round.per).wrapping_shr(32);
        let per_part = steepness.wrapping_add(1).wrapping_mul(self.rounding.precision);
        let moved_by = |parts: u64| {
            parts.wrapping_mul(per_part).wrapping_shr(85_u32.wrapping_sub(round.slope_zeros))
        };
        let n = u64::from(Self::count());
        // The product lacks one unit of the last bit for each quotient, times 2^(n LOG); the term
        // that it is multiplied by may be 2^7. The powers lack less.
        let scale = Self::LOG.wrapping_mul(Self::count()).wrapping_add(TERM);
        let cut = u128::from(n.wrapping_mul(self.rounding.precision)).wrapping_shl(scale);
        let cut = low64(cut.checked_shr(round.down)?);
        // The slope is known to a 2^-47 part, since neither of its factors is below 2^-16.
        let cut = cut.wrapping_add(round.landing.change.wrapping_shr(46));
        let close = n.wrapping_shl(PARTS.wrapping_sub(12)).wrapping_add(cut).wrapping_add(8);
        // Of the quotient in `(ann - 1) D`, of the one by n^n, and of what is second to all that.
        let below = Loss::ONE.wrapping_add(8);
        let above = loss.parts.wrapping_add(Loss::ONE).wrapping_add(below);
        Some((close.wrapping_add(moved_by(below)), close.wrapping_add(moved_by(above))))
    }
}

/// The product of two numbers with [`FRACTION`] fractional bits.
#[inline(always)]
fn times(a: u64, b: u64) -> u64 {
    low64(u128::from(a).wrapping_mul(u128::from(b)).wrapping_shr(FRACTION))
}
