use tidemill_model::{
    ChainEvent, Event, EventBody, Holding, Outcome, OutcomeKind, PoolId, PoolStart, PositionId,
    SharePoolHeader, Tape,
};
use tidemill_units::{Amount, BlockNumber, GasPrice, Timestamp, TokenAmounts, TokenPair};

use crate::{
    ConcentratedMarket, Dilution, Footprint, MarketError, OwnDeposit, OwnLiquidity, PoolMarket,
    SharePoolMarket,
};

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
    /// Errors: those of [`ConcentratedMarket::new`].
    pub fn add_pool(&mut self, tape: &Tape) -> Result<PoolId, MarketError> {
        let pool = ConcentratedMarket::new(tape, self.footprint)?;
        let id = self.add(PoolMarket::Concentrated(Box::new(pool)))?;
        let first = tape.events.first().map_or(Timestamp(0), |event| event.time);
        self.now = self.now.max(first);
        if let PoolStart::Snapshot { block, .. } = tape.header.start {
            self.block = self.block.max(block);
        }
        Ok(id)
    }

    /// Adds a pool of shares, as it is at the start of its tape; `first` is the time of the tape's
    /// first event, at which it is looked at first.
    ///
    /// Errors: those of [`SharePoolMarket::new`].
    pub fn add_share_pool(
        &mut self,
        header: &SharePoolHeader,
        start: &tidemill_amm::Pool,
        first: Timestamp,
    ) -> Result<PoolId, MarketError> {
        let pool = SharePoolMarket::new(header, start, self.footprint)?;
        let id = self.add(PoolMarket::Shares(Box::new(pool)))?;
        self.now = self.now.max(first);
        self.block = self.block.max(header.state_after_block);
        Ok(id)
    }

    fn add(&mut self, pool: PoolMarket) -> Result<PoolId, MarketError> {
        let id = u16::try_from(self.pools.len()).map(PoolId);
        let id = id.map_err(|_| MarketError::UnknownPool(PoolId(u16::MAX)))?;
        self.pools.push(pool);
        Ok(id)
    }

    /// Returns a pool.
    pub fn pool(&self, id: PoolId) -> Option<&PoolMarket> {
        self.pools.get(usize::from(id.0))
    }

    /// Returns the pool and the state of one of our positions in concentrated pools.
    pub fn own(&self, id: PositionId) -> Option<(&ConcentratedMarket, &OwnLiquidity)> {
        self.pools
            .iter()
            .filter_map(PoolMarket::concentrated)
            .find_map(|pool| pool.own().find(|own| own.id == id).map(|own| (pool, own)))
    }

    /// Returns what one of our positions would be paid if it were closed now; `None` where no such
    /// position is open.
    pub fn worth(&self, id: PositionId) -> Option<OwnWorth> {
        self.pools.iter().find_map(|pool| pool.worth(id, self.now))
    }

    /// Returns the pool that one of our positions is in; `None` where no such position is open.
    pub fn pool_of(&self, id: PositionId) -> Option<&PoolMarket> {
        self.pools.iter().find(|pool| pool.holds(id))
    }

    /// Returns how much one of our positions would have diluted the fees that it is paid;
    /// price-taker only, and `None` before a swap traded beside it.
    pub fn dilution(&self, id: PositionId) -> Option<Dilution> {
        self.pools.iter().find_map(|pool| pool.dilution(id))
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
                self.open_own(pool, position, (holding, deposited))?
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
        (holding, deposited): (Holding, TokenAmounts),
    ) -> Result<bool, MarketError> {
        let now = self.now;
        Ok(match (self.pool_mut(pool)?, holding) {
            (PoolMarket::Concentrated(pool), Holding::Range { range, liquidity }) => {
                let own = OwnLiquidity::new(position, range, liquidity);
                pool.open_own(own, now).map(TokenAmounts::from) == Some(deposited)
            }
            (PoolMarket::Shares(pool), Holding::Shares(shares)) => {
                pool.open_own(position, &OwnDeposit { deposited, shares }, now).is_some()
            }
            (PoolMarket::Concentrated(_), Holding::Shares(_))
            | (PoolMarket::Shares(_), Holding::Range { .. }) => false,
        })
    }

    fn close_own(&mut self, position: PositionId) -> Option<OwnWorth> {
        let now = self.now;
        self.pools.iter_mut().find_map(|pool| pool.close_own(position, now))
    }

    fn swap_own(
        &mut self,
        pool: PoolId,
        pair: TokenPair,
        amount_in: Amount,
    ) -> Result<Option<Amount>, MarketError> {
        let now = self.now;
        Ok(match self.pool_mut(pool)? {
            PoolMarket::Concentrated(pool) => {
                pair.input_of_two().and_then(|input| pool.swap_own(input, amount_in, now))
            }
            PoolMarket::Shares(pool) => pool.swap_own(pair, amount_in, now),
        })
    }
}
