//! Where the contracts' rounds end, without walking them all.

use tidemill_units::{Halves, Inverse, Ratio, U128Divisor};

use super::{Round, Rounding, low64, next_y, over_precision};

/// Fractional bits of the guesses.
const FRACTION: u32 = U128Divisor::RATIO_FRACTION;
const ONE: u64 = 1 << FRACTION;

/// Returns where the contract's rounds for the invariant end, from the sum of the balances; `None`
/// where that is not certain. `by` has each balance times n, or what the contract divides by.
///
/// A round is Newton's, from above, for the convex `f(D) = D^(n+1) / prod(by) + (ann - 1) D - s`,
/// where `s` is `ann` times the sum; its root `r` is the invariant. Before it is rounded down, a
/// round's result is at or above that of Newton's step, by no more than a `noise`:
///
/// * each of up to `n + 1` quotients on the way to `term`, the quotient in `f`, loses less than
///   one, a share below `1 / least` of the smallest of them. Near the root the result falls by
///   `D / denominator` per unit of `term`, so that this adds `(n + 1) (term / least) D /
///   denominator` at most; farther up, `(n + 1) D / least`;
/// * the quotient in `(ann - 1) D` adds at most `D / denominator`;
/// * the one round worked out here takes `term` from ratios with 112 fractional bits, a share of
///   less than 2^-94 too low.
///
/// The step itself ends between `r` and `r + n e^2 / 2 D` from a distance of `e`. Let `reach` be
/// so short that from within it this is below `n / 2^12`, and let one round be known, before it is
/// rounded, that starts within reach. If no whole number is as close to it as that and the noise
/// together, then all rounds from within reach end at the same `m`, `r` rounded down. So does the
/// one from `m`: the contract stops there, or a round before where that was one off, with `m` too.
///
/// From above the reach a step is at least `e / (n + 1)` long: more than the noise there and one,
/// so that the loop goes on. None ends below `m`. From at most `2 r` all that takes far fewer than
/// 255 rounds, and with the bounds on width and terms no product passes 256 bits.
#[inline(always)]
pub(super) fn settled_d<const N: usize>(
    rounding: Rounding,
    ann: u64,
    total: u128,
    by: &[Inverse; N],
) -> Option<u128> {
    let n = u64::try_from(N).ok()?;
    let n = u128::from(n);
    let more = n.checked_add(1)?;
    let sum = over_precision(rounding, u128::from(ann).checked_mul(total)?);
    let less = u128::from(ann.checked_sub(rounding.precision)?);
    let mut d = rough_d(rounding, ann, total, by)?;
    for _ in 0..3 {
        let width = 128_u32.checked_sub(d.leading_zeros())?;
        if !(60..=104).contains(&width) || total.wrapping_shr(1) > d {
            return None;
        }
        let (mut share, mut least) = (WHOLE, WHOLE);
        for inverse in by {
            share = scaled(share, inverse.ratio(d)?.fixed())?;
            least = least.min(share);
            if share.wrapping_shr(7) > WHOLE {
                return None;
            }
        }
        if least < WHOLE.wrapping_shr(6) {
            return None;
        }
        let (term, least) = (scaled(d, share)?, scaled(d, least)?);
        let numerator = sum.checked_add(term.checked_mul(n)?)?;
        let denominator = over_precision(rounding, less.checked_mul(d)?);
        let denominator = denominator.checked_add(term.checked_mul(more)?)?;
        let up = numerator >= denominator;
        let change = Halves::product(numerator.abs_diff(denominator), d);
        let change = change.near_quotient(denominator)?;
        let whole = u128::from(change.wrapping_shr(Halves::FRACTION));
        // Below half the reach, so that the round's start is within.
        if whole.wrapping_shr(width.wrapping_shr(1).checked_sub(7)?) != 0 {
            d = if up { d.checked_add(whole)? } else { d.checked_sub(whole)? };
            continue;
        }
        // All with some forty bits: noise times the denominator, in eighths, rounded up amply.
        let shift = width.checked_sub(40)?;
        let spread = term.wrapping_shr(shift).checked_add(1)?.checked_mul(8)?;
        let spread = u64::try_from(spread).ok()?.checked_div(low64(least.wrapping_shr(shift)))?;
        let noise = more.checked_mul(u128::from(spread).checked_add(1)?)?;
        let cut = term.wrapping_shr(94).checked_mul(8)?;
        let noise = noise
            .checked_add(cut)?
            .checked_add(32)?
            .checked_mul(d.wrapping_shr(shift).checked_add(1)?)?;
        let denominator = denominator.wrapping_shr(shift).checked_mul(8)?;
        let noise = noise.checked_shl(Halves::FRACTION)?.checked_div(denominator)?;
        let margin = noise.checked_add(n.checked_mul(1 << (Halves::FRACTION - 12))?)?;
        let m = landed(d, up, change, u64::try_from(margin.checked_add(1)?).ok()?)?;
        return (m <= total).then_some(m);
    }
    None
}

/// Returns the root of [`settled_d`]'s `f` to some fifty bits, from rounds with short numbers.
///
/// They run on the share `u` of the sum that the root is, and on `f` over `ann` times the sum:
/// `(k u^(n+1) - u) / ann + u - 1` with `k = total^n / prod(by)`.
#[inline(always)]
fn rough_d<const N: usize>(
    rounding: Rounding,
    ann: u64,
    total: u128,
    by: &[Inverse; N],
) -> Option<u128> {
    let n = u64::try_from(N).ok()?;
    let inverse = rounding.precision.checked_shl(FRACTION)?.checked_div(ann)?;
    let mut k = ONE;
    for divisor in by {
        k = times(k, divisor.divisor().rough_ratio(total)?)?;
    }
    let mut u = ONE;
    for _ in 0..12 {
        let term = times(times(k, power(u, N)?)?, u)?;
        let (term, linear) = (times(term, inverse)?, times(u, inverse)?);
        let above = term.checked_add(u)?;
        let below = linear.checked_add(ONE)?;
        let slope = term.checked_mul(n.checked_add(1)?)?.checked_add(u)?.checked_sub(linear)?;
        let change = u128::from(above.abs_diff(below)).checked_mul(u128::from(u))?;
        let change = low64(change.checked_div(u128::from(slope))?);
        u = if above >= below { u.checked_sub(change)? } else { u.checked_add(change)? };
        // What the next round would change is about the term's part of this one's square.
        let next = times(times(change, change)?, term)?;
        if next.checked_mul(n)?.checked_mul(n)? < 16 {
            break;
        }
    }
    let whole = total.wrapping_shr(FRACTION).checked_mul(u128::from(u))?;
    let rest = total & u128::from(low_bits(FRACTION));
    whole.checked_add(rest.checked_mul(u128::from(u))?.wrapping_shr(FRACTION))
}

/// One, with the fractional bits of a ratio.
const WHOLE: u128 = 1 << Ratio::FRACTION;

/// `number` times a share with the fractional bits of a ratio, rounded down.
#[inline(always)]
fn scaled(number: u128, share: u128) -> Option<u128> {
    const LOW: u32 = Ratio::FRACTION;
    const HIGH: u32 = 128 - LOW;
    let Halves { high, low } = Halves::product(number, share);
    (high.wrapping_shr(LOW) == 0).then(|| high.wrapping_shl(HIGH) | low.wrapping_shr(LOW))
}

#[inline(always)]
fn power(u: u64, exponent: usize) -> Option<u64> {
    let mut result = if exponent & 1 == 0 { ONE } else { u };
    let (mut square, mut rest) = (u, exponent.wrapping_shr(1));
    while rest != 0 {
        square = times(square, square)?;
        if rest & 1 != 0 {
            result = times(result, square)?;
        }
        rest = rest.wrapping_shr(1);
    }
    Some(result)
}

/// The product of two numbers with [`FRACTION`] fractional bits.
#[inline(always)]
fn times(a: u64, b: u64) -> Option<u64> {
    let product = u128::from(a).wrapping_mul(u128::from(b)).wrapping_shr(FRACTION);
    u64::try_from(product).ok()
}

#[inline(always)]
const fn low_bits(count: u32) -> u64 {
    1_u64.wrapping_shl(count).wrapping_sub(1)
}

/// Returns where the contract's rounds for a balance end, or `None` where that is not certain.
///
/// A round is Newton's for a parabola, rounded down. Let `r` be the root and `m` that rounded down.
/// From above the root a round goes down, but never below `m`, and at least halves the distance:
/// all of that ends in far fewer than 255 rounds. Where rounds from `m` and `m + 2` give `m`, no
/// two rounds differ by one before they reach `m`: there the contract stops, wherever at or above
/// `m` it started. So `m` may be sought from a closer start, if the contract's is not below.
///
/// A round from `r + e` ends at `r + e^2 / denominator` before it is rounded, where `e` is at most
/// twice as long as the round's step. If that is below 2^-12, and no whole number as close to the
/// end, then the end rounded down is `m`, and so are those of rounds from `m` to `m + 2`. Else a
/// round that gives its start again tells `m`: then one from `m + 2` gives `m` too.
#[inline(always)]
pub(super) fn settled_y(d: u128, b: u128, c: Halves, start: u128) -> Option<u128> {
    // No check of the contract fails at its own start, where its numbers are largest.
    if d.leading_zeros() == 0 || c.high.leading_zeros() == 0 {
        return None;
    }
    let mut y = rough_y(d, b, c, start)?;
    for _ in 0..4 {
        if let Some(m) = landing(&Round::of(y, d, b, c)?) {
            return (m <= d).then_some(m);
        }
        let before = y;
        y = next_y(y, d, b, c)?;
        if y == before {
            return (y <= d).then_some(y);
        }
    }
    None
}

/// Where a round for a balance lands whatever close start it has, if that is certain.
#[inline(always)]
fn landing(round: &Round) -> Option<u128> {
    let Round { start, up, change, denominator } = *round;
    let change = change.near_quotient(denominator)?;
    let whole = u128::from(change.wrapping_shr(Halves::FRACTION));
    let step = whole.checked_add(1)?;
    if step.checked_mul(step)?.checked_shl(14)? > denominator || whole >= 1 << 44 {
        return None;
    }
    landed(start, up, change, 1 << (Halves::FRACTION - 12))
}

/// Returns `start` plus or minus a change in units of 2^-18, rounded down, unless it is within
/// `margin` units of a whole number.
#[inline(always)]
fn landed(start: u128, up: bool, change: u64, margin: u64) -> Option<u128> {
    let part = change & low_bits(Halves::FRACTION);
    let margin = margin.checked_add(Halves::NEAR)?;
    if part < margin || part > low_bits(Halves::FRACTION).checked_sub(margin)? {
        return None;
    }
    let whole = u128::from(change.wrapping_shr(Halves::FRACTION));
    if up { start.checked_add(whole) } else { start.checked_sub(whole)?.checked_sub(1) }
}

/// Returns the root of [`settled_y`]'s parabola to about 60 bits, from rounds with short numbers.
#[inline(always)]
fn rough_y(d: u128, b: u128, c: Halves, start: u128) -> Option<u128> {
    const BITS: u32 = 62;
    let width = 128_u32.checked_sub(d.leading_zeros())?;
    let shift = width.checked_sub(BITS)?;
    let (d, b) = (d.wrapping_shr(shift), b.wrapping_shr(shift));
    let double = shift.checked_mul(2)?;
    let above = 128_u32.checked_sub(double)?;
    if c.high.checked_shr(double.saturating_sub(4))? != 0 {
        return None;
    }
    let c = c.low.checked_shr(double)? | c.high.checked_shl(above)?;
    let mut y = start.wrapping_shr(shift).min(d);
    for _ in 0..9 {
        let before = y;
        let denominator = low64(y.checked_mul(2)?.checked_add(b)?.checked_sub(d)?);
        y = y.wrapping_mul(y).checked_add(c)?.checked_div(u128::from(denominator))?;
        y = y.min(d);
        if y.abs_diff(before) < 1_u128.wrapping_shl(BITS / 2) {
            break;
        }
    }
    y.checked_shl(shift)
}
