use super::{div_3_by_2, reciprocal_3_by_2};

/// An integer of 256 bits in two halves, the form that products of two `u128` have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Halves {
    /// Times 2^128.
    pub high: u128,
    /// The rest.
    pub low: u128,
}

impl Halves {
    /// Returns the full product of two numbers.
    #[inline(always)]
    pub fn product(a: u128, b: u128) -> Self {
        let (a0, a1) = (u128::from(a as u64), a >> 64);
        let (b0, b1) = (u128::from(b as u64), b >> 64);
        let (lowest, cross0, cross1) = (a0 * b0, a0 * b1, a1 * b0);
        let low_word = |word: u128| u128::from(word as u64);
        let middle = (lowest >> 64) + low_word(cross0) + low_word(cross1);
        Self {
            high: a1 * b1 + (cross0 >> 64) + (cross1 >> 64) + (middle >> 64),
            low: (middle << 64) | low_word(lowest),
        }
    }

    /// Returns the sum, or `None` past 2^256 - 1.
    #[inline(always)]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (low, carry) = self.low.overflowing_add(other.low);
        let (high, over) = self.high.carrying_add(other.high, carry);
        (!over).then_some(Self { high, low })
    }

    /// Returns the difference, or `None` below zero.
    #[inline(always)]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        let (high, below) = self.high.borrowing_sub(other.high, borrow);
        (!below).then_some(Self { high, low })
    }

    /// Returns the quotient rounded down and whether it is inexact; `None` past 2^128 - 1 and for
    /// a divisor of zero.
    ///
    /// It is fastest below 2^44 and for a divisor that is used once: the top words then tell the
    /// quotient with some bits of its fraction, unless that is very close to a whole number.
    #[inline(always)]
    pub fn div_once(self, divisor: u128) -> Option<(u128, bool)> {
        self.small_quotient(divisor).or_else(|| {
            let (quotient, remainder) = U128Divisor::new(divisor)?.div_rem(self)?;
            Some((quotient, remainder != 0))
        })
    }

    /// Returns the quotient and that it is inexact, where it is small and surely so.
    #[inline(always)]
    fn small_quotient(self, divisor: u128) -> Option<(u128, bool)> {
        let quotient = self.near_quotient(divisor)?;
        let fraction = quotient & ((1 << Self::FRACTION) - 1);
        let unsure = Self::NEAR;
        let sure = (unsure..(1 << Self::FRACTION) - unsure).contains(&fraction);
        sure.then_some((u128::from(quotient >> Self::FRACTION), true))
    }

    /// Fractional bits of [`near_quotient`](Self::near_quotient).
    pub const FRACTION: u32 = 18;
    /// How far [`near_quotient`](Self::near_quotient) is from the quotient at most, in its units.
    pub const NEAR: u64 = 4;

    /// Returns the quotient in units of 2^-18, less than [`NEAR`](Self::NEAR) of them off, from the
    /// top words alone; `None` from 2^44 up and for a divisor of zero.
    #[inline(always)]
    pub fn near_quotient(self, divisor: u128) -> Option<u64> {
        const FRACTION: u32 = Halves::FRACTION;
        let shift = divisor.leading_zeros();
        if shift > self.high.leading_zeros() || shift == 128 {
            return None;
        }
        let high = (self.high << shift) | (self.low >> 1 >> (127 - shift));
        if high >> 44 != 0 {
            return None;
        }
        let numerator = (high << (64 + FRACTION)) | (self.low << shift >> (64 - FRACTION));
        Some((numerator / ((divisor << shift) >> 64)) as u64)
    }
}

/// A divisor below 2^128 that is divided by again and again, with its reciprocal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct U128Divisor {
    pub(super) normalised: u128,
    pub(super) reciprocal: u64,
    pub(super) shift: u32,
}

impl U128Divisor {
    /// The divisor one.
    pub const ONE: Self = Self { normalised: 1 << 127, reciprocal: u64::MAX, shift: 127 };

    /// Prepares a divisor; `None` for zero.
    #[inline(always)]
    pub const fn new(divisor: u128) -> Option<Self> {
        if divisor == 0 {
            return None;
        }
        let shift = divisor.leading_zeros();
        let normalised = divisor << shift;
        let reciprocal = reciprocal_3_by_2((normalised >> 64) as u64, normalised as u64);
        Some(Self { normalised, reciprocal, shift })
    }

    /// Returns the quotient rounded down, or `None` past 2^128 - 1.
    #[inline(always)]
    pub fn div(&self, numerator: Halves) -> Option<u128> {
        self.div_rem(numerator).map(|(quotient, _)| quotient)
    }

    /// Returns the quotient and a remainder that is zero where it is exact.
    #[inline(always)]
    fn div_rem(&self, numerator: Halves) -> Option<(u128, u128)> {
        let Halves { high, low } = numerator;
        let (d, v) = (self.normalised, self.reciprocal);
        if high >= d >> self.shift {
            return None;
        }
        let high = (high << self.shift) | (low >> 1 >> (127 - self.shift));
        let low = low << self.shift;
        let (q1, remainder) = div_3_by_2(high, (low >> 64) as u64, d, v);
        let (q0, remainder) = div_3_by_2(remainder, low as u64, d, v);
        Some((super::wide(q1, q0), remainder))
    }

    /// Returns `a * b / divisor` rounded down, or `None` past 2^128 - 1.
    #[inline(always)]
    pub fn mul_div(&self, a: u128, b: u128) -> Option<u128> {
        self.div(Halves::product(a, b))
    }
}
