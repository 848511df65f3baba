/// What the best width of a range follows from; rates are per unit of time.
///
/// Source: Cartea, Drissi and Monga 2023 (arXiv 2309.08431), log utility, one liquidity provider
/// who re-centres all the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimalWidth {
    /// Fees that the pool pays on the value of its liquidity, net of gas.
    pub fee_rate: f64,
    /// What is lost by concentrating: a rate that the square of the width divides.
    pub concentration_cost: f64,
    /// Volatility of the price.
    pub sigma: f64,
    /// Drift of the price.
    pub drift: f64,
}

/// A range around a price, asymmetric where the price drifts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Width {
    /// The parts of both sides added up, 0 to 4 at most.
    pub total: f64,
    /// The share of the upper side, one half without drift.
    pub upper_share: f64,
}

impl OptimalWidth {
    /// Returns the best width; `None` where fees do not pay for what is lost: without drift, where
    /// `fee_rate <= sigma^2 / 8`, which is loss versus rebalancing, and where the drift puts the
    /// price outside of the range.
    pub fn width(&self) -> Option<Width> {
        let Self { fee_rate, concentration_cost, sigma, drift } = *self;
        let variance = sigma * sigma;
        let earned = 4.0 * fee_rate - variance / 2.0 + drift * (drift - variance / 2.0);
        let total = (2.0 * concentration_cost + drift * drift * variance) / earned;
        let upper_share = 0.5 + drift / total;
        let is_range = earned > 0.0 && total > 0.0 && (0.0..=1.0).contains(&upper_share);
        let width = Width { total, upper_share };
        (is_range && width.sides().into_iter().all(|side| side < 2.0)).then_some(width)
    }
}

impl Width {
    /// Returns the part of the lower and of the upper side.
    pub fn sides(&self) -> [f64; 2] {
        [(1.0 - self.upper_share) * self.total, self.upper_share * self.total]
    }

    /// Returns how many ticks the lower and the upper end are away: `-2 ln(1 - side/2)` over the
    /// logarithm of 1.0001.
    pub fn ticks(&self) -> [f64; 2] {
        self.sides().map(|side| -libm::log1p(-side / 2.0) / crate::raw::LOG_SQRT_PER_TICK)
    }

    /// Returns the prices it stands for around one: `Z (1 - lower/2)^2` and `Z / (1 - upper/2)^2`.
    pub fn around(&self, price: f64) -> crate::PriceRange {
        let [lower, upper] = self.sides().map(|side| (1.0 - side / 2.0) * (1.0 - side / 2.0));
        crate::PriceRange { lower: price * lower, upper: price / upper }
    }
}
