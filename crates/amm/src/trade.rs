use tidemill_units::{Amount, TokenIndex, TokenPair, U256, mul_div};

pub use crate::concentrated::SwapAmount;

/// A swap between two of a pool's tokens as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Which tokens.
    pub pair: TokenPair,
    /// What is fixed.
    pub amount: SwapAmount,
}

/// What a swap pays and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Paid in, fee included.
    pub amount_in: Amount,
    /// Taken out, after the fee.
    pub amount_out: Amount,
    /// The fee.
    pub fee: SwapFee,
}

/// The fee of a swap, the protocol's or administrator's part included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapFee {
    /// The token that it is kept in, as the contract does it: the input's in Uniswap's and
    /// Balancer's pools, the output's in Curve's.
    pub token: TokenIndex,
    /// How much, in its raw units.
    pub amount: Amount,
}

/// A price: so many raw units of the output per so many of the input, for an amount that moves
/// nothing, without the fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRatio {
    /// Raw units of the output token.
    pub output: U256,
    /// Raw units of the input token, above zero.
    pub input: U256,
}

impl PriceRatio {
    /// Returns what an input is worth in the output, rounded down; `None` past 2^256 - 1.
    pub fn convert(&self, amount: Amount) -> Option<Amount> {
        mul_div(amount.0, self.output, self.input).map(Amount)
    }
}
