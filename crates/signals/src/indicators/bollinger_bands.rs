use super::moving_average::mean;
use crate::window::Window;

/// Bollinger bands: the mean of the last closes, and so many of their deviations on either side.
///
/// The deviation divides by `length` (ddof 0). Source: Bollinger 2001, "Bollinger on Bollinger
/// Bands".
#[derive(Clone, Debug, PartialEq)]
pub struct BollingerBands {
    window: Window<f64>,
    deviations: f64,
}

/// Where the bands are, in the unit of the closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The mean less the width.
    pub lower: f64,
    /// The mean.
    pub middle: f64,
    /// The mean and the width.
    pub upper: f64,
}

impl BollingerBands {
    /// Returns bands over so many closes; 20 closes and 2 deviations are usual.
    ///
    /// # Panics
    /// Where the length is zero or the deviations are not positive and finite.
    pub fn new(length: usize, deviations: f64) -> Self {
        let is_width = deviations > 0.0 && deviations.is_finite();
        assert!(is_width, "a width of {deviations} deviations must be positive");
        Self { window: Window::new(length), deviations }
    }

    /// Takes in a close.
    pub fn update(&mut self, close: f64) {
        self.window.push(close);
    }

    /// Returns the bands; `None` before the first whole window.
    pub fn value(&self) -> Option<Band> {
        let closes = self.window.full()?;
        let middle = mean(closes.clone());
        let variance = mean(closes.map(|close| (close - middle) * (close - middle)));
        let width = self.deviations * variance.sqrt();
        Some(Band { lower: middle - width, middle, upper: middle + width })
    }
}
