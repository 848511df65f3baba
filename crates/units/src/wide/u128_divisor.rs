use super::{div_3_by_2, reciprocal_3_by_2};

/// An integer of 256 bits in two halves, the form that products of two `u128` have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// A divisor below 2^128 that is divided by again and again, with its reciprocal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct U128Divisor {
    normalised: u128,
    reciprocal: u64,
    shift: u32,
}

impl U128Divisor {
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
        let Halves { high, low } = numerator;
        let (d, v) = (self.normalised, self.reciprocal);
        if high >= d >> self.shift {
            return None;
        }
        let high = (high << self.shift) | (low >> 1 >> (127 - self.shift));
        let low = low << self.shift;
        let (q1, remainder) = div_3_by_2(high, (low >> 64) as u64, d, v);
        let (q0, _) = div_3_by_2(remainder, low as u64, d, v);
        Some(super::wide(q1, q0))
    }

    /// Returns `a * b / divisor` rounded down, or `None` past 2^128 - 1.
    #[inline(always)]
    pub fn mul_div(&self, a: u128, b: u128) -> Option<u128> {
        self.div(Halves::product(a, b))
    }
}
