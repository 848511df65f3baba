//! Feeds in the market: what is known, how late, and whether it can be trusted.

use std::num::NonZeroUsize;

use tidemill_model::{
    BestQuote, BookLevel, Candle, Event, EventBody, FeedChange, FeedData, FeedEvent, FeedId,
    FeedItem, Funding, GapCause, Interval, Latency, MarkPrice, Observation, PoolEvent, Sequence,
    Taker, Trade,
};
use tidemill_units::{Decimal, InstantUs, Side, TokenIndex};

use super::synthetic_tape::{POOL, SyntheticTape, chain_events, range};
use crate::{
    CandleError, FeedContents, FeedError, FeedHealth, FeedTerms, Footprint, KnownCandle, Market,
    MarketError, SwapPrices,
};

const SECOND: i64 = 1_000_000;
const MINUTE: Interval = Interval::MINUTE;

fn terms(name: &str, contents: FeedContents, latency_ms: u32) -> FeedTerms {
    FeedTerms { name: name.to_owned(), contents, latency: Latency::from_millis(latency_ms) }
}

fn market(contents: FeedContents, latency_ms: u32) -> (Market, FeedId) {
    let mut market = Market::new(Footprint::PriceTaker);
    let feed = market.feeds_mut().add(terms("venue", contents, latency_ms)).expect("the first");
    (market, feed)
}

fn keep(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("above zero")
}

fn seen(seen_at: i64, body: EventBody) -> Event {
    let at = InstantUs(seen_at);
    Event { sequence: Sequence(0), happened_at: at, seen_at: at, body }
}

fn says(feed: FeedId, seen_at: i64, item: FeedItem) -> Event {
    seen(seen_at, EventBody::Data(Box::new(FeedData { feed, item })))
}

fn trade(time: i64, price: i128) -> FeedItem {
    FeedItem::Trade(Trade {
        id: 1,
        time: InstantUs(time),
        price: Decimal::from_raw(price),
        quantity: Decimal::ONE,
        taker: Taker::Buyer,
    })
}

fn candles(market: &Market, feed: FeedId) -> Vec<KnownCandle> {
    let candles = market.feeds().get(feed).and_then(|feed| feed.candles(MINUTE));
    candles.expect("asked for").closed().copied().collect()
}

/// With half a second of latency, a minute is over for us half a second after its end: by then, and
/// not before, all of its trades have been seen.
#[test]
fn a_candle_waits_for_the_latency_of_its_feed() {
    let (mut market, feed) = market(FeedContents::Trades, 500);
    market.feeds_mut().subscribe(feed, MINUTE, keep(5)).expect("trades have prices");
    let other = market.feeds_mut().add(terms("other", FeedContents::Funding, 0)).expect("another");
    let clock = |market: &mut Market, at: i64| {
        let change = FeedEvent { feed: other, change: FeedChange::Restored };
        market.apply(&seen(at, EventBody::Feed(change))).expect("a feed of this market");
    };
    market.apply(&says(feed, 1_500_000, trade(SECOND, 7))).expect("a trade");
    clock(&mut market, 60 * SECOND);
    assert_eq!(candles(&market, feed), []);
    let last = 60 * SECOND - 1;
    market.apply(&says(feed, last + 500_000, trade(last, 9))).expect("a trade");
    clock(&mut market, 60 * SECOND + 499_999);
    assert_eq!(candles(&market, feed), []);
    clock(&mut market, 60 * SECOND + 500_000);
    let [known] = candles(&market, feed)[..] else { panic!("one minute is over") };
    assert_eq!([known.candle.open, known.candle.close].map(Decimal::raw), [7, 9]);
    assert_eq!(known.candle.trades, Some(2));
}

#[test]
fn what_a_feed_last_said_is_known_with_when_it_was_seen() {
    let level = |price| BookLevel { price: Decimal::from_raw(price), quantity: Decimal::ONE };
    let (bid, ask) = (level(11), level(14));
    let quote = BestQuote { update_id: 1, time: None, bid, ask };
    let funding = Funding { time: InstantUs(3), rate: Decimal::ONE, mark_price: None };
    let (index, expected_funding) = (None, None);
    let mark = MarkPrice { time: InstantUs(3), mark: Decimal::ONE, index, expected_funding };
    let (time, published_at) = (InstantUs(1), InstantUs(3));
    let value = Observation { time, published_at, value: Decimal::ONE };
    let unit = String::from("%");
    for (contents, item) in [
        (FeedContents::Quotes, FeedItem::Quote(quote)),
        (FeedContents::Funding, FeedItem::Funding(funding)),
        (FeedContents::Marks, FeedItem::Mark(mark)),
        (FeedContents::Series { unit }, FeedItem::Observation(value)),
        (FeedContents::Trades, trade(3, 1)),
    ] {
        let (mut market, feed) = market(contents, 0);
        let gap = FeedHealth::Gap { since: None, cause: GapCause::NotBegun };
        assert_eq!(market.feeds().get(feed).map(|feed| feed.health()), Some(gap));
        market.apply(&says(feed, 4, item)).expect("what it has");
        let known = market.feeds().get(feed).expect("added");
        assert_eq!(known.health(), FeedHealth::Whole);
        let at = [
            known.quote().map(|known| (FeedItem::Quote(known.value), known.seen_at)),
            known.funding().map(|known| (FeedItem::Funding(known.value), known.seen_at)),
            known.mark().map(|known| (FeedItem::Mark(known.value), known.seen_at)),
            known.trade().map(|known| (FeedItem::Trade(known.value), known.seen_at)),
            known.value().map(|known| (FeedItem::Observation(known.observation), InstantUs(4))),
        ];
        assert_eq!(at.into_iter().flatten().collect::<Vec<_>>(), [(item, InstantUs(4))]);
        assert_eq!(market.seen_at(), InstantUs(4));
        assert_eq!(market.now().0, 0, "the clock of the chain stands still");
    }
}

#[test]
fn candles_of_quotes_are_of_the_price_between_them() {
    let (mut market, feed) = market(FeedContents::Quotes, 0);
    market.feeds_mut().subscribe(feed, MINUTE, keep(5)).expect("quotes have prices");
    for (time, bid, ask) in [(0, 11, 14), (1, 13, 15), (60 * SECOND, 1, 1)] {
        let level = |price| BookLevel { price: Decimal::from_raw(price), quantity: Decimal::ONE };
        let (bid, ask) = (level(bid), level(ask));
        let quote = BestQuote { update_id: 1, time: None, bid, ask };
        market.apply(&says(feed, time, FeedItem::Quote(quote))).expect("a quote");
    }
    let [known] = candles(&market, feed)[..] else { panic!("one minute is over") };
    assert_eq!([known.candle.open, known.candle.close].map(Decimal::raw), [12, 14]);
    assert_eq!((known.candle.volume, known.candle.trades), (Decimal::ZERO, None));
}

#[test]
fn a_gap_is_known_until_it_is_over_and_marks_candles() {
    let (mut market, feed) = market(FeedContents::Trades, 0);
    market.feeds_mut().subscribe(feed, MINUTE, keep(5)).expect("trades have prices");
    market.apply(&says(feed, 0, trade(0, 7))).expect("a trade");
    let (since, cause) = (InstantUs(61 * SECOND), GapCause::Disconnected);
    let change = |change| EventBody::Feed(FeedEvent { feed, change });
    let gap = FeedChange::Gap { since, cause };
    market.apply(&seen(70 * SECOND, change(gap))).expect("a gap");
    let health = |market: &Market| market.feeds().get(feed).map(|feed| feed.health());
    assert_eq!(health(&market), Some(FeedHealth::Gap { since: Some(since), cause }));
    market.apply(&says(feed, 80 * SECOND, trade(80 * SECOND, 7))).expect("a trade");
    assert!(matches!(health(&market), Some(FeedHealth::Gap { .. })), "data alone heals no gap");
    market.apply(&seen(90 * SECOND, change(FeedChange::Restored))).expect("the end of it");
    assert_eq!(health(&market), Some(FeedHealth::Whole));
    market.apply(&says(feed, 180 * SECOND, trade(180 * SECOND, 7))).expect("a trade");
    let is_whole: Vec<_> = candles(&market, feed).iter().map(|known| known.is_whole).collect();
    assert_eq!(is_whole, [true, false, true]);
}

#[test]
fn swaps_of_a_pool_are_prices_of_it_in_whole_tokens() {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.mint(1, range(-600, 600), 1_000_000);
    for amount in [1_000, 2_000] {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token0, amount);
    }
    synthetic.skip_blocks(10);
    synthetic.swap_in(Side::Token1, 500);
    let mut market = Market::new(Footprint::PriceTaker);
    market.add_pool(synthetic.tape()).expect("a tape");
    let contents = |base: (u8, u8), quote: (u8, u8)| {
        let [base, quote] = [base, quote].map(|(token, places)| (TokenIndex(token), places));
        FeedContents::Swaps(SwapPrices { pool: POOL, base, quote })
    };
    let [there, back] = [((0, 6), (1, 18)), ((1, 18), (0, 6))].map(|(base, quote)| {
        let name = format!("pool {base:?}");
        let feeds = market.feeds_mut();
        let feed = feeds.add(terms(&name, contents(base, quote), 0)).expect("a feed");
        feeds.subscribe(feed, MINUTE, keep(9)).expect("swaps have prices");
        feed
    });
    assert_eq!(market.feeds().get(there).map(|feed| feed.health()), Some(FeedHealth::Whole));
    let events = chain_events(synthetic.tape());
    for event in &events {
        market.apply(event).expect("it reproduces");
    }
    let swaps = |event: &&Event| match &event.body {
        EventBody::Chain(chain) => matches!(chain.event, PoolEvent::Swap { .. }),
        _ => false,
    };
    let first = events.iter().find(swaps).expect("a swap").happened_at;
    let [known, ..] = candles(&market, there)[..] else { panic!("a minute is over") };
    assert_eq!(Some(known.candle.open_time), MINUTE.start_of(first));
    assert_eq!(known.candle.trades, Some(2));
    // 3,000 raw units of a token with six decimals.
    assert_eq!(known.candle.volume.to_string(), "0.003");
    // A pool at tick 0 trades raw units one for one, and 10^12 raw units of the second token are
    // worth as many whole ones as one raw unit of the first.
    let price = known.candle.close.raw();
    assert!((900_000..1_000_000).contains(&price), "{price}");
    let [inverse, ..] = candles(&market, back)[..] else { panic!("a minute is over") };
    let product = inverse.candle.close.raw() / 1_000_000_000_000 * price;
    assert!(
        (999_998_000_000_000_000..=1_000_000_000_000_000_000_i128).contains(&(product / 1_000_000)),
        "{product}"
    );
}

#[test]
fn what_a_feed_cannot_be_or_say_is_refused() {
    let (mut market, feed) = market(FeedContents::Candles(Interval::HOUR), 0);
    let feeds = market.feeds_mut();
    assert!(matches!(feeds.subscribe(feed, MINUTE, keep(1)), Err(FeedError::Candles { .. })));
    let unknown = feeds.subscribe(FeedId(9), MINUTE, keep(1));
    assert_eq!(unknown, Err(FeedError::UnknownFeed(FeedId(9))));
    let again = feeds.add(terms("venue", FeedContents::Trades, 0));
    assert_eq!(again, Err(FeedError::TooMany(String::from("venue"))));
    let funding = feeds.add(terms("funding", FeedContents::Funding, 0)).expect("another");
    let refused = feeds.subscribe(funding, MINUTE, keep(1)).expect_err("no prices");
    let expected = "feed `funding` has no prices to build candles from: it is funding";
    assert_eq!(refused.to_string(), expected);
    let refused = market.apply(&says(feed, 1, trade(1, 1))).expect_err("no trades");
    assert_eq!(refused.to_string(), "feed `venue` is candles, and says something else");
    let refused = market.apply(&says(FeedId(7), 1, trade(1, 1))).expect_err("no such feed");
    assert_eq!(refused, MarketError::Feed(Box::new(FeedError::UnknownFeed(FeedId(7)))));
    market.feeds_mut().subscribe(feed, Interval::DAY, keep(1)).expect("24 of them");
    let zero = Decimal::ZERO;
    let candle = Candle {
        open_time: InstantUs(1),
        open: zero,
        high: zero,
        low: zero,
        close: zero,
        volume: zero,
        quote_volume: None,
        trades: None,
    };
    let crooked = FeedItem::Candle { interval: Interval::HOUR, candle };
    let refused = market.apply(&says(feed, 1, crooked)).expect_err("not on the hour");
    let error = CandleError::NotAligned(InstantUs(1));
    let name = String::from("venue");
    assert_eq!(refused, MarketError::Feed(Box::new(FeedError::Candles { name, error })));
}

#[test]
fn when_a_feed_and_a_pool_were_last_heard_is_known() {
    let synthetic = SyntheticTape::deep_at_tick(0);
    let (mut market, feed) = market(FeedContents::Trades, 0);
    let heard = |market: &Market| {
        let of_feed = market.feeds().get(feed).expect("added").heard_at();
        (of_feed, market.heard_of(POOL))
    };
    assert_eq!(market.add_pool(synthetic.tape()), Ok(POOL));
    let [base, quote] = [0, 1].map(|token| (TokenIndex(token), 18));
    let swaps = FeedContents::Swaps(SwapPrices { pool: POOL, base, quote });
    let swaps = market.feeds_mut().add(terms("swaps", swaps, 0)).expect("another");
    assert_eq!(heard(&market), (None, None));
    market.apply(&says(feed, 5, trade(1, 7))).expect("a trade");
    assert_eq!(heard(&market), (Some(InstantUs(5)), None));
    // A gap says nothing of what is traded.
    let gap = FeedChange::Gap { since: InstantUs(1), cause: GapCause::Disconnected };
    market.apply(&seen(9, EventBody::Feed(FeedEvent { feed, change: gap }))).expect("a feed");
    assert_eq!(heard(&market), (Some(InstantUs(5)), None));
    let mut synthetic = synthetic;
    synthetic.skip_blocks(1);
    synthetic.swap_in(Side::Token0, 1_000_000);
    for event in chain_events(synthetic.tape()) {
        market.apply(&event).expect("it reproduces");
        assert_eq!(heard(&market), (Some(InstantUs(5)), Some(event.seen_at)));
    }
    let of_swaps = market.feeds().get(swaps).expect("added").heard_at();
    assert_eq!(of_swaps, Some(market.seen_at()), "the last of them is a swap");
}
