/// A regression on `N` explanations, by least squares.
///
/// By Householder's reflections, which do not square the condition of the problem as the normal
/// equations do. A constant is an explanation that is always one. Source: Golub and Van Loan,
/// "Matrix Computations", section 5.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regression<const N: usize> {
    /// What each explanation counts, in their order.
    pub coefficients: [f64; N],
    /// The sum of the squares of what is left.
    pub residual_squares: f64,
    /// How many observations there were.
    pub count: usize,
}

/// A column whose part that the others do not explain is less than this of it is explained by them.
const DEPENDENT: f64 = 1e-13;

impl<const N: usize> Regression<N> {
    /// Returns the regression of observations, each its explanations and what they explain; `None`
    /// for fewer than `N`, for explanations that depend on each other, and for any that is not
    /// finite.
    pub fn fitted(observations: impl IntoIterator<Item = ([f64; N], f64)>) -> Option<Self> {
        let (mut rows, mut explained): (Vec<[f64; N]>, Vec<f64>) = observations.into_iter().unzip();
        let count = rows.len();
        if count < N {
            return None;
        }
        let lengths: [f64; N] = std::array::from_fn(|column| length(&rows, column));
        let mut diagonal = [0.0; N];
        for (column, entry) in diagonal.iter_mut().enumerate() {
            let norm = length(&rows[column..], column);
            if norm <= DEPENDENT * lengths[column] || !norm.is_finite() {
                return None;
            }
            *entry = reflect(&mut rows[column..], &mut explained[column..], column, norm);
        }
        let mut coefficients = [0.0; N];
        for row in (0..N).rev() {
            let later: f64 = (row + 1..N).map(|at| rows[row][at] * coefficients[at]).sum();
            coefficients[row] = (explained[row] - later) / diagonal[row];
        }
        let residual_squares = explained[N..].iter().map(|left| left * left).sum();
        let is_finite = coefficients.iter().all(|value| value.is_finite());
        is_finite.then_some(Self { coefficients, residual_squares, count })
    }

    /// Returns what these explanations come to.
    pub fn at(&self, explanations: &[f64; N]) -> f64 {
        self.coefficients.iter().zip(explanations).map(|(one, other)| one * other).sum()
    }
}

fn length<const N: usize>(rows: &[[f64; N]], column: usize) -> f64 {
    rows.iter().map(|row| row[column] * row[column]).sum::<f64>().sqrt()
}

/// Reflects the rows so that of a column only its first entry is left, and returns that; the
/// reflection is kept in the column.
fn reflect<const N: usize>(
    rows: &mut [[f64; N]],
    explained: &mut [f64],
    column: usize,
    norm: f64,
) -> f64 {
    let lead = rows[0][column];
    let left = -norm.copysign(lead);
    rows[0][column] = lead - left;
    let half_square = norm * (norm + lead.abs());
    for other in column + 1..N {
        let along: f64 = rows.iter().map(|row| row[column] * row[other]).sum();
        let share = along / half_square;
        rows.iter_mut().for_each(|row| row[other] -= share * row[column]);
    }
    let along: f64 = rows.iter().zip(explained.iter()).map(|(row, of)| row[column] * of).sum();
    let share = along / half_square;
    rows.iter().zip(explained).for_each(|(row, of)| *of -= share * row[column]);
    left
}
