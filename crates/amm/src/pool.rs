use tidemill_units::{Timestamp, TokenPair};

use crate::{
    Metapool, PoolError, PriceRatio, Quote, SharePool, SwapAmount, Trade, balancer_v1,
    composable_stable, concentrated, constant_product, crypto_swap, solidly, stable_swap,
    stable_swap_meta, stable_swap_meta_ng, stable_swap_ng, weighted,
};

/// A pool of any kind.
///
/// What a kind can do beyond the operations here are methods of its own type: match on the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Uniswap v3 and its forks, and Uniswap v4 without hooks.
    Concentrated(Box<concentrated::Pool>),
    /// Uniswap v2 and its forks.
    ConstantProduct(Box<constant_product::Pair>),
    /// Solidly, Velodrome and Aerodrome, volatile and stable.
    Solidly(Box<solidly::SolidlyPool>),
    /// Curve's plain pools of the first generations.
    StableSwap(Box<stable_swap::StableSwap>),
    /// Curve's metapools, each with its base pool.
    StableSwapMeta(Box<stable_swap_meta::StableSwapMeta>),
    /// Curve's metapools of the new generation, each with its base pool.
    StableSwapMetaNg(Box<stable_swap_meta_ng::StableSwapMetaNg>),
    /// Curve's plain pools of the new generation.
    StableSwapNg(Box<stable_swap_ng::StableSwapNg>),
    /// Curve's crypto pools of two and three coins.
    CryptoSwap(Box<crypto_swap::CryptoSwap>),
    /// Balancer v1.
    BalancerV1(Box<balancer_v1::BPool>),
    /// Balancer v2, weighted.
    Weighted(Box<weighted::Weighted>),
    /// Balancer v2, composable stable.
    ComposableStable(Box<composable_stable::ComposableStable>),
}

impl Pool {
    /// Returns the kind's name as state files write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Concentrated(pool) => pool.build().name(),
            Self::ConstantProduct(_) => constant_product::FACTS.name,
            Self::Solidly(_) => solidly::FACTS.name,
            Self::StableSwap(_) => stable_swap::FACTS.name,
            Self::StableSwapMeta(_) => stable_swap_meta::FACTS.name,
            Self::StableSwapMetaNg(_) => stable_swap_meta_ng::FACTS.name,
            Self::StableSwapNg(_) => stable_swap_ng::FACTS.name,
            Self::CryptoSwap(_) => crypto_swap::FACTS.name,
            Self::BalancerV1(_) => balancer_v1::FACTS.name,
            Self::Weighted(_) => weighted::FACTS.name,
            Self::ComposableStable(_) => composable_stable::FACTS.name,
        }
    }

    /// Returns how many tokens there are.
    pub fn token_count(&self) -> usize {
        match self.by_ownership() {
            Ownership::Positions(_) => 2,
            Ownership::Shares(pool) => pool.balances().len(),
        }
    }

    /// Returns what a swap would pay and give.
    ///
    /// Errors: those of the kind, which are the contract's reverts, and
    /// [`PoolError::NoSuchPair`].
    pub fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        match self.by_ownership() {
            Ownership::Positions(pool) => pool.quote(trade, at),
            Ownership::Shares(pool) => pool.quote(trade, at),
        }
    }

    /// Returns a quote as the contract's own quote function answers.
    ///
    /// Of an exact output that is [`quote`](Self::quote)'s, but for pools of concentrated
    /// liquidity: where one has less, what it has is quoted, as Uniswap v3's quoter does. Of an
    /// exact input all is as of the swap but the output of three kinds, whose view promises
    /// something else than is then paid: Curve's first two generations take the fee of another
    /// amount and can promise one unit more; the views of stableswap-ng read the amplification in
    /// whole units, which differs inside a ramp; and tricrypto2 forgets there that its invariant
    /// moves. Raw units, rounded down, as the contract does.
    ///
    /// Errors: as [`quote`](Self::quote), and those of the view.
    /// Source: `get_dy`, of stableswap-ng that of `CurveStableSwapNGViews`.
    pub fn contract_quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        if let Self::Concentrated(pool) = self {
            return pool.contract_quote(trade, at);
        }
        let quote = self.quote(trade, at)?;
        let SwapAmount::ExactIn(amount_in) = trade.amount else { return Ok(quote) };
        let amount_out = match self {
            Self::StableSwap(pool) => pool.get_dy(trade.pair, amount_in, at)?,
            Self::StableSwapMetaNg(pool) => pool.get_dy(trade.pair, amount_in, at)?,
            Self::StableSwapNg(pool) => pool.get_dy(trade.pair, amount_in, at)?,
            Self::CryptoSwap(pool) => pool.get_dy(trade.pair, amount_in, at)?,
            Self::Concentrated(_)
            | Self::ConstantProduct(_)
            | Self::Solidly(_)
            | Self::StableSwapMeta(_)
            | Self::BalancerV1(_)
            | Self::Weighted(_)
            | Self::ComposableStable(_) => quote.amount_out,
        };
        Ok(Quote { amount_out, ..quote })
    }

    /// Makes a swap.
    ///
    /// Errors: as [`quote`](Self::quote); the pool is then as it was.
    pub fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        if let Self::Concentrated(pool) = self {
            return pool.trade(trade, at);
        }
        self.shares_mut().map_or(Err(PoolError::NoSuchPair), |pool| pool.swap(trade, at))
    }

    /// Returns the price at the margin, without fees.
    ///
    /// Errors: those of the kind; of a pool without a price, for one.
    pub fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        match self.by_ownership() {
            Ownership::Positions(pool) => pool.spot_price(pair, at),
            Ownership::Shares(pool) => pool.spot_price(pair, at),
        }
    }

    /// Returns the pool as one in which providers hold shares of the whole; `None` where each has
    /// positions of its own.
    pub fn shares(&self) -> Option<&dyn SharePool> {
        match self.by_ownership() {
            Ownership::Positions(_) => None,
            Ownership::Shares(pool) => Some(pool),
        }
    }

    /// Returns the pool as one in which providers hold shares of the whole, to be changed.
    pub fn shares_mut(&mut self) -> Option<&mut dyn SharePool> {
        Some(match self {
            Self::Concentrated(_) => return None,
            Self::ConstantProduct(pool) => pool.as_mut(),
            Self::Solidly(pool) => pool.as_mut(),
            Self::StableSwap(pool) => pool.as_mut(),
            Self::StableSwapMeta(pool) => pool.as_mut(),
            Self::StableSwapMetaNg(pool) => pool.as_mut(),
            Self::StableSwapNg(pool) => pool.as_mut(),
            Self::CryptoSwap(pool) => pool.as_mut(),
            Self::BalancerV1(pool) => pool.as_mut(),
            Self::Weighted(pool) => pool.as_mut(),
            Self::ComposableStable(pool) => pool.as_mut(),
        })
    }

    /// Returns the pool as one through which another pool's coins are traded too, to be changed;
    /// `None` for all but metapools.
    pub fn metapool_mut(&mut self) -> Option<&mut dyn Metapool> {
        match self {
            Self::StableSwapMeta(pool) => Some(pool.as_mut()),
            Self::StableSwapMetaNg(pool) => Some(pool.as_mut()),
            Self::Concentrated(_)
            | Self::ConstantProduct(_)
            | Self::Solidly(_)
            | Self::StableSwap(_)
            | Self::StableSwapNg(_)
            | Self::CryptoSwap(_)
            | Self::BalancerV1(_)
            | Self::Weighted(_)
            | Self::ComposableStable(_) => None,
        }
    }

    fn by_ownership(&self) -> Ownership<'_> {
        Ownership::Shares(match self {
            Self::Concentrated(pool) => return Ownership::Positions(pool),
            Self::ConstantProduct(pool) => pool.as_ref(),
            Self::Solidly(pool) => pool.as_ref(),
            Self::StableSwap(pool) => pool.as_ref(),
            Self::StableSwapMeta(pool) => pool.as_ref(),
            Self::StableSwapMetaNg(pool) => pool.as_ref(),
            Self::StableSwapNg(pool) => pool.as_ref(),
            Self::CryptoSwap(pool) => pool.as_ref(),
            Self::BalancerV1(pool) => pool.as_ref(),
            Self::Weighted(pool) => pool.as_ref(),
            Self::ComposableStable(pool) => pool.as_ref(),
        })
    }
}

/// How providers own a pool.
enum Ownership<'a> {
    Positions(&'a concentrated::Pool),
    Shares(&'a dyn SharePool),
}
