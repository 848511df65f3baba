//! Value at risk and expected shortfall, and whether a forecast of them held.
//!
//! Losses are positive; levels are such as 0.99.

use crate::exit_time::normal_cdf;

/// Value at risk and expected shortfall of one period, as losses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailRisk {
    /// What is not passed with the probability of the level.
    pub value_at_risk: f64,
    /// The mean of what is worse than that.
    pub expected_shortfall: f64,
}

/// Returns both from a record of returns: the `k`-th largest loss, `k = ceil(n (1 - level))`, and
/// the mean of the worst `n (1 - level)`, of which the last counts in part. `None` without returns.
///
/// Source: Rockafellar and Uryasev 2002 for the part.
///
/// # Panics
/// Unless the level is above 0 and below 1.
pub fn historical(returns: &[f64], level: f64) -> Option<TailRisk> {
    assert!(0.0 < level && level < 1.0, "level {level} must be above 0 and below 1");
    let mut losses: Vec<f64> = returns.iter().map(|period_return| -period_return).collect();
    losses.sort_by(|one, other| other.total_cmp(one));
    // 20 (1 - 0.95) is a little above one as a float, which is not meant: a billionth is let pass.
    let tail = losses.len() as f64 * (1.0 - level);
    let place = (tail - 1e-9).ceil().max(1.0);
    let value_at_risk = *losses.get(place as usize - 1)?;
    let worse: f64 = losses.iter().map(|loss| (loss - value_at_risk).max(0.0)).sum();
    Some(TailRisk { value_at_risk, expected_shortfall: value_at_risk + worse / tail })
}

/// Returns both for normal returns without mean of this deviation.
///
/// # Panics
/// Unless the level is above 0 and below 1.
pub fn normal(sigma: f64, level: f64) -> TailRisk {
    let quantile = normal_quantile(level);
    let density = libm::exp(-quantile * quantile / 2.0) / std::f64::consts::TAU.sqrt();
    TailRisk {
        value_at_risk: sigma * quantile,
        expected_shortfall: sigma * density / (1.0 - level),
    }
}

/// Returns Kupiec's statistic of how far the share of periods worse than the value at risk is from
/// what it should be: chi-squared with one degree, refused at 5 % above 3.841.
///
/// Source: Kupiec 1995, proportion of failures.
pub fn kupiec(periods: u64, exceptions: u64, expected_share: f64) -> f64 {
    let (count, worse) = (periods as f64, exceptions as f64);
    let logarithm = |share: f64| {
        // Zero times the logarithm of zero is zero in the limit.
        let term = |times: f64, of: f64| if times > 0.0 { times * libm::log(of) } else { 0.0 };
        term(count - worse, 1.0 - share) + term(worse, share)
    };
    -2.0 * (logarithm(expected_share) - logarithm(worse / count))
}

/// Returns what a standard normal variable stays below with this probability: the inverse of
/// [`normal_cdf`], by bisection to the last digit.
///
/// # Panics
/// Unless the probability is above 0 and below 1.
pub fn normal_quantile(probability: f64) -> f64 {
    assert!(
        0.0 < probability && probability < 1.0,
        "probability {probability} must be above 0 and below 1"
    );
    let (mut low, mut high) = (-39.0, 39.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if normal_cdf(middle) < probability { low = middle } else { high = middle }
    }
}
