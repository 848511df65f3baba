use std::f64::consts::LN_2;

/// How fast something adds up, recent time weighing more: fees, or the way a price has gone.
///
/// Each second weighs half as much for every half-life of age; the weights add up to one from the
/// first amount on, so there is no seed to forget. The same weights as
/// [`EwmaVolatility`](crate::EwmaVolatility) has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EwmaRate {
    half_life_seconds: f64,
    weighted_rate: f64,
    /// How much of the weight of an endless series there is, 0 to 1.
    weight: f64,
}

impl EwmaRate {
    /// Returns a rate without data.
    ///
    /// # Panics
    /// Unless the half-life is positive and finite.
    pub fn with_half_life(seconds: f64) -> Self {
        assert!(seconds > 0.0 && seconds.is_finite(), "half-life {seconds} s must be positive");
        Self { half_life_seconds: seconds, weighted_rate: 0.0, weight: 0.0 }
    }

    /// Takes in what was added over the seconds since the update before.
    ///
    /// # Panics
    /// Unless the amount is finite, and the time finite and above zero.
    pub fn update(&mut self, amount: f64, seconds: f64) {
        assert!(amount.is_finite(), "amount {amount} must be finite");
        assert!(seconds > 0.0 && seconds.is_finite(), "elapsed {seconds} s must be positive");
        let decay_log = -LN_2 * seconds / self.half_life_seconds;
        let (kept, added) = (libm::exp(decay_log), -libm::expm1(decay_log));
        self.weighted_rate = kept * self.weighted_rate + added * (amount / seconds);
        self.weight = kept * self.weight + added;
    }

    /// Returns the rate per second, in the unit of the amounts; `None` before any time has passed.
    pub fn per_second(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.weighted_rate / self.weight)
    }

    /// Returns the rate per day; `None` before any time has passed.
    pub fn per_day(&self) -> Option<f64> {
        self.per_second().map(|rate| rate * 86_400.0)
    }
}
