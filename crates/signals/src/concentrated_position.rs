use tidemill_units::{Liquidity, TickRange};

use crate::raw::sqrt_price_at_tick_f64;

/// Liquidity between two prices: what it holds, what that is worth, and how that changes.
///
/// Prices are token1 per token0. Units are the caller's: with human prices and amounts the
/// liquidity is sqrt(token0 * token1) in human units, with raw ones it is the `L` of the contract.
/// A lower price of zero with an infinite upper price is the constant-product pool.
///
/// Every method takes a price that is positive and finite. Source: Uniswap v3 core whitepaper,
/// equations 6.29 and 6.30, with Milionis et al. 2022 (arXiv 2208.06046) for the derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcentratedPosition {
    liquidity: f64,
    lower_sqrt: f64,
    upper_sqrt: f64,
}

/// The prices, or square roots of prices, between which liquidity is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceRange {
    /// Lowest inside.
    pub lower: f64,
    /// First above.
    pub upper: f64,
}

/// A price before and after, token1 per token0, both positive and finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceMove {
    /// Before.
    pub from: f64,
    /// After.
    pub to: f64,
}

/// Why there is no such position.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPosition {
    /// Liquidity is negative, infinite or not a number.
    #[error("liquidity {0} is not finite and at least zero")]
    Liquidity(f64),
    /// The bounds are not in order, the lower is negative or infinite, or one is not a number.
    #[error("range {lower}..{upper} is not 0 <= lower < upper")]
    Range {
        /// Lower bound as given.
        lower: f64,
        /// Upper bound as given.
        upper: f64,
    },
}

impl ConcentratedPosition {
    /// Returns the position between two prices.
    ///
    /// # Errors
    /// [`InvalidPosition`] unless `0 <= liquidity` and `0 <= lower < upper`, the first two finite.
    pub fn new(liquidity: f64, prices: PriceRange) -> Result<Self, InvalidPosition> {
        let PriceRange { lower, upper } = prices;
        // Before the roots are taken: that of a negative number would report a NaN nobody wrote.
        if !(0.0 <= lower && lower < upper) {
            return Err(InvalidPosition::Range { lower, upper });
        }
        Self::from_sqrt_prices(liquidity, PriceRange { lower: lower.sqrt(), upper: upper.sqrt() })
    }

    /// Returns the position between two square roots of prices.
    ///
    /// # Errors
    /// [`InvalidPosition`] unless `0 <= liquidity` and `0 <= lower < upper`, the first two finite.
    pub fn from_sqrt_prices(
        liquidity: f64,
        sqrt_prices: PriceRange,
    ) -> Result<Self, InvalidPosition> {
        let PriceRange { lower, upper } = sqrt_prices;
        if !(0.0 <= lower && lower < upper) {
            return Err(InvalidPosition::Range { lower, upper });
        }
        if !(0.0 <= liquidity && liquidity.is_finite()) {
            return Err(InvalidPosition::Liquidity(liquidity));
        }
        Ok(Self { liquidity, lower_sqrt: lower, upper_sqrt: upper })
    }

    /// Returns a pool's position in raw units, each bound within 2e-14 of the contract's.
    ///
    /// # Errors
    /// [`InvalidPosition::Range`] where the ticks are not in order.
    pub fn from_ticks(liquidity: Liquidity, ticks: TickRange) -> Result<Self, InvalidPosition> {
        let lower = sqrt_price_at_tick_f64(ticks.lower);
        let upper = sqrt_price_at_tick_f64(ticks.upper);
        Self::from_sqrt_prices(liquidity.0 as f64, PriceRange { lower, upper })
    }

    /// Returns the liquidity, sqrt(token0 * token1).
    pub const fn liquidity(&self) -> f64 {
        self.liquidity
    }

    /// Returns the square roots of the prices it is active between.
    pub const fn sqrt_prices(&self) -> PriceRange {
        PriceRange { lower: self.lower_sqrt, upper: self.upper_sqrt }
    }

    /// Whether the liquidity is active: `lower <= price < upper`.
    pub fn is_in_range(&self, price: f64) -> bool {
        let sqrt = price.sqrt();
        self.lower_sqrt <= sqrt && sqrt < self.upper_sqrt
    }

    /// Returns the token0 it holds: `L (1/s - 1/sqrt(upper))`, `s` the sqrt price clamped to the
    /// range.
    pub fn token0(&self, price: f64) -> f64 {
        self.liquidity * self.token0_per_liquidity(self.clamp_sqrt(price.sqrt()))
    }

    /// Returns the token1 it holds: `L (s - sqrt(lower))`, `s` the sqrt price clamped to the range.
    pub fn token1(&self, price: f64) -> f64 {
        self.liquidity * (self.clamp_sqrt(price.sqrt()) - self.lower_sqrt)
    }

    /// Returns what both are worth, in token1.
    pub fn value(&self, price: f64) -> f64 {
        self.token0(price) * price + self.token1(price)
    }

    /// Returns how its value moves with the price, in token0: `dV/dP`, which is the token0 it
    /// holds.
    pub fn delta(&self, price: f64) -> f64 {
        self.token0(price)
    }

    /// Returns how its delta moves with the price: `-L / (2 P^1.5)` in range and zero outside.
    pub fn gamma(&self, price: f64) -> f64 {
        if !self.is_in_range(price) {
            return 0.0;
        }
        -self.liquidity / (2.0 * price * price.sqrt())
    }

    /// Returns how many times the liquidity of a constant-product pool of equal value it provides,
    /// zero outside the range: `1 / (1 - (sqrt(lower/P) + sqrt(P/upper)) / 2)`.
    pub fn capital_efficiency(&self, price: f64) -> f64 {
        if !self.is_in_range(price) {
            return 0.0;
        }
        let sqrt = price.sqrt();
        2.0 / ((sqrt - self.lower_sqrt) / sqrt + sqrt * self.token0_per_liquidity(sqrt))
    }

    pub(crate) fn clamp_sqrt(&self, sqrt: f64) -> f64 {
        sqrt.clamp(self.lower_sqrt, self.upper_sqrt)
    }

    /// `1/sqrt - 1/upper` over one denominator, which keeps the digits of a narrow range.
    fn token0_per_liquidity(&self, sqrt: f64) -> f64 {
        if self.upper_sqrt.is_infinite() {
            return 1.0 / sqrt;
        }
        (self.upper_sqrt - sqrt) / (sqrt * self.upper_sqrt)
    }
}
