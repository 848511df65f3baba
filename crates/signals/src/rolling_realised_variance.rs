use crate::RealisedVariance;
use crate::window::Window;

/// The realised variance and bipower variation of the last steps of a path.
///
/// Those of [`RealisedVariance`] over the window alone: the product that reaches back out of it is
/// left out.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingRealisedVariance {
    window: Window<f64>,
}

impl RollingRealisedVariance {
    /// Returns an estimate over so many steps.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        Self { window: Window::new(length) }
    }

    /// Takes in the log return of one step.
    ///
    /// # Panics
    /// Unless it is finite.
    pub fn update(&mut self, log_return: f64) {
        assert!(log_return.is_finite(), "log return {log_return} must be finite");
        self.window.push(log_return);
    }

    /// Returns both of the window's returns; `None` before the first whole window.
    pub fn realised(&self) -> Option<RealisedVariance> {
        let mut realised = RealisedVariance::default();
        self.window.full()?.for_each(|log_return| realised.update(log_return));
        Some(realised)
    }
}
