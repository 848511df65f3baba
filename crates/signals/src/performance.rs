//! Returns put on a yearly footing, the conventions named.

use crate::ReturnMoments;

const SECONDS_PER_YEAR: f64 = 31_536_000.0;

/// What a Sharpe ratio is measured against and scaled by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeConvention {
    /// Return of the benchmark in one period, subtracted from the mean.
    pub benchmark_per_period: f64,
    /// Periods in a year: 365 for days of a market that never closes, 252 for exchange days.
    pub periods_per_year: f64,
}

/// A Sharpe ratio in both its units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeRatio {
    /// Mean excess return over its standard deviation, both of one period. The form that the
    /// probabilistic and deflated Sharpe ratios take.
    pub per_period: f64,
    /// The same times the square root of the periods in a year, right where returns are
    /// independent.
    pub annualised: f64,
}

/// Returns the Sharpe ratio of simple per-period returns, deviation with ddof 1, or `None` for
/// fewer than two returns or for returns that are all alike.
///
/// Source: Sharpe 1994, "The Sharpe ratio", with a constant benchmark.
pub fn sharpe_ratio(returns: &ReturnMoments, convention: SharpeConvention) -> Option<SharpeRatio> {
    let deviation = returns.sample_deviation().filter(|&deviation| deviation > 0.0)?;
    let per_period = (returns.mean()? - convention.benchmark_per_period) / deviation;
    Some(SharpeRatio { per_period, annualised: per_period * convention.periods_per_year.sqrt() })
}

/// Returns the yearly return that compounds to a total return over a time, a year being 365 days:
/// `(1 + total)^(31,536,000 / seconds) - 1`.
///
/// `None` unless `total_return >= -1` and the time is positive. A total over a short time is
/// extrapolated, to infinity if need be: a day's luck is not a year's return.
pub fn annualised_return(total_return: f64, seconds: f64) -> Option<f64> {
    if !(total_return >= -1.0 && seconds > 0.0) {
        return None;
    }
    Some(libm::expm1(libm::log1p(total_return) * (SECONDS_PER_YEAR / seconds)))
}
