use tidemill_model::{AssetId, PoolId};
use tidemill_units::{Amount, SignedAmount, TokenAmounts, TokenIndex};

use crate::{Market, PoolPrices, Valuation};

/// What assets are worth in the quote token of a run, at one moment.
///
/// A token of the pool that values are stated in is worth that pool's price, and a contract of an
/// exchange its mark in such a token. A token that only another pool trades is worth what it is
/// there in a token of both pools; of several such pools the first one counts. Anything else has
/// the price that was told from outside, if it was.
#[derive(Clone, Debug)]
pub struct AssetPrices<'a> {
    market: &'a Market,
    valuation: Valuation,
    /// The valuation's own pool, then the others.
    pools: Vec<PricedPool<'a>>,
}

#[derive(Clone, Debug)]
struct PricedPool<'a> {
    id: PoolId,
    assets: &'a [AssetId],
    /// In the token of the pool that the valuation's pool has, too; none where it has none.
    prices: Option<(PoolPrices, TokenIndex)>,
}

/// Which way a value is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rounding {
    Down,
    Up,
}

impl<'a> AssetPrices<'a> {
    /// Returns what assets are worth now; `pools` says which assets the tokens of each pool are.
    /// `None` where the valuation's pool is not among them, or has no price yet.
    pub fn new(
        market: &'a Market,
        valuation: Valuation,
        pools: impl Iterator<Item = (PoolId, &'a [AssetId])>,
    ) -> Option<Self> {
        let mut priced: Vec<_> =
            pools.map(|(id, assets)| PricedPool { id, assets, prices: None }).collect();
        // The valuation's own comes first; the others keep their order.
        priced.sort_by_key(|pool| pool.id != valuation.pool);
        let (own, others) = priced.split_first_mut()?;
        if own.id != valuation.pool {
            return None;
        }
        own.prices = Some((valuation.prices(market)?, valuation.quote));
        for other in others {
            let shared = other.assets.iter().position(|asset| own.assets.contains(asset));
            let shared = shared.and_then(|place| u8::try_from(place).ok()).map(TokenIndex);
            other.prices = shared.and_then(|shared| {
                let prices = market.pool(other.id)?.prices(shared, market.now())?;
                Some((prices, shared))
            });
        }
        Some(Self { market, valuation, pools: priced })
    }

    /// Returns what an amount of an asset is worth, in raw quote units, rounded down at each step.
    /// `None` without a price, and past 2^256 - 1.
    pub fn value(&self, asset: AssetId, amount: Amount) -> Option<Amount> {
        self.rounded(asset, amount, Rounding::Down)
    }

    /// Returns what a balance of an asset is worth, in raw quote units: what is owned rounded down,
    /// what is owed rounded up, at each step. `None` without a price, and past 2^255 - 1.
    pub fn balance(&self, asset: AssetId, balance: SignedAmount) -> Option<SignedAmount> {
        let amount = balance.magnitude();
        if balance.is_negative() {
            return SignedAmount::negative(self.rounded(asset, amount, Rounding::Up)?);
        }
        SignedAmount::positive(self.rounded(asset, amount, Rounding::Down)?)
    }

    /// Returns what amounts of a pool's tokens are worth, each rounded down. `None` where one of
    /// them has no price, and for a pool that was not named.
    pub fn tokens(&self, pool: PoolId, amounts: &TokenAmounts) -> Option<Amount> {
        let assets = self.pools.iter().find(|priced| priced.id == pool)?.assets;
        amounts.iter().try_fold(Amount::ZERO, |sum, (token, amount)| {
            if amount.is_zero() {
                return Some(sum);
            }
            sum.checked_add(self.value(*assets.get(token.place())?, amount)?)
        })
    }

    fn rounded(&self, asset: AssetId, amount: Amount, rounding: Rounding) -> Option<Amount> {
        if let Some(value) = self.in_own_pool(asset, amount, rounding) {
            return Some(value);
        }
        if let Some(contract) = self.market.instruments().of_contract(asset) {
            let mark = contract.mark(self.market.feeds())?;
            let paid = match rounding {
                Rounding::Down => mark.in_quote(amount)?,
                Rounding::Up => mark.in_quote_rounding_up(amount)?,
            };
            return self.in_own_pool(contract.instrument.quote, paid, rounding);
        }
        if let Some(value) = self.in_other_pools(asset, amount, rounding) {
            return Some(value);
        }
        let price = self.market.price_of(asset)?;
        match rounding {
            Rounding::Down => price.in_quote(amount),
            Rounding::Up => price.in_quote_rounding_up(amount),
        }
    }

    fn in_own_pool(&self, asset: AssetId, amount: Amount, rounding: Rounding) -> Option<Amount> {
        self.pools.first()?.convert(asset, amount, rounding).map(|(value, _)| value)
    }

    fn in_other_pools(&self, asset: AssetId, amount: Amount, rounding: Rounding) -> Option<Amount> {
        let (_, others) = self.pools.split_first()?;
        let (shared, of) = others.iter().find_map(|pool| pool.convert(asset, amount, rounding))?;
        self.in_own_pool(of, shared, rounding)
    }

    /// Returns how values are stated.
    pub fn valuation(&self) -> &Valuation {
        &self.valuation
    }
}

impl PricedPool<'_> {
    /// What an amount of one of its tokens is worth in the token that it is priced in, and which
    /// asset that is; `None` of any other asset, and without a price.
    fn convert(
        &self,
        asset: AssetId,
        amount: Amount,
        rounding: Rounding,
    ) -> Option<(Amount, AssetId)> {
        let (prices, into) = self.prices.as_ref()?;
        let place = self.assets.iter().position(|token| *token == asset)?;
        let of = TokenIndex(u8::try_from(place).ok()?);
        let value = match rounding {
            Rounding::Down => prices.in_quote(amount, of, *into)?,
            Rounding::Up => prices.in_quote_rounding_up(amount, of, *into)?,
        };
        Some((value, *self.assets.get(into.place())?))
    }
}
