use tidemill_model::{BestQuote, BookSnapshot, BookUpdate, Candle, Interval, MarkPrice, Trade};
use tidemill_units::{Decimal, InstantUs};

/// Something a live feed has to say, and when it was here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CexEvent {
    /// When the message was received, by this machine's clock.
    pub seen_at: InstantUs,
    /// The market, as the venue writes it; empty where it is about the whole connection.
    pub symbol: String,
    /// What it says.
    pub body: CexBody,
}

/// What a live feed has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CexBody {
    /// A trade.
    Trade(Trade),
    /// What one order took at one price; the number is the venue's number of such aggregates.
    AggregateTrade(Trade),
    /// The best bid and ask.
    Quote(BestQuote),
    /// A candle that has closed.
    Candle {
        /// Its length.
        interval: Interval,
        /// The candle.
        candle: Candle,
    },
    /// A future's mark price.
    Mark(MarkPrice),
    /// The book from here on; whatever was held before is void. Of Binance it says nothing of what
    /// lies beyond its worst levels ([`crate::BookWindow::OF_FEED`]), of Kraken it is all there is
    /// ([`crate::BookWindow::Venue`]).
    BookSnapshot(BookSnapshot),
    /// The book's next changes: they follow the snapshot or update before without a hole.
    BookUpdate(BookUpdate),
    /// A connection stands, and everything subscribed is on its way.
    Connected,
    /// Something was not seen, or may not have been.
    Gap(Gap),
}

/// What was not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Of what.
    pub series: Series,
    /// Why.
    pub cause: GapCause,
}

/// A series of a market, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Series {
    /// Everything of the connection.
    All,
    /// The trades.
    Trades,
    /// The aggregated trades.
    AggregateTrades,
    /// The candles of a length.
    Candles(Interval),
    /// The book: it is unknown until the next [`CexBody::BookSnapshot`].
    Book,
}

/// Why something was not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// The connection ended; said by whom or what.
    Disconnected(String),
    /// The venue's numbers, or opening times in microseconds, have a hole: from `expected` on,
    /// `found` is not part of it.
    Missing {
        /// What should have come.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The venue's checksum of its book is not that of ours.
    Checksum {
        /// The venue's.
        expected: u32,
        /// Ours.
        found: u32,
    },
    /// The best bid is not below the best ask.
    Crossed {
        /// The best bid.
        bid: Decimal,
        /// The best ask.
        ask: Decimal,
    },
    /// The market moved past every level that was known.
    Exhausted,
    /// A message could not be read; said what was wrong with it.
    Unreadable(String),
    /// The reader was so slow that this many events had no place left.
    SlowReader {
        /// How many were lost.
        lost: u64,
    },
    /// The venue's snapshot could not be had; said why. It is asked for again.
    NoSnapshot(String),
}
