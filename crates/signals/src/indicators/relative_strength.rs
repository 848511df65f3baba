use super::ExponentialAverage;

/// The relative strength index: how much of the recent moves went up, 0 to 100.
///
/// `100 * up / (up + down)` with Wilder's averages of the gains and losses from close to close.
/// Source: Wilder 1978, "New Concepts in Technical Trading Systems".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativeStrength {
    last: Option<f64>,
    gains: ExponentialAverage,
    losses: ExponentialAverage,
}

impl RelativeStrength {
    /// Returns an index over so many moves; 14 is usual.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        let average = ExponentialAverage::wilder(length);
        Self { last: None, gains: average, losses: average }
    }

    /// Takes in a close.
    pub fn update(&mut self, close: f64) {
        if let Some(last) = self.last.replace(close) {
            self.gains.update((close - last).max(0.0));
            self.losses.update((last - close).max(0.0));
        }
    }

    /// Returns the index; 50 where nothing moved, `None` before `length` moves.
    pub fn value(&self) -> Option<f64> {
        let (gains, losses) = (self.gains.value()?, self.losses.value()?);
        let moved = gains + losses;
        Some(if moved > 0.0 { 100.0 * gains / moved } else { 50.0 })
    }
}
