//! Where the contracts' rounds for a balance end.

use tidemill_units::{Halves, U256};

use super::settled::{FRACTION, Landing, Loss, ZEROS, high, high_by, reciprocal};
use super::{Round, Rounding, high64, low64, narrow, next_y};

/// How far from a whole number the rounds have to end: what a round's start still matters, 2^-12,
/// and what the numbers here are off.
const CLOSE: u64 = (1 << (FRACTION - 12)) + 8;

/// The parabola `y^2 + (b - d) y - c` of a balance, but for `c`.
#[derive(Clone, Copy)]
pub(super) struct Parabola {
    pub(super) rounding: Rounding,
    pub(super) ann: u64,
    pub(super) d: u128,
    /// `d / ann`, which is the part of `b` that is no balance.
    pub(super) part: u128,
    pub(super) b: u128,
}

/// The parabola's `c` as a fraction: `power / weight`. It is `d^(n+1)` over `n ann` and each other
/// balance times n.
struct Ratio {
    /// Leading zeros of `d`.
    zeros: u32,
    power: u128,
    /// At least one quarter.
    weight: u128,
    /// How many units of the last bit both may be too low.
    cut: u128,
    /// Of the contract's own quotients on the way to `c`, but for the last.
    loss: u64,
    n: u64,
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
/// end, then the end rounded down is `m`, and so are those of rounds from `m` to `m + 2`.
///
/// The contract's `c` is below the real one by its quotients' [`Loss`] times `d / (n ann)`, and by
/// less than one more; the root is then lower by no more than that over the denominator.
#[inline(always)]
pub(super) fn settled_y(parabola: &Parabola, balances: &[U256], coin: usize) -> Option<u128> {
    let ratio = parabola.ratio(balances, coin)?;
    let back = 64_u32.wrapping_sub(ratio.zeros) & 63;
    let mut start = parabola.guess(&ratio)?;
    for _ in 0..3 {
        let y = u128::from(start).wrapping_shl(back);
        let gap = y.checked_add(parabola.b)?.checked_sub(parabola.d)?;
        if high64(gap).wrapping_shr(back) != 0 {
            return None;
        }
        let denominator = Denominator::of(y.wrapping_add(gap))?;
        let right = high(high_by(gap.wrapping_shl(ratio.zeros & 63), start), ratio.weight);
        let (landing, down) = denominator.round(&ratio, right)?;
        let step = u128::from(landing.whole()).wrapping_add(1);
        if step.wrapping_mul(step).wrapping_shl(14) > denominator.whole {
            start = landing.next(start, back)?;
            continue;
        }
        let above = low64(ratio.cut.checked_shr(down)?).wrapping_add(CLOSE);
        let below = denominator.noise(&ratio, parabola.part)?.wrapping_add(above);
        let m = landing.certain(y, below, above)?;
        return (m <= parabola.d).then_some(m);
    }
    None
}

impl Parabola {
    #[inline(always)]
    fn ratio(&self, balances: &[U256], coin: usize) -> Option<Ratio> {
        let Self { rounding, ann, d, .. } = *self;
        let zeros = d.leading_zeros();
        if !ZEROS.contains(&zeros) {
            return None;
        }
        // Without the coin among them there would be one balance more.
        balances.get(coin)?;
        let count = u32::try_from(balances.len()).ok()?;
        let n = u64::from(count);
        let x = d.wrapping_shl(zeros & 63);
        // A balance may be twice the power of two above `d`.
        let log = count.next_power_of_two().trailing_zeros().wrapping_add(1);
        let mut product = u128::MAX;
        let mut loss: Option<Loss> = None;
        for (_, balance) in balances.iter().enumerate().filter(|(place, _)| *place != coin) {
            let balance = narrow(*balance)?;
            if high64(balance).wrapping_shr(65_u32.wrapping_sub(zeros)) != 0 {
                return None;
            }
            let share = balance.wrapping_mul(u128::from(n));
            let share = share.wrapping_shl(zeros.wrapping_sub(log) & 63);
            if let Some(before) = loss {
                product = high(product, share);
                loss = Some(before.after(share)?);
            } else {
                product = share;
                loss = Some(Loss::of_first(high64(x), share, log)?);
            }
        }
        let last = ann.checked_mul(n)?;
        let (product_zeros, last_zeros) = (product.leading_zeros(), last.leading_zeros());
        if product_zeros > 40 {
            return None;
        }
        let weight = high_by(product.wrapping_shl(product_zeros), last.checked_shl(last_zeros)?);
        let mut power = power_of(x, count.wrapping_add(1));
        let mut down = log.wrapping_mul(count.wrapping_sub(1)).wrapping_add(64);
        down = down.wrapping_sub(product_zeros).wrapping_sub(last_zeros);
        if rounding.precision != 1 {
            power = power.wrapping_shr(7).wrapping_mul(u128::from(rounding.precision));
            down = down.wrapping_sub(7);
        }
        // One unit of the last bit for each product, times what follows them.
        let cut = u128::from(n).wrapping_shl(product_zeros.wrapping_add(3)).wrapping_add(256);
        let power = (down < 64).then(|| power.wrapping_shr(down & 63))?;
        Some(Ratio { zeros, power, weight, cut, loss: loss?.parts, n })
    }

    /// Returns the root, to about 60 bits of `d`, by its formula.
    #[inline(always)]
    fn guess(&self, ratio: &Ratio) -> Option<u64> {
        let Self { d, b, .. } = *self;
        let weight = u128::from(high64(ratio.weight));
        let c = u128::from(high64(ratio.power)).wrapping_shl(63).checked_div(weight)?;
        let apart = d.abs_diff(b);
        if c.wrapping_shr(61) != 0
            || high64(apart).wrapping_shr(64_u32.wrapping_sub(ratio.zeros)) != 0
        {
            return None;
        }
        // Both with 61 fractional bits, and the square and four times `c` with 122.
        let apart = high64(apart.wrapping_shl(ratio.zeros & 63)).wrapping_shr(3);
        let square = u128::from(apart).wrapping_mul(u128::from(apart));
        let root = low64(square.wrapping_add(c.wrapping_shl(61)).isqrt());
        let twice = if d >= b { root.wrapping_add(apart) } else { root.wrapping_sub(apart) };
        (twice.wrapping_shr(62) == 0).then(|| twice.wrapping_shl(2))
    }
}

/// What a round divides by, `2 y + b - d`.
struct Denominator {
    whole: u128,
    /// Its leading zeros.
    zeros: u32,
    /// Its leading bits.
    top: u64,
}

impl Denominator {
    #[inline(always)]
    fn of(whole: u128) -> Option<Self> {
        let zeros = whole.leading_zeros();
        (zeros < 64).then(|| Self { whole, zeros, top: high64(whole.wrapping_shl(zeros & 63)) })
    }

    /// Returns the change `(c - y (y + b - d)) / denominator`, where `right` is the second product
    /// times the weight of `c`, and how many bits of a fraction tell no 2^-18 of it.
    #[inline(always)]
    fn round(&self, ratio: &Ratio, right: u128) -> Option<(Landing, u32)> {
        let slope = u128::from(self.top).wrapping_mul(u128::from(high64(ratio.weight)));
        let zeros = slope.leading_zeros() & 63;
        let per = reciprocal(high64(slope.wrapping_shl(zeros)))?;
        // 127 for the reciprocal, less 64 for what it is multiplied by, and 64 for the slope.
        let up = self.zeros.wrapping_add(zeros).wrapping_add(FRACTION.wrapping_add(1));
        let down = ratio.zeros.wrapping_mul(2).checked_sub(up)?;
        let apart = ratio.power.abs_diff(right);
        Some((Landing::of(ratio.power >= right, apart, down, per)?, down))
    }

    /// Returns how much the contract's root is below the parabola's in units of 2^-18, at most.
    #[inline(always)]
    fn noise(&self, ratio: &Ratio, part: u128) -> Option<u64> {
        if high64(part).wrapping_shr(64_u32.wrapping_sub(self.zeros) & 63) != 0 {
            return None;
        }
        let part = high64(part.wrapping_shl(self.zeros & 63)).wrapping_shr(32).wrapping_add(1);
        // A loss has eight of the eighteen bits.
        let by = self.top.wrapping_shr(32).wrapping_mul(ratio.n).wrapping_shr(10);
        ratio.loss.wrapping_mul(part).checked_div(by)?.checked_add(3)
    }
}

#[inline(always)]
fn power_of(x: u128, exponent: u32) -> u128 {
    let square = high(x, x);
    let mut power = if exponent & 1 == 0 { square } else { high(square, x) };
    for _ in 1..exponent.wrapping_shr(1) {
        power = high(power, square);
    }
    power
}

/// As [`settled_y`], from the contract's own `c`, where the loss of that matters.
///
/// A round that gives its start again tells `m` too: then one from `m + 2` gives `m`.
#[inline(always)]
pub(super) fn settled_y_of(d: u128, b: u128, c: Halves, start: u128) -> Option<u128> {
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
    Landing { up, change }.certain(start, CLOSE, CLOSE)
}

/// Returns the root of the parabola to about 60 bits, from rounds with short numbers.
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
