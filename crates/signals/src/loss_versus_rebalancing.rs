//! What arbitrage takes from a pool that follows a market price: rates in closed form.
//!
//! A rate is a fraction of the position's value per unit of time; `sigma` is the volatility of the
//! log price per square root of the same unit. Without fees, and in continuous time:
//! [`crate::LvrMeter`] adds up a recorded path instead, and [`crate::DiscreteBlocks`] has fees and
//! blocks. Drift does not enter.
//!
//! Source throughout: Milionis, Moallemi, Roughgarden, Zhang 2022 (arXiv 2208.06046), theorem 1:
//! `sigma^2 P^2 |x'(P)| / 2` in quote, over the value of the pool.

use crate::ConcentratedPosition;

/// Returns the rate of a 50:50 constant-product pool: `sigma^2 / 8`.
pub fn constant_product_rate(sigma: f64) -> f64 {
    sigma * sigma / 8.0
}

/// Returns the rate of a two-asset weighted pool: `sigma^2 w (1 - w) / 2`, `weight` being that of
/// either asset, 0 to 1.
pub fn weighted_rate(sigma: f64, weight: f64) -> f64 {
    sigma * sigma * weight * (1.0 - weight) / 2.0
}

/// Returns the rate of a concentrated position at a price, zero out of range: the constant-product
/// rate times its capital efficiency.
pub fn concentrated_rate(position: &ConcentratedPosition, price: f64, sigma: f64) -> f64 {
    constant_product_rate(sigma) * position.capital_efficiency(price)
}

/// Returns the rate of a two-coin StableSwap pool at its peg: `sigma^2 (A + 1) / 8`.
///
/// Shape: `amplification` is the contract's `A`, for which `Ann = 2 A`. Source: the invariant of
/// Egorov 2019 (StableSwap), for which `d ln p / dx = -2 / (x (A + 1))` at the peg.
pub fn stable_swap_rate_at_peg(amplification: f64, sigma: f64) -> f64 {
    constant_product_rate(sigma) * (amplification + 1.0)
}

/// Returns the turnover, volume over value per unit of time, whose fees pay for a loss rate.
///
/// Shape: `fee` is the fraction of the input taken, positive.
pub fn break_even_turnover(loss_rate: f64, fee: f64) -> f64 {
    loss_rate / fee
}

/// Returns the volatility at which a constant-product pool's fee yield just pays its loss:
/// `sqrt(8 fee_rate)`, per square root of the unit of time of `fee_rate`.
pub fn break_even_sigma(fee_rate: f64) -> f64 {
    (8.0 * fee_rate).sqrt()
}

/// Returns the expected loss of a constant-product pool against holding the value it had, over a
/// time and as a fraction: `1 - exp(-sigma^2 T / 8)`, the price a geometric Brownian motion without
/// drift.
///
/// Source: E sqrt(P_T / P_0) of the lognormal law; Clark 2020, "The replicating portfolio of a
/// constant product market".
pub fn expected_loss(sigma: f64, time: f64) -> f64 {
    -libm::expm1(-constant_product_rate(sigma) * time)
}
