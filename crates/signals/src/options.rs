//! European options after Black, Scholes and Merton, and on futures after Black: prices, greeks and
//! implied volatility; what a range of liquidity is as a portfolio of them, and which listed ones
//! cover it.

mod cover;
mod greeks;
mod implied;

use crate::exit_time::normal_cdf;
use crate::{ConcentratedPosition, PriceRange};

pub use cover::covering_quantities;
pub use greeks::Greeks;
pub use implied::{ImpliedBounds, NoVolatility};

/// Whether an option buys or sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

/// What an option's value follows from. Rates are continuous, times in years; price and strike are
/// positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionTerms {
    /// Whether it buys or sells.
    pub kind: OptionKind,
    /// The price that it is on: of the asset, or of its future.
    pub price: f64,
    /// The price that it buys or sells at.
    pub strike: f64,
    /// Until it ends.
    pub years: f64,
    /// The riskless rate.
    pub rate: f64,
    /// The volatility of the price.
    pub sigma: f64,
}

impl OptionTerms {
    /// Returns the value of an option on an asset. Source: Black and Scholes 1973.
    pub fn black_scholes(&self) -> f64 {
        let future = self.price * libm::exp(self.rate * self.years);
        Self { price: future, ..*self }.black_76()
    }

    /// Returns how the value of an option on an asset moves with its price.
    pub fn delta(&self) -> f64 {
        let future = self.price * libm::exp(self.rate * self.years);
        let [first, _] = Self { price: future, ..*self }.distances();
        match self.kind {
            OptionKind::Call => normal_cdf(first),
            OptionKind::Put => -normal_cdf(-first),
        }
    }

    /// Returns the value of an option on a future. Source: Black 1976.
    pub fn black_76(&self) -> f64 {
        let [first, second] = self.distances();
        let discount = libm::exp(-self.rate * self.years);
        let (price, strike) = (self.price, self.strike);
        match self.kind {
            OptionKind::Call => {
                discount * (price * normal_cdf(first) - strike * normal_cdf(second))
            }
            OptionKind::Put => {
                discount * (strike * normal_cdf(-second) - price * normal_cdf(-first))
            }
        }
    }

    /// Both distances, `d1` and `d2`, for a price that is a future's. Without time or volatility
    /// left they are infinite, with the sign of what is in the money.
    fn distances(&self) -> [f64; 2] {
        let deviation = self.sigma * self.years.sqrt();
        let moneyness = libm::log(self.price / self.strike);
        if deviation <= 0.0 {
            let end = if moneyness > 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
            return [end, end];
        }
        let first = moneyness / deviation + deviation / 2.0;
        [first, first - deviation]
    }
}

/// A range of liquidity as what it can be replicated by: cash, the asset, and options sold at every
/// strike of the range, `L / (2 K^1.5) dK` of each.
///
/// Source: Carr and Madan 1998; Clark 2020, "The Replicating Portfolio of a Constant Product
/// Market" for the strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionStrip {
    position: ConcentratedPosition,
    anchor: f64,
}

impl OptionStrip {
    /// Returns the strip with puts below a price in the range and calls above it; `None` where the
    /// price is not inside.
    pub fn new(position: ConcentratedPosition, anchor: f64) -> Option<Self> {
        position.is_in_range(anchor).then_some(Self { position, anchor })
    }

    /// Returns the token1 and the token0 held beside the options.
    pub fn cash_and_asset(&self) -> [f64; 2] {
        let asset = self.position.delta(self.anchor);
        [self.position.value(self.anchor) - asset * self.anchor, asset]
    }

    /// Returns how many options per unit of strike are sold at a strike.
    pub fn density(&self, strike: f64) -> f64 {
        -self.position.gamma(strike)
    }

    /// Returns what everything is worth when all options end at a price.
    ///
    /// The options' integral in closed form: below the anchor that of `(K - P) / K^1.5`, above it
    /// that of `(P - K) / K^1.5`.
    pub fn payoff(&self, price: f64) -> f64 {
        let PriceRange { lower, upper } = self.position.sqrt_prices();
        let anchor = self.anchor.sqrt();
        let integral = |strike_sqrt: f64| 2.0 * strike_sqrt + 2.0 * price / strike_sqrt;
        // What ends in the money has strikes from the price to the anchor, on either side of it.
        let nearest = price.sqrt().clamp(lower, upper);
        let sold = self.position.liquidity() / 2.0 * (integral(anchor) - integral(nearest));
        let [cash, asset] = self.cash_and_asset();
        cash + asset * price - sold
    }
}
