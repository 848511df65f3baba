use std::f64::consts::LN_2;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Volatility of a series sampled at any times, recent returns weighing more.
///
/// The variance per second is the mean of `return^2 / seconds` over all intervals, weighted by the
/// integral over each of a weight that halves with every half-life of age. The weights add up to
/// one from the first return on, so there is no seed to forget. Returns taken at one instant belong
/// together: a return with no time elapsed is added to the next.
///
/// Source: the continuous-time limit of RiskMetrics 1996, whose fixed steps are
/// [`crate::RiskMetricsVolatility`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EwmaVolatility {
    half_life_seconds: f64,
    /// Weighted mean of the variances, times the weight.
    weighted_variance: f64,
    /// How much of the weight of an endless series there is, 0 to 1.
    weight: f64,
    instant_return: f64,
}

impl EwmaVolatility {
    /// Returns an estimator without data.
    ///
    /// # Panics
    /// Unless the half-life is positive and finite.
    pub fn with_half_life(seconds: f64) -> Self {
        assert!(seconds > 0.0 && seconds.is_finite(), "half-life {seconds} s must be positive");
        Self {
            half_life_seconds: seconds,
            weighted_variance: 0.0,
            weight: 0.0,
            instant_return: 0.0,
        }
    }

    /// Takes in the log return since the update before, and the seconds since then.
    ///
    /// # Panics
    /// Unless the return is finite and the time finite and at least zero.
    pub fn update(&mut self, log_return: f64, seconds: f64) {
        assert!(log_return.is_finite(), "log return {log_return} must be finite");
        assert!(seconds >= 0.0 && seconds.is_finite(), "elapsed {seconds} s must not be negative");
        let moved = self.instant_return + log_return;
        if seconds == 0.0 {
            self.instant_return = moved;
            return;
        }
        self.instant_return = 0.0;
        let decay_log = -LN_2 * seconds / self.half_life_seconds;
        let kept = libm::exp(decay_log);
        let added = -libm::expm1(decay_log);
        self.weighted_variance = kept * self.weighted_variance + added * (moved * moved / seconds);
        self.weight = kept * self.weight + added;
    }

    /// Returns the variance per second, or `None` before any time has passed.
    pub fn variance_per_second(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.weighted_variance / self.weight)
    }

    /// Returns the standard deviation of a day's log return, or `None` before any time has passed.
    pub fn sigma_daily(&self) -> Option<f64> {
        self.variance_per_second().map(|variance| (variance * SECONDS_PER_DAY).sqrt())
    }
}
