use tidemill_model::{ChainEvent, PositionId};
use tidemill_units::{Amount, Timestamp, TokenIndex};

use crate::{
    ConcentratedMarket, Dilution, Footprint, MarketError, OwnWorth, PoolPrices, ReplayCounts,
    SharePoolMarket,
};

/// One pool of the market, of either form: its recorded history, and ourselves in it.
#[derive(Clone, Debug)]
pub enum PoolMarket {
    /// Each provider has positions of its own.
    Concentrated(Box<ConcentratedMarket>),
    /// Providers hold shares of the whole.
    Shares(Box<SharePoolMarket>),
}

impl PoolMarket {
    /// Returns the pool if it is concentrated.
    pub fn concentrated(&self) -> Option<&ConcentratedMarket> {
        match self {
            Self::Concentrated(pool) => Some(pool),
            Self::Shares(_) => None,
        }
    }

    /// Returns the pool if its providers hold shares.
    pub fn shares(&self) -> Option<&SharePoolMarket> {
        match self {
            Self::Concentrated(_) => None,
            Self::Shares(pool) => Some(pool),
        }
    }

    /// Returns which model of our own footprint holds.
    pub fn footprint(&self) -> Footprint {
        match self {
            Self::Concentrated(pool) => pool.footprint(),
            Self::Shares(pool) => pool.footprint(),
        }
    }

    /// Returns how many events were reproduced, by kind.
    pub fn counts(&self) -> &ReplayCounts {
        match self {
            Self::Concentrated(pool) => pool.counts(),
            Self::Shares(pool) => pool.counts(),
        }
    }

    /// Returns what the pool's tokens are worth in one of them; `None` before it has prices.
    pub fn prices(&self, quote: TokenIndex, now: Timestamp) -> Option<PoolPrices> {
        match self {
            Self::Concentrated(pool) => pool.prices(quote),
            Self::Shares(pool) => pool.prices(quote, now),
        }
    }

    /// Returns what one of our positions would be paid if it were closed now; `None` where no such
    /// position is open here.
    pub fn worth(&self, id: PositionId, now: Timestamp) -> Option<OwnWorth> {
        match self {
            Self::Concentrated(pool) => {
                let worth = pool.worth(id)?;
                Some(OwnWorth { principal: worth.principal.into(), fees: worth.fees.into() })
            }
            Self::Shares(pool) => pool.worth(id, now),
        }
    }

    pub(crate) fn holds(&self, id: PositionId) -> bool {
        match self {
            Self::Concentrated(pool) => pool.own().any(|own| own.id == id),
            Self::Shares(pool) => pool.position(id).is_some(),
        }
    }

    /// Returns how much one of our positions would have diluted the fees that it is paid;
    /// price-taker only, and `None` before a swap traded beside it.
    pub fn dilution(&self, id: PositionId) -> Option<Dilution> {
        match self {
            Self::Concentrated(pool) => {
                let own = pool.own().find(|own| own.id == id)?;
                let beside = own.least_liquidity_beside?;
                let [ours, beside] = [own.liquidity, beside].map(|of| Amount::from_u128(of.0));
                Some(Dilution { ours, beside })
            }
            Self::Shares(pool) => {
                let own = pool.position(id)?;
                Some(Dilution { ours: own.shares, beside: own.least_shares_beside? })
            }
        }
    }

    pub(crate) fn apply(&mut self, chain: &ChainEvent, now: Timestamp) -> Result<(), MarketError> {
        match self {
            Self::Concentrated(pool) => pool.apply(chain, now),
            Self::Shares(pool) => pool.apply(chain, now),
        }
    }

    pub(crate) fn close_own(&mut self, id: PositionId, now: Timestamp) -> Option<OwnWorth> {
        match self {
            Self::Concentrated(pool) => {
                let paid = pool.close_own(id, now)?;
                Some(OwnWorth { principal: paid.principal.into(), fees: paid.fees.into() })
            }
            Self::Shares(pool) => pool.close_own(id, now),
        }
    }
}
