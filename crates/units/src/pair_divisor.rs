//! Division by a fixed divisor of two limbs, on 64-bit limbs, least significant first.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::needless_range_loop,
    reason = "limb arithmetic, as in `wide`: every truncation here is meant"
)]

use crate::wide::{div_3_by_2, mul_limbs, reciprocal_3_by_2, shift_left};

/// A divisor of 2^64 or more that is divided by again and again, with its reciprocal.
///
/// Source: as of [`LimbDivisor`](crate::LimbDivisor), algorithms 5 and 6 there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairDivisor {
    normalised: u128,
    reciprocal: u64,
    shift: u32,
}

impl PairDivisor {
    /// Prepares a divisor; `None` below 2^64, which is what [`LimbDivisor`](crate::LimbDivisor) is
    /// for.
    pub const fn new(divisor: u128) -> Option<Self> {
        if divisor >> 64 == 0 {
            return None;
        }
        let shift = divisor.leading_zeros();
        let normalised = divisor << shift;
        let reciprocal = reciprocal_3_by_2((normalised >> 64) as u64, normalised as u64);
        Some(Self { normalised, reciprocal, shift })
    }

    /// Returns the quotient of a limb array rounded down; of two limbs at least.
    #[inline(always)]
    pub fn div<const U: usize>(&self, numerator: &[u64; U]) -> [u64; U] {
        const { assert!(U >= 2, "a divisor of two limbs needs a numerator of two") };
        let (u, top) = shift_left(numerator, self.shift);
        let mut whole = [0; U];
        let mut remainder = (u128::from(top) << 64) | u128::from(u[U - 1]);
        for j in (0..U - 1).rev() {
            if remainder < self.normalised >> 64 {
                remainder = (remainder << 64) | u128::from(u[j]);
            } else {
                (whole[j], remainder) =
                    div_3_by_2(remainder, u[j], self.normalised, self.reciprocal);
            }
        }
        whole
    }

    /// Returns `floor(a * b / divisor)`, or `None` past 2^128 - 1.
    #[inline(always)]
    pub fn mul_div(&self, a: u128, b: u128) -> Option<u128> {
        let limbs = |value: u128| [value as u64, (value >> 64) as u64];
        let product: [u64; 4] = mul_limbs(&limbs(a), &limbs(b));
        let [low, high, beyond, none] = self.div(&product);
        (beyond | none == 0).then_some((u128::from(high) << 64) | u128::from(low))
    }
}
