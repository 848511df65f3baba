use std::collections::VecDeque;

use tidemill_exec::World;
use tidemill_market::{Market, Moment};
use tidemill_model::{
    Event, EventBody, FeedId, FeedItem, Funding, GasPaid, InstrumentId, Intent, Latency, Order,
    Outcome, OutcomeKind, PoolId, PriceEvent, ProgrammeId, ProgrammeTapeEvent, Rejection, Sequence,
    TapeEvent, VenueId,
};
use tidemill_risk::Approved;
use tidemill_units::{BlockNumber, GasPrice, InstantUs, LogIndex, Timestamp};

use crate::fill::{Circumstances, Fill};
use crate::option_quotes::OptionQuotes;
use crate::{
    FeedFault, FeedStream, GasModel, Inclusion, OptionModel, SaleModel, SeenItem, SimulatedExchange,
};

/// What orders cost, and when they are included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Models {
    /// Gas.
    pub gas: GasModel,
    /// When orders are included.
    pub inclusion: Inclusion,
    /// What reward tokens are sold for.
    pub sale: SaleModel,
}

/// A price from outside the pools, and when it became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedPrice {
    /// When.
    pub time: Timestamp,
    /// What.
    pub price: PriceEvent,
}

/// Tapes merged with prices from outside, with what feeds say, and with the outcomes of our
/// orders, in the order in which they would have been seen.
///
/// What happens on the chain is seen the chain's latency after its block's time. Of two events that
/// are seen at the same instant, that of the chain comes first. All sequence numbers are given out
/// here. What feeds say after the last event of the chain is left out: nothing can be done any
/// more. A world without pools has no chain: it begins and ends with its feeds.
#[derive(Debug)]
pub struct SimulatedWorld<'a> {
    pools: Vec<PoolLogs<'a>>,
    programmes: Vec<ProgrammeLogs<'a>>,
    prices: std::slice::Iter<'a, TimedPrice>,
    feeds: FeedStream<'a>,
    next_item: Option<SeenItem>,
    chain_latency: Latency,
    /// When the latest event was seen.
    seen_at: InstantUs,
    /// Whether the latest event was one of a feed.
    is_after_feed: bool,
    pending: VecDeque<PendingOrder>,
    exchanges: Vec<SimulatedExchange>,
    /// Where each instrument is traded.
    instruments: Vec<VenueId>,
    /// Orders at exchanges, in the order in which they are due.
    at_exchange: VecDeque<PendingTrade>,
    /// What exchanges quote by a model.
    option_quotes: OptionQuotes,
    /// The funding that the latest event told of.
    told_funding: Option<(FeedId, Funding)>,
    models: Models,
    sequence: u64,
    now: Timestamp,
    /// The time of the latest event of the chain, our own orders' among them.
    chain_now: Timestamp,
    has_swapped: bool,
    /// Whether the latest event was the outcome of an order of ours.
    is_after_outcome: bool,
}

/// What is left of a pool's recorded events.
#[derive(Clone, Debug)]
struct PoolLogs<'a> {
    pool: PoolId,
    events: std::slice::Iter<'a, TapeEvent>,
}

/// What is left of a programme's recorded log.
#[derive(Clone, Debug)]
struct ProgrammeLogs<'a> {
    programme: ProgrammeId,
    events: std::slice::Iter<'a, ProgrammeTapeEvent>,
}

/// Where the next recorded event of any kind stands on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    block: BlockNumber,
    log_index: LogIndex,
    /// The pools in their order, then the programmes; two logs of one place there cannot be.
    stream: usize,
}

#[derive(Clone, Copy, Debug)]
struct PendingOrder {
    order: Order,
    due: BlockNumber,
}

#[derive(Clone, Copy, Debug)]
struct PendingTrade {
    order: Order,
    /// The place of the exchange; none has the instrument without.
    exchange: Option<usize>,
    due: InstantUs,
}

/// What can go wrong besides the simulation, which cannot by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// A feed cannot be read on.
    #[error(transparent)]
    Feed(#[from] FeedFault),
}

/// Seconds between two blocks of Ethereum, for the time of a block that the tape has no event of.
const BLOCK_SECONDS: u64 = 12;

impl<'a> SimulatedWorld<'a> {
    /// Returns the world of one pool's events.
    pub fn new(pool: PoolId, events: &'a [TapeEvent], models: Models) -> Self {
        Self::of_pools(vec![PoolLogs { pool, events: events.iter() }], models)
    }

    fn of_pools(pools: Vec<PoolLogs<'a>>, models: Models) -> Self {
        Self {
            pools,
            programmes: Vec::new(),
            prices: [].iter(),
            feeds: FeedStream::none(),
            next_item: None,
            chain_latency: Latency::ZERO,
            seen_at: InstantUs(i64::MIN),
            is_after_feed: false,
            pending: VecDeque::new(),
            exchanges: Vec::new(),
            instruments: Vec::new(),
            at_exchange: VecDeque::new(),
            option_quotes: OptionQuotes::default(),
            told_funding: None,
            models,
            sequence: 0,
            now: Timestamp(0),
            chain_now: Timestamp(0),
            has_swapped: false,
            is_after_outcome: false,
        }
    }

    /// Returns the world of feeds and exchanges alone.
    pub fn without_pools(feeds: FeedStream<'a>, models: Models) -> Self {
        Self { feeds, ..Self::of_pools(Vec::new(), models) }
    }

    /// Adds another pool's events. Pools of one run are on one chain: their events come by block
    /// and log index.
    #[must_use]
    pub fn with_pool(mut self, pool: PoolId, events: &'a [TapeEvent]) -> Self {
        self.pools.push(PoolLogs { pool, events: events.iter() });
        self
    }

    /// Adds prices from outside, in order of time. One that is as old as a recorded event comes
    /// before it.
    #[must_use]
    pub fn with_prices(mut self, prices: &'a [TimedPrice]) -> Self {
        self.prices = prices.iter();
        self
    }

    /// Adds what feeds say, in the order in which it is seen, and states how long it takes until
    /// what happens on the chain is seen.
    #[must_use]
    pub fn with_feeds(mut self, feeds: FeedStream<'a>, chain_latency: Latency) -> Self {
        self.feeds = feeds;
        self.chain_latency = chain_latency;
        self
    }

    /// Adds accounts at exchanges, and says at which of them each instrument is traded, in the
    /// order of the instruments' numbers.
    #[must_use]
    pub fn with_exchanges(
        mut self,
        exchanges: Vec<SimulatedExchange>,
        instruments: Vec<VenueId>,
    ) -> Self {
        self.exchanges = exchanges;
        self.instruments = instruments;
        self
    }

    /// Adds the options that exchanges quote by a model.
    #[must_use]
    pub fn with_options(mut self, models: Vec<OptionModel>) -> Self {
        self.option_quotes = OptionQuotes::new(models);
        self
    }

    /// Adds the recorded log of a reward programme, in the order of the chain.
    #[must_use]
    pub fn with_programme(
        mut self,
        programme: ProgrammeId,
        events: &'a [ProgrammeTapeEvent],
    ) -> Self {
        if !events.is_empty() {
            self.programmes.push(ProgrammeLogs { programme, events: events.iter() });
        }
        self
    }

    /// Where the next recorded event stands, and its time.
    #[inline]
    fn next_recorded(&self) -> Option<(Place, Timestamp)> {
        let of_pool = |(stream, logs): (usize, &PoolLogs<'_>)| {
            let next = logs.events.as_slice().first()?;
            let (block, log_index) = (next.block, next.log_index);
            Some((Place { block, log_index, stream }, next.time))
        };
        if let ([only], []) = (self.pools.as_slice(), self.programmes.as_slice()) {
            return of_pool((0, only));
        }
        let of_pools = self.pools.iter().enumerate().filter_map(of_pool);
        let logs = (self.pools.len()..).zip(&self.programmes).filter_map(|(stream, logs)| {
            let next = logs.events.as_slice().first()?;
            let (block, log_index) = (next.block, next.log_index);
            Some((Place { block, log_index, stream }, next.time))
        });
        of_pools.chain(logs).min()
    }

    /// Takes the next event of a stream.
    fn take_recorded(&mut self, stream: usize) -> Option<(Timestamp, EventBody)> {
        if let Some(logs) = self.pools.get_mut(stream) {
            let next = logs.events.next()?;
            return Some((next.time, EventBody::Chain(next.in_pool(logs.pool))));
        }
        let logs = self.programmes.get_mut(stream.checked_sub(self.pools.len())?)?;
        let next = logs.events.next()?;
        let event = next.of_programme(logs.programme);
        Some((next.time, EventBody::Programme(Box::new(event))))
    }

    fn event(&mut self, happened_at: Timestamp, body: EventBody) -> Event {
        self.sequence += 1;
        self.now = happened_at;
        if !matches!(body, EventBody::Price(_)) {
            self.chain_now = happened_at;
        }
        self.is_after_outcome = matches!(body, EventBody::Outcome(_));
        self.is_after_feed = false;
        let event = Event::at(Sequence(self.sequence), happened_at, body);
        self.seen_at = self.chain_latency.after(event.happened_at);
        Event { seen_at: self.seen_at, ..event }
    }

    fn event_of_feed(&mut self, item: SeenItem) -> Event {
        self.sequence += 1;
        (self.is_after_outcome, self.is_after_feed) = (false, true);
        self.seen_at = item.seen_at;
        self.told_funding = funding_of(&item.body);
        let SeenItem { happened_at, seen_at, body } = item;
        Event { sequence: Sequence(self.sequence), happened_at, seen_at, body }
    }

    /// When the next thing is seen that comes from no exchange; `None` where there is none.
    fn seen_next(&mut self, chain_at: Option<Timestamp>) -> Result<Option<InstantUs>, FeedFault> {
        let Some(chain_seen) = self.chain_seen(chain_at) else { return Ok(None) };
        self.look_ahead()?;
        let item = self.next_item.as_ref().map(|item| item.seen_at);
        Ok(item.into_iter().chain(chain_seen).min())
    }

    /// Returns what a feed says next, if it is seen before the next event of the chain.
    fn due_item(&mut self, chain_at: Option<Timestamp>) -> Result<Option<SeenItem>, FeedFault> {
        let Some(chain_seen) = self.chain_seen(chain_at) else { return Ok(None) };
        self.look_ahead()?;
        let is_due = |item: &mut SeenItem| chain_seen.is_none_or(|seen| item.seen_at < seen);
        Ok(self.next_item.take_if(is_due))
    }

    /// When the next event of the chain is seen: the inner `None` where there is no chain, the
    /// outer one where the chain is over, and with it everything.
    fn chain_seen(&self, chain_at: Option<Timestamp>) -> Option<Option<InstantUs>> {
        match chain_at {
            Some(at) => Some(Some(self.chain_latency.after(InstantUs::at_second(at)))),
            None => self.pools.is_empty().then_some(None),
        }
    }

    /// Takes the next item of the feeds, where none is waiting.
    fn look_ahead(&mut self) -> Result<(), FeedFault> {
        if self.next_item.is_none() {
            self.next_item = self.feeds.next().transpose()?;
        }
        Ok(())
    }

    /// The block that the chain is at when something of a feed is seen, at a constant pace between
    /// the last event of the chain and the next one that is recorded.
    fn block_now(&self, last: BlockNumber) -> BlockNumber {
        let now = self.chain_latency.before(self.seen_at).second();
        let passed = now.seconds_since(self.chain_now);
        let ahead = self.next_recorded().map(|(place, time)| {
            (place.block.0.saturating_sub(last.0), time.seconds_since(self.chain_now))
        });
        let blocks = match ahead {
            Some((blocks, seconds)) if seconds > 0 => {
                let reached = u128::from(blocks) * u128::from(passed) / u128::from(seconds);
                u64::try_from(reached).unwrap_or(u64::MAX).min(blocks.saturating_sub(1))
            }
            Some(_) => 0,
            None => passed / BLOCK_SECONDS,
        };
        BlockNumber(last.0.saturating_add(blocks))
    }

    /// The oldest order and its time, if nothing recorded comes before it any more.
    fn due_order(&self, market: &Market) -> Option<(PendingOrder, Timestamp)> {
        let pending = *self.pending.front()?;
        let next = self.next_recorded();
        if next.is_some_and(|(place, _)| place.block <= pending.due) {
            return None;
        }
        let blocks = pending.due.0.saturating_sub(market.block().0);
        let elapsed = blocks.saturating_mul(BLOCK_SECONDS);
        let time = Timestamp(self.chain_now.0.saturating_add(elapsed)).max(self.now);
        // Nothing is executed before it was decided, be it on what a feed said.
        let decided = self.chain_latency.before(self.seen_at).to_timestamp_up();
        let time = time.max(decided.unwrap_or_default());
        Some((pending, next.map_or(time, |(_, next)| time.min(next))))
    }

    /// The next price from outside, if nothing else comes before it.
    fn due_price(&mut self, outcome_at: Option<Timestamp>) -> Option<TimedPrice> {
        let next = *self.prices.as_slice().first()?;
        let recorded = self.next_recorded().map(|(_, time)| time);
        let comes_first = match (recorded, outcome_at) {
            (Some(recorded), Some(outcome)) => next.time <= recorded.min(outcome),
            (Some(recorded), None) => next.time <= recorded,
            // Without an event of the chain nothing is decided any more, and what is on its way
            // ends with the tape.
            (None, _) => false,
        };
        if comes_first { self.prices.next().copied() } else { None }
    }

    /// What exchanges did to accounts of ours upon the latest event, then what they execute before
    /// anything else is seen.
    fn next_of_exchanges(
        &mut self,
        market: &Market,
        seen_next: Option<InstantUs>,
    ) -> Option<Event> {
        let said = self.told_funding.take();
        for exchange in &mut self.exchanges {
            exchange.follow(said, market);
        }
        if let Some(event) = self.exchanges.iter_mut().find_map(SimulatedExchange::tell) {
            return Some(self.event_of_exchange(self.seen_at, EventBody::Account(Box::new(event))));
        }
        let due = self.at_exchange.front().map(|pending| pending.due);
        if let Some(event) = self.next_of_options(market, (due, seen_next)) {
            return Some(event);
        }
        let pending = *self.at_exchange.front()?;
        if seen_next.is_some_and(|next| pending.due >= next) {
            return None;
        }
        self.at_exchange.pop_front();
        let kind = match (seen_next, pending.exchange) {
            // The run is over before it is executed.
            (None, _) => OutcomeKind::Expired,
            (Some(_), None) => OutcomeKind::Rejected(Rejection::NoMarket),
            (Some(_), Some(place)) => match self.exchanges.get_mut(place) {
                Some(exchange) => exchange.execute(&pending.order.intent, market, pending.due),
                None => OutcomeKind::Rejected(Rejection::NoMarket),
            },
        };
        let (order, gas, block) = (pending.order.key, GasPaid::default(), market.block());
        let outcome = Outcome { order, block, gas, kind };
        Some(self.event_of_exchange(pending.due, EventBody::Outcome(Box::new(outcome))))
    }

    /// What exchanges quote of options, and what they pay for those that end, before a trade that
    /// is due or something else is seen; of one instant the quotes come first. With the tape both
    /// are over.
    fn next_of_options(
        &mut self,
        market: &Market,
        (trade, seen_next): (Option<InstantUs>, Option<InstantUs>),
    ) -> Option<Event> {
        let seen_next = seen_next?;
        let is_next = |at: InstantUs| at < seen_next && trade.is_none_or(|due| at <= due);
        let expiries = self.exchanges.iter().enumerate().filter_map(|(place, exchange)| {
            exchange.next_expiry(market).map(|expiry| (expiry, place))
        });
        let ending = expiries.min().filter(|(expiry, _)| is_next(*expiry));
        let is_first =
            |at: &InstantUs| is_next(*at) && ending.is_none_or(|(expiry, _)| *at <= expiry);
        while let Some(at) = self.option_quotes.due(self.seen_at).filter(is_first) {
            if let Some(body) = self.option_quotes.tell(at, market) {
                return Some(self.event_of_exchange(at, body));
            }
        }
        let (expiry, place) = ending?;
        let settled = self.exchanges.get_mut(place)?.settle_option(market)?;
        Some(self.event_of_exchange(expiry, EventBody::Account(Box::new(settled))))
    }

    fn submit_trade(&mut self, order: Order, instrument: InstrumentId) {
        let venue = self.instruments.get(usize::from(instrument.0));
        let exchange = self.exchanges.iter().position(|one| Some(&one.venue()) == venue);
        let account = exchange.and_then(|place| self.exchanges.get(place));
        let due = account.map_or(self.seen_at, |account| account.due(self.seen_at));
        let place = self.at_exchange.partition_point(|other| other.due <= due);
        self.at_exchange.insert(place, PendingTrade { order, exchange, due });
    }

    fn event_of_exchange(&mut self, at: InstantUs, body: EventBody) -> Event {
        self.sequence += 1;
        (self.is_after_outcome, self.is_after_feed) = (false, true);
        self.seen_at = self.seen_at.max(at);
        let (happened_at, seen_at) = (self.seen_at, self.seen_at);
        Event { sequence: Sequence(self.sequence), happened_at, seen_at, body }
    }

    fn outcome_of(&mut self, pending: PendingOrder, time: Timestamp, market: &Market) -> Event {
        let PendingOrder { order, due: block } = pending;
        if self.next_recorded().is_none() && block > market.block() {
            // The tape is over: no block of it can include the order.
            let gas = GasPaid::default();
            return self.end_of(&order, OutcomeKind::Expired, gas, (self.now, block));
        }
        let circumstances = Circumstances {
            at: Moment { at: time, block: block.max(market.block()) },
            has_swapped: self.has_swapped,
            sale: self.models.sale,
        };
        let fill = Fill::of(&order, market, &circumstances);
        self.has_swapped |= matches!(
            fill.kind,
            OutcomeKind::Swapped { .. } | OutcomeKind::Arbitraged { .. } | OutcomeKind::Sold { .. }
        );
        let model = &self.models.gas;
        let price = market.gas_price().unwrap_or(model.fallback_price);
        // Who bids for a place by contract pays for it where the contract has gained.
        let price = match (order.intent, fill.kind) {
            (Intent::Arbitrage { tip, .. }, OutcomeKind::Arbitraged { .. }) => {
                GasPrice(price.0.saturating_add(tip.0))
            }
            _ => price,
        };
        let gas = GasPaid { gas: model.gas(&order.intent, fill.touch), price };
        self.end_of(&order, fill.kind, gas, (time, block))
    }

    fn end_of(
        &mut self,
        order: &Order,
        kind: OutcomeKind,
        gas: GasPaid,
        (time, block): (Timestamp, BlockNumber),
    ) -> Event {
        let outcome = Outcome { order: order.key, block, gas, kind };
        self.event(time, EventBody::Outcome(Box::new(outcome)))
    }
}

/// The funding that a feed tells of; `None` where it says something else.
fn funding_of(body: &EventBody) -> Option<(FeedId, Funding)> {
    let EventBody::Data(data) = body else { return None };
    let FeedItem::Funding(funding) = data.item else { return None };
    Some((data.feed, funding))
}

impl World for SimulatedWorld<'_> {
    type Error = SimulationError;

    fn next(&mut self, market: &Market) -> Result<Option<Event>, SimulationError> {
        let due = self.due_order(market);
        let recorded = self.next_recorded().map(|(_, time)| time);
        let price = self.prices.as_slice().first().map(|price| price.time);
        // Without an event of the chain nothing is decided any more.
        let chain_at = recorded.map(|recorded| {
            let chain_at = due.map_or(recorded, |(_, time)| time.min(recorded));
            price.map_or(chain_at, |price| price.min(chain_at))
        });
        if !self.exchanges.is_empty() {
            let seen_next = self.seen_next(chain_at)?;
            if let Some(event) = self.next_of_exchanges(market, seen_next) {
                return Ok(Some(event));
            }
        }
        if let Some(item) = self.due_item(chain_at)? {
            return Ok(Some(self.event_of_feed(item)));
        }
        if let Some(TimedPrice { time, price }) = self.due_price(due.map(|(_, time)| time)) {
            return Ok(Some(self.event(time, EventBody::Price(price))));
        }
        if let Some((pending, time)) = due {
            self.pending.pop_front();
            return Ok(Some(self.outcome_of(pending, time, market)));
        }
        let Some((place, _)) = self.next_recorded() else { return Ok(None) };
        let recorded = self.take_recorded(place.stream);
        Ok(recorded.map(|(time, body)| self.event(time, body)))
    }

    fn submit(&mut self, approved: Approved) {
        let order = *approved.order();
        if let Intent::Trade { instrument, .. } = order.intent {
            return self.submit_trade(order, instrument);
        }
        let inclusion = &self.models.inclusion;
        let due = if self.is_after_outcome {
            inclusion.due_after_outcome(order.decided_in)
        } else if self.is_after_feed {
            inclusion.due(self.block_now(order.decided_in))
        } else {
            inclusion.due(order.decided_in)
        };
        self.pending.push_back(PendingOrder { order, due });
    }
}
