use tidemill_units::Side;

use crate::{ConcentratedPosition, PriceMove};

/// What a trader pays in to move the price through a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoveInput {
    /// The token paid in: token1 for a rising price, token0 for a falling one.
    pub token: Side,
    /// What goes into the reserves, at least zero.
    pub net: f64,
    /// What goes to the position as its fee, at least zero.
    pub fee: f64,
}

/// What a trader pays in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SwapInput {
    /// The token paid in.
    pub token: Side,
    /// How much, fee included; at least zero.
    pub amount: f64,
}

/// What a trader gets for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SwapOutput {
    /// How much of the other token.
    pub amount: f64,
    /// The price after the swap, token1 per token0.
    pub price: f64,
}

impl MoveInput {
    /// Returns all that is paid in.
    pub fn gross(&self) -> f64 {
        self.net + self.fee
    }
}

impl ConcentratedPosition {
    /// Returns what a move of the price pays into this liquidity, as far as it is in range.
    ///
    /// Shape: `fee` is the fraction of the gross input taken, 0 to below 1. Divide by the liquidity
    /// for the fee per unit of it: `fee/(1-fee)` times the change of sqrt(P) upwards in token1, or
    /// of 1/sqrt(P) downwards in token0. Source: Uniswap v3 core whitepaper, equations 6.13 to
    /// 6.16.
    pub fn input_of_move(&self, prices: PriceMove, fee: f64) -> MoveInput {
        let from = self.clamp_sqrt(prices.from.sqrt());
        let to = self.clamp_sqrt(prices.to.sqrt());
        let change = self.liquidity() * (to - from);
        let (token, net) =
            if to >= from { (Side::Token1, change) } else { (Side::Token0, -change / (from * to)) };
        MoveInput { token, net, fee: net * fee / (1.0 - fee) }
    }

    /// Returns what a swap within the range gives, or `None` where it starts outside, would leave
    /// the range, its amount is negative or not a number.
    ///
    /// Shape: `fee` is the fraction of the input taken, 0 to below 1. Real numbers: the contract's
    /// rounding, against the trader, is left out. Source: Uniswap v3 core whitepaper, equations
    /// 6.13 to 6.16.
    pub fn swap(&self, price: f64, input: SwapInput, fee: f64) -> Option<SwapOutput> {
        if !self.is_in_range(price) || input.amount < 0.0 {
            return None;
        }
        let from = price.sqrt();
        let net = input.amount * (1.0 - fee);
        let to = match input.token {
            Side::Token0 => from / (1.0 + net * from / self.liquidity()),
            Side::Token1 => from + net / self.liquidity(),
        };
        let bounds = self.sqrt_prices();
        if !(bounds.lower <= to && to <= bounds.upper) {
            return None;
        }
        let amount = match input.token {
            Side::Token0 => net * from * to,
            Side::Token1 => net / (from * to),
        };
        Some(SwapOutput { amount, price: to * to })
    }
}
