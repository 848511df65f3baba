use tidemill_amm::concentrated::Pool;
use tidemill_ledger::{Ledger, OpenPosition};
use tidemill_market::{Market, SharePoolMarket};
use tidemill_model::{Intent, PoolId, PositionId};
use tidemill_units::{BlockNumber, SqrtPrice, Tick, Timestamp, TokenAmounts};

/// What a strategy sees: one pool of the world, and what is ours.
#[derive(Clone, Copy)]
pub struct View<'a> {
    market: &'a Market,
    ledger: &'a Ledger,
    pool: PoolId,
}

impl<'a> View<'a> {
    /// Returns the view on a pool; `None` where the market has no such pool.
    pub fn new(market: &'a Market, ledger: &'a Ledger, pool: PoolId) -> Option<Self> {
        market.pool(pool).map(|_| Self { market, ledger, pool })
    }

    /// Returns the pool's identity.
    pub fn pool_id(&self) -> PoolId {
        self.pool
    }

    /// Returns the pool with ourselves in it, if it is concentrated; `None` before it has a price.
    pub fn pool(&self) -> Option<&'a Pool> {
        let pool = self.market.pool(self.pool)?.concentrated()?.pool();
        pool.is_initialized().then_some(pool)
    }

    /// Returns the pool with ourselves in it, if its providers hold shares.
    pub fn shares(&self) -> Option<&'a SharePoolMarket> {
        self.market.pool(self.pool)?.shares()
    }

    /// Returns the time of the latest event.
    pub fn now(&self) -> Timestamp {
        self.market.now()
    }

    /// Returns the latest block.
    pub fn block(&self) -> BlockNumber {
        self.market.block()
    }

    /// Returns the price, token1 per token0; zero before the pool has one.
    pub fn sqrt_price(&self) -> SqrtPrice {
        self.pool().map_or(SqrtPrice::ZERO, Pool::sqrt_price)
    }

    /// Returns the tick; zero before the pool has a price.
    pub fn tick(&self) -> Tick {
        self.pool().map_or(Tick(0), Pool::tick)
    }

    /// Returns what of the wallet no order in flight may take, of each of the pool's tokens; `None`
    /// where the ledger does not know the pool's assets.
    pub fn available(&self) -> Option<TokenAmounts> {
        self.ledger.available_of(self.ledger.assets(self.pool)?)
    }

    /// Returns our open positions in this pool.
    pub fn positions(&self) -> impl Iterator<Item = (PositionId, &'a OpenPosition)> {
        let pool = self.pool;
        self.ledger.positions().filter(move |(_, position)| position.pool == pool)
    }

    /// Whether an order of ours has no known end yet.
    pub fn is_waiting(&self) -> bool {
        self.ledger.in_flight().next().is_some()
    }

    /// Whether closing a position is on its way.
    pub fn is_closing(&self, id: PositionId) -> bool {
        self.ledger.in_flight().any(|order| order.intent == Intent::Close { position: id })
    }
}
