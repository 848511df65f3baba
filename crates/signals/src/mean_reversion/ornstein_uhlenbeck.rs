use std::f64::consts::LN_2;

use super::Line;
use crate::window::Window;

/// An Ornstein-Uhlenbeck process: `dx = reversion * (mean - x) dt + sigma dW`.
///
/// Source: Uhlenbeck and Ornstein 1930; sampled at equal times it is exactly an autoregression of
/// first order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrnsteinUhlenbeck {
    /// How fast it comes back, per unit of time.
    pub reversion: f64,
    /// Where it comes back to.
    pub mean: f64,
    /// Its deviation per square root of time.
    pub sigma: f64,
}

impl OrnsteinUhlenbeck {
    /// Returns the process that an autoregression `x' = intercept + slope * x` sampled every `step`
    /// is; `None` where the slope is not between 0 and 1: then nothing comes back.
    pub fn of_autoregression(line: &Line, step: f64) -> Option<Self> {
        let slope = line.slope;
        if !(0.0 < slope && slope < 1.0) || step <= 0.0 {
            return None;
        }
        let reversion = -libm::log(slope) / step;
        let variance = line.residual_squares / line.count as f64;
        let sigma = (variance * 2.0 * reversion / (1.0 - slope * slope)).sqrt();
        Some(Self { reversion, mean: line.intercept / (1.0 - slope), sigma })
    }

    /// Returns the process of greatest likelihood for values seen every `step`; `None` for fewer
    /// than three, and where they do not come back. A short series comes back faster than its
    /// process does.
    pub fn fitted(values: &[f64], step: f64) -> Option<Self> {
        let pairs = values.iter().copied().zip(values.iter().copied().skip(1));
        if values.len() < 3 {
            return None;
        }
        Self::of_autoregression(&Line::through(pairs)?, step)
    }

    /// Returns how long half of the way back takes.
    pub fn half_life(&self) -> f64 {
        LN_2 / self.reversion
    }

    /// Returns its deviation from the mean in the long run.
    pub fn stationary_deviation(&self) -> f64 {
        self.sigma / (2.0 * self.reversion).sqrt()
    }
}

/// The process fitted to the last values of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingHalfLife {
    window: Window<f64>,
    step: f64,
}

impl RollingHalfLife {
    /// Returns a fit over so many values, one every `step`.
    ///
    /// # Panics
    /// Where the length is below three, or the step not positive and finite.
    pub fn new(length: usize, step: f64) -> Self {
        assert!(length > 2, "an autoregression needs three values");
        assert!(step > 0.0 && step.is_finite(), "a step of {step} must be positive");
        Self { window: Window::new(length), step }
    }

    /// Takes in a value.
    pub fn update(&mut self, value: f64) {
        self.window.push(value);
    }

    /// Returns the process; `None` before the first whole window, and where its values do not come
    /// back.
    pub fn process(&self) -> Option<OrnsteinUhlenbeck> {
        let values = self.window.full()?;
        let pairs = values.clone().zip(values.skip(1));
        OrnsteinUhlenbeck::of_autoregression(&Line::through(pairs)?, self.step)
    }

    /// Returns the half-life, in the unit of the step; `None` as [`process`](Self::process).
    pub fn half_life(&self) -> Option<f64> {
        self.process().map(|process| process.half_life())
    }
}
