use tidemill_amm::concentrated::Pool;
use tidemill_ledger::{Ledger, OpenPosition, PoolAssets};
use tidemill_market::{
    AssetPrices, Feed, FeedHealth, InstrumentMarket, KnownCandle, KnownGauge, KnownValue, Market,
    OwnWorth, PoolMarket, PoolValuation, SharePoolMarket, TwoSided, Valuation,
};
use tidemill_model::{
    AssetId, BestQuote, FeedId, Funding, InstrumentId, Intent, Interval, MarkPrice, PoolId,
    PositionId, ProgrammeId, QuotePrice, Reward, Trade, VotingId,
};
use tidemill_units::{
    Amount, BlockNumber, Gas, GasPrice, InstantUs, Side, SignedAmount, SqrtPrice, Tick, Timestamp,
    TokenAmounts, TokenIndex,
};

/// What a strategy sees: the world from one of its pools, and what is ours.
///
/// It looks at the pool that values are stated in, or at another one: see
/// [`of_pool`](Self::of_pool). Values are in raw units of the run's quote token either way. In a
/// run without a pool nothing can be said of pools and their tokens: all of it is `None`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    market: &'a Market,
    ledger: &'a Ledger,
    valuation: Valuation,
    /// The pool that is looked at; none in a run without one.
    looked: Option<Looked>,
    reverted_from: Option<BlockNumber>,
    /// What of the wallet is not available, token by token of some pool.
    reserve: Option<(PoolAssets, TokenAmounts)>,
}

/// A pool that is looked at.
#[derive(Clone, Copy)]
struct Looked {
    pool: PoolId,
    /// Its token that values are stated in, or the nearest to it.
    quote: TokenIndex,
}

impl From<&PoolValuation> for Looked {
    fn from(of: &PoolValuation) -> Self {
        Self { pool: of.pool, quote: of.quote }
    }
}

impl<'a> View<'a> {
    /// Returns the view on the pool that values are stated in, or on none in a run without one;
    /// `None` where the market has no such pool.
    pub fn new(market: &'a Market, ledger: &'a Ledger, valuation: Valuation) -> Option<Self> {
        let looked = valuation.pool().map(Looked::from);
        let is_there = looked.is_none_or(|looked| market.pool(looked.pool).is_some());
        let (reverted_from, reserve) = (None, None);
        is_there.then_some(Self { market, ledger, valuation, looked, reverted_from, reserve })
    }

    /// Returns the same view of another pool of the run; `None` where there is no such pool, and
    /// where it has no token of the pool that values are stated in.
    ///
    /// Prices, ticks, tokens, wallet, positions and programmes are then those of that pool.
    pub fn of_pool(self, pool: PoolId) -> Option<Self> {
        let stated = self.valuation.pool()?;
        if pool == stated.pool {
            return Some(Self { looked: Some(stated.into()), ..self });
        }
        self.market.pool(pool)?;
        let first = self.ledger.assets(stated.pool)?;
        let quote = self.ledger.assets(pool)?.nearest(first, stated.quote)?;
        Some(Self { looked: Some(Looked { pool, quote }), ..self })
    }

    /// Returns the pools of the run in their order, the one that values are stated in first.
    pub fn pools(&self) -> impl Iterator<Item = PoolId> + use<'a> {
        let first = self.valuation.pool().map(|stated| stated.pool);
        let all = self.ledger.pools().map(|(pool, _)| pool);
        first.into_iter().chain(all.filter(move |pool| Some(*pool) != first))
    }

    /// Returns the view in which so much of the wallet is not available, token by token of this
    /// pool: for a strategy inside another that may use the rest only.
    #[must_use]
    pub fn with_reserve(self, reserve: TokenAmounts) -> Self {
        let reserve = self.assets().map(|assets| (*assets, reserve));
        Self { reserve, ..self }
    }

    /// Returns the view after blocks of the pool's chain were taken back, from this on.
    #[must_use]
    pub fn with_reverted(self, from: Option<BlockNumber>) -> Self {
        Self { reverted_from: from, ..self }
    }

    /// Returns the lowest block that was taken back since the strategy was last asked; `None` where
    /// none was. What a strategy remembers of that block and those above it did not happen.
    pub fn reverted_from(&self) -> Option<BlockNumber> {
        self.reverted_from
    }

    /// Returns the identity of the pool that is looked at.
    pub fn pool_id(&self) -> Option<PoolId> {
        self.looked.map(|looked| looked.pool)
    }

    /// Returns the pool that values are stated in, and which of its tokens they are stated in.
    pub fn stated_in(&self) -> Option<(PoolId, TokenIndex)> {
        self.valuation.pool().map(|stated| (stated.pool, stated.quote))
    }

    /// How values are stated, where it is in the pool that is looked at.
    fn stated_here(&self) -> Option<&PoolValuation> {
        self.valuation.pool().filter(|stated| Some(stated.pool) == self.pool_id())
    }

    /// Returns the pool with ourselves in it, if it is concentrated; `None` before it has a price.
    pub fn pool(&self) -> Option<&'a Pool> {
        let pool = self.pool_market()?.concentrated()?.pool();
        pool.is_initialized().then_some(pool)
    }

    /// Returns the pool with ourselves in it, if its providers hold shares.
    pub fn shares(&self) -> Option<&'a SharePoolMarket> {
        self.pool_market()?.shares()
    }

    /// Returns the asset that one of the pool's tokens is; `None` for one that it does not have.
    pub fn asset(&self, token: TokenIndex) -> Option<AssetId> {
        self.assets()?.token(token)
    }

    /// Returns which of the pool's tokens an asset is; `None` where it is none of them.
    pub fn token_of(&self, asset: AssetId) -> Option<TokenIndex> {
        self.assets()?.index_of(asset)
    }

    fn pool_market(&self) -> Option<&'a PoolMarket> {
        self.market.pool(self.pool_id()?)
    }

    fn assets(&self) -> Option<&'a PoolAssets> {
        self.ledger.assets(self.pool_id()?)
    }

    /// Returns the time of the latest event that was none of a feed: the chain's clock. In a run
    /// without a pool it is the second in which the latest event was seen.
    pub fn now(&self) -> Timestamp {
        self.market.now()
    }

    /// Returns when the latest event was seen, one of a feed too: how late it is for us.
    pub fn seen_at(&self) -> InstantUs {
        self.market.seen_at()
    }

    /// Returns the number of the feed of that name; `None` where the run has none.
    pub fn feed(&self, name: &str) -> Option<FeedId> {
        self.market.feeds().find(name)
    }

    /// Returns the latest closed candles of a feed, at most so many, oldest first; `None` where
    /// the strategy did not ask for candles of that interval at the start.
    pub fn candles(
        &self,
        feed: FeedId,
        interval: Interval,
        most: usize,
    ) -> Option<impl ExactSizeIterator<Item = &'a KnownCandle> + use<'a>> {
        let closed = self.known(feed)?.candles(interval)?.closed();
        let skipped = closed.len().saturating_sub(most);
        Some(closed.skip(skipped))
    }

    /// Returns how many candles of an interval were closed so far: a new one is there when it has
    /// risen. `None` as for [`candles`](Self::candles).
    pub fn candle_count(&self, feed: FeedId, interval: Interval) -> Option<u64> {
        Some(self.known(feed)?.candles(interval)?.count())
    }

    /// Returns a feed's latest best bid and ask; `None` before any.
    pub fn quote_of(&self, feed: FeedId) -> Option<BestQuote> {
        self.known(feed)?.quote().map(|known| known.value)
    }

    /// Returns a feed's latest trade; `None` before any.
    pub fn trade_of(&self, feed: FeedId) -> Option<Trade> {
        self.known(feed)?.trade().map(|known| known.value)
    }

    /// Returns a feed's latest mark price; `None` before any.
    pub fn mark_of(&self, feed: FeedId) -> Option<MarkPrice> {
        self.known(feed)?.mark().map(|known| known.value)
    }

    /// Returns a feed's latest funding payment; `None` before any.
    pub fn funding_of(&self, feed: FeedId) -> Option<Funding> {
        self.known(feed)?.funding().map(|known| known.value)
    }

    /// Returns the value of a series as it is known now, with its time, when it was published and
    /// how often it was revised; `None` before any.
    pub fn value_of(&self, feed: FeedId) -> Option<KnownValue> {
        self.known(feed)?.value()
    }

    /// Returns whether a feed can vouch for what it says; `None` where the run has none such.
    pub fn health_of(&self, feed: FeedId) -> Option<FeedHealth> {
        self.known(feed).map(Feed::health)
    }

    fn known(&self, feed: FeedId) -> Option<&'a Feed> {
        self.market.feeds().get(feed)
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

    /// Returns what of the wallet no order in flight may take, of each of the pool's tokens, less
    /// what is kept in reserve; `None` where the ledger does not know the pool's assets.
    pub fn available(&self) -> Option<TokenAmounts> {
        let assets = self.assets()?;
        let mut available = self.ledger.available_of(assets)?;
        if let Some((of, reserve)) = &self.reserve {
            for (left, asset) in available.as_mut_slice().iter_mut().zip(assets.tokens()) {
                let kept = of.index_of(*asset).and_then(|token| reserve.get(token));
                *left = left.checked_sub(kept.unwrap_or_default()).unwrap_or(Amount::ZERO);
            }
        }
        Some(available)
    }

    /// Returns the decimals of one of the pool's tokens; `None` for one that it does not have.
    pub fn decimals(&self, token: TokenIndex) -> Option<u8> {
        let pool = self.pool_market()?;
        if let Some(shares) = pool.shares() {
            return shares.header().tokens.get(token.place()).map(|token| token.decimals);
        }
        let header = pool.concentrated()?.header();
        match token.side()? {
            Side::Token0 => Some(header.token0.decimals),
            Side::Token1 => Some(header.token1.decimals),
        }
    }

    /// Returns what an amount of one of the pool's tokens is worth, in raw quote units, rounded
    /// down; `None` before the pool has a price, and for a token it does not have.
    pub fn token_value(&self, amount: Amount, token: TokenIndex) -> Option<Amount> {
        if let Some(stated) = self.stated_here() {
            return stated.prices(self.market)?.in_quote(amount, token, stated.quote);
        }
        self.asset_value(self.asset(token)?, amount)
    }

    /// Returns what an amount of any asset of the run is worth, in raw quote units, rounded down at
    /// each step; `None` without a price.
    pub fn asset_value(&self, asset: AssetId, amount: Amount) -> Option<Amount> {
        self.prices()?.value(asset, amount)
    }

    fn prices(&self) -> Option<AssetPrices<'a>> {
        let pools = self.ledger.pools().map(|(id, assets)| (id, assets.tokens()));
        AssetPrices::new(self.market, self.valuation, pools)
    }

    /// Returns what the wallet holds of each of the pool's tokens, what orders in flight may take
    /// among it; `None` as for [`available`](Self::available).
    pub fn wallet(&self) -> Option<TokenAmounts> {
        self.ledger.wallet_of(self.assets()?)
    }

    /// Returns the number of the instrument of that name; `None` where the run has none.
    pub fn instrument(&self, name: &str) -> Option<InstrumentId> {
        self.market.instruments().find(name)
    }

    /// Returns an instrument of an exchange; `None` where the run has none of that number.
    pub fn instrument_of(&self, id: InstrumentId) -> Option<&'a InstrumentMarket> {
        self.market.instruments().get(id)
    }

    /// Returns what an instrument is valued at, in its quote asset; `None` before its feed said
    /// anything.
    pub fn mark(&self, instrument: InstrumentId) -> Option<QuotePrice> {
        self.market.mark(instrument)
    }

    /// Returns when the older of the prices that an instrument is traded and valued at was seen;
    /// `None` before both were, and while one of their feeds has a gap.
    pub fn priced_at(&self, instrument: InstrumentId) -> Option<InstantUs> {
        self.instrument_of(instrument)?.priced_at(self.market.feeds())
    }

    /// Returns the options that can be bought at exchanges, in the order of their numbers; those
    /// that have ended too.
    pub fn options(&self) -> impl Iterator<Item = (InstrumentId, &'a InstrumentMarket)> + use<'a> {
        let all = self.market.instruments().iter();
        all.filter(|(_, found)| found.instrument.kind.option().is_some())
    }

    /// Returns what an instrument can be traded at before costs: bid and ask where its feed tells
    /// them, else the last price for both; `None` before its feed said anything.
    pub fn two_sided(&self, instrument: InstrumentId) -> Option<TwoSided> {
        self.instrument_of(instrument)?.two_sided(self.market.feeds())
    }

    /// Returns what we hold of an instrument, in raw units of its base asset: of a contract below
    /// zero where we are short.
    pub fn held(&self, instrument: InstrumentId) -> SignedAmount {
        self.ledger.held(instrument)
    }

    /// Returns our open positions in this pool.
    pub fn positions(&self) -> impl Iterator<Item = (PositionId, &'a OpenPosition)> {
        let pool = self.pool_id();
        self.ledger.positions().filter(move |(_, position)| Some(position.pool) == pool)
    }

    /// Returns the reward programmes for the pool's providers, in the order of the configuration.
    pub fn programmes(&self) -> impl Iterator<Item = ProgrammeId> {
        let pool = self.pool_id();
        self.market
            .programmes()
            .filter(move |(_, found)| Some(found.pool()) == pool)
            .map(|(id, _)| id)
    }

    /// Returns the programme that a position of ours is staked in; `None` where it is in none.
    pub fn programme_of(&self, id: PositionId) -> Option<ProgrammeId> {
        self.market.programme_of(id)
    }

    /// Whether a programme has begun and not ended.
    pub fn is_running(&self, programme: ProgrammeId) -> bool {
        let now = self.market.now();
        self.market.programme(programme).is_some_and(|found| found.is_running(now))
    }

    /// Returns when a stake that was asked back can be had; `None` where it was not.
    pub fn ready_at(&self, id: PositionId) -> Option<Timestamp> {
        self.market.staking_of(id)?.ready_at(id)
    }

    /// Returns what everybody can know of the gauges that can be voted for at a service, by their
    /// numbers; `None` where there is no such service.
    pub fn known_gauges(&self, id: VotingId) -> Option<Vec<KnownGauge>> {
        let voting = self.market.voting(id)?;
        (0..voting.gauges().len()).map(|gauge| voting.known(gauge, self.now())).collect()
    }

    /// Returns when a lock of ours ends; `None` for what is no lock.
    pub fn until(&self, id: PositionId) -> Option<Timestamp> {
        self.market.voting_of(id)?.until(id)
    }

    /// Returns what a lock's votes weigh at the end of this epoch if they are cast now, in raw
    /// units of the locked token; `None` where they weigh nothing.
    pub fn voting_power(&self, id: PositionId) -> Option<Amount> {
        self.market.voting_power(id)
    }

    /// Returns from when on a lock can divide all of its votes anew; `None` for what is no lock.
    pub fn votes_from(&self, id: PositionId) -> Option<Timestamp> {
        self.market.votes_from(id)
    }

    /// Returns what a lock's votes have earned and not been paid, token by token.
    pub fn bribes(&self, id: PositionId) -> impl Iterator<Item = Reward> + 'a {
        self.market.bribes(id)
    }

    /// Whether a lock of ours could be withdrawn now.
    pub fn can_unlock(&self, id: PositionId) -> bool {
        self.market.can_unlock(id)
    }

    /// Whether a position of ours could be put into a programme now.
    pub fn could_stake(&self, id: PositionId, programme: ProgrammeId) -> bool {
        self.market.could_stake(id, programme)
    }

    /// Returns what a staked position would be paid if it left its programme now; `None` where it
    /// is in none, or could not leave.
    pub fn reward(&self, id: PositionId) -> Option<Reward> {
        self.market.reward(id)
    }

    /// Returns the reward tokens at hand that no order in flight may take.
    pub fn rewards_at_hand(&self) -> impl Iterator<Item = Reward> {
        let available = |asset: AssetId| Reward { asset, amount: self.ledger.available(asset) };
        self.market.reward_assets().map(available).filter(|reward| !reward.amount.is_zero())
    }

    /// Returns the pool's token that values are stated in; where the pool has no such token, its
    /// first that the pool has, too, which values are stated in.
    pub fn quote(&self) -> Option<TokenIndex> {
        self.looked.map(|looked| looked.quote)
    }

    /// Returns what a reward is worth in raw quote units, rounded down; `None` while its token has
    /// no price.
    pub fn reward_value(&self, reward: Reward) -> Option<Amount> {
        self.market.price_of(reward.asset)?.in_quote(reward.amount)
    }

    /// Returns what a position is worth in raw quote units, rounded down, rewards apart; `None`
    /// where it is not open or has no price.
    pub fn position_value(&self, id: PositionId) -> Option<Amount> {
        let worth = self.market.worth(id)?;
        let both = worth.principal.checked_add(&worth.fees)?;
        let pool = self.ledger.position(id)?.pool;
        if Some(pool) == self.pool_id() {
            return self.tokens_value(&both);
        }
        self.prices()?.tokens(pool, &both)
    }

    /// Returns what one of our positions would be paid if it were closed now, token by token;
    /// `None` where it is not open.
    pub fn worth(&self, id: PositionId) -> Option<OwnWorth> {
        self.market.worth(id)
    }

    /// Returns what amounts of the pool's tokens are worth in raw quote units, rounded down; `None`
    /// before the pool has a price.
    pub fn tokens_value(&self, amounts: &TokenAmounts) -> Option<Amount> {
        if let Some(stated) = self.stated_here() {
            return stated.value_at(&stated.prices(self.market)?, amounts);
        }
        self.prices()?.tokens(self.pool_id()?, amounts)
    }

    /// Returns the latest price of gas; `None` while none was recorded.
    pub fn gas_price(&self) -> Option<GasPrice> {
        self.market.gas_price()
    }

    /// Returns what so much gas costs at the latest price of it, or at `fallback` while none was
    /// recorded, in raw quote units, rounded up; `None` before the pool has a price.
    pub fn gas_value(&self, gas: Gas, fallback: GasPrice) -> Option<Amount> {
        let wei = Amount::from_u128(self.market.gas_price().unwrap_or(fallback).0);
        let wei = Amount(wei.0.checked_mul(Amount::from_u64(gas.0).0)?);
        self.valuation.gas_value(self.market, wei)
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
