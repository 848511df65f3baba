/// The prices of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The first.
    pub open: f64,
    /// The highest.
    pub high: f64,
    /// The lowest.
    pub low: f64,
    /// The last.
    pub close: f64,
}
