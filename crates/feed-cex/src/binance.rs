//! Binance: spot and USD-M perpetual futures.

mod answers;
mod book;
mod client;
mod dumps;
mod live;
mod pages;
mod stream;

pub use answers::{
    AggregateTrade, parse_aggregate_trades, parse_best_quote, parse_candles, parse_depth,
    parse_funding, parse_mark_price, parse_trades,
};
pub use book::{BinanceBook, BookEvent, BookLimits};
pub use client::BinanceRest;
pub use dumps::{open_aggregate_trades, open_candles, open_funding, open_quotes, open_trades};
pub use live::{BinanceLiveConfig, BinanceStream};
pub use pages::{AggregateTradePages, CandlePages, FundingPages, TradePages};
pub use stream::{BinanceMessage, parse_stream_message};

/// One of Binance's venues that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BinanceMarket {
    /// Spot.
    Spot,
    /// Futures margined in US dollars, almost all of them perpetual.
    UsdM,
}

#[cfg(test)]
mod tests;
