//! Reads arbitrary text, a message a line, as what exchanges send.
//!
//! No parser may panic, and no book may be crossed while it says that it is known.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemill_feed_cex::binance::{
    BinanceBook, BinanceMarket, BinanceMessage, BookLimits, parse_aggregate_trades,
    parse_best_quote, parse_candles, parse_depth, parse_funding, parse_mark_price,
    parse_stream_message, parse_trades,
};
use tidemill_feed_cex::kraken::{
    KrakenBook, KrakenMessage, parse_kraken_candles, parse_kraken_depth, parse_kraken_message,
    parse_kraken_trades,
};
use tidemill_units::InstantUs;

fuzz_target!(|text: &str| {
    let limits = BookLimits { told: 4, kept: 8, waiting: 4 };
    let mut books =
        [BinanceMarket::Spot, BinanceMarket::UsdM].map(|market| BinanceBook::new(market, limits));
    let mut kraken = KrakenBook::new(10);
    for line in text.lines() {
        if let Ok(BinanceMessage::Depth { update, .. }) = parse_stream_message(line) {
            books.iter_mut().for_each(|book| drop(book.update(&update)));
        }
        if let Ok(snapshot) = parse_depth(line) {
            books.iter_mut().for_each(|book| drop(book.snapshot(&snapshot)));
        }
        if let Ok(KrakenMessage::Book(messages)) = parse_kraken_message(line) {
            for message in &messages {
                kraken.message(message, InstantUs(0));
            }
        }
        for book in books.iter().map(BinanceBook::book).chain([kraken.book()]).flatten() {
            assert_eq!(book.fault(), None, "what is known can be");
        }
        let _ = parse_candles(line);
        let _ = parse_aggregate_trades(line);
        let _ = parse_trades(line);
        let _ = parse_best_quote(line);
        let _ = parse_funding(line);
        let _ = parse_mark_price(line);
        let _ = parse_kraken_candles(line);
        let _ = parse_kraken_trades(line);
        let _ = parse_kraken_depth(line);
    }
});
