use tidemill_model::{ChainEvent, ChainId, PositionId};
use tidemill_units::{Amount, TickRange, Timestamp, TokenAmounts, TokenIndex};

use crate::{
    ConcentratedMarket, Dilution, Footprint, MarketError, OwnWorth, PoolPrices, ReplayCounts,
    SharePoolMarket,
};

/// One pool of the market, of either form: its recorded history, and ourselves in it.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// Returns the chain that the pool is on.
    pub fn chain(&self) -> ChainId {
        match self {
            Self::Concentrated(pool) => pool.header().chain_id,
            Self::Shares(pool) => pool.header().chain_id,
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

    /// Returns the range of one of our positions; `None` for shares, and where it is not here.
    pub(crate) fn range_of(&self, id: PositionId) -> Option<TickRange> {
        let own = self.concentrated()?.own().find(|own| own.id == id)?;
        Some(own.range)
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

    /// Returns the fees that one of our positions is paid when it goes to the pool's gauge; `None`
    /// where the pool would refuse it.
    pub(crate) fn fees_when_staked(&self, id: PositionId) -> Option<TokenAmounts> {
        match self {
            Self::Concentrated(pool) => pool.fees_when_staked(id).map(TokenAmounts::from),
            Self::Shares(pool) => pool.fees_when_staked(id),
        }
    }

    /// Whether one of our positions can be taken back from the pool's gauge.
    pub(crate) fn can_unstake(&self, id: PositionId) -> bool {
        match self {
            Self::Concentrated(pool) => pool.can_unstake(id),
            Self::Shares(pool) => pool.can_unstake(id),
        }
    }

    /// Pays one of our positions its fees and gives it to the pool's gauge, which is paid its fees
    /// from then on; returns what was paid.
    pub(crate) fn stake_own(&mut self, id: PositionId, now: Timestamp) -> Option<TokenAmounts> {
        match self {
            Self::Concentrated(pool) => pool.stake_own(id, now).map(TokenAmounts::from),
            Self::Shares(pool) => pool.stake_own(id),
        }
    }

    /// Takes one of our positions back from the pool's gauge.
    pub(crate) fn unstake_own(&mut self, id: PositionId, now: Timestamp) -> Option<()> {
        match self {
            Self::Concentrated(pool) => pool.unstake_own(id, now),
            Self::Shares(pool) => pool.unstake_own(id),
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
