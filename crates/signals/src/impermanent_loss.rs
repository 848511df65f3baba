//! Divergence of a pool position's value from that of holding its deposit, fees left out.
//!
//! All are fractions of the held value, at most zero up to rounding, in the quote token (token1
//! where there are two). A loss is of the whole path only through its two ends.

use crate::{ConcentratedPosition, PriceMove};

/// One asset of a weighted pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedAsset {
    /// Share of the pool's value; the weights of a pool are positive and add up to one.
    pub weight: f64,
    /// Its price now over its price at deposit, positive.
    pub price_ratio: f64,
}

/// Returns the loss of a 50:50 constant-product pool: `2 sqrt(r) / (1 + r) - 1`.
///
/// Shape: `price_ratio` is the price now over that at deposit, positive. Written as a square, so
/// that the loss of a small move keeps its digits. Source: Pintail 2019; Angeris et al. 2019 (arXiv
/// 1911.03380).
pub fn constant_product(price_ratio: f64) -> f64 {
    let gap = 1.0 - price_ratio.sqrt();
    -(gap * gap) / (1.0 + price_ratio)
}

/// Returns the loss of a weighted pool: `prod r_i^w_i / sum w_i r_i - 1`.
///
/// Source: Martinelli and Mushegian 2019 (Balancer whitepaper), value function.
pub fn weighted(assets: &[WeightedAsset]) -> f64 {
    let log_value: f64 = assets.iter().map(|a| a.weight * libm::log(a.price_ratio)).sum();
    let held: f64 = assets.iter().map(|a| a.weight * a.price_ratio).sum();
    libm::exp(log_value) / held - 1.0
}

/// Returns the loss of a concentrated position over any move, in and out of its range.
///
/// Held are the very amounts deposited at `prices.from`, which need not be worth the same. NaN
/// without liquidity. Source: Uniswap v3 core whitepaper, equations 6.29 and 6.30, evaluated at
/// both ends.
pub fn concentrated(position: &ConcentratedPosition, prices: PriceMove) -> f64 {
    let PriceMove { from, to } = prices;
    let held = position.token0(from) * to + position.token1(from);
    position.value(to) / held - 1.0
}

/// Returns the loss of a concentrated position over a move that both begins and ends in its range,
/// in closed form; `None` where an end is outside, for which the formula is wrong.
///
/// `IL(k) / (1 - (sqrt(lower/P) + k sqrt(P/upper)) / (1 + k))` with the constant-product `IL`, `P`
/// the price at deposit and `k` the ratio. Source: Lambert 2021, "Uniswap v3 LP tokens as perpetual
/// put and call options"; agrees with [`concentrated`].
pub fn concentrated_in_range(position: &ConcentratedPosition, prices: PriceMove) -> Option<f64> {
    let PriceMove { from, to } = prices;
    if !(position.is_in_range(from) && position.is_in_range(to)) {
        return None;
    }
    let bounds = position.sqrt_prices();
    let ratio = to / from;
    let sqrt = from.sqrt();
    let outside = (bounds.lower / sqrt + ratio * sqrt / bounds.upper) / (1.0 + ratio);
    Some(constant_product(ratio) / (1.0 - outside))
}
