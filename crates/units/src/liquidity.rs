use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::parse::{digits, out_of_range};

/// Concentrated liquidity, the `L` of Uniswap v3, in units of sqrt(token0 * token1) raw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Liquidity(pub u128);

/// A change of liquidity; positive adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedLiquidity(pub i128);

const EXPECTED: &str = "liquidity, 0 to 2^128 - 1";

impl Liquidity {
    /// No liquidity.
    pub const ZERO: Self = Self(0);

    /// Whether there is none.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Returns the liquidity after a change, or `None` outside 0 to 2^128 - 1.
    #[inline]
    pub fn checked_add_signed(self, delta: SignedLiquidity) -> Option<Self> {
        self.0.checked_add_signed(delta.0).map(Self)
    }
}

impl SignedLiquidity {
    /// Returns `+liquidity`, or `None` past 2^127 - 1.
    #[inline]
    pub fn positive(liquidity: Liquidity) -> Option<Self> {
        i128::try_from(liquidity.0).ok().map(Self)
    }

    /// Returns `-liquidity`, or `None` past 2^127 - 1.
    #[inline]
    pub fn negative(liquidity: Liquidity) -> Option<Self> {
        i128::try_from(liquidity.0).ok().and_then(i128::checked_neg).map(Self)
    }

    /// Returns the size without the sign.
    #[inline]
    pub fn magnitude(self) -> Liquidity {
        Liquidity(self.0.unsigned_abs())
    }
}

impl fmt::Display for Liquidity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Display for SignedLiquidity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for Liquidity {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let value = digits(text, EXPECTED)?;
        u128::try_from(value).map(Self).map_err(|_| out_of_range(text, EXPECTED))
    }
}
