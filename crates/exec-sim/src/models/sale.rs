//! What reward tokens are sold for.

use tidemill_model::QuotePrice;
use tidemill_units::{Amount, Bps, U256, mul_div};

/// A sale at the last known price less a fixed part of it.
///
/// Unrealities: any amount sells at once and moves no price, so the part has to stand for fee and
/// price impact at the sizes that are sold; it is the quote token that comes out, whatever route
/// would be taken. The gas is that of one more swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleModel {
    /// What fee and price impact take, at most all.
    pub cost: Bps,
}

impl Default for SaleModel {
    /// The usual fee tier of small tokens.
    fn default() -> Self {
        Self { cost: Bps(30) }
    }
}

impl SaleModel {
    /// Returns what a sale brings in raw units of the quote token, rounded down; `None` past
    /// 2^256 - 1.
    pub fn received(&self, price: QuotePrice, amount: Amount) -> Option<Amount> {
        let kept = Bps::ONE.0.saturating_sub(self.cost.0);
        let value = price.in_quote(amount)?;
        mul_div(value.0, U256::from(kept), U256::from(Bps::ONE.0)).map(Amount)
    }
}
