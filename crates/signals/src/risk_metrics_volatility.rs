/// Volatility of a series sampled at equal periods: `s2 = decay * s2 + (1 - decay) * r^2`.
///
/// The seed is the square of the first return, and the estimate includes the last. Source: J.P.
/// Morgan, RiskMetrics Technical Document 1996, which takes a decay of 0.94 for days and 0.97 for
/// months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskMetricsVolatility {
    decay: f64,
    variance: Option<f64>,
}

impl RiskMetricsVolatility {
    /// Returns an estimator without data.
    ///
    /// # Panics
    /// Unless the decay is above 0 and below 1.
    pub fn new(decay: f64) -> Self {
        assert!(0.0 < decay && decay < 1.0, "decay {decay} must be above 0 and below 1");
        Self { decay, variance: None }
    }

    /// Takes in the return of one period.
    ///
    /// # Panics
    /// Unless it is finite.
    pub fn update(&mut self, period_return: f64) {
        assert!(period_return.is_finite(), "return {period_return} must be finite");
        let square = period_return * period_return;
        self.variance = Some(match self.variance {
            Some(before) => self.decay * before + (1.0 - self.decay) * square,
            None => square,
        });
    }

    /// Returns the variance of a period's return, or `None` before the first.
    pub const fn variance(&self) -> Option<f64> {
        self.variance
    }

    /// Returns the standard deviation of a period's return, or `None` before the first.
    pub fn sigma(&self) -> Option<f64> {
        self.variance.map(f64::sqrt)
    }
}
