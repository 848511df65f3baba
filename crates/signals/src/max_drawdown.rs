/// The deepest fall of a value from its highest so far, one value at a time.
///
/// Shape: the first value counts as a peak, so a curve that only falls has a drawdown. Values up to
/// the first positive one are counted but not measured. The depth is a fraction of the peak; it
/// passes one where the value falls below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MaxDrawdown {
    seen: u64,
    peak: f64,
    peak_index: u64,
    worst: Drawdown,
}

/// One fall, from a peak to the lowest value after it and before the next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drawdown {
    /// What was lost, as a fraction of the peak; at least zero.
    pub depth: f64,
    /// Which value was the peak, counted from zero.
    pub peak_index: u64,
    /// Which value was the lowest.
    pub trough_index: u64,
}

impl MaxDrawdown {
    /// Takes in the next value of the curve.
    pub fn update(&mut self, value: f64) {
        if value > self.peak {
            self.peak = value;
            self.peak_index = self.seen;
        }
        let depth = 1.0 - value / self.peak;
        if self.peak > 0.0 && depth > self.worst.depth {
            let (peak_index, trough_index) = (self.peak_index, self.seen);
            self.worst = Drawdown { depth, peak_index, trough_index };
        }
        self.seen = self.seen.saturating_add(1);
    }

    /// Returns the deepest so far, or `None` where the value never fell.
    pub fn worst(&self) -> Option<Drawdown> {
        (self.worst.depth > 0.0).then_some(self.worst)
    }
}
