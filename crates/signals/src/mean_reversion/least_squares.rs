/// A line through points, by least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Where it is at zero.
    pub intercept: f64,
    /// How much it rises by one.
    pub slope: f64,
    /// The sum of the squares of what is left.
    pub residual_squares: f64,
    /// How many points there were.
    pub count: usize,
}

impl Line {
    /// Returns the line through points, each an abscissa and an ordinate; `None` for fewer than
    /// two, or all of one abscissa.
    pub fn through(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Self> {
        let count = points.clone().count();
        let mean = |of: fn((f64, f64)) -> f64| points.clone().map(of).sum::<f64>() / count as f64;
        let (across, up) = (mean(|(x, _)| x), mean(|(_, y)| y));
        let squares: f64 = points.clone().map(|(x, _)| (x - across) * (x - across)).sum();
        let products: f64 = points.clone().map(|(x, y)| (x - across) * (y - up)).sum();
        if count < 2 || squares <= 0.0 {
            return None;
        }
        let slope = products / squares;
        let intercept = up - slope * across;
        let left = |(x, y)| y - intercept - slope * x;
        let residual_squares = points.map(|point| left(point) * left(point)).sum();
        Some(Self { intercept, slope, residual_squares, count })
    }

    /// Returns how far a point is above the line.
    pub fn residual(&self, across: f64, up: f64) -> f64 {
        up - self.intercept - self.slope * across
    }
}
