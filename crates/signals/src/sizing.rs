//! How much to put where: Kelly's fractions, volatility targets, equal shares of risk.

use thiserror::Error;

/// Why there is no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SizingError {
    /// The covariance is not square, symmetric and of as many rows as there are assets.
    #[error("the covariance must have a row and a column for each of the {assets} assets")]
    Shape {
        /// How many assets there are.
        assets: usize,
    },
    /// The covariance is none: not positive definite.
    #[error("the covariance is not positive definite")]
    Singular,
    /// No equal shares of risk were found.
    #[error("no equal shares of risk were found in {0} rounds")]
    Unsettled(u32),
}

/// Returns Kelly's fraction of a bet that is won with a probability and then pays `odds` for one:
/// `p - q / odds`; negative where it should not be made. Source: Kelly 1956.
pub fn kelly_binary(probability: f64, odds: f64) -> f64 {
    probability - (1.0 - probability) / odds
}

/// Returns Kelly's fraction of something whose price moves all the time: `(mean - riskless) /
/// sigma^2`, rates per unit of time. Source: Merton 1969, log utility.
pub fn kelly_continuous(mean: f64, riskless: f64, sigma: f64) -> f64 {
    (mean - riskless) / (sigma * sigma)
}

/// Returns which part of the growth above the riskless rate a part of Kelly's fraction keeps:
/// `f (2 - f)`, three quarters for one half.
pub fn kelly_growth_kept(part: f64) -> f64 {
    part * (2.0 - part)
}

/// Returns the exposure, as a multiple of the capital, whose volatility is the target, at most
/// `most`; both of the same period. Nothing where the volatility is not known or zero.
pub fn volatility_target(target: f64, sigma: f64, most: f64) -> f64 {
    if sigma > 0.0 { (target / sigma).min(most) } else { 0.0 }
}

/// Returns weights, adding up to one, with which each asset adds the same to the variance: `w_i
/// (Cov w)_i` are all equal.
///
/// By cyclical coordinate descent on `w'Cov w / 2 - sum ln(w_i) / n`, which is convex: Griveau-
/// Billion, Richard and Roncalli 2013 (arXiv 1311.4057).
///
/// # Errors
/// [`SizingError`].
pub fn risk_parity(covariance: &[Vec<f64>]) -> Result<Vec<f64>, SizingError> {
    const ROUNDS: u32 = 10_000;
    let assets = covariance.len();
    check(covariance)?;
    let share = 1.0 / assets as f64;
    let mut weights: Vec<f64> =
        covariance.iter().zip(0..).map(|(row, own)| 1.0 / row[own].sqrt()).collect();
    for _ in 0..ROUNDS {
        let mut furthest = 0.0_f64;
        for own in 0..assets {
            let row = &covariance[own];
            let others = dot(row, &weights) - row[own] * weights[own];
            let root = (others * others + 4.0 * row[own] * share).sqrt();
            let best = (root - others) / (2.0 * row[own]);
            furthest = furthest.max((best / weights[own] - 1.0).abs());
            weights[own] = best;
        }
        if !furthest.is_finite() {
            return Err(SizingError::Singular);
        }
        if furthest < 1e-14 {
            let sum: f64 = weights.iter().sum();
            return Ok(weights.into_iter().map(|weight| weight / sum).collect());
        }
    }
    Err(SizingError::Unsettled(ROUNDS))
}

/// Returns the deviation of a portfolio and what each asset adds to it: `w_i (Cov w)_i / sigma`,
/// which add up to it (Euler).
///
/// # Errors
/// [`SizingError`].
pub fn risk_components(
    weights: &[f64],
    covariance: &[Vec<f64>],
) -> Result<(f64, Vec<f64>), SizingError> {
    check(covariance)?;
    if covariance.len() != weights.len() {
        return Err(SizingError::Shape { assets: weights.len() });
    }
    let along: Vec<f64> = covariance.iter().map(|row| dot(row, weights)).collect();
    let sigma = dot(weights, &along).sqrt();
    let parts = weights.iter().zip(along).map(|(weight, along)| weight * along / sigma);
    Ok((sigma, parts.collect()))
}

fn check(covariance: &[Vec<f64>]) -> Result<(), SizingError> {
    let assets = covariance.len();
    let symmetric = |row: usize, column: usize| {
        covariance[row].get(column).zip(covariance[column].get(row)).is_some_and(|(a, b)| a == b)
    };
    let is_square = covariance.iter().all(|row| row.len() == assets);
    if assets == 0 || !is_square || !(0..assets).all(|row| (0..row).all(|c| symmetric(row, c))) {
        return Err(SizingError::Shape { assets });
    }
    let is_positive = |row: usize| covariance[row][row] > 0.0 && covariance[row][row].is_finite();
    if (0..assets).all(is_positive) { Ok(()) } else { Err(SizingError::Singular) }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}
