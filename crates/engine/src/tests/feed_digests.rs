use std::collections::BTreeSet;

use tidemill_model::{
    BestQuote, BookLevel, Candle, Event, EventBody, FeedChange, FeedData, FeedEvent, FeedId,
    FeedItem, Funding, GapCause, Interval, MarkPrice, Observation, Sequence, Taker, Trade,
};
use tidemill_units::{Decimal, InstantUs, Timestamp};

use crate::Digest;

const ZERO: Decimal = Decimal::ZERO;
const ONE: Decimal = Decimal::ONE;

/// Every kind of item, with one number about it changed at a time.
fn items() -> Vec<FeedItem> {
    let (now, later) = (InstantUs(0), InstantUs(1));
    let (open, high, low, close, volume) = (ZERO, ZERO, ZERO, ZERO, ZERO);
    let (quote_volume, trades) = (None, None);
    let plain = Candle { open_time: now, open, high, low, close, volume, quote_volume, trades };
    let mut items: Vec<_> = [
        plain,
        Candle { open_time: later, ..plain },
        Candle { open: ONE, ..plain },
        Candle { high: ONE, ..plain },
        Candle { low: ONE, ..plain },
        Candle { close: ONE, ..plain },
        Candle { volume: ONE, ..plain },
        Candle { quote_volume: Some(ZERO), ..plain },
        Candle { quote_volume: Some(ONE), ..plain },
        Candle { trades: Some(0), ..plain },
        Candle { trades: Some(1), ..plain },
    ]
    .map(|candle| FeedItem::Candle { interval: Interval::HOUR, candle })
    .into();
    items.push(FeedItem::Candle { interval: Interval::DAY, candle: plain });
    items.extend(exchange_items());
    items.extend(future_items());
    items
}

fn exchange_items() -> Vec<FeedItem> {
    let (none, now, later) = (None, InstantUs(0), InstantUs(1));
    let mut items = Vec::new();
    let trade = Trade { id: 0, time: now, price: ZERO, quantity: ZERO, taker: Taker::Buyer };
    items.extend(
        [
            trade,
            Trade { id: 1, ..trade },
            Trade { time: later, ..trade },
            Trade { price: ONE, ..trade },
            Trade { quantity: ONE, ..trade },
            Trade { taker: Taker::Seller, ..trade },
        ]
        .map(FeedItem::Trade),
    );
    let level = BookLevel { price: ZERO, quantity: ZERO };
    let (dear, large) = (BookLevel { price: ONE, ..level }, BookLevel { quantity: ONE, ..level });
    let quote = BestQuote { update_id: 0, time: none, bid: level, ask: level };
    items.extend(
        [
            quote,
            BestQuote { update_id: 1, ..quote },
            BestQuote { time: Some(now), ..quote },
            BestQuote { time: Some(later), ..quote },
            BestQuote { bid: dear, ..quote },
            BestQuote { bid: large, ..quote },
            BestQuote { ask: dear, ..quote },
            BestQuote { ask: large, ..quote },
        ]
        .map(FeedItem::Quote),
    );
    items
}

fn future_items() -> Vec<FeedItem> {
    let (now, later) = (InstantUs(0), InstantUs(1));
    let mut items = Vec::new();
    let funding = Funding { time: now, rate: ZERO, mark_price: None };
    items.extend(
        [
            funding,
            Funding { time: later, ..funding },
            Funding { rate: ONE, ..funding },
            Funding { mark_price: Some(ZERO), ..funding },
        ]
        .map(FeedItem::Funding),
    );
    let mark = MarkPrice { time: now, mark: ZERO, index: None, expected_funding: None };
    items.extend(
        [
            mark,
            MarkPrice { time: later, ..mark },
            MarkPrice { mark: ONE, ..mark },
            MarkPrice { index: Some(ZERO), ..mark },
            MarkPrice { expected_funding: Some(ZERO), ..mark },
        ]
        .map(FeedItem::Mark),
    );
    let value = Observation { time: now, published_at: now, value: ZERO };
    items.extend(
        [
            value,
            Observation { time: later, ..value },
            Observation { published_at: later, ..value },
            Observation { value: ONE, ..value },
        ]
        .map(FeedItem::Observation),
    );
    items
}

fn changes() -> Vec<FeedChange> {
    let causes = [
        GapCause::NotBegun,
        GapCause::Disconnected,
        GapCause::OutOfSequence,
        GapCause::NotRecorded,
        GapCause::Ended,
        GapCause::Silent,
        GapCause::Impossible,
    ];
    let gaps = causes
        .into_iter()
        .flat_map(|cause| [0, 1].map(|since| FeedChange::Gap { since: InstantUs(since), cause }));
    gaps.chain([FeedChange::Restored]).collect()
}

#[test]
fn no_two_events_of_feeds_have_the_same_digest() {
    let mut bodies = Vec::new();
    for feed in [0, 1, 256].map(FeedId) {
        let said = items().into_iter().map(|item| Box::new(FeedData { feed, item }));
        bodies.extend(said.map(EventBody::Data));
        let changed = changes().into_iter().map(|change| FeedEvent { feed, change });
        bodies.extend(changed.map(EventBody::Feed));
    }
    let mut digests = BTreeSet::new();
    for body in bodies {
        let mut digest = Digest::default();
        digest.event(&Event::at(Sequence(1), Timestamp(5), body.clone()));
        assert!(digests.insert(digest.to_hex()), "{body:?} has the digest of another");
    }
}
