mod chains;
mod data;
mod quotes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tidemill_model::{
    AssetId, ChainEvent, Event, EventBody, Holding, InstrumentId, Outcome, OutcomeKind, PoolId,
    PoolStart, PositionId, ProgrammeEvent, ProgrammeId, QuotePrice, Reward, SharePoolHeader,
    StakingId, Tape, VotingId,
};
use tidemill_rewards::Moment;
use tidemill_units::{
    Amount, BlockNumber, GasPrice, InstantUs, Timestamp, TokenAmounts, TokenPair,
};

pub(crate) use chains::Place;

use crate::gauge_trail::{BeforeChange, PoolMove};
use crate::programme_market::{Scene, Staker};
use crate::swap_scores::ScoresBefore;
use crate::{
    BlockError, ConcentratedMarket, FeedError, Feeds, Footprint, InstrumentMarket, Instruments,
    MarketError, OwnDeposit, OwnLiquidity, PoolMarket, ProgrammeError, ProgrammeMarket,
    ProgrammeMismatch, ResolvedSwaps, SharePoolMarket, StakingMarket, VotingMarket,
};

/// The world: pools, reward programmes, prices from outside, time, the gas price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    footprint: Footprint,
    pools: Vec<PoolMarket>,
    /// When the latest log of each pool was seen, in the order of the pools.
    heard_of: Vec<Option<InstantUs>>,
    programmes: Vec<ProgrammeMarket>,
    /// What the last change of a pool, a swap, has left to score the next one by.
    scores: BTreeMap<PoolId, ScoresBefore>,
    /// What the programmes pay, and those who want votes.
    reward_assets: BTreeSet<AssetId>,
    stakings: Vec<StakingMarket>,
    votings: Vec<VotingMarket>,
    prices: BTreeMap<AssetId, QuotePrice>,
    feeds: Feeds,
    instruments: Instruments,
    seen_at: InstantUs,
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
        Self {
            footprint,
            pools: Vec::new(),
            heard_of: Vec::new(),
            programmes: Vec::new(),
            scores: BTreeMap::new(),
            reward_assets: BTreeSet::new(),
            stakings: Vec::new(),
            votings: Vec::new(),
            prices: BTreeMap::new(),
            feeds: Feeds::default(),
            instruments: Instruments::default(),
            seen_at: InstantUs(i64::MIN),
            now,
            block,
            gas_price: None,
        }
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
        self.heard_of.push(None);
        Ok(id)
    }

    /// Adds a reward programme for the providers of a pool.
    ///
    /// Errors: [`MarketError::UnknownPool`].
    pub fn add_programme(
        &mut self,
        programme: ProgrammeMarket,
    ) -> Result<ProgrammeId, MarketError> {
        let pool = programme.pool();
        let id = u16::try_from(self.programmes.len()).ok().filter(|_| self.pool(pool).is_some());
        let id = id.map(ProgrammeId).ok_or(MarketError::UnknownPool(pool))?;
        self.reward_assets.insert(programme.reward());
        self.programmes.push(programme);
        Ok(id)
    }

    /// Adds a service that stakes a token of a pool.
    ///
    /// Errors: [`MarketError::UnknownPool`].
    pub fn add_staking(&mut self, staking: StakingMarket) -> Result<StakingId, MarketError> {
        let pool = staking.pool();
        let id = u16::try_from(self.stakings.len()).ok().filter(|_| self.pool(pool).is_some());
        let id = id.map(StakingId).ok_or(MarketError::UnknownPool(pool))?;
        self.stakings.push(staking);
        Ok(id)
    }

    /// Adds a service that locks a token of a pool for votes.
    ///
    /// Errors: [`MarketError::UnknownPool`].
    pub fn add_voting(&mut self, voting: VotingMarket) -> Result<VotingId, MarketError> {
        let pool = voting.pool();
        let id = u16::try_from(self.votings.len()).ok().filter(|_| self.pool(pool).is_some());
        let id = id.map(VotingId).ok_or(MarketError::UnknownPool(pool))?;
        self.reward_assets.extend(voting.assets());
        self.votings.push(voting);
        Ok(id)
    }

    /// Adds an instrument of an exchange.
    ///
    /// Errors: [`MarketError::Feed`] where one of its feeds is not in this market, or there are
    /// more instruments than numbers.
    pub fn add_instrument(
        &mut self,
        instrument: InstrumentMarket,
    ) -> Result<InstrumentId, MarketError> {
        let settlement = instrument.instrument.kind.option().map(|option| option.settlement);
        let feeds = [Some(instrument.prices), instrument.marks, instrument.funding, settlement];
        for feed in feeds.into_iter().flatten() {
            self.feeds.get(feed).ok_or(FeedError::UnknownFeed(feed))?;
        }
        let name = instrument.name.clone();
        let added = self.instruments.add(instrument);
        added.ok_or_else(|| FeedError::TooMany(name).into())
    }

    /// Returns the instruments of exchanges.
    pub fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// Returns what an instrument is valued at, in its quote asset; `None` before its feed said
    /// anything, and where there is no such instrument.
    pub fn mark(&self, id: InstrumentId) -> Option<QuotePrice> {
        self.instruments.get(id)?.mark(&self.feeds)
    }

    /// Returns a voting service.
    pub fn voting(&self, id: VotingId) -> Option<&VotingMarket> {
        self.votings.get(usize::from(id.0))
    }

    /// Returns the service that one of our locks is at; `None` where it is at none.
    pub fn voting_of(&self, id: PositionId) -> Option<&VotingMarket> {
        self.votings.iter().find(|voting| voting.holds(id))
    }

    /// Returns a staking service.
    pub fn staking(&self, id: StakingId) -> Option<&StakingMarket> {
        self.stakings.get(usize::from(id.0))
    }

    /// Returns the service that one of our stakes is at; `None` where it is at none.
    pub fn staking_of(&self, id: PositionId) -> Option<&StakingMarket> {
        self.stakings.iter().find(|staking| staking.holds(id))
    }

    /// Returns a reward programme.
    pub fn programme(&self, id: ProgrammeId) -> Option<&ProgrammeMarket> {
        self.programmes.get(usize::from(id.0))
    }

    /// Returns the programmes in the order in which they were added.
    pub fn programmes(&self) -> impl Iterator<Item = (ProgrammeId, &ProgrammeMarket)> {
        (0..).map(ProgrammeId).zip(&self.programmes)
    }

    /// Returns the programme that a position of ours is staked in; `None` where it is in none.
    pub fn programme_of(&self, id: PositionId) -> Option<ProgrammeId> {
        self.programmes().find(|(_, programme)| programme.holds(id)).map(|(id, _)| id)
    }

    /// Returns the latest price of a token that no pool of this world trades; `None` before it has
    /// any.
    pub fn price_of(&self, asset: AssetId) -> Option<QuotePrice> {
        self.prices.get(&asset).copied()
    }

    /// Returns the tokens that programmes and bribes pay, each once.
    pub fn reward_assets(&self) -> impl Iterator<Item = AssetId> {
        self.reward_assets.iter().copied()
    }

    /// Whether there is a pool at all, and with it a chain.
    pub fn has_pools(&self) -> bool {
        !self.pools.is_empty()
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

    /// Returns the pool that one of our positions is in; `None` where no such position is open.
    pub fn pool_of(&self, id: PositionId) -> Option<&PoolMarket> {
        self.pools.iter().find(|pool| pool.holds(id))
    }

    /// Returns when the latest event was, by both clocks.
    fn moment(&self) -> Moment {
        Moment { at: self.now, block: self.block }
    }

    /// Returns what feeds have said.
    pub fn feeds(&self) -> &Feeds {
        &self.feeds
    }

    /// Returns what feeds have said, to add some and to ask for candles.
    pub fn feeds_mut(&mut self) -> &mut Feeds {
        &mut self.feeds
    }

    /// Returns when the latest event was seen: how late it is for whoever decides. Where there is a
    /// pool, data of feeds moves this clock and not that of the chain, [`now`](Self::now).
    pub fn seen_at(&self) -> InstantUs {
        self.seen_at
    }

    /// Returns the time of the latest event that was none of a feed: the clock of the chain. A
    /// world without pools has no chain, and its time is the second in which the latest event was
    /// seen.
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

    /// Lends a pool what was worked out of the recorded events that come next, from the first of
    /// its tape on; what was lent before is given back. Whatever is lent, the market becomes what
    /// it would have become without: no use is made of what was worked out of another pool, or of
    /// other events than those that come. A pool of shares has no use for it.
    pub fn lend(&mut self, pool: PoolId, swaps: &Arc<ResolvedSwaps>) {
        if let Some(PoolMarket::Concentrated(pool)) = self.pools.get_mut(usize::from(pool.0)) {
            pool.lend(swaps);
        }
    }

    /// Moves the world on by one event. A block is taken back by [`crate::UndoLog::apply`] alone.
    ///
    /// Errors: [`MarketError::Mismatch`], [`MarketError::Programme`], [`MarketError::Outcome`],
    /// [`MarketError::UnknownPool`], [`MarketError::UnknownProgramme`], [`MarketError::Feed`];
    /// the market is not to be used after any of them. [`BlockError::NothingKept`], and it is as
    /// it was.
    pub fn apply(&mut self, event: &Event) -> Result<(), MarketError> {
        if matches!(event.body, EventBody::Reverted(_)) {
            return Err(BlockError::NothingKept.into());
        }
        self.seen_at = event.seen_at;
        if !self.has_pools() {
            self.now = event.seen_at.second();
        }
        self.feeds.advance(event.seen_at)?;
        match &event.body {
            EventBody::Data(_) | EventBody::Feed(_) => return self.apply_feed(event),
            // What exchanges do to us is no part of this world, and no clock of the chain.
            EventBody::Account(_) => return Ok(()),
            EventBody::Outcome(outcome) if outcome.kind.is_of_exchange() => return Ok(()),
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Outcome(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_) => {}
        }
        if self.has_pools() {
            self.now = event.second();
        }
        let at = self.moment();
        self.stakings.iter_mut().for_each(|staking| staking.advance(at));
        self.votings.iter_mut().for_each(|voting| voting.advance(at));
        match &event.body {
            EventBody::Chain(chain) => {
                self.apply_chain(chain)?;
                self.note_heard(chain.pool, event.seen_at);
                self.note_swap(chain, event.happened_at)
            }
            EventBody::Programme(event) => self.apply_programme(event),
            EventBody::Price(priced) => {
                self.prices.insert(priced.asset, priced.price);
                Ok(())
            }
            EventBody::Outcome(outcome) => self.apply_outcome(outcome),
            EventBody::Block(mined) => {
                self.note_block(mined.number, mined.base_fee);
                Ok(())
            }
            EventBody::Reverted(_) => Err(BlockError::NothingKept.into()),
            EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => Ok(()),
        }
    }

    fn note_block(&mut self, block: BlockNumber, gas_price: Option<GasPrice>) {
        if let Some(price) = gas_price {
            let same_block = self.gas_price.filter(|(other, _)| block == *other);
            let cheapest = same_block.map_or(price, |(_, cheapest)| cheapest.min(price));
            self.gas_price = Some((block, cheapest));
        }
        self.block = block;
    }

    fn apply_programme(&mut self, event: &ProgrammeEvent) -> Result<(), MarketError> {
        let ProgrammeEvent { programme: id, block, log_index, gas_price, log } = event;
        self.note_block(*block, *gas_price);
        let at = Moment { at: self.now, block: *block };
        let programme = self.programmes.get_mut(usize::from(id.0));
        let programme = programme.ok_or(MarketError::UnknownProgramme(*id))?;
        let pool = self.pools.get(usize::from(programme.pool().0));
        let pool = pool.ok_or(MarketError::UnknownPool(programme.pool()))?;
        programme.apply(log, Scene::new(pool, at)).map_err(|mismatch| MarketError::Programme {
            block: *block,
            log_index: *log_index,
            mismatch: Box::new(mismatch),
        })
    }

    fn apply_chain(&mut self, chain: &ChainEvent) -> Result<(), MarketError> {
        self.note_block(chain.block, chain.gas_price);
        let kind = PoolMove::of(&chain.event);
        let (now, before) = (self.now, self.before_change(chain.pool, kind));
        self.pool_mut(chain.pool)?.apply(chain, now)?;
        let Some(before) = before else { return Ok(()) };
        let followed = self.show_gauges(chain.pool, (before, kind));
        followed.map_err(|error| MarketError::Programme {
            block: chain.block,
            log_index: chain.log_index,
            mismatch: Box::new(ProgrammeMismatch::Reverts { event: chain.event.kind(), error }),
        })
    }

    /// What the gauges of a pool will have to know; `None` where it has none.
    fn before_change(&mut self, id: PoolId, kind: PoolMove) -> Option<BeforeChange> {
        // What was left by the last swap holds for the next change alone.
        let left = self.scores.remove(&id);
        let mut following = self.programmes.iter().filter(|programme| programme.follows(id));
        following.next()?;
        let pool = self.pool(id).and_then(PoolMarket::concentrated)?;
        let is_swap = matches!(kind, PoolMove::Swapped | PoolMove::SwappedByUs);
        let is_scored = is_swap && self.programmes.iter().any(|one| one.scores(id, self.now));
        let scores = is_scored.then(|| left.unwrap_or_else(|| ScoresBefore::of(pool)));
        Some(BeforeChange::of(pool, scores))
    }

    /// Lets the gauges of a pool follow what has just happened to it.
    fn show_gauges(
        &mut self,
        id: PoolId,
        (before, kind): (BeforeChange, PoolMove),
    ) -> Result<(), ProgrammeError> {
        let pool = self.pools.get(usize::from(id.0)).and_then(PoolMarket::concentrated);
        let Some(pool) = pool else { return Ok(()) };
        let gauges = self.programmes.iter_mut().filter(|programme| programme.follows(id));
        for gauge in gauges {
            gauge.follow((&before, kind), pool, self.now)?;
        }
        let next = before.scores.and_then(|scores| scores.advanced(pool));
        self.scores.extend(next.map(|scores| (id, scores)));
        Ok(())
    }

    /// Makes a change of ours in a pool, and shows it to the pool's gauges; `None` where they could
    /// not follow it.
    fn change_own<T>(
        &mut self,
        id: PoolId,
        kind: PoolMove,
        change: impl FnOnce(&mut PoolMarket, Timestamp) -> T,
    ) -> Result<Option<T>, MarketError> {
        let (now, before) = (self.now, self.before_change(id, kind));
        let changed = change(self.pool_mut(id)?, now);
        let followed = before.map_or(Ok(()), |before| self.show_gauges(id, (before, kind)));
        Ok(followed.ok().map(|()| changed))
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
                self.programme_of(position).is_none() && self.close_own(position) == Some(paid)
            }
            OutcomeKind::Unbonding { position, ready_at } => {
                self.change_staking(position, StakingMarket::unbond) == Some(ready_at)
            }
            OutcomeKind::Compounded { position, amount } => {
                self.change_staking(position, StakingMarket::compound) == Some(amount)
            }
            OutcomeKind::Swapped { pool, pair, amount_in, amount_out } => {
                self.swap_own(pool, pair, amount_in)? == Some(amount_out)
            }
            OutcomeKind::Arbitraged { legs: [first, second], amount_in, between, amount_out } => {
                self.swap_own(first.pool, first.pair, amount_in)? == Some(between)
                    && self.swap_own(second.pool, second.pair, between)? == Some(amount_out)
            }
            OutcomeKind::Staked { position, programme, fees } => {
                self.stake_own(position, programme) == Some(fees)
            }
            OutcomeKind::Claimed { position, reward } => {
                self.claim_own(position, reward.asset) == Some(reward)
            }
            OutcomeKind::Voted { position, ballot } => {
                self.change_lock(position, |voting, id, at| voting.vote(id, &ballot, at)).is_some()
            }
            OutcomeKind::Extended { position, until } => {
                self.change_lock(position, |voting, id, at| voting.extend(id, until, at)).is_some()
            }
            OutcomeKind::Unstaked { position, reward } => {
                self.unstake_own(position) == Some(reward)
            }
            // Where reward tokens are sold is no part of this world.
            OutcomeKind::Sold { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => true,
        };
        if reproduced { Ok(()) } else { Err(MarketError::Outcome { order: outcome.order }) }
    }

    fn open_own(
        &mut self,
        pool: PoolId,
        position: PositionId,
        (holding, deposited): (Holding, TokenAmounts),
    ) -> Result<bool, MarketError> {
        if let Holding::Stake { staking, shares } = holding {
            let at = self.moment();
            let staking = self.stakings.get_mut(usize::from(staking.0));
            let staking = staking.filter(|staking| staking.pool() == pool);
            let kept = staking.and_then(|staking| staking.open(position, &deposited, at));
            return Ok(kept == Some(shares));
        }
        if let Holding::Lock { voting, until } = holding {
            let at = self.moment();
            let voting = self.votings.get_mut(usize::from(voting.0));
            let voting = voting.filter(|voting| voting.pool() == pool);
            let lock = (&deposited, until);
            return Ok(voting.is_some_and(|voting| voting.open(position, lock, at).is_some()));
        }
        let opened = self.change_own(pool, PoolMove::Other, |pool, now| match (pool, holding) {
            (PoolMarket::Concentrated(pool), Holding::Range { range, liquidity }) => {
                let own = OwnLiquidity::new(position, range, liquidity);
                pool.open_own(own, now).map(TokenAmounts::from) == Some(deposited)
            }
            (PoolMarket::Shares(pool), Holding::Shares(shares)) => {
                pool.open_own(position, &OwnDeposit { deposited, shares }, now).is_some()
            }
            (PoolMarket::Concentrated(_), Holding::Shares(_))
            | (PoolMarket::Shares(_), Holding::Range { .. })
            | (_, Holding::Stake { .. } | Holding::Lock { .. }) => false,
        })?;
        Ok(opened.unwrap_or(false))
    }

    fn close_own(&mut self, position: PositionId) -> Option<OwnWorth> {
        if self.staking_of(position).is_some() {
            return self.change_staking(position, StakingMarket::close);
        }
        if self.voting_of(position).is_some() {
            return self.change_lock(position, VotingMarket::close);
        }
        let (id, pool) =
            (0..).map(PoolId).zip(&self.pools).find(|(_, pool)| pool.holds(position))?;
        let kind = pool.range_of(position).map_or(PoolMove::Other, PoolMove::Burned);
        let closed = self.change_own(id, kind, |pool, now| pool.close_own(position, now));
        closed.ok()??
    }

    fn change_staking<T>(
        &mut self,
        id: PositionId,
        change: impl FnOnce(&mut StakingMarket, PositionId, Moment) -> Option<T>,
    ) -> Option<T> {
        let at = self.moment();
        let staking = self.stakings.iter_mut().find(|staking| staking.holds(id))?;
        change(staking, id, at)
    }

    fn change_lock<T>(
        &mut self,
        id: PositionId,
        change: impl FnOnce(&mut VotingMarket, PositionId, Moment) -> Option<T>,
    ) -> Option<T> {
        let at = self.moment();
        let voting = self.votings.iter_mut().find(|voting| voting.holds(id))?;
        change(voting, id, at)
    }

    fn stake_own(&mut self, id: PositionId, programme: ProgrammeId) -> Option<TokenAmounts> {
        let at = self.moment();
        let is_free = self.programme_of(id).is_none();
        let market = self.programmes.get_mut(usize::from(programme.0)).filter(|_| is_free)?;
        let pool = self.pools.get_mut(usize::from(market.pool().0))?;
        market.stake(&Staker::new(id, pool)?, Scene::new(pool, at))?;
        if market.takes_fees() {
            return pool.stake_own(id, self.now);
        }
        TokenAmounts::zero(pool.worth(id, self.now)?.fees.len())
    }

    fn claim_own(&mut self, id: PositionId, token: AssetId) -> Option<Reward> {
        let at = self.moment();
        if self.voting_of(id).is_some() {
            return self.change_lock(id, |voting, id, at| voting.claim(id, token, at));
        }
        let programme = self.programme_of(id)?;
        let market = self.programmes.get_mut(usize::from(programme.0))?;
        let pool = self.pools.get(usize::from(market.pool().0))?;
        market.claim(&Staker::new(id, pool)?, Scene::new(pool, at))
    }

    fn unstake_own(&mut self, id: PositionId) -> Option<Reward> {
        let at = self.moment();
        let programme = self.programme_of(id)?;
        let market = self.programmes.get_mut(usize::from(programme.0))?;
        let pool = self.pools.get_mut(usize::from(market.pool().0))?;
        let reward = market.unstake(&Staker::new(id, pool)?, Scene::new(pool, at))?;
        if market.takes_fees() {
            pool.unstake_own(id, self.now)?;
        }
        Some(reward)
    }

    fn swap_own(
        &mut self,
        pool: PoolId,
        pair: TokenPair,
        amount_in: Amount,
    ) -> Result<Option<Amount>, MarketError> {
        let swapped = self.change_own(pool, PoolMove::SwappedByUs, |pool, now| match pool {
            PoolMarket::Concentrated(pool) => {
                pair.input_of_two().and_then(|input| pool.swap_own(input, amount_in, now))
            }
            PoolMarket::Shares(pool) => pool.swap_own(pair, amount_in, now),
        })?;
        Ok(swapped.flatten())
    }
}
