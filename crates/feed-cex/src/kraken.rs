//! Kraken: spot.

mod answers;
mod book;
mod client;
mod dumps;
mod live;
mod stream;

pub use answers::{KrakenPage, parse_kraken_candles, parse_kraken_depth, parse_kraken_trades};
pub use book::{KrakenBook, KrakenBookEvent};
pub use client::{KrakenRest, KrakenTradePages};
pub use dumps::{KrakenPrint, open_kraken_candles, open_kraken_prints};
pub use live::KrakenLiveConfig;
pub use stream::{
    KrakenBookMessage, KrakenCandle, KrakenMessage, KrakenPlaces, parse_kraken_message,
};

#[cfg(test)]
mod tests;
