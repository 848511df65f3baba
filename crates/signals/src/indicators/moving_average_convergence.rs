use super::ExponentialAverage;

/// Moving average convergence and divergence (MACD): how far a fast average is above a slow one.
///
/// Source: Appel 1979. The averages are those of [`ExponentialAverage`]; the signal is one of the
/// line, seeded with its first values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MovingAverageConvergence {
    fast: ExponentialAverage,
    slow: ExponentialAverage,
    signal: ExponentialAverage,
}

/// What the two averages say, in the unit of the prices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convergence {
    /// The fast average less the slow one.
    pub line: f64,
    /// The average of the line.
    pub signal: f64,
}

impl Convergence {
    /// Returns how far the line is above its signal.
    pub fn histogram(&self) -> f64 {
        self.line - self.signal
    }
}

impl MovingAverageConvergence {
    /// Returns the indicator of these lengths; 12, 26 and 9 are usual.
    ///
    /// # Panics
    /// Where a length is zero, or the fast one not shorter than the slow one.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Self {
        assert!(fast < slow, "the fast average, {fast}, must be shorter than the slow one, {slow}");
        let [fast, slow, signal] = [fast, slow, signal].map(ExponentialAverage::new);
        Self { fast, slow, signal }
    }

    /// Takes in a close.
    pub fn update(&mut self, close: f64) {
        self.fast.update(close);
        self.slow.update(close);
        if let Some(line) = self.line() {
            self.signal.update(line);
        }
    }

    /// Returns the line and its signal; `None` before `slow + signal - 1` closes.
    pub fn value(&self) -> Option<Convergence> {
        Some(Convergence { line: self.line()?, signal: self.signal.value()? })
    }

    fn line(&self) -> Option<f64> {
        Some(self.fast.value()? - self.slow.value()?)
    }
}
