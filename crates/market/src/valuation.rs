use tidemill_model::PoolId;
use tidemill_units::{Amount, Amounts, Side, SqrtPrice, U256, mul_div_rounding_up};

use crate::Market;

/// How values are stated: in one pool's quote token, at that pool's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Valuation {
    /// The pool.
    pub pool: PoolId,
    /// Which of its tokens values are stated in.
    pub quote: Side,
    /// What the coin is worth that gas is paid in.
    pub native: NativeValue,
}

/// What the coin is worth that gas is paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeValue {
    /// As much as a token of the pool, its one-to-one wrapper.
    Token(Side),
    /// This many raw quote units for 10^18 wei, throughout.
    Fixed(Amount),
}

impl Valuation {
    /// Returns what amounts of the pool's tokens are worth at a price, in raw quote units; the base
    /// token's part is rounded down. `None` past 2^256 - 1 or without a price.
    pub fn value_at(&self, price: SqrtPrice, amounts: Amounts) -> Option<Amount> {
        let base = self.quote.other();
        price.convert(amounts.get(base), base)?.checked_add(amounts.get(self.quote))
    }

    /// Returns what wei are worth at a price, in raw quote units, rounded up.
    pub fn native_at(&self, price: SqrtPrice, wei: Amount) -> Option<Amount> {
        match self.native {
            NativeValue::Token(side) if side == self.quote => Some(wei),
            NativeValue::Token(side) => {
                let worth = price.convert(wei, side)?;
                let back = price.convert(worth, self.quote)?;
                if back < wei { worth.checked_add(Amount::from_u64(1)) } else { Some(worth) }
            }
            NativeValue::Fixed(per_ether) => {
                let ether = U256::from(1_000_000_000_000_000_000_u64);
                mul_div_rounding_up(wei.0, per_ether.0, ether).map(Amount)
            }
        }
    }

    /// Returns the pool's present price; `None` before it has one.
    pub fn price(&self, market: &Market) -> Option<SqrtPrice> {
        let pool = market.pool(self.pool)?.pool();
        pool.is_initialized().then(|| pool.sqrt_price())
    }
}
