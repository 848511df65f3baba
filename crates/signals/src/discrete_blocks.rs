use crate::loss_versus_rebalancing::constant_product_rate;

/// sqrt(2 pi) / |zeta(1/2)| to the digits its source prints; the constant itself is 1.716452, which
/// moves the rate by 3 parts in 100,000, far less than the error of the approximation it stands in.
const CONSTANT_INTERVAL: f64 = 1.7164;

/// Arbitrage of a constant-product pool with fees, by traders who act once per block.
///
/// Assumes a log price without drift, traders who are always there, see the outside price without
/// delay and pay no gas, and no other flow. All rates are fractions of the pool's value per unit of
/// time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiscreteBlocks {
    /// Volatility of the log price per square root of the unit of time, positive.
    pub sigma: f64,
    /// Distance in log price from the pool's price to either edge of its no-trade band, at least
    /// zero: `-ln(1 - fee)`, about the fee. One side, not the full spread.
    pub half_spread: f64,
    /// Mean time between blocks, positive.
    pub interval: f64,
}

impl DiscreteBlocks {
    /// Returns the fraction of blocks with an arbitrage, their arrivals being Poisson:
    /// `1 / (1 + sqrt(2 / interval) half_spread / sigma)`.
    ///
    /// Source: Milionis, Moallemi, Roughgarden 2023 (arXiv 2305.14604): the mass that the
    /// stationary law of the mispricing has outside the band.
    pub fn trade_probability(&self) -> f64 {
        1.0 / (1.0 + (2.0 / self.interval).sqrt() * self.half_spread / self.sigma)
    }

    /// Returns the rate at which arbitrageurs profit, net of the fees they pay, with Poisson
    /// arrivals: `sigma^2/8 * P_trade * exp(half_spread/2) / (1 - sigma^2 interval / 8)`.
    ///
    /// `None` unless `sigma^2 interval < 8`: the expectation is infinite from there on. What the
    /// fees bring back is the difference to [`constant_product_rate`]. Source: Milionis, Moallemi,
    /// Roughgarden 2023 (arXiv 2305.14604), the constant-product pool; derived again from the
    /// stationary law, and simulated in the tests.
    pub fn arbitrage_rate_poisson(&self) -> Option<f64> {
        let remaining = 1.0 - constant_product_rate(self.sigma) * self.interval;
        let premium = libm::exp(self.half_spread / 2.0);
        let rate = constant_product_rate(self.sigma) * self.trade_probability();
        (remaining > 0.0).then(|| rate * premium / remaining)
    }

    /// Returns the rate at which arbitrageurs profit, net of fees, with blocks at equal intervals:
    /// `sigma^2/8 / (1 + 1.7164 half_spread / (sigma sqrt(interval)))`.
    ///
    /// An approximation, for a half-spread of the order of one block's volatility or more. Source:
    /// Nezlobin, Tassy 2025 (arXiv 2505.05113), whose gamma is the full spread and whose unit is
    /// four times this one.
    pub fn arbitrage_rate_constant_interval(&self) -> f64 {
        let blocks_wide = self.half_spread / (self.sigma * self.interval.sqrt());
        constant_product_rate(self.sigma) / (1.0 + CONSTANT_INTERVAL * blocks_wide)
    }
}
