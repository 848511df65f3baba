use super::Line;
use crate::window::Window;

/// The Engle-Granger test: whether what one series leaves of another comes back.
///
/// The residuals of `y = intercept + slope * x` are put to an augmented Dickey-Fuller test without
/// constant. The direction matters: `x` against `y` is another test. Source: Engle and Granger
/// 1987.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cointegration {
    /// The regression.
    pub line: Line,
    /// The t statistic of the residuals' level; the lower, the surer they come back.
    pub statistic: f64,
    /// What it is held against.
    pub critical: CriticalValues,
}

/// The statistics below which cointegration is taken to be there.
///
/// Not those of Dickey and Fuller: the residuals were made as stationary as they can be. Source:
/// MacKinnon 2010, "Critical Values for Cointegration Tests", table 2, two series with a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CriticalValues {
    /// At 1 %.
    pub one_percent: f64,
    /// At 5 %.
    pub five_percent: f64,
    /// At 10 %.
    pub ten_percent: f64,
}

impl CriticalValues {
    /// Returns them for a regression over so many observations.
    pub fn of(observations: usize) -> Self {
        let small = 1.0 / observations as f64;
        let at = |[limit, first, second, third]: [f64; 4]| {
            limit + small * (first + small * (second + small * third))
        };
        Self {
            one_percent: at([-3.89644, -10.9519, -33.527, 0.0]),
            five_percent: at([-3.33613, -6.1101, -6.823, 0.0]),
            ten_percent: at([-3.04445, -4.2412, -2.720, 0.0]),
        }
    }
}

impl Cointegration {
    /// Tests whether `y` follows `x`, with so many lagged differences; `None` for series of
    /// different length, too few values, or an `x` that never moves.
    pub fn test(x: &[f64], y: &[f64], lags: usize) -> Option<Self> {
        if x.len() != y.len() {
            return None;
        }
        let line = Line::through(x.iter().copied().zip(y.iter().copied()))?;
        let residuals: Vec<f64> = x.iter().zip(y).map(|(x, y)| line.residual(*x, *y)).collect();
        let statistic = level_statistic(&residuals, lags)?;
        let critical = CriticalValues::of(x.len().checked_sub(1)?);
        Some(Self { line, statistic, critical })
    }

    /// Whether no cointegration is refused at 5 %.
    pub fn is_likely(&self) -> bool {
        self.statistic < self.critical.five_percent
    }
}

/// The t statistic of `b` in `dz = b z_before + sum c_i dz_(before i) + e`.
fn level_statistic(series: &[f64], lags: usize) -> Option<f64> {
    let width = lags + 1;
    let changes: Vec<f64> = series.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The unknowns' matrix of products, and their products with what is explained.
    let (mut matrix, mut right) = (vec![vec![0.0; width]; width], vec![0.0; width]);
    let rows = || {
        (lags..changes.len()).map(|now| {
            let lagged = (1..=lags).map(|lag| changes[now - lag]);
            (std::iter::once(series[now]).chain(lagged).collect::<Vec<f64>>(), changes[now])
        })
    };
    for (known, explained) in rows() {
        for (row, one) in known.iter().enumerate() {
            right[row] += one * explained;
            for (column, other) in known.iter().enumerate() {
                matrix[row][column] += one * other;
            }
        }
    }
    let count = changes.len().checked_sub(lags)?;
    let degrees = count.checked_sub(width).filter(|degrees| *degrees > 0)?;
    let inverse = inverted(matrix)?;
    let times = |row: &Vec<f64>| row.iter().zip(&right).map(|(a, b)| a * b).sum::<f64>();
    let found: Vec<f64> = inverse.iter().map(times).collect();
    let left = rows().map(|(known, explained)| {
        explained - known.iter().zip(&found).map(|(a, b)| a * b).sum::<f64>()
    });
    let squares: f64 = left.map(|left| left * left).sum();
    let deviation = (squares / degrees as f64 * inverse[0][0]).sqrt();
    (deviation > 0.0).then(|| found[0] / deviation)
}

/// Gauss and Jordan's elimination with the largest pivot of a column; `None` where there is none.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let width = matrix.len();
    let unit = |row: usize| (0..width).map(|column| f64::from(u8::from(row == column))).collect();
    let mut inverse: Vec<Vec<f64>> = (0..width).map(unit).collect();
    for column in 0..width {
        let larger =
            |a: &usize, b: &usize| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs());
        let pivot = (column..width).max_by(larger)?;
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let scale = matrix[column][column];
        if scale == 0.0 || !scale.is_finite() {
            return None;
        }
        for both in [&mut matrix, &mut inverse] {
            both[column].iter_mut().for_each(|value| *value /= scale);
        }
        for row in (0..width).filter(|row| *row != column) {
            let share = matrix[row][column];
            for both in [&mut matrix, &mut inverse] {
                let pivot = both[column].clone();
                both[row].iter_mut().zip(pivot).for_each(|(value, of)| *value -= share * of);
            }
        }
    }
    Some(inverse)
}

/// The test over the last values of two series.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingCointegration {
    window: Window<[f64; 2]>,
    lags: usize,
}

impl RollingCointegration {
    /// Returns a test over so many pairs, with so many lagged differences.
    ///
    /// # Panics
    /// Where the window is too short for the lags: it needs four values and two more for each lag.
    pub fn new(length: usize, lags: usize) -> Self {
        assert!(length >= 4 + 2 * lags, "{length} values are too few for {lags} lags");
        Self { window: Window::new(length), lags }
    }

    /// Takes in a value of both series.
    pub fn update(&mut self, x: f64, y: f64) {
        self.window.push([x, y]);
    }

    /// Returns the test; `None` before the first whole window, and where `x` never moved in it.
    pub fn test(&self) -> Option<Cointegration> {
        let pairs = self.window.full()?;
        let x: Vec<f64> = pairs.clone().map(|[x, _]| x).collect();
        let y: Vec<f64> = pairs.map(|[_, y]| y).collect();
        Cointegration::test(&x, &y, self.lags)
    }
}
