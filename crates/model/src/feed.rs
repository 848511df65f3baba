use std::fmt;

use tidemill_units::{Decimal, InstantUs};

use crate::{BestQuote, Candle, Funding, Interval, MarkPrice, Observation, Trade};

/// The number of a feed within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedId(pub u16);

/// How long what a feed says takes until it is seen, in microseconds; zero or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Latency(i64);

impl Latency {
    /// Seen at once.
    pub const ZERO: Self = Self(0);

    /// Returns the latency of so many milliseconds.
    pub fn from_millis(millis: u32) -> Self {
        Self(i64::from(millis).saturating_mul(1_000))
    }

    /// Returns it in microseconds.
    pub const fn us(self) -> i64 {
        self.0
    }

    /// Returns when something that could be known from then on is seen; at the end of time the
    /// last instant there is.
    pub const fn after(self, known_from: InstantUs) -> InstantUs {
        InstantUs(known_from.0.saturating_add(self.0))
    }

    /// Returns the instant up to which everything that could be known has been seen by now.
    pub const fn before(self, now: InstantUs) -> InstantUs {
        InstantUs(now.0.saturating_sub(self.0))
    }
}

/// Something that a feed said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedData {
    /// The feed.
    pub feed: FeedId,
    /// What it said.
    pub item: FeedItem,
}

/// What a feed says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedItem {
    /// A candle that the venue closed.
    Candle {
        /// How long it is.
        interval: Interval,
        /// It.
        candle: Candle,
    },
    /// A trade.
    Trade(Trade),
    /// The best bid and ask from now on.
    Quote(BestQuote),
    /// A payment between the sides of a future.
    Funding(Funding),
    /// What a future is valued at from now on.
    Mark(MarkPrice),
    /// A value of a series.
    Observation(Observation),
}

impl FeedItem {
    /// Returns the earliest instant at which anybody could have known it: the end of a candle, when
    /// an observation was published, the venue's own time of all else. `None` for a quote whose
    /// venue does not say, and past what fits.
    pub fn known_from(&self) -> Option<InstantUs> {
        match self {
            Self::Candle { interval, candle } => interval.end_of(candle.open_time),
            Self::Trade(trade) => Some(trade.time),
            Self::Quote(quote) => quote.time,
            Self::Funding(funding) => Some(funding.time),
            Self::Mark(mark) => Some(mark.time),
            Self::Observation(observation) => Some(observation.published_at),
        }
    }

    /// Returns what of it cannot be true, in the words of its columns; `None` where all can be.
    pub fn impossibility(&self) -> Option<&'static str> {
        match self {
            Self::Candle { interval, candle } => candle_impossibility(*interval, candle),
            Self::Trade(trade) => {
                let is_real = trade.price > Decimal::ZERO && trade.quantity > Decimal::ZERO;
                (!is_real).then_some("price or quantity is not above zero")
            }
            Self::Quote(BestQuote { bid, ask, .. }) => {
                let is_real = bid.price > Decimal::ZERO && bid.price <= ask.price;
                (!is_real).then_some("bid_price is not above zero and at most ask_price")
            }
            Self::Funding(_) | Self::Mark(_) | Self::Observation(_) => None,
        }
    }
}

fn candle_impossibility(interval: Interval, candle: &Candle) -> Option<&'static str> {
    let inside = |price| (candle.low..=candle.high).contains(&price);
    let quote_volume = candle.quote_volume.unwrap_or_default();
    if interval.start_of(candle.open_time) != Some(candle.open_time) {
        Some("open_time is no multiple of the interval")
    } else if !inside(candle.open) || !inside(candle.close) {
        Some("open or close is not between low and high")
    } else if candle.volume.is_negative() || quote_volume.is_negative() {
        Some("a volume is below zero")
    } else {
        None
    }
}

/// Whether a feed can vouch for what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// The feed.
    pub feed: FeedId,
    /// What changed.
    pub change: FeedChange,
}

/// How a feed's standing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedChange {
    /// From some instant on it cannot vouch for being whole or right.
    Gap {
        /// The last instant up to which it can, by the venue's clock.
        since: InstantUs,
        /// Why.
        cause: GapCause,
    },
    /// What follows is whole again; what fell into the gap stays unknown.
    Restored,
}

/// Why a feed cannot vouch for what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapCause {
    /// It has said nothing yet.
    NotBegun,
    /// The connection was lost.
    Disconnected,
    /// The venue's numbering has a hole.
    OutOfSequence,
    /// The recording has a hole there.
    NotRecorded,
    /// The recording is over.
    Ended,
    /// Nothing came for longer than the feed may be silent.
    Silent,
    /// It said something that cannot be true.
    Impossible,
}

impl GapCause {
    /// Returns the cause in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::NotBegun => "it has said nothing yet",
            Self::Disconnected => "the connection was lost",
            Self::OutOfSequence => "its numbers have a hole",
            Self::NotRecorded => "the recording has a hole",
            Self::Ended => "the recording is over",
            Self::Silent => "it has been silent for too long",
            Self::Impossible => "it said something that cannot be true",
        }
    }
}

impl fmt::Display for GapCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.describe())
    }
}
