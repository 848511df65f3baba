use std::fmt;

use crate::{Liquidity, U256, mul_div};

/// A share in hundredths of a basis point: 1,000,000 is everything, 500 is 0.05 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeePips(pub u32);

/// A share in basis points: 10,000 is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(pub u32);

/// Fees per unit of liquidity since some origin, in raw token units as Q128.128.
///
/// An accumulator that wraps at 2^256, as in the contract: only differences mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeeGrowth(pub U256);

impl FeePips {
    /// Everything: 1,000,000 pips.
    pub const ONE: Self = Self(1_000_000);
}

impl Bps {
    /// Everything: 10,000 basis points.
    pub const ONE: Self = Self(10_000);
}

impl FeeGrowth {
    /// The origin.
    pub const ZERO: Self = Self(U256::ZERO);

    /// Returns the accumulator after more growth, wrapping as the contract does.
    #[must_use]
    #[inline]
    pub fn wrapping_add(self, growth: Self) -> Self {
        Self(self.0.wrapping_add(growth.0))
    }

    /// Returns the growth since `earlier`, wrapping as the contract does.
    #[must_use]
    #[inline]
    pub fn wrapping_sub(self, earlier: Self) -> Self {
        Self(self.0.wrapping_sub(earlier.0))
    }

    /// Returns what this growth pays to a position of `liquidity`, rounded down (the pool keeps
    /// the dust), in raw token units; `None` past 2^256 - 1.
    pub fn earned_by(self, liquidity: Liquidity) -> Option<U256> {
        mul_div(self.0, U256::from(liquidity.0), U256::from_limbs([0, 0, 1, 0]))
    }
}

impl fmt::Display for FeePips {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Display for Bps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Display for FeeGrowth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
