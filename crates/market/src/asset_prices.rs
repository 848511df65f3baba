use tidemill_model::{AssetId, PoolId, QuotePrice};
use tidemill_units::{Amount, SignedAmount, TokenAmounts, TokenIndex};

use crate::{InstrumentMarket, Market, PoolPrices, Valuation};

/// What assets are worth in the quote asset of a run, at one moment.
///
/// A token of the pool that values are stated in is worth that pool's price; in a run without a
/// pool, the quote asset is worth itself. A contract of an exchange is worth its mark in such an
/// asset. A token that only another pool trades is worth what it is there in a token of both pools;
/// of several such pools the first one counts. What only exchanges trade is worth what it was last
/// traded at for such an asset, at the first of several instruments. Anything else has the price
/// that was told from outside, if it was.
#[derive(Clone, Debug)]
pub struct AssetPrices<'a> {
    market: &'a Market,
    valuation: Valuation,
    /// The valuation's own pool, if it has one, then the others.
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
    /// `None` where the valuation has a pool, and that is not among them or has no price yet.
    pub fn new(
        market: &'a Market,
        valuation: Valuation,
        pools: impl Iterator<Item = (PoolId, &'a [AssetId])>,
    ) -> Option<Self> {
        let Some(home) = valuation.pool() else {
            return Some(Self { market, valuation, pools: Vec::new() });
        };
        let mut priced: Vec<_> =
            pools.map(|(id, assets)| PricedPool { id, assets, prices: None }).collect();
        // The valuation's own comes first; the others keep their order.
        priced.sort_by_key(|pool| pool.id != home.pool);
        let (own, others) = priced.split_first_mut()?;
        if own.id != home.pool {
            return None;
        }
        own.prices = Some((home.prices(market)?, home.quote));
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
        if let Some(value) = self.at_home(asset, amount, rounding) {
            return Some(value);
        }
        if let Some(contract) = self.market.instruments().of_contract(asset) {
            return self.at_mark(contract, amount, rounding);
        }
        if let Some(value) = self.in_other_pools(asset, amount, rounding) {
            return Some(value);
        }
        if let Some(value) = self.at_exchanges(asset, amount, rounding) {
            return Some(value);
        }
        rounding.in_quote(self.market.price_of(asset)?, amount)
    }

    /// What an asset is worth that values are stated in, or that stands in the same pool.
    fn at_home(&self, asset: AssetId, amount: Amount, rounding: Rounding) -> Option<Amount> {
        match self.valuation {
            Valuation::Pool(_) => {
                let (value, _) = self.pools.first()?.convert(asset, amount, rounding)?;
                Some(value)
            }
            Valuation::Exchanges(quote) => (asset == quote).then_some(amount),
        }
    }

    /// What an amount of an instrument's base asset is worth at its mark.
    fn at_mark(
        &self,
        found: &InstrumentMarket,
        amount: Amount,
        rounding: Rounding,
    ) -> Option<Amount> {
        let mark = found.mark(self.market.feeds())?;
        self.at_home(found.instrument.quote, rounding.in_quote(mark, amount)?, rounding)
    }

    fn at_exchanges(&self, asset: AssetId, amount: Amount, rounding: Rounding) -> Option<Amount> {
        let mut trades = self.market.instruments().of_token(asset);
        trades.find_map(|found| self.at_mark(found, amount, rounding))
    }

    fn in_other_pools(&self, asset: AssetId, amount: Amount, rounding: Rounding) -> Option<Amount> {
        let (_, others) = self.pools.split_first()?;
        let (shared, of) = others.iter().find_map(|pool| pool.convert(asset, amount, rounding))?;
        self.at_home(of, shared, rounding)
    }

    /// Returns how values are stated.
    pub fn valuation(&self) -> &Valuation {
        &self.valuation
    }
}

impl Rounding {
    fn in_quote(self, price: QuotePrice, amount: Amount) -> Option<Amount> {
        match self {
            Self::Down => price.in_quote(amount),
            Self::Up => price.in_quote_rounding_up(amount),
        }
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
