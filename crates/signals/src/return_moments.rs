/// Mean and standard deviation of a series of returns, one at a time.
///
/// Source: Welford 1962, "Note on a method for calculating corrected sums of squares and products".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReturnMoments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl ReturnMoments {
    /// Takes in one return.
    pub fn update(&mut self, period_return: f64) {
        self.count = self.count.saturating_add(1);
        let off = period_return - self.mean;
        self.mean += off / self.count as f64;
        self.squares += off * (period_return - self.mean);
    }

    /// Returns how many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Returns their mean, or `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Returns their standard deviation with `n - 1` below the squares (ddof 1), or `None` for
    /// fewer than two.
    pub fn sample_deviation(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count as f64 - 1.0)).sqrt())
    }
}

impl FromIterator<f64> for ReturnMoments {
    fn from_iter<I: IntoIterator<Item = f64>>(returns: I) -> Self {
        let mut moments = Self::default();
        for period_return in returns {
            moments.update(period_return);
        }
        moments
    }
}
