use tidemill_units::{Timestamp, TokenPair};

use crate::{PoolError, PriceRatio, Quote, SharePool, Trade, concentrated};

/// A pool of any kind.
///
/// What a kind can do beyond the operations here are methods of its own type: match on the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Uniswap v3 and its forks, and Uniswap v4 without hooks.
    Concentrated(Box<concentrated::Pool>),
}

impl Pool {
    /// Returns the kind's name as state files write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Concentrated(_) => "concentrated",
        }
    }

    /// Returns how many tokens there are.
    pub fn token_count(&self) -> usize {
        self.shares().map_or(2, |pool| pool.balances().len())
    }

    /// Returns what a swap would pay and give.
    ///
    /// Errors: those of the kind, which are the contract's reverts, and
    /// [`PoolError::NoSuchPair`].
    pub fn quote(&self, trade: &Trade, _at: Timestamp) -> Result<Quote, PoolError> {
        match self {
            Self::Concentrated(pool) => pool.quote(trade),
        }
    }

    /// Makes a swap.
    ///
    /// Errors: as [`quote`](Self::quote); the pool is then as it was.
    pub fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        match self {
            Self::Concentrated(pool) => pool.trade(trade, at),
        }
    }

    /// Returns the price at the margin, without fees.
    ///
    /// Errors: those of the kind; of a pool without a price, for one.
    pub fn spot_price(&self, pair: TokenPair, _at: Timestamp) -> Result<PriceRatio, PoolError> {
        match self {
            Self::Concentrated(pool) => pool.spot_price(pair),
        }
    }

    /// Returns the pool as one in which providers hold shares of the whole; `None` where each has
    /// positions of its own.
    pub fn shares(&self) -> Option<&dyn SharePool> {
        match self {
            Self::Concentrated(_) => None,
        }
    }

    /// Returns the pool as one in which providers hold shares of the whole, to be changed.
    pub fn shares_mut(&mut self) -> Option<&mut dyn SharePool> {
        match self {
            Self::Concentrated(_) => None,
        }
    }
}
