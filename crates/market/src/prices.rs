use tidemill_amm::PriceRatio;
use tidemill_units::{Amount, SqrtPrice, TokenIndex, mul_div_rounding_up};

/// What a pool's tokens are worth in one of them, its quote token, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolPrices {
    /// The price of a concentrated pool, token1 per token0.
    Concentrated(SqrtPrice),
    /// The price of each token of a share pool in the quote token, in the pool's order; of the
    /// quote token, one for one.
    Shares(Vec<PriceRatio>),
}

impl PoolPrices {
    /// Returns what an amount of a token is worth in the quote token, rounded down; `None` past
    /// 2^256 - 1, without a price, and for a token that the pool does not have.
    pub fn in_quote(&self, amount: Amount, of: TokenIndex, quote: TokenIndex) -> Option<Amount> {
        match self {
            _ if of == quote => Some(amount),
            Self::Concentrated(price) => price.convert(amount, of.side()?),
            Self::Shares(prices) => prices.get(of.place())?.convert(amount),
        }
    }

    /// Returns what an amount of a token is worth in the quote token, rounded up; `None` as for
    /// [`in_quote`](Self::in_quote).
    pub fn in_quote_rounding_up(
        &self,
        amount: Amount,
        of: TokenIndex,
        quote: TokenIndex,
    ) -> Option<Amount> {
        match self {
            _ if of == quote => Some(amount),
            Self::Concentrated(price) => {
                let worth = price.convert(amount, of.side()?)?;
                let back = price.convert(worth, quote.side()?)?;
                if back < amount { worth.checked_add(Amount::from_u64(1)) } else { Some(worth) }
            }
            Self::Shares(prices) => {
                let price = prices.get(of.place())?;
                mul_div_rounding_up(amount.0, price.output, price.input).map(Amount)
            }
        }
    }
}
