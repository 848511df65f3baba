use tidemill_units::{Amount, U256, mul_div, mul_div_rounding_up};

use crate::AssetId;

/// What a token that no pool of the run trades is worth from now on, such as a reward token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceEvent {
    /// The token.
    pub asset: AssetId,
    /// Its price.
    pub price: QuotePrice,
}

/// A price in the quote token of the run: so many of its raw units for so many of the token's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotePrice {
    /// Raw units of the quote token.
    pub quote: Amount,
    /// Raw units of the token, not zero.
    pub of: Amount,
}

impl QuotePrice {
    /// Returns the price of one whole token; `None` past 77 decimals.
    pub fn of_whole(quote: Amount, decimals: u8) -> Option<Self> {
        let of = U256::from(10_u8).checked_pow(U256::from(decimals))?;
        Some(Self { quote, of: Amount(of) })
    }

    /// Returns what an amount is worth in raw units of the quote token, rounded down; `None` past
    /// 2^256 - 1.
    pub fn in_quote(&self, amount: Amount) -> Option<Amount> {
        mul_div(amount.0, self.quote.0, self.of.0).map(Amount)
    }

    /// Returns what an amount is worth in raw units of the quote token, rounded up; `None` past
    /// 2^256 - 1.
    pub fn in_quote_rounding_up(&self, amount: Amount) -> Option<Amount> {
        mul_div_rounding_up(amount.0, self.quote.0, self.of.0).map(Amount)
    }

    /// Returns how much of the token is worth at least so many raw units of the quote token;
    /// `None` past 2^256 - 1, and where the token is worth nothing.
    pub fn worth(&self, quote: Amount) -> Option<Amount> {
        if self.quote.is_zero() {
            return None;
        }
        mul_div_rounding_up(quote.0, self.of.0, self.quote.0).map(Amount)
    }
}
