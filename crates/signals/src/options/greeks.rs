use super::{OptionKind, OptionTerms};
use crate::exit_time::normal_cdf;

/// How the value of an option moves with each thing that it follows from, all else held.
///
/// Without time or volatility left the value has a corner at the strike: `gamma`, `vega` and what
/// of `theta` comes from volatility are zero then, and `delta` is that of what is in the money, at
/// the strike itself that of what is out of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Greeks {
    /// With the price: dimensionless.
    pub delta: f64,
    /// Of the delta with the price: per unit of price.
    pub gamma: f64,
    /// With the volatility: per unit of it, a hundred points.
    pub vega: f64,
    /// With the time that passes: per year, below zero where value is lost.
    pub theta: f64,
    /// With the rate: per unit of it.
    pub rho: f64,
}

impl OptionTerms {
    /// Returns how the value of an option on a future moves. Source: Black 1976.
    pub fn black_76_greeks(&self) -> Greeks {
        let Self { price, years, rate, sigma, .. } = *self;
        let [first, _] = self.distances();
        let discount = libm::exp(-rate * years);
        let delta = match self.kind {
            OptionKind::Call => discount * normal_cdf(first),
            OptionKind::Put => -discount * normal_cdf(-first),
        };
        let value = self.black_76();
        let deviation = sigma * years.sqrt();
        let (gamma, vega, decay) = if deviation > 0.0 {
            let density = discount * normal_density(first);
            let vega = price * density * years.sqrt();
            (density / (price * deviation), vega, vega * sigma / (2.0 * years))
        } else {
            (0.0, 0.0, 0.0)
        };
        Greeks { delta, gamma, vega, theta: rate * value - decay, rho: -years * value }
    }

    /// Returns how the value of an option on an asset moves: that on its future, which moves with
    /// price, rate and time itself. Source: Black and Scholes 1973; Merton 1973.
    pub fn black_scholes_greeks(&self) -> Greeks {
        let growth = libm::exp(self.rate * self.years);
        let future = self.price * growth;
        let on_future = Self { price: future, ..*self }.black_76_greeks();
        Greeks {
            delta: on_future.delta * growth,
            gamma: on_future.gamma * growth * growth,
            vega: on_future.vega,
            theta: on_future.theta - on_future.delta * future * self.rate,
            rho: on_future.rho + on_future.delta * future * self.years,
        }
    }
}

fn normal_density(x: f64) -> f64 {
    libm::exp(-x * x / 2.0) / std::f64::consts::TAU.sqrt()
}
