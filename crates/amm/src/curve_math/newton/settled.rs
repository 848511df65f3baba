//! Where the contracts' rounds end, without walking them all.
//!
//! Both loops are Newton's for a convex function, from above its root, with every quotient rounded
//! down. A start with some fifty bits of the root comes from rounds with short numbers. One more,
//! in fixed point, tells the root to a small part of a unit, so that bounds on what the contract's
//! own quotients lose tell the whole number where its rounds end. Where the bounds leave two whole
//! numbers open, the contract's rounds are walked.
//!
//! In fixed point a number is a fraction of `unit`, the power of two next above the largest number,
//! in 64 or 128 bits.

use tidemill_units::Halves;

use super::{high64, low64};

/// Fractional bits of what a round changes.
pub(super) const FRACTION: u32 = Halves::FRACTION;
/// The powers of two that `unit` may be, by the leading zeros of numbers just below it: short
/// enough that no product of the contract's passes 256 bits, and long enough for short guesses.
pub(super) const ZEROS: std::ops::RangeInclusive<u32> = 24..=63;

/// What a chain of quotients `c = floor(c d / by)` is below the product of the ratios `d / by`, at
/// most: what it was before one quotient times its ratio, and less than one more.
#[derive(Clone, Copy)]
pub(super) struct Loss {
    /// The number `d`, as a fraction with 32 bits, rounded up.
    factor: u64,
    /// A share is this power of two smaller than the divisor that it stands for.
    log: u32,
    /// The loss in units of 2^-8, below 2^18.
    pub(super) parts: u64,
}

impl Loss {
    /// Fractional bits of a loss.
    const PARTS: u32 = 8;
    /// One.
    pub(super) const ONE: u64 = 1 << Self::PARTS;

    /// Returns the loss of the first quotient; `None` where its ratio passes 2^7. No number of the
    /// chain is then above `2^17 d`: a loss is never below the product of the ratios after the
    /// first, and it stays below 2^10.
    #[inline(always)]
    pub(super) fn of_first(d: u64, share: u128, log: u32) -> Option<Self> {
        let factor = d.wrapping_shr(32).wrapping_add(1);
        let loss = Self { factor, log, parts: Self::ONE };
        (loss.divisor(share).wrapping_shl(7) >= factor).then_some(loss)
    }

    /// Returns the loss after one more quotient; `None` where it passes 2^10.
    #[inline(always)]
    pub(super) fn after(self, share: u128) -> Option<Self> {
        let parts = self.parts.wrapping_mul(self.factor).checked_div(self.divisor(share))?;
        let parts = parts.wrapping_add(1).wrapping_add(Self::ONE);
        (parts < 1 << 18).then_some(Self { parts, ..self })
    }

    /// The divisor that a share stands for, with 32 fractional bits, rounded down.
    #[inline(always)]
    fn divisor(&self, share: u128) -> u64 {
        high64(share).wrapping_shr(32_u32.wrapping_sub(self.log))
    }
}

/// Where a round leads to from its start.
pub(super) struct Landing {
    /// Whether it leads up.
    pub(super) up: bool,
    /// How far, in units of 2^-18.
    pub(super) change: u64,
}

impl Landing {
    /// Returns the landing of a round that changes its start by `apart / 2^down` times
    /// `per / 2^64` units of 2^-18, each rounded down: by less than three units less. `None` where
    /// that is 2^44 or more.
    #[inline(always)]
    pub(super) fn of(up: bool, apart: u128, down: u32, per: u64) -> Option<Self> {
        let apart = u64::try_from(apart.checked_shr(down)?).ok()?;
        let change = high_limb(apart, per);
        (change.wrapping_shr(62) == 0).then_some(Self { up, change })
    }

    /// Returns the whole part of the change.
    #[inline(always)]
    pub(super) fn whole(&self) -> u64 {
        self.change.wrapping_shr(FRACTION)
    }

    /// Returns where a round leads to, rounded down, unless a whole number is less than `below`
    /// units of 2^-18 below that, or `above` units above.
    #[inline(always)]
    pub(super) fn certain(&self, start: u128, below: u64, above: u64) -> Option<u128> {
        let moved = if self.up { self.change } else { self.change.wrapping_neg() };
        let part = moved & LOW_BITS;
        if part < below || part.checked_add(above)? > LOW_BITS {
            return None;
        }
        let whole = moved.cast_signed().wrapping_shr(FRACTION);
        start.checked_add_signed(i128::from(whole))
    }

    /// Returns a start that the change leads to, given as a fraction of which `back` bits tell no
    /// whole numbers.
    #[inline(always)]
    pub(super) fn next(&self, start: u64, back: u32) -> Option<u64> {
        let step = self.whole().wrapping_shr(back);
        if self.up { start.checked_add(step) } else { start.checked_sub(step) }
    }
}

const LOW_BITS: u64 = 1_u64.wrapping_shl(FRACTION).wrapping_sub(1);

/// The product of two fractions, by less than a unit of the last bit too low.
#[inline(always)]
pub(super) fn high(a: u128, b: u128) -> u128 {
    Halves::product(a, b).high
}

/// As [`high`], with a fraction of 64 bits.
#[inline(always)]
pub(super) fn high_by(a: u128, b: u64) -> u128 {
    let b = u128::from(b);
    let low = u128::from(low64(a)).wrapping_mul(b);
    u128::from(high64(a)).wrapping_mul(b).wrapping_add(u128::from(high64(low)))
}

/// As [`high`], with fractions of 64 bits.
#[inline(always)]
pub(super) fn high_limb(a: u64, b: u64) -> u64 {
    high64(u128::from(a).wrapping_mul(u128::from(b)))
}

/// Returns 2^127 over a number with its top bit set, by at most a 2^-62 part of it off.
#[inline(always)]
pub(super) fn reciprocal(number: u64) -> Option<u64> {
    u64::try_from(u128::MAX.wrapping_shr(1).checked_div(u128::from(number))?).ok()
}
