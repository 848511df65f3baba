use super::ExponentialAverage;
use crate::Bar;

/// The average true range: how far prices usually go in one period, gaps included.
///
/// The true range is the reach of high, low and the close before; the first period has none.
/// Source: Wilder 1978, "New Concepts in Technical Trading Systems".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AverageTrueRange {
    last_close: Option<f64>,
    average: ExponentialAverage,
}

impl AverageTrueRange {
    /// Returns an average over so many true ranges; 14 are usual.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        Self { last_close: None, average: ExponentialAverage::wilder(length) }
    }

    /// Takes in a bar.
    pub fn update(&mut self, bar: &Bar) {
        if let Some(last) = self.last_close.replace(bar.close) {
            self.average.update(bar.high.max(last) - bar.low.min(last));
        }
    }

    /// Returns the average, in the unit of the prices; `None` before `length` true ranges.
    pub fn value(&self) -> Option<f64> {
        self.average.value()
    }
}
