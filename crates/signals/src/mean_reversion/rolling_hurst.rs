use super::hurst_exponent;
use crate::window::Window;

/// Hurst's exponent of the last values of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingHurst {
    window: Window<f64>,
}

impl RollingHurst {
    /// Returns an exponent of so many values.
    ///
    /// # Panics
    /// Where the length is below 16.
    pub fn new(length: usize) -> Self {
        assert!(length >= 16, "{length} values are too few lags");
        Self { window: Window::new(length) }
    }

    /// Takes in a value: a logarithm of a price, for one.
    pub fn update(&mut self, value: f64) {
        self.window.push(value);
    }

    /// Returns the exponent; `None` before the first whole window, and where nothing moves in it.
    pub fn exponent(&self) -> Option<f64> {
        let values: Vec<f64> = self.window.full()?.collect();
        hurst_exponent(&values)
    }
}
