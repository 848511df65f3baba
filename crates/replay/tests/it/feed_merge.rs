//! The merge of feeds: ordered, stable, and holding no more than one record of each.

use std::cell::Cell;
use std::error::Error;
use std::rc::Rc;

use tidemill_exec_sim::SeenItem;
use tidemill_model::{
    BestQuote, BookLevel, Candle, EventBody, FeedChange, FeedId, FeedItem, GapCause, Interval,
    Latency, Observation, Taker, Trade,
};
use tidemill_replay::{FeedMerge, FeedRecord, FeedSource, Watched};
use tidemill_units::{Decimal, InstantUs};

use crate::seeded::Seeded;

type Record = Result<FeedRecord, Box<dyn Error + Send + Sync>>;

fn trade(id: u64, time: i64) -> FeedItem {
    FeedItem::Trade(Trade {
        id,
        time: InstantUs(time),
        price: Decimal::ONE,
        quantity: Decimal::ONE,
        taker: Taker::Buyer,
    })
}

fn item(item: FeedItem, seen_at: Option<i64>) -> FeedRecord {
    FeedRecord::Item { item, seen_at: seen_at.map(InstantUs) }
}

fn source<'a>(
    feed: u16,
    latency_ms: u32,
    records: impl Iterator<Item = FeedRecord> + 'a,
) -> FeedSource<'a> {
    FeedSource {
        feed: FeedId(feed),
        name: format!("feed {feed}"),
        latency: Latency::from_millis(latency_ms),
        records: Box::new(records.map(|record| -> Record { Ok(record) })),
    }
}

/// The number of the feed and the id of the trade.
fn identity(seen: &SeenItem) -> (u16, u64) {
    let EventBody::Data(data) = &seen.body else { panic!("{seen:?}") };
    let FeedItem::Trade(trade) = data.item else { panic!("{seen:?}") };
    (data.feed.0, trade.id)
}

#[test]
fn a_merge_is_the_stable_sort_of_everything_by_when_it_is_seen() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let mut sources = Vec::new();
        let mut all = Vec::new();
        for feed in 0..u16::try_from(random.below(6) + 1).unwrap() {
            let latency_ms = u32::try_from(random.below(4)).unwrap();
            let mut time = 0;
            let trades: Vec<_> = (0..random.below(60))
                .map(|id| {
                    time += i64::try_from(random.below(3)).unwrap() * 1_000;
                    (id, time)
                })
                .collect();
            let latency = i64::from(latency_ms) * 1_000;
            all.extend(trades.iter().map(|(id, time)| (time + latency, feed, *id)));
            let records = trades.into_iter().map(|(id, time)| item(trade(id, time), None));
            sources.push(source(feed, latency_ms, records));
        }
        // Ties: the feed that was added first, and within a feed its own order.
        all.sort_by_key(|(seen_at, feed, _)| (*seen_at, *feed));
        let merged: Vec<_> = FeedMerge::new(sources).map(Result::unwrap).collect();
        let merged: Vec<_> = merged
            .iter()
            .map(|seen| {
                let (feed, id) = identity(seen);
                (seen.seen_at.0, feed, id)
            })
            .collect();
        assert_eq!(merged, all, "seed {seed}");
    }
}

#[test]
fn a_merge_reads_one_record_ahead_of_each_feed_and_no_more() {
    let taken = Rc::new(Cell::new(0_u64));
    let endless = |feed: u16| {
        let taken = Rc::clone(&taken);
        source(
            feed,
            0,
            (0..).map(move |id: u64| {
                taken.set(taken.get() + 1);
                item(trade(id, i64::try_from(id).unwrap()), None)
            }),
        )
    };
    let mut merge = FeedMerge::new(vec![endless(0), endless(1), endless(2)]);
    for given in 1..=1_000 {
        merge.next().unwrap().unwrap();
        assert_eq!(taken.get(), given + 3);
    }
}

#[test]
fn nothing_is_seen_before_it_could_be_known() {
    let candle = Candle {
        open_time: InstantUs(0),
        open: Decimal::ONE,
        high: Decimal::ONE,
        low: Decimal::ONE,
        close: Decimal::ONE,
        volume: Decimal::ONE,
        quote_volume: None,
        trades: None,
    };
    let candle = FeedItem::Candle { interval: Interval::MINUTE, candle };
    let (time, published_at) = (InstantUs(7), InstantUs(9_000_000));
    let value = FeedItem::Observation(Observation { time, published_at, value: Decimal::ONE });
    for (said, recorded, expected) in [
        (candle, None, 60_250_000),
        // A clock that ran ahead saw it before it was: not so here.
        (candle, Some(59_999_999), 60_000_000),
        (candle, Some(60_000_001), 60_000_001),
        (value, None, 9_250_000),
        (value, Some(8_000_000), 9_000_000),
    ] {
        let records = [item(said, recorded)].into_iter();
        let merge = FeedMerge::new(vec![source(0, 250, records)]);
        let seen: Vec<_> = merge.map(|seen| seen.unwrap().seen_at.0).collect();
        assert_eq!(seen, [expected]);
    }
    // What was recorded as seen late holds up what came behind it.
    let records = [item(trade(0, 5), Some(50)), item(trade(1, 6), Some(40))].into_iter();
    let merge = FeedMerge::new(vec![source(0, 250, records)]);
    assert_eq!(merge.map(|seen| seen.unwrap().seen_at.0).collect::<Vec<_>>(), [50, 50]);
    let records = [item(trade(0, 5), Some(500_000)), item(trade(1, 6), None)].into_iter();
    let merge = FeedMerge::new(vec![source(0, 250, records)]);
    let seen: Vec<_> = merge.map(|seen| seen.unwrap().seen_at.0).collect();
    assert_eq!(seen, [500_000; 2], "also where only one of them was recorded");
}

#[test]
fn a_feed_out_of_order_ends_the_merge_with_its_name() {
    let records = [item(trade(0, 5_000), None), item(trade(1, 4_999), None)].into_iter();
    let mut merge = FeedMerge::new(vec![source(3, 1, records)]);
    let refused = merge.next().unwrap().unwrap_err();
    assert_eq!(refused.to_string(), "feed `feed 3`: seen at 5999 us, after 6000 us");
    assert!(merge.next().is_none());
}

fn watched(items: Vec<FeedItem>) -> Vec<FeedRecord> {
    let records = items.into_iter().map(|said| -> Record { Ok(item(said, None)) });
    Watched::new(records).map(Result::unwrap).collect()
}

fn gap(at: i64, since: i64, cause: GapCause) -> FeedRecord {
    let change = FeedChange::Gap { since: InstantUs(since), cause };
    FeedRecord::Change { at: InstantUs(at), change }
}

fn restored(at: i64) -> FeedRecord {
    FeedRecord::Change { at: InstantUs(at), change: FeedChange::Restored }
}

#[test]
fn holes_and_ends_of_recordings_are_events() {
    let minute = |number: i64| {
        let zero = Decimal::ZERO;
        let candle = Candle {
            open_time: InstantUs(number * 60_000_000),
            open: zero,
            high: zero,
            low: zero,
            close: zero,
            volume: zero,
            quote_volume: None,
            trades: None,
        };
        FeedItem::Candle { interval: Interval::MINUTE, candle }
    };
    let m = 60_000_000;
    let candles = watched(vec![minute(0), minute(1), minute(5)]);
    let expected = [
        item(minute(0), None),
        item(minute(1), None),
        // The third was due at its end; the sixth is the next that came, at its own.
        gap(3 * m, 2 * m, GapCause::NotRecorded),
        restored(6 * m),
        item(minute(5), None),
        gap(7 * m, 6 * m, GapCause::Ended),
    ];
    assert_eq!(candles, expected);
    let trades = watched(vec![trade(7, 10), trade(8, 20), trade(11, 30)]);
    let expected = [
        item(trade(7, 10), None),
        item(trade(8, 20), None),
        gap(30, 20, GapCause::OutOfSequence),
        restored(30),
        item(trade(11, 30), None),
        gap(30, 30, GapCause::Ended),
    ];
    assert_eq!(trades, expected);
    let level = BookLevel { price: Decimal::ONE, quantity: Decimal::ONE };
    let quote = BestQuote { update_id: 1, time: None, bid: level, ask: level };
    let untimed = item(FeedItem::Quote(quote), Some(40));
    let quotes: Vec<_> =
        Watched::new([untimed].into_iter().map(|said| -> Record { Ok(said) })).collect();
    let quotes: Vec<_> = quotes.into_iter().map(Result::unwrap).collect();
    assert_eq!(quotes, [untimed, gap(40, 40, GapCause::Ended)]);
    let (time, published_at, value) = (InstantUs(1), InstantUs(2), Decimal::ONE);
    let value = FeedItem::Observation(Observation { time, published_at, value });
    assert_eq!(watched(vec![value, value]), [item(value, None); 2], "a series has no holes");
    let overlapping = [minute(1), minute(1)].map(|said| -> Record { Ok(item(said, None)) });
    let last = Watched::new(overlapping.into_iter()).last().unwrap();
    assert!(last.unwrap_err().to_string().contains("overlaps"));
}
