use crate::ReturnMoments;
use crate::window::Window;

/// How many deviations the newest value is above the mean of the last ones, itself included.
///
/// The deviation divides by `length - 1` (ddof 1).
#[derive(Clone, Debug, PartialEq)]
pub struct ZScore {
    window: Window<f64>,
}

impl ZScore {
    /// Returns a score over so many values.
    ///
    /// # Panics
    /// Where the length is below two.
    pub fn new(length: usize) -> Self {
        assert!(length > 1, "a deviation needs two values");
        Self { window: Window::new(length) }
    }

    /// Takes in a value.
    pub fn update(&mut self, value: f64) {
        self.window.push(value);
    }

    /// Returns the score; `None` before the first whole window, and where all in it are the same.
    pub fn value(&self) -> Option<f64> {
        let values = self.window.full()?;
        let newest = values.clone().last()?;
        let moments: ReturnMoments = values.collect();
        let deviation = moments.sample_deviation().filter(|deviation| *deviation > 0.0)?;
        Some((newest - moments.mean()?) / deviation)
    }
}
