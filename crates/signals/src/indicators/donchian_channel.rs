use crate::window::Window;

/// The Donchian channel: the highest high and the lowest low of the last periods.
#[derive(Clone, Debug, PartialEq)]
pub struct DonchianChannel {
    window: Window<[f64; 2]>,
}

/// Where the channel is, in the unit of the prices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channel {
    /// The lowest low.
    pub lower: f64,
    /// The highest high.
    pub upper: f64,
}

impl Channel {
    /// Returns the middle between both.
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.lower, self.upper)
    }
}

impl DonchianChannel {
    /// Returns a channel over so many periods; 20 are usual.
    ///
    /// # Panics
    /// Where the length is zero.
    pub fn new(length: usize) -> Self {
        Self { window: Window::new(length) }
    }

    /// Takes in a period's high and low.
    pub fn update(&mut self, high: f64, low: f64) {
        self.window.push([high, low]);
    }

    /// Returns the channel; `None` before the first whole window.
    pub fn value(&self) -> Option<Channel> {
        let periods = self.window.full()?;
        let upper = periods.clone().map(|[high, _]| high).fold(f64::NEG_INFINITY, f64::max);
        let lower = periods.map(|[_, low]| low).fold(f64::INFINITY, f64::min);
        Some(Channel { lower, upper })
    }
}
