use std::num::NonZeroUsize;

use tidemill_model::{
    BestQuote, FeedChange, FeedData, FeedEvent, FeedId, FeedItem, Funding, GapCause, Interval,
    Latency, MarkPrice, PoolId, Trade,
};
use tidemill_units::{Decimal, InstantUs, TokenIndex};

use crate::CandleBuilder;
use crate::candles::{CandleError, KnownCandle, PricePoint};
use crate::series::{KnownValue, OutOfOrder, Series};

/// What a feed is, as the run states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedTerms {
    /// What strategies and reports call it.
    pub name: String,
    /// What it says.
    pub contents: FeedContents,
    /// How long that takes until it is seen.
    pub latency: Latency,
}

/// What a feed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedContents {
    /// Candles of one interval.
    Candles(Interval),
    /// Trades.
    Trades,
    /// The best bid and ask.
    Quotes,
    /// Payments between the sides of a future.
    Funding,
    /// Mark prices of a future.
    Marks,
    /// A series in this unit.
    Series {
        /// The unit.
        unit: String,
    },
    /// The swaps of a pool of this world.
    Swaps(SwapPrices),
}

/// Which price of a pool is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapPrices {
    /// The pool.
    pub pool: PoolId,
    /// The token that is priced, in whole tokens, and its decimals.
    pub base: (TokenIndex, u8),
    /// The token that it is priced in, in whole tokens, and its decimals.
    pub quote: (TokenIndex, u8),
}

/// Whether a feed can vouch for what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedHealth {
    /// It can.
    Whole,
    /// It cannot.
    Gap {
        /// The last instant up to which it can, by the venue's clock; `None` before it began.
        since: Option<InstantUs>,
        /// Why.
        cause: GapCause,
    },
}

/// What a feed last said of one kind, and when it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<T> {
    /// What.
    pub value: T,
    /// When it was seen.
    pub seen_at: InstantUs,
}

/// One feed of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    terms: FeedTerms,
    health: FeedHealth,
    trade: Option<Known<Trade>>,
    quote: Option<Known<BestQuote>>,
    funding: Option<Known<Funding>>,
    mark: Option<Known<MarkPrice>>,
    last_price: Option<Known<Decimal>>,
    series: Series,
    candles: Vec<CandleBuilder>,
    heard_at: Option<InstantUs>,
}

/// What feeds from outside the pools, and the swaps of pools, have said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feeds {
    feeds: Vec<Feed>,
    /// When the next open candle of any feed is closed, by the clock of what is seen.
    next_close: Option<InstantUs>,
    has_swaps: bool,
}

/// Why a feed or a subscription cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// No feed of that number.
    #[error("feed {} is not in this market", .0.0)]
    UnknownFeed(FeedId),
    /// More feeds than numbers, or two of one name.
    #[error("feed `{0}` is there already, or one too many")]
    TooMany(String),
    /// A feed that has no prices to build candles from.
    #[error("feed `{name}` has no prices to build candles from: it is {contents}")]
    NoPrices {
        /// The feed.
        name: String,
        /// What it says.
        contents: &'static str,
    },
    /// Candles that cannot be built.
    #[error("feed `{name}`: {error}")]
    Candles {
        /// The feed.
        name: String,
        /// Why not.
        error: CandleError,
    },
    /// A feed that says what it does not have.
    #[error("feed `{name}` is {contents}, and says something else")]
    OtherContents {
        /// The feed.
        name: String,
        /// What it should say.
        contents: &'static str,
    },
    /// A series out of order.
    #[error("feed `{name}`: {error}")]
    Series {
        /// The feed.
        name: String,
        /// What is wrong.
        error: OutOfOrder,
    },
    /// A price of a pool that is too large to be written down.
    #[error("feed `{0}`: the pool's price or volume passes what fits")]
    SwapPrice(String),
}

impl FeedContents {
    /// Returns what it is in words.
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Candles(_) => "candles",
            Self::Trades => "trades",
            Self::Quotes => "quotes",
            Self::Funding => "funding",
            Self::Marks => "mark prices",
            Self::Series { .. } => "a series",
            Self::Swaps(_) => "swaps of a pool",
        }
    }
}

impl Feeds {
    /// Adds a feed. The swaps of a pool are whole from the start; any other feed has a gap until it
    /// says something.
    ///
    /// Errors: [`FeedError::TooMany`].
    pub fn add(&mut self, terms: FeedTerms) -> Result<FeedId, FeedError> {
        let id = u16::try_from(self.feeds.len()).ok().filter(|_| self.find(&terms.name).is_none());
        let id = id.map(FeedId).ok_or_else(|| FeedError::TooMany(terms.name.clone()))?;
        let is_pool = matches!(terms.contents, FeedContents::Swaps(_));
        let not_begun = FeedHealth::Gap { since: None, cause: GapCause::NotBegun };
        self.has_swaps |= is_pool;
        self.feeds.push(Feed {
            terms,
            health: if is_pool { FeedHealth::Whole } else { not_begun },
            trade: None,
            quote: None,
            funding: None,
            mark: None,
            last_price: None,
            series: Series::default(),
            candles: Vec::new(),
            heard_at: None,
        });
        Ok(id)
    }

    /// Has candles of an interval built from a feed from now on; the latest so many are kept. Asked
    /// for again, the larger number is kept.
    ///
    /// Errors: [`FeedError::UnknownFeed`], [`FeedError::NoPrices`], [`FeedError::Candles`].
    pub fn subscribe(
        &mut self,
        id: FeedId,
        interval: Interval,
        keep: NonZeroUsize,
    ) -> Result<(), FeedError> {
        let feed = self.feeds.get_mut(usize::from(id.0)).ok_or(FeedError::UnknownFeed(id))?;
        let keep = keep.get();
        let built = match &feed.terms.contents {
            FeedContents::Candles(inner) => CandleBuilder::of_candles(interval, *inner, keep),
            FeedContents::Trades
            | FeedContents::Quotes
            | FeedContents::Marks
            | FeedContents::Swaps(_) => CandleBuilder::of_prices(interval, keep),
            FeedContents::Funding | FeedContents::Series { .. } => {
                let (name, contents) = (feed.terms.name.clone(), feed.terms.contents.describe());
                return Err(FeedError::NoPrices { name, contents });
            }
        };
        let built = built.map_err(|error| feed.wrong(error))?;
        match feed.candles.iter_mut().find(|there| there.interval() == interval) {
            Some(there) => there.keep_at_least(keep),
            None => feed.candles.push(built),
        }
        Ok(())
    }

    /// Returns a feed.
    pub fn get(&self, id: FeedId) -> Option<&Feed> {
        self.feeds.get(usize::from(id.0))
    }

    /// Returns the number of the feed of that name.
    pub fn find(&self, name: &str) -> Option<FeedId> {
        self.iter().find(|(_, feed)| feed.terms.name == name).map(|(id, _)| id)
    }

    /// Returns all feeds in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FeedId, &Feed)> {
        (0..).map(FeedId).zip(&self.feeds)
    }

    /// Closes what the clock closes, before what was seen then is looked at.
    #[inline]
    pub(crate) fn advance(&mut self, seen_at: InstantUs) -> Result<(), FeedError> {
        if self.next_close.is_none_or(|next| seen_at < next) {
            return Ok(());
        }
        for feed in &mut self.feeds {
            let now = feed.terms.latency.before(seen_at);
            let advanced = feed.candles.iter_mut().try_for_each(|candles| candles.advance(now));
            advanced.map_err(|error| feed.wrong(error))?;
        }
        self.note_next_close();
        Ok(())
    }

    fn note_next_close(&mut self) {
        let closes = |feed: &Feed| {
            let at = feed.candles.iter().filter_map(CandleBuilder::closes_at).min();
            at.map(|at| feed.terms.latency.after(at))
        };
        self.next_close = self.feeds.iter().filter_map(closes).min();
    }

    /// Takes in what a feed says; it has a gap no longer if it had not begun.
    pub(crate) fn apply_data(
        &mut self,
        data: &FeedData,
        (happened_at, seen_at): (InstantUs, InstantUs),
    ) -> Result<(), FeedError> {
        let unknown = FeedError::UnknownFeed(data.feed);
        let feed = self.feeds.get_mut(usize::from(data.feed.0)).ok_or(unknown)?;
        feed.take(&data.item, happened_at, seen_at)?;
        feed.heard_at = Some(seen_at);
        if feed.has_not_begun() {
            feed.health = FeedHealth::Whole;
        }
        self.note_next_close();
        Ok(())
    }

    /// Takes in how a feed's standing changes.
    pub(crate) fn apply_change(
        &mut self,
        event: &FeedEvent,
        seen_at: InstantUs,
    ) -> Result<(), FeedError> {
        let unknown = FeedError::UnknownFeed(event.feed);
        let feed = self.feeds.get_mut(usize::from(event.feed.0)).ok_or(unknown)?;
        match event.change {
            FeedChange::Gap { since, cause } => {
                feed.health = FeedHealth::Gap { since: Some(since), cause };
                feed.candles.iter_mut().for_each(|candles| candles.doubt_from(since));
            }
            FeedChange::Restored => {
                feed.health = FeedHealth::Whole;
                let now = feed.terms.latency.before(seen_at);
                feed.candles.iter_mut().for_each(|candles| candles.trust_from(now));
            }
        }
        Ok(())
    }

    /// Whether a swap of some pool is asked for by any feed.
    pub(crate) fn wants_swaps(&self) -> bool {
        self.has_swaps
    }

    /// Returns the prices that are wanted of a pool.
    pub(crate) fn wanted_of(&self, pool: PoolId) -> Vec<(FeedId, SwapPrices)> {
        let wanted = self.iter().filter_map(|(id, feed)| match feed.terms.contents {
            FeedContents::Swaps(prices) if prices.pool == pool => Some((id, prices)),
            FeedContents::Candles(_)
            | FeedContents::Trades
            | FeedContents::Quotes
            | FeedContents::Funding
            | FeedContents::Marks
            | FeedContents::Series { .. }
            | FeedContents::Swaps(_) => None,
        });
        wanted.collect()
    }

    /// Takes in a swap as the price that it left; `None` for one that does not fit.
    pub(crate) fn apply_swap(
        &mut self,
        id: FeedId,
        point: Option<PricePoint>,
        seen_at: InstantUs,
    ) -> Result<(), FeedError> {
        let feed = self.feeds.get_mut(usize::from(id.0)).ok_or(FeedError::UnknownFeed(id))?;
        feed.heard_at = Some(seen_at);
        let point = point.ok_or_else(|| FeedError::SwapPrice(feed.terms.name.clone()))?;
        feed.add_price(&point, seen_at)?;
        self.note_next_close();
        Ok(())
    }
}

impl Feed {
    /// Returns what it is.
    pub fn terms(&self) -> &FeedTerms {
        &self.terms
    }

    /// Returns whether it can vouch for what it says.
    pub fn health(&self) -> FeedHealth {
        self.health
    }

    /// Returns when it last said something, by the clock of what is seen; `None` before that.
    pub fn heard_at(&self) -> Option<InstantUs> {
        self.heard_at
    }

    /// Returns its latest trade.
    pub fn trade(&self) -> Option<Known<Trade>> {
        self.trade
    }

    /// Returns its latest best bid and ask.
    pub fn quote(&self) -> Option<Known<BestQuote>> {
        self.quote
    }

    /// Returns its latest funding payment.
    pub fn funding(&self) -> Option<Known<Funding>> {
        self.funding
    }

    /// Returns its latest mark price.
    pub fn mark(&self) -> Option<Known<MarkPrice>> {
        self.mark
    }

    /// Returns its latest price, whatever it is a price of: the close of a candle, of a trade, half
    /// way between bid and ask, a mark price, or what a swap left. `None` before any, and of a feed
    /// without prices.
    pub fn last_price(&self) -> Option<Known<Decimal>> {
        self.last_price
    }

    /// Returns the values of its series, as far as they were seen.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Returns the latest value of its series that was seen; `None` before the first.
    pub fn value(&self) -> Option<KnownValue> {
        self.series.known_at(InstantUs(i64::MAX))
    }

    /// Returns its candles of an interval; `None` where nobody asked for them.
    pub fn candles(&self, interval: Interval) -> Option<&CandleBuilder> {
        self.candles.iter().find(|candles| candles.interval() == interval)
    }

    fn has_not_begun(&self) -> bool {
        matches!(self.health, FeedHealth::Gap { cause: GapCause::NotBegun, .. })
    }

    fn wrong(&self, error: CandleError) -> FeedError {
        FeedError::Candles { name: self.terms.name.clone(), error }
    }

    fn take(
        &mut self,
        item: &FeedItem,
        happened_at: InstantUs,
        seen_at: InstantUs,
    ) -> Result<(), FeedError> {
        match (item, &self.terms.contents) {
            (FeedItem::Candle { interval, candle }, FeedContents::Candles(_)) => {
                let known = KnownCandle { candle: *candle, is_whole: true };
                self.last_price = Some(Known { value: candle.close, seen_at });
                let mut builders = self.candles.iter_mut();
                let added = builders.try_for_each(|built| built.add_candle(*interval, &known));
                added.map_err(|error| self.wrong(error))
            }
            (FeedItem::Trade(trade), FeedContents::Trades) => {
                self.trade = Some(Known { value: *trade, seen_at });
                let Trade { time, price, quantity: volume, .. } = *trade;
                let (quote_volume, trades) = (None, Some(1));
                let point = PricePoint { time, price, volume, quote_volume, trades };
                self.add_price(&point, seen_at)
            }
            (FeedItem::Quote(quote), FeedContents::Quotes) => {
                self.quote = Some(Known { value: *quote, seen_at });
                let mid = midpoint(quote.bid.price, quote.ask.price);
                self.add_price(&only_a_price(quote.time.unwrap_or(happened_at), mid), seen_at)
            }
            (FeedItem::Mark(mark), FeedContents::Marks) => {
                self.mark = Some(Known { value: *mark, seen_at });
                self.add_price(&only_a_price(mark.time, mark.mark), seen_at)
            }
            (FeedItem::Funding(funding), FeedContents::Funding) => {
                self.funding = Some(Known { value: *funding, seen_at });
                Ok(())
            }
            (FeedItem::Observation(observation), FeedContents::Series { .. }) => {
                let name = || self.terms.name.clone();
                let pushed = self.series.push(*observation);
                pushed.map_err(|error| FeedError::Series { name: name(), error })
            }
            _ => Err(FeedError::OtherContents {
                name: self.terms.name.clone(),
                contents: self.terms.contents.describe(),
            }),
        }
    }

    fn add_price(&mut self, point: &PricePoint, seen_at: InstantUs) -> Result<(), FeedError> {
        self.last_price = Some(Known { value: point.price, seen_at });
        let added = self.candles.iter_mut().try_for_each(|candles| candles.add_price(point));
        added.map_err(|error| self.wrong(error))
    }
}

fn only_a_price(time: InstantUs, price: Decimal) -> PricePoint {
    PricePoint { time, price, volume: Decimal::ZERO, quote_volume: None, trades: None }
}

/// Returns the price half-way between two, rounded towards zero at the last of 18 places.
fn midpoint(bid: Decimal, ask: Decimal) -> Decimal {
    let halves = [bid, ask].map(|price| price.raw().checked_div(2).unwrap_or(0));
    let rests = [bid, ask].map(|price| price.raw().checked_rem(2).unwrap_or(0));
    let [half, other] = halves;
    let both_odd = rests[0].saturating_add(rests[1]).checked_div(2).unwrap_or(0);
    Decimal::from_raw(half.saturating_add(other).saturating_add(both_odd))
}
