//! Two markets' streams as they were, through the parser and the book.

use std::collections::BTreeMap;

use tidemill_feed_cex::binance::{
    BinanceBook, BinanceMarket, BinanceMessage, BookEvent, BookLimits, parse_depth,
    parse_stream_message,
};
use tidemill_model::{BestQuote, BookLevel};

use crate::support::recording;

/// What a recording came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    messages: usize,
    depth: usize,
    old: usize,
    waited: usize,
    applied: usize,
    trades: usize,
    quotes: usize,
    /// Quotes whose update id is that of a book we had, and are its best levels.
    same_id: usize,
    /// Books whose best levels are the last quote's of an update no later than theirs.
    as_quoted: usize,
    /// After how many updates the market was past all that was known.
    exhausted_after: Option<usize>,
}

/// The book as the venue's documents build it, as if the snapshot had told every level.
const AS_DOCUMENTED: BookLimits = BookLimits { told: usize::MAX, kept: 100_000, waiting: 100 };

#[test]
fn ethusdt_has_no_break() {
    let expected = Counts {
        messages: 33_618,
        depth: 3_434,
        waited: 2,
        applied: 3_432,
        trades: 6_106,
        quotes: 24_077,
        same_id: 577,
        as_quoted: 3_433,
        ..Counts::default()
    };
    check("spot_ethusdt_20240808.jsonl.gz", AS_DOCUMENTED, &expected);
    check("spot_ethusdt_20240808.jsonl.gz", BookLimits::default(), &expected);
}

#[test]
fn btcusdt_has_no_break() {
    let expected = Counts {
        messages: 41_249,
        depth: 3_451,
        waited: 3,
        applied: 3_449,
        trades: 9_757,
        quotes: 28_040,
        same_id: 564,
        as_quoted: 3_449,
        ..Counts::default()
    };
    check("spot_btcusdt_20240808.jsonl.gz", AS_DOCUMENTED, &expected);
}

/// In five minutes the market left the thousand levels of the one snapshot there is. Until then
/// the best levels are right, and from then on nothing is claimed.
#[test]
fn btcusdt_moves_past_what_its_snapshot_told() {
    let expected = Counts {
        messages: 41_249,
        depth: 3_451,
        old: 0,
        waited: 858,
        applied: 2_593,
        trades: 9_757,
        quotes: 28_040,
        same_id: 423,
        as_quoted: 2_593,
        exhausted_after: Some(2_593),
    };
    check("spot_btcusdt_20240808.jsonl.gz", BookLimits::default(), &expected);
}

fn check(file: &str, limits: BookLimits, expected: &Counts) {
    let Some(lines) = recording(file) else { return };
    let mut counts = Counts { messages: lines.len(), ..Counts::default() };
    let mut book = BinanceBook::new(BinanceMarket::Spot, limits);
    let mut best: BTreeMap<u64, BestQuote> = BTreeMap::new();
    let mut quotes: BTreeMap<u64, BestQuote> = BTreeMap::new();
    let mut last_trade = None;
    for line in &lines {
        if line.text.starts_with("{\"lastUpdateId\"") {
            let event = book.snapshot(&parse_depth(&line.text).unwrap());
            let BookEvent::Resynced { replayed, .. } = event else { panic!("{event:?}") };
            counts.applied += replayed.len();
            best.extend(book.best().map(|quote| (quote.update_id, quote)));
            continue;
        }
        match parse_stream_message(&line.text).unwrap() {
            BinanceMessage::Depth { update, .. } => {
                counts.depth += 1;
                match book.update(&update) {
                    BookEvent::Waiting => counts.waited += 1,
                    BookEvent::Old => counts.old += 1,
                    BookEvent::Applied { last_update_id } => {
                        counts.applied += 1;
                        best.insert(last_update_id, book.best().unwrap());
                    }
                    BookEvent::Exhausted => counts.exhausted_after = Some(counts.applied),
                    event @ (BookEvent::Gap { .. }
                    | BookEvent::Crossed { .. }
                    | BookEvent::Resynced { .. }) => panic!("{event:?}"),
                }
            }
            BinanceMessage::Trade { trade, .. } => {
                counts.trades += 1;
                assert!(last_trade.is_none_or(|last| last + 1 == trade.id), "{trade:?}");
                last_trade = Some(trade.id);
            }
            BinanceMessage::Quote { quote, .. } => {
                counts.quotes += 1;
                quotes.insert(quote.update_id, quote);
            }
            other @ (BinanceMessage::AggregateTrade { .. }
            | BinanceMessage::Candle { .. }
            | BinanceMessage::Mark { .. }
            | BinanceMessage::Answer { .. }
            | BinanceMessage::Closing) => panic!("{other:?}"),
        }
    }
    for (id, ours) in &best {
        let levels = |quote: &BestQuote| -> [BookLevel; 2] { [quote.bid, quote.ask] };
        if let Some(told) = quotes.get(id) {
            assert_eq!(levels(told), levels(ours), "as of update {id}");
            counts.same_id += 1;
        }
        if let Some((_, told)) = quotes.range(..=*id).next_back() {
            assert_eq!(levels(told), levels(ours), "as of update {id}");
            counts.as_quoted += 1;
        }
    }
    assert_eq!(&counts, expected);
}
