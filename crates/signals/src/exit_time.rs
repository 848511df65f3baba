//! How long a price stays in a range, and how likely it is in there later.
//!
//! `sigma` is the volatility of the log price per square root of the unit of time; times are in
//! that unit. Exits count at the first touch, as liquidity that nobody moves back would see it.

use std::f64::consts::SQRT_2;

use crate::PriceRange;

/// Returns the mean time until a price leaves a range, its logarithm a Brownian motion without
/// drift: `ln(P/lower) ln(upper/P) / sigma^2`, zero from outside.
///
/// Shape: a range that is open on either side gives infinity. Source: Borodin and Salminen,
/// "Handbook of Brownian Motion", mean exit time of an interval.
pub fn mean_exit_time_driftless_log(range: PriceRange, price: f64, sigma: f64) -> f64 {
    if !(range.lower < price && price < range.upper) {
        return 0.0;
    }
    libm::log(price / range.lower) * libm::log(range.upper / price) / (sigma * sigma)
}

/// Returns the mean time until a price leaves a range, the price itself a martingale (geometric
/// Brownian motion without drift, so that its logarithm drifts by `-sigma^2/2`), zero from outside.
///
/// By optional stopping the price leaves at the top with probability `(P - lower)/(upper - lower)`,
/// and the mean log price at exit over the drift is the time. Digits are lost as the range narrows:
/// about 1e-16 over the square of its relative width.
pub fn mean_exit_time_martingale(range: PriceRange, price: f64, sigma: f64) -> f64 {
    let PriceRange { lower, upper } = range;
    if !(lower < price && price < upper) {
        return 0.0;
    }
    let at_top = (price - lower) / (upper - lower);
    // An infinite top is never reached, and the product is zero in the limit.
    let from_top = if upper.is_finite() { at_top * libm::log(upper / price) } else { 0.0 };
    let mean_log = from_top + (1.0 - at_top) * libm::log(lower / price);
    mean_log / (-0.5 * sigma * sigma)
}

/// Returns the probability that a price is in a range after a time, wherever it has been meanwhile:
/// `N((ln(upper/P) + s^2/2) / s) - N((ln(lower/P) + s^2/2) / s)`.
///
/// Shape: the price is a martingale; `deviation`, the `s` of the formula, is that of the log price
/// over the time, `sigma sqrt(time)`, positive. Source: the lognormal law.
pub fn in_range_probability(range: PriceRange, price: f64, deviation: f64) -> f64 {
    let standard = |bound: f64| libm::log(bound / price) / deviation + deviation / 2.0;
    let (low, high) = (standard(range.lower), standard(range.upper));
    // The tail both bounds are in, so that two numbers close to one are never subtracted.
    if low > 0.0 {
        normal_cdf(-low) - normal_cdf(-high)
    } else {
        normal_cdf(high) - normal_cdf(low)
    }
}

/// Returns the probability that a standard normal variable is at most `x`.
///
/// `erfc(-x / sqrt 2) / 2`, with libm's `erfc` good to one unit in the last place. The rounding of
/// its argument leaves a relative error below `2e-16 (1 + x^2)`, tested down to x = -37.
pub fn normal_cdf(x: f64) -> f64 {
    libm::erfc(-x / SQRT_2) / 2.0
}
