use super::Line;
use crate::window::Window;

/// The line of least squares through the last points of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingLine {
    window: Window<(f64, f64)>,
}

impl RollingLine {
    /// Returns a line through so many points.
    ///
    /// # Panics
    /// Where the length is below two.
    pub fn new(length: usize) -> Self {
        assert!(length > 1, "a line needs two points");
        Self { window: Window::new(length) }
    }

    /// Takes in a point: its abscissa and its ordinate.
    pub fn update(&mut self, across: f64, up: f64) {
        self.window.push((across, up));
    }

    /// Returns the line; `None` before the first whole window, and where all in it have one
    /// abscissa.
    pub fn line(&self) -> Option<Line> {
        Line::through(self.window.full()?)
    }
}
