use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::parse::{digits, out_of_range};
use crate::{Amount, ParseError, Side, U256, mul_div, mul_limbs, narrow};

/// The square root of a price, token1 per token0 in raw units, as Q64.96 (`sqrtPriceX96`).
///
/// Always below 2^160. Zero is allowed: it is the price of a pool that is not initialized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SqrtPrice(U256);

const EXPECTED: &str = "a square root price as Q64.96, 0 to 2^160 - 1";

impl SqrtPrice {
    /// The price of a pool that is not initialized.
    pub const ZERO: Self = Self(U256::ZERO);
    /// The lowest price a pool may have, that of tick -887272 (v3-core 1.0.1 `TickMath`).
    pub const MIN: Self = Self(U256::from_limbs([4_295_128_739, 0, 0, 0]));
    /// One above the highest price a pool may have, that of tick 887272.
    pub const MAX: Self = Self(U256::from_limbs([
        6_743_328_256_752_651_558,
        17_280_870_778_742_802_505,
        4_294_805_859,
        0,
    ]));

    /// The lowest limit that a swap may have, one above [`SqrtPrice::MIN`]; routers ask for it
    /// where their caller names none.
    pub const LOWEST_LIMIT: Self = Self(U256::from_limbs([4_295_128_740, 0, 0, 0]));
    /// The highest limit that a swap may have, one below [`SqrtPrice::MAX`].
    pub const HIGHEST_LIMIT: Self = Self(U256::from_limbs([
        6_743_328_256_752_651_557,
        17_280_870_778_742_802_505,
        4_294_805_859,
        0,
    ]));

    /// Returns the price with this Q64.96 value, or `None` from 2^160 on.
    #[inline]
    pub fn from_x96(value: U256) -> Option<Self> {
        (value.bit_len() <= 160).then_some(Self(value))
    }

    /// Returns the Q64.96 value.
    #[inline]
    pub const fn to_x96(self) -> U256 {
        self.0
    }

    /// Returns what an amount of one token is worth in the other, rounded down; `None` where that
    /// passes 2^256 - 1 or the price is zero.
    pub fn convert(self, amount: Amount, of: Side) -> Option<Amount> {
        match of {
            Side::Token0 => {
                let [a, b, c, _] = *self.0.as_limbs();
                let square: [u64; 6] = mul_limbs(&[a, b, c], &[a, b, c]);
                let product: [u64; 10] = mul_limbs(amount.0.as_limbs(), &square);
                // The price is the square over 2^192, and three limbs are just that.
                let [_, _, _, whole @ ..] = product;
                narrow(&whole).map(Amount)
            }
            // Rounding down twice is rounding down once by the product of the divisors.
            Side::Token1 => {
                let once = mul_div(amount.0, Self::Q96, self.0)?;
                mul_div(once, Self::Q96, self.0).map(Amount)
            }
        }
    }

    const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);

    /// Whether a pool may stand at this price: `MIN <= self < MAX`.
    #[inline]
    pub fn is_valid(self) -> bool {
        Self::MIN <= self && self < Self::MAX
    }
}

impl Ord for SqrtPrice {
    /// Swaps compare prices at every turn, and three limbs are all there is to compare.
    #[inline(always)]
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |price: &Self| {
            let [a, b, c, _] = *price.0.as_limbs();
            (c, u128::from(a) | u128::from(b) << 64_u32)
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for SqrtPrice {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SqrtPrice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for SqrtPrice {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_x96(digits(text, EXPECTED)?).ok_or_else(|| out_of_range(text, EXPECTED))
    }
}
