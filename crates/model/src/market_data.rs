use std::fmt;
use std::str::FromStr;

use tidemill_units::{Decimal, InstantUs, ParseError};

/// The length of a candle, in microseconds; above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval(i64);

/// What one interval of trading was.
///
/// It covers `open_time <= t < open_time + interval`, and can be known from its end on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candle {
    /// Where the interval begins.
    pub open_time: InstantUs,
    /// The first price.
    pub open: Decimal,
    /// The highest.
    pub high: Decimal,
    /// The lowest.
    pub low: Decimal,
    /// The last.
    pub close: Decimal,
    /// What was traded of the base asset.
    pub volume: Decimal,
    /// What was paid in the quote asset, where told.
    pub quote_volume: Option<Decimal>,
    /// How many trades, where told.
    pub trades: Option<u64>,
}

/// Who crossed the spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taker {
    /// The buyer did: the trade was at the ask.
    Buyer,
    /// The seller did: the trade was at the bid.
    Seller,
}

/// One trade on an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The venue's own number of it, rising by one.
    pub id: u64,
    /// When the venue says that it happened.
    pub time: InstantUs,
    /// Quote units per base unit.
    pub price: Decimal,
    /// In base units.
    pub quantity: Decimal,
    /// Who took it.
    pub taker: Taker,
}

/// The best bid and ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestQuote {
    /// The book's version, as the venue numbers it.
    pub update_id: u64,
    /// When the venue says so; some do not say.
    pub time: Option<InstantUs>,
    /// The highest bid.
    pub bid: BookLevel,
    /// The lowest ask.
    pub ask: BookLevel,
}

/// What stands in the book at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookLevel {
    /// Quote units per base unit.
    pub price: Decimal,
    /// In base units; zero where an update empties the level.
    pub quantity: Decimal,
}

/// A whole book, or as deep as the venue tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookSnapshot {
    /// The last update in it.
    pub last_update_id: u64,
    /// Highest price first.
    pub bids: Vec<BookLevel>,
    /// Lowest price first.
    pub asks: Vec<BookLevel>,
}

/// Changes of a book: new quantities at prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookUpdate {
    /// When the venue says that it happened.
    pub time: InstantUs,
    /// The first update in it.
    pub first_update_id: u64,
    /// The last update in it.
    pub last_update_id: u64,
    /// The last update of the message before, where the venue tells it.
    pub previous_update_id: Option<u64>,
    /// Changed bids.
    pub bids: Vec<BookLevel>,
    /// Changed asks.
    pub asks: Vec<BookLevel>,
}

/// One payment between the long and the short side of a perpetual future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funding {
    /// When it is paid.
    pub time: InstantUs,
    /// What the long side pays, as a share of the notional, for the venue's own interval.
    pub rate: Decimal,
    /// The mark price it is paid on, where told.
    pub mark_price: Option<Decimal>,
}

/// What a future is valued at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkPrice {
    /// When.
    pub time: InstantUs,
    /// The mark price.
    pub mark: Decimal,
    /// The index price, where told.
    pub index: Option<Decimal>,
    /// The funding rate expected at the next payment, where told.
    pub expected_funding: Option<Decimal>,
}

/// One value of a series, and when it became known.
///
/// A value that was published again later is another observation of the same time: both are kept,
/// and what was known at an instant is the last one published until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What it is the value of: the end of its period, or the instant it was measured.
    pub time: InstantUs,
    /// The earliest instant at which anyone could have known it.
    pub published_at: InstantUs,
    /// The value, in the unit its series declares.
    pub value: Decimal,
}

impl Interval {
    /// One minute.
    pub const MINUTE: Self = Self(60_000_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000_000);
    /// One day.
    pub const DAY: Self = Self(86_400_000_000);

    /// Returns the interval of so many microseconds; `None` unless above zero.
    pub const fn from_us(micros: i64) -> Option<Self> {
        if micros > 0 { Some(Self(micros)) } else { None }
    }

    /// Returns its length in microseconds.
    pub const fn us(self) -> i64 {
        self.0
    }

    /// Returns the beginning of the interval that holds an instant; intervals begin at multiples
    /// of their length since 1970-01-01 00:00:00 UTC. `None` past what fits.
    pub fn start_of(self, instant: InstantUs) -> Option<InstantUs> {
        let into = instant.0.checked_rem_euclid(self.0)?;
        instant.checked_add_us(into.checked_neg()?)
    }

    /// Returns the end of the interval that begins there: the first instant outside it.
    pub fn end_of(self, start: InstantUs) -> Option<InstantUs> {
        start.checked_add_us(self.0)
    }
}

/// The units an interval is written in, longest first.
const UNITS: [(&str, i64); 7] = [
    ("w", 604_800_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

impl fmt::Display for Interval {
    /// Writes it in the longest unit that it is a whole number of, such as `15m`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = UNITS.iter().find_map(|(name, length)| {
            let whole = self.0.checked_rem(*length)? == 0;
            whole.then_some((self.0.checked_div(*length)?, *name))
        });
        let (count, name) = fits.unwrap_or((self.0, "us"));
        formatter.pad(&format!("{count}{name}"))
    }
}

impl FromStr for Interval {
    type Err = ParseError;

    /// Reads a whole number and a unit: `us`, `ms`, `s`, `m`, `h`, `d` or `w`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        const EXPECTED: &str = "an interval such as 1m, 15m, 1h or 1d";
        let not_one =
            || ParseError::NotANumber { text: text.chars().take(80).collect(), expected: EXPECTED };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at_checked(digits).ok_or_else(not_one)?;
        let count: i64 = count.parse().map_err(|_| not_one())?;
        let length = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(not_one)?.1;
        count.checked_mul(length).and_then(Self::from_us).ok_or_else(not_one)
    }
}
