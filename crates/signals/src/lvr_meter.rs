use tidemill_units::Side;

use crate::ConcentratedPosition;

/// Adds up, price change by price change, what a position loses to the rebalancing portfolio: one
/// that after every change holds as much of the token that is not the quote, but got there by
/// trading at the market price.
///
/// Shape: any path of prices, in or out of the range; order matters. Units: the quote token's, in
/// the units of the position's liquidity. The finer the path, the nearer the sum comes to the
/// integral of [`crate::loss_versus_rebalancing::concentrated_rate`] times value; a path of pool
/// prices sees what the pool traded at, so fees hide moves inside the band around its price.
///
/// Source: Milionis, Moallemi, Roughgarden, Zhang 2022 (arXiv 2208.06046): the rebalancing
/// portfolio minus the pool, before the limit of small steps is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LvrMeter {
    position: ConcentratedPosition,
    quote: Side,
    total: f64,
}

impl LvrMeter {
    /// Returns a meter at zero.
    pub const fn new(position: ConcentratedPosition, quote: Side) -> Self {
        Self { position, quote, total: 0.0 }
    }

    /// Adds one change of the price, given as square roots of token1 per token0.
    ///
    /// What is added is never negative, not even by rounding. With quote token1 it is
    /// `x(p) (p' - p) - (V(p') - V(p))`, with quote token0 the same with both tokens swapped.
    ///
    /// # Panics
    /// Unless both are positive and finite.
    pub fn moved(&mut self, from_sqrt_price: f64, to_sqrt_price: f64) {
        let is_price = |sqrt: f64| sqrt > 0.0 && sqrt.is_finite();
        assert!(
            is_price(from_sqrt_price) && is_price(to_sqrt_price),
            "square root prices must be positive and finite: {from_sqrt_price}, {to_sqrt_price}",
        );
        self.total += self.increment(from_sqrt_price, to_sqrt_price);
    }

    /// Replaces the position, for one that is opened, closed or resized, and keeps the total.
    pub fn replace_position(&mut self, position: ConcentratedPosition) {
        self.position = position;
    }

    /// Returns the position now followed.
    pub const fn position(&self) -> &ConcentratedPosition {
        &self.position
    }

    /// Returns the loss so far, in the quote token; at least zero.
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// With `s`, `t` the roots clamped to the range and `q` the new root as it is, the definition
    /// comes to `L (t - s) (q^2 - s t) / (s t)`. As written here its two terms have one sign, so
    /// nothing cancels; the definition itself would lose all digits of a small move.
    fn increment(&self, from_sqrt_price: f64, to_sqrt_price: f64) -> f64 {
        let from = self.position.clamp_sqrt(from_sqrt_price);
        let to = self.position.clamp_sqrt(to_sqrt_price);
        let past_range = to_sqrt_price / to * (to_sqrt_price - to);
        let within = to_sqrt_price - from;
        let in_token1 = self.position.liquidity() * (to - from) * ((past_range + within) / from);
        match self.quote {
            Side::Token1 => in_token1,
            // The mirrored definition is the same trade at the same new price, in the other token.
            Side::Token0 => in_token1 / (to_sqrt_price * to_sqrt_price),
        }
    }
}
