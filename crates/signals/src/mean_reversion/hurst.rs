use super::Line;

/// Returns Hurst's exponent of a series: how its differences grow with the lag, `lag^H`.
///
/// One half for a random walk, less for one that comes back, more for one with trends. Shape: the
/// slope of the logarithm of the differences' root mean square over the logarithm of the lag, for
/// the lags 1, 2, 4 and so on up to a quarter of the series. `None` for fewer than 16 values, and
/// for a series that does not move.
pub fn hurst_exponent(values: &[f64]) -> Option<f64> {
    if values.len() < 16 {
        return None;
    }
    let lags = std::iter::successors(Some(1_usize), |lag| lag.checked_mul(2));
    let lags = lags.take_while(|lag| *lag <= values.len() / 4);
    let mut points = Vec::new();
    for lag in lags {
        let differences = values.iter().zip(values.iter().skip(lag)).map(|(a, b)| b - a);
        let squares: f64 = differences.clone().map(|difference| difference * difference).sum();
        let mean = squares / differences.count() as f64;
        if mean <= 0.0 {
            return None;
        }
        points.push((libm::log(lag as f64), 0.5 * libm::log(mean)));
    }
    Line::through(points.into_iter()).map(|line| line.slope)
}
