use crate::window::Window;

/// The mean of the last values of a series, all weighing the same.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleAverage {
    window: Window<f64>,
}

impl SimpleAverage {
    /// Returns an average of so many values, without any yet.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        Self { window: Window::new(length) }
    }

    /// Takes in a value.
    pub fn update(&mut self, value: f64) {
        self.window.push(value);
    }

    /// Returns the average, in the unit of the values; `None` before the first whole window.
    pub fn value(&self) -> Option<f64> {
        self.window.full().map(mean)
    }
}

/// An average in which the newest value weighs `2 / (length + 1)` and each older one less by the
/// same factor; the seed is the simple average of the first `length` values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialAverage {
    length: usize,
    newest_weight: f64,
    seen: usize,
    /// The sum of the first values, later the average.
    sum_or_value: f64,
}

impl ExponentialAverage {
    /// Returns an average without values.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        assert!(length > 0, "an average has at least one value");
        Self::with_newest_weight(length, 2.0 / (length as f64 + 1.0))
    }

    /// Returns Wilder's smoothing, in which the newest value weighs `1 / length`: that of RSI and
    /// ATR (Wilder 1978, "New Concepts in Technical Trading Systems").
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn wilder(length: usize) -> Self {
        assert!(length > 0, "an average has at least one value");
        Self::with_newest_weight(length, 1.0 / length as f64)
    }

    fn with_newest_weight(length: usize, newest_weight: f64) -> Self {
        Self { length, newest_weight, seen: 0, sum_or_value: 0.0 }
    }

    /// Takes in a value.
    pub fn update(&mut self, value: f64) {
        if self.seen < self.length {
            self.seen += 1;
            self.sum_or_value += value;
            if self.seen == self.length {
                self.sum_or_value /= self.length as f64;
            }
        } else {
            self.sum_or_value += self.newest_weight * (value - self.sum_or_value);
        }
    }

    /// Returns the average, in the unit of the values; `None` before `length` values.
    pub fn value(&self) -> Option<f64> {
        (self.seen == self.length).then_some(self.sum_or_value)
    }
}

/// The mean price of the last periods, each weighing as much as was traded in it.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeWeightedAverage {
    window: Window<[f64; 2]>,
}

impl VolumeWeightedAverage {
    /// Returns an average of so many periods, without any yet.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        Self { window: Window::new(length) }
    }

    /// Takes in the price of a period and the volume at it.
    ///
    /// # Panics
    /// Unless the volume is at least zero.
    pub fn update(&mut self, price: f64, volume: f64) {
        assert!(volume >= 0.0, "volume {volume} must not be negative");
        self.window.push([price, volume]);
    }

    /// Returns the average, in the unit of the prices; `None` before the first whole window, and
    /// where nothing was traded in it.
    pub fn value(&self) -> Option<f64> {
        let periods = self.window.full()?;
        let traded: f64 = periods.clone().map(|[_, volume]| volume).sum();
        let paid: f64 = periods.map(|[price, volume]| price * volume).sum();
        (traded > 0.0).then(|| paid / traded)
    }
}

/// The mean of at least one value, summed in their order.
pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
