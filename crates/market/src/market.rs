use tidemill_model::{
    ChainEvent, Event, EventBody, Holding, Outcome, OutcomeKind, PoolId, PoolStart, PositionId,
    Tape,
};
use tidemill_units::{Amount, BlockNumber, GasPrice, Timestamp, TokenAmounts, TokenPair};

use crate::{Footprint, MarketError, OwnLiquidity, PoolMarket};

/// The world: pools, time, the gas price.
#[derive(Clone, Debug)]
pub struct Market {
    footprint: Footprint,
    pools: Vec<PoolMarket>,
    now: Timestamp,
    block: BlockNumber,
    /// The block that last named a gas price, and the lowest it named.
    gas_price: Option<(BlockNumber, GasPrice)>,
}

/// What a position of ours would be paid if it were closed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnWorth {
    /// What it is worth, fees apart.
    pub principal: TokenAmounts,
    /// Fees that it has earned.
    pub fees: TokenAmounts,
}

impl Market {
    /// Returns a world without pools.
    pub fn new(footprint: Footprint) -> Self {
        let (now, block) = (Timestamp(0), BlockNumber(0));
        Self { footprint, pools: Vec::new(), now, block, gas_price: None }
    }

    /// Adds the pool of a tape, as it is at the tape's start.
    ///
    /// Errors: those of [`PoolMarket::new`].
    pub fn add_pool(&mut self, tape: &Tape) -> Result<PoolId, MarketError> {
        let id = u16::try_from(self.pools.len()).map(PoolId);
        let id = id.map_err(|_| MarketError::UnknownPool(PoolId(u16::MAX)))?;
        self.pools.push(PoolMarket::new(tape, self.footprint)?);
        let first = tape.events.first().map_or(Timestamp(0), |event| event.time);
        self.now = self.now.max(first);
        if let PoolStart::Snapshot { block, .. } = tape.header.start {
            self.block = self.block.max(block);
        }
        Ok(id)
    }

    /// Returns a pool.
    pub fn pool(&self, id: PoolId) -> Option<&PoolMarket> {
        self.pools.get(usize::from(id.0))
    }

    /// Returns the pool and the state of one of our positions.
    pub fn own(&self, id: PositionId) -> Option<(&PoolMarket, &OwnLiquidity)> {
        self.pools
            .iter()
            .find_map(|pool| pool.own().find(|own| own.id == id).map(|own| (pool, own)))
    }

    /// Returns what one of our positions would be paid if it were closed now; `None` where no such
    /// position is open.
    pub fn worth(&self, id: PositionId) -> Option<OwnWorth> {
        let (pool, own) = self.own(id)?;
        let worth = pool.worth(own.id)?;
        Some(OwnWorth { principal: worth.principal.into(), fees: worth.fees.into() })
    }

    /// Returns the time of the latest event.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the latest block of which anything is known, from a recorded event or from the
    /// inclusion of an order of ours.
    pub fn block(&self) -> BlockNumber {
        self.block
    }

    /// Returns what the cheapest recorded transaction of the latest block that recorded any paid
    /// per gas: an estimate of the base fee from above. `None` while none was recorded.
    pub fn gas_price(&self) -> Option<GasPrice> {
        self.gas_price.map(|(_, price)| price)
    }

    /// Moves the world on by one event.
    ///
    /// Errors: [`MarketError::Mismatch`], [`MarketError::Outcome`], [`MarketError::UnknownPool`];
    /// the market is not to be used after any of them.
    pub fn apply(&mut self, event: &Event) -> Result<(), MarketError> {
        self.now = event.happened_at;
        match &event.body {
            EventBody::Chain(chain) => self.apply_chain(chain),
            EventBody::Outcome(outcome) => self.apply_outcome(outcome),
        }
    }

    fn apply_chain(&mut self, chain: &ChainEvent) -> Result<(), MarketError> {
        if let Some(price) = chain.gas_price {
            let same_block = self.gas_price.filter(|(block, _)| chain.block == *block);
            let cheapest = same_block.map_or(price, |(_, cheapest)| cheapest.min(price));
            self.gas_price = Some((chain.block, cheapest));
        }
        self.block = chain.block;
        let now = self.now;
        self.pool_mut(chain.pool)?.apply(chain, now)
    }

    fn pool_mut(&mut self, id: PoolId) -> Result<&mut PoolMarket, MarketError> {
        self.pools.get_mut(usize::from(id.0)).ok_or(MarketError::UnknownPool(id))
    }

    fn apply_outcome(&mut self, outcome: &Outcome) -> Result<(), MarketError> {
        if outcome.kind != OutcomeKind::Expired {
            // What is decided now is decided in the block that included the order, even where the
            // tape has no event of it.
            self.block = self.block.max(outcome.block);
        }
        let reproduced = match outcome.kind {
            OutcomeKind::Opened { position, pool, holding, deposited } => {
                self.open_own(pool, position, holding)? == Some(deposited)
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                let paid = OwnWorth { principal: withdrawn, fees };
                self.close_own(position) == Some(paid)
            }
            OutcomeKind::Swapped { pool, pair, amount_in, amount_out } => {
                self.swap_own(pool, pair, amount_in)? == Some(amount_out)
            }
            OutcomeKind::Rejected(_) | OutcomeKind::Expired => true,
        };
        if reproduced { Ok(()) } else { Err(MarketError::Outcome { order: outcome.order }) }
    }

    fn open_own(
        &mut self,
        pool: PoolId,
        position: PositionId,
        holding: Holding,
    ) -> Result<Option<TokenAmounts>, MarketError> {
        let now = self.now;
        let pool = self.pool_mut(pool)?;
        Ok(match holding {
            Holding::Range { range, liquidity } => {
                let own = OwnLiquidity::new(position, range, liquidity);
                pool.open_own(own, now).map(TokenAmounts::from)
            }
            Holding::Shares(_) => None,
        })
    }

    fn close_own(&mut self, position: PositionId) -> Option<OwnWorth> {
        let now = self.now;
        let paid = self.pools.iter_mut().find_map(|pool| pool.close_own(position, now))?;
        Some(OwnWorth { principal: paid.principal.into(), fees: paid.fees.into() })
    }

    fn swap_own(
        &mut self,
        pool: PoolId,
        pair: TokenPair,
        amount_in: Amount,
    ) -> Result<Option<Amount>, MarketError> {
        let now = self.now;
        let pool = self.pool_mut(pool)?;
        Ok(pair.input_of_two().and_then(|input| pool.swap_own(input, amount_in, now)))
    }
}
