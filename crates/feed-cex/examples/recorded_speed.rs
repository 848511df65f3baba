//! Times the parser and the book on recorded Binance streams: `<receive time> <message>` a line,
//! perhaps with gzip around it.
//!
//! ```sh
//! cargo run --release -p tidemill-feed-cex --example recorded_speed -- spot_ethusdt.jsonl.gz
//! ```

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use tidemill_feed_cex::binance::{
    BinanceBook, BinanceMarket, BinanceMessage, BookLimits, parse_depth, parse_stream_message,
};

/// How often each recording is taken; the fastest counts.
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let mut text = String::new();
        MultiGzDecoder::new(File::open(&path)?).read_to_string(&mut text)?;
        let messages: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_once(' ').map(|(_, message)| message))
            .collect();
        let (mut parsing, mut both) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let read = messages.iter().filter(|text| parse_stream_message(text).is_ok()).count();
            parsing = parsing.min(start.elapsed());
            let start = Instant::now();
            let applied = follow(&messages)?;
            both = both.min(start.elapsed());
            println!("{read} messages read, the book as of {applied:?}");
        }
        let per_second = |time: Duration| {
            let micros = time.as_micros().max(1);
            messages.len() as u128 * 1_000_000 / micros
        };
        println!(
            "{path}: {} messages; parsed {} a second, parsed and into the book {} a second",
            messages.len(),
            per_second(parsing),
            per_second(both)
        );
    }
    Ok(())
}

/// Parses every message and keeps the book; returns the last update in it.
fn follow(messages: &[&str]) -> Result<Option<u64>, Box<dyn Error>> {
    let limits = BookLimits { told: usize::MAX, kept: 100_000, waiting: 100 };
    let mut book = BinanceBook::new(BinanceMarket::Spot, limits);
    for text in messages {
        if text.starts_with("{\"lastUpdateId\"") {
            book.snapshot(&parse_depth(text)?);
        } else if let BinanceMessage::Depth { update, .. } = parse_stream_message(text)? {
            book.update(&update);
        }
    }
    Ok(book.last_update_id())
}
