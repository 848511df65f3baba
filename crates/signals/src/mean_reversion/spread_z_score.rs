use super::Line;
use crate::window::Window;

/// Returns how many deviations the last pair of two series is above the line of `y` on `x` through
/// all of them; `None` for fewer than three pairs, an `x` that never moves, and where all are on
/// the line.
///
/// The deviation is that of the regression, with `n - 2` below the squares. It is Engle and
/// Granger's residual, measured: whether it comes back is for
/// [`Cointegration`](super::Cointegration) to say.
pub fn spread_z_score(pairs: impl ExactSizeIterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let (x, y) = pairs.clone().last()?;
    let line = Line::through(pairs)?;
    let degrees = line.count.checked_sub(2).filter(|degrees| *degrees > 0)?;
    let deviation = (line.residual_squares / degrees as f64).sqrt();
    (deviation > 0.0).then(|| line.residual(x, y) / deviation)
}

/// The score of a pair of series over their last values.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingSpread {
    window: Window<(f64, f64)>,
}

impl RollingSpread {
    /// Returns a score over so many pairs.
    ///
    /// # Panics
    /// Where the length is below three.
    pub fn new(length: usize) -> Self {
        assert!(length > 2, "a regression's deviation needs three pairs");
        Self { window: Window::new(length) }
    }

    /// Takes in a value of both series.
    pub fn update(&mut self, x: f64, y: f64) {
        self.window.push((x, y));
    }

    /// Returns the score of the newest pair; `None` before the first whole window, and as
    /// [`spread_z_score`].
    pub fn z_score(&self) -> Option<f64> {
        spread_z_score(self.window.full()?)
    }
}
