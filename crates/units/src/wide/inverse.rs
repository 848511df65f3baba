use super::{Halves, U128Divisor, div_3_by_2, wide};

/// Fractional bits of a [`Ratio`].
const FRACTION: u32 = 112;
/// Bits of the factors that a [`Ratio`] multiplies without dividing.
const FACTOR: u32 = 96;
/// A ratio is less than four units too low, so that a product with a factor is less than 2^98.
const UNSURE: u32 = FACTOR + 2;

/// A divisor below 2^128 with its reciprocal in full, for many ratios with the same denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inverse {
    divisor: U128Divisor,
    /// floor((2^255 - 1) / the normalised divisor): less than two too low for 2^255.
    reciprocal: u128,
}

/// A ratio of two numbers that several factors are multiplied by.
///
/// Its binary fraction is cut off. A product of it tells its own whole part unless the fraction
/// of that is so close to one that what was cut off might matter; only then it divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio<'a> {
    /// In units of 2^-112, less than four of them too low.
    fixed: u128,
    numerator: u128,
    divisor: &'a U128Divisor,
}

impl Inverse {
    /// The divisor one.
    pub const ONE: Self = Self { divisor: U128Divisor::ONE, reciprocal: u128::MAX };

    /// Prepares a divisor; `None` for zero.
    #[inline(always)]
    pub fn new(divisor: u128) -> Option<Self> {
        U128Divisor::new(divisor).map(Self::of)
    }

    /// Prepares a divisor that is itself prepared.
    #[inline(always)]
    pub fn of(divisor: U128Divisor) -> Self {
        let (d, v) = (divisor.normalised, divisor.reciprocal);
        let (q1, remainder) = div_3_by_2(u128::MAX >> 1, u64::MAX, d, v);
        let (q0, _) = div_3_by_2(remainder, u64::MAX, d, v);
        Self { divisor, reciprocal: wide(q1, q0) }
    }

    /// Returns the ratio of a number to the divisor; `None` where it is far from one: from about
    /// 2^15 up, and from about 2^-112 down.
    #[inline(always)]
    pub fn ratio(&self, numerator: u128) -> Option<Ratio<'_>> {
        if numerator == 0 {
            return None;
        }
        let up = numerator.leading_zeros();
        // The product of both normalised numbers is in units of 2^-255.
        let down = (127 - FRACTION + up).checked_sub(self.divisor.shift)?;
        // Two units for the reciprocal and one for the cut, before another cut.
        let product = Halves::product(numerator << up, self.reciprocal).high;
        Some(Ratio { fixed: product.checked_shr(down)?, numerator, divisor: &self.divisor })
    }
}

impl Ratio<'_> {
    /// Returns `factor * numerator / divisor` rounded down, or `None` past 2^128 - 1.
    #[inline(always)]
    pub fn mul_floor(&self, factor: u128) -> Option<u128> {
        const ALL_ONES: u128 = (1 << (FRACTION - UNSURE)) - 1;
        let Halves { high, low } = Halves::product(factor, self.fixed);
        let close = (low >> UNSURE) & ALL_ONES == ALL_ONES;
        if close || high >> FRACTION != 0 || factor >> FACTOR != 0 {
            std::hint::cold_path();
            return self.divisor.mul_div(factor, self.numerator);
        }
        Some((high << (128 - FRACTION)) | (low >> FRACTION))
    }
}

#[cfg(test)]
mod tests;
