use tidemill_model::{AssetId, PoolId, QuotePrice};
use tidemill_units::{Amount, SignedAmount, TokenAmounts, TokenIndex, U256, mul_div_rounding_up};

use crate::{Market, PoolPrices};

/// How the values of a run are stated: in which asset, and what prices it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Valuation {
    /// In one pool's quote token, at that pool's prices.
    Pool(PoolValuation),
    /// In an asset of exchanges, at what is traded there: of a run without a pool, and so without a
    /// chain and without gas.
    Exchanges(AssetId),
}

impl Valuation {
    /// Returns the pool that values are stated in, and how; `None` in a run without one.
    pub fn pool(&self) -> Option<&PoolValuation> {
        match self {
            Self::Pool(pool) => Some(pool),
            Self::Exchanges(_) => None,
        }
    }

    /// Returns what wei are worth now, in raw quote units, rounded up. `None` past 2^256 - 1,
    /// before the pool has a price, and of more than nothing in a run without a chain.
    pub fn gas_value(&self, market: &Market, wei: Amount) -> Option<Amount> {
        match self {
            Self::Pool(pool) => pool.native_at(&pool.prices(market)?, wei),
            Self::Exchanges(_) => wei.is_zero().then_some(Amount::ZERO),
        }
    }
}

impl From<PoolValuation> for Valuation {
    fn from(pool: PoolValuation) -> Self {
        Self::Pool(pool)
    }
}

/// Values in one pool's quote token, at that pool's prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolValuation {
    /// The pool.
    pub pool: PoolId,
    /// Which of its tokens values are stated in.
    pub quote: TokenIndex,
    /// What the coin is worth that gas is paid in.
    pub native: NativeValue,
}

/// What the coin is worth that gas is paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeValue {
    /// As much as a token of the pool, its one-to-one wrapper.
    Token(TokenIndex),
    /// This many raw quote units for 10^18 wei, throughout.
    Fixed(Amount),
}

impl PoolValuation {
    /// Returns what amounts of the pool's tokens are worth at its prices, in raw quote units; each
    /// other token's part is rounded down. `None` past 2^256 - 1 or without a price.
    pub fn value_at(&self, prices: &PoolPrices, amounts: &TokenAmounts) -> Option<Amount> {
        amounts.iter().try_fold(Amount::ZERO, |sum, (token, amount)| {
            sum.checked_add(prices.in_quote(amount, token, self.quote)?)
        })
    }

    /// Returns what wei are worth at the pool's prices, in raw quote units, rounded up.
    pub fn native_at(&self, prices: &PoolPrices, wei: Amount) -> Option<Amount> {
        match self.native {
            NativeValue::Token(token) => prices.in_quote_rounding_up(wei, token, self.quote),
            NativeValue::Fixed(per_ether) => {
                let ether = U256::from(1_000_000_000_000_000_000_u64);
                mul_div_rounding_up(wei.0, per_ether.0, ether).map(Amount)
            }
        }
    }

    /// Returns what a balance of one of the pool's tokens is worth at its prices, in raw quote
    /// units: what is owned rounded down, what is owed rounded up. `None` past 2^255 - 1 or without
    /// a price.
    pub fn balance_at(
        &self,
        prices: &PoolPrices,
        token: TokenIndex,
        balance: SignedAmount,
    ) -> Option<SignedAmount> {
        let amount = balance.magnitude();
        if balance.is_negative() {
            let owed = prices.in_quote_rounding_up(amount, token, self.quote)?;
            return SignedAmount::negative(owed);
        }
        SignedAmount::positive(prices.in_quote(amount, token, self.quote)?)
    }

    /// Returns what is held of a contract is worth, in raw quote units: long rounded down, short
    /// rounded up. `mark` is its price in a token of the pool. `None` past 2^255 - 1 or without a
    /// price.
    pub fn contract_at(
        &self,
        prices: &PoolPrices,
        (mark, paid_in): (QuotePrice, TokenIndex),
        held: SignedAmount,
    ) -> Option<SignedAmount> {
        let amount = held.magnitude();
        let worth = if held.is_negative() {
            SignedAmount::negative(mark.in_quote_rounding_up(amount)?)?
        } else {
            SignedAmount::positive(mark.in_quote(amount)?)?
        };
        self.balance_at(prices, paid_in, worth)
    }

    /// Returns the pool's present prices; `None` before it has any.
    pub fn prices(&self, market: &Market) -> Option<PoolPrices> {
        market.pool(self.pool)?.prices(self.quote, market.now())
    }
}
