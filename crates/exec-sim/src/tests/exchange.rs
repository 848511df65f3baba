//! Trades at an exchange, added up by hand.
//!
//! One base unit has 1,000 raw units and one quote unit 100; at a price of 20 a raw base unit is
//! worth two raw quote units.

use tidemill_market::{FeedContents, FeedTerms, Footprint, InstrumentMarket};
use tidemill_model::{
    AccountEvent, AssetId, BestQuote, BookLevel, EventBody, FeedData, FeedId, FeedItem, Funding,
    Instrument, InstrumentId, InstrumentKind, Intent, Latency, Margin, MarkPrice, OutcomeKind,
    Rejection, TradeSide, VenueId,
};
use tidemill_units::{Amount, Bps, Decimal, FeePips, InstantUs, SignedAmount, Timestamp};

use super::synthetic_tape::{FIRST_TIME, SyntheticTape, range};
use super::{ASSETS, Session};
use crate::{
    CommissionTier, CommissionTiers, ExchangeModel, FeedFault, FeedStream, SeenItem,
    SimulatedExchange, UnorderedTiers,
};

const VENUE: VenueId = VenueId(0);
const SPOT: InstrumentId = InstrumentId(0);
const FUTURE: InstrumentId = InstrumentId(1);
const CONTRACT: AssetId = AssetId(7);
const MARKS: FeedId = FeedId(0);
const QUOTES: FeedId = FeedId(1);
const PAYMENTS: FeedId = FeedId(2);

pub(super) fn at(second: u64) -> InstantUs {
    InstantUs::at_second(Timestamp(FIRST_TIME + second))
}

pub(super) fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

pub(super) fn said(second: u64, feed: FeedId, item: FeedItem) -> SeenItem {
    let body = EventBody::Data(Box::new(FeedData { feed, item }));
    SeenItem { happened_at: at(second), seen_at: at(second), body }
}

fn mark(second: u64, price: &str) -> SeenItem {
    let mark =
        MarkPrice { time: at(second), mark: decimal(price), index: None, expected_funding: None };
    said(second, MARKS, FeedItem::Mark(mark))
}

fn quote(second: u64, bid: &str, ask: &str) -> SeenItem {
    let level = |price| BookLevel { price: decimal(price), quantity: Decimal::ONE };
    let (update_id, time) = (second, Some(at(second)));
    let quote = BestQuote { update_id, time, bid: level(bid), ask: level(ask) };
    said(second, QUOTES, FeedItem::Quote(quote))
}

fn funding(second: u64, rate: &str, mark: Option<&str>) -> SeenItem {
    let mark_price = mark.map(decimal);
    let funding = Funding { time: at(second), rate: decimal(rate), mark_price };
    said(second, PAYMENTS, FeedItem::Funding(funding))
}

/// Ten pips of commission, a hundred of half a spread, one percent of what is liquidated.
fn model() -> ExchangeModel {
    ExchangeModel {
        latency: Latency::from_millis(500),
        half_spread: FeePips(100),
        depth: None,
        commission: CommissionTiers::flat(FeePips(10)),
        liquidation_fee: FeePips(10_000),
    }
}

fn instruments() -> [InstrumentMarket; 2] {
    let margin = Margin { initial: Bps(2_000), maintenance: Bps(1_000) };
    let instrument = |kind, base| Instrument {
        venue: VENUE,
        kind,
        base,
        quote: ASSETS.tokens()[1],
        step: Amount::from_u64(10),
        least_value: Amount::from_u64(100),
        margin,
    };
    let market = |name: &str, instrument, (prices, funding)| InstrumentMarket {
        name: name.to_owned(),
        instrument,
        base_decimals: 3,
        quote_decimals: 2,
        prices,
        marks: None,
        funding,
    };
    let spot = instrument(InstrumentKind::Spot, ASSETS.tokens()[0]);
    let future = instrument(InstrumentKind::Perpetual, CONTRACT);
    // Quote tokens have two decimals: 20 whole ones are 2,000 raw ones for 1,000 raw base units.
    [market("SPOT", spot, (QUOTES, None)), market("FUTURE", future, (MARKS, Some(PAYMENTS)))]
}

/// A quiet chain for an hour, and an account of ten million raw quote units and as many of the
/// base.
fn session<'a>(
    tape: &'a SyntheticTape,
    said: Vec<SeenItem>,
    model: &ExchangeModel,
    cash: u64,
) -> Session<'a> {
    let mut session = Session::new(tape.tape(), Footprint::PriceTaker, 1);
    let contents = [
        ("marks", FeedContents::Marks),
        ("quotes", FeedContents::Quotes),
        ("payments", FeedContents::Funding),
    ];
    for (name, contents) in contents {
        let terms = FeedTerms { name: name.to_owned(), contents, latency: Latency::ZERO };
        session.market.feeds_mut().add(terms).expect("a new one");
    }
    for market in instruments() {
        let id = session.market.add_instrument(market.clone()).expect("its feeds are there");
        session.ledger.add_instrument(id, market.instrument);
    }
    let deposit = [
        (ASSETS.tokens()[1], Amount::from_u64(cash)),
        (ASSETS.tokens()[0], Amount::from_u64(1_000)),
    ];
    for (asset, amount) in deposit {
        session.ledger.fund_exchange(VENUE, asset, amount).expect("small");
    }
    let quote = ASSETS.tokens()[1];
    let account = SimulatedExchange::new(VENUE, quote, model.clone(), &deposit).expect("small");
    let items = said.into_iter().map(Ok::<_, FeedFault>);
    session.world = session
        .world
        .with_feeds(FeedStream::new(items), Latency::ZERO)
        .with_exchanges(vec![account], vec![VENUE, VENUE]);
    session
}

fn quiet() -> SyntheticTape {
    let mut tape = SyntheticTape::deep_at_tick(0);
    for blocks in [1, 300] {
        tape.skip_blocks(blocks);
        tape.mint(1, range(-60, 60), 1_000);
    }
    tape
}

fn trade(instrument: InstrumentId, side: TradeSide, quantity: u64, limit: u64) -> Intent {
    let (quantity, limit) = (Amount::from_u64(quantity), Amount::from_u64(limit));
    Intent::Trade { instrument, side, quantity, limit }
}

fn buy(instrument: InstrumentId, quantity: u64) -> Intent {
    trade(instrument, TradeSide::Buy, quantity, 100_000_000)
}

fn sell(instrument: InstrumentId, quantity: u64) -> Intent {
    trade(instrument, TradeSide::Sell, quantity, 0)
}

/// Goes on until a feed has said something.
fn until_told(session: &mut Session<'_>) {
    while !session.next().is_some_and(|event| matches!(event.body, EventBody::Data(_))) {}
}

#[track_caller]
fn check_trade(kind: OutcomeKind, amount: u64, commission: u64) {
    let OutcomeKind::Traded { amount: paid, commission: taken, .. } = kind else {
        panic!("{kind:?}");
    };
    assert_eq!([paid, taken], [amount, commission].map(Amount::from_u64));
}

#[track_caller]
fn check_held(session: &Session<'_>, asset: AssetId, held: i128) {
    assert_eq!(session.ledger.at_exchange(VENUE, asset), SignedAmount::from_i128(held));
}

#[test]
fn a_trade_is_executed_its_latency_later_at_half_the_spread() {
    let tape = quiet();
    let said = vec![mark(20, "20"), mark(30, "21")];
    let mut session = session(&tape, said, &model(), 10_000_000);
    until_told(&mut session);
    session.send(sell(FUTURE, 50_000));
    let outcome = session.outcome();
    // 100,000 less a hundred pips; ten pips of that, rounded up.
    check_trade(outcome.kind, 99_990, 1);
    assert_eq!(outcome.gas, tidemill_model::GasPaid::default());
    let event = session.log.last().expect("the outcome");
    let executed = InstantUs(at(20).0 + 500_000);
    assert_eq!((event.seen_at, event.happened_at), (executed, executed));
    check_held(&session, CONTRACT, -50_000);
    check_held(&session, ASSETS.tokens()[1], 10_000_000 + 99_990 - 1);
    // The clock of the chain stands where its last block was.
    assert_eq!(session.market.now(), Timestamp(FIRST_TIME + 12));
    until_told(&mut session);
    session.send(buy(FUTURE, 50_000));
    // 105,000 and a hundred pips more, rounded up; ten pips of 105,011 are 2.
    check_trade(session.outcome().kind, 105_011, 2);
    check_held(&session, CONTRACT, 0);
    session.finish();
}

#[test]
fn bid_and_ask_are_traded_at_as_they_are() {
    let tape = quiet();
    let mut session = session(&tape, vec![quote(20, "19.9", "20.1")], &model(), 10_000_000);
    until_told(&mut session);
    session.send(trade(SPOT, TradeSide::Buy, 1_000, 2_010));
    check_trade(session.outcome().kind, 2_010, 1);
    session.send(sell(SPOT, 2_000));
    check_trade(session.outcome().kind, 3_980, 1);
    check_held(&session, ASSETS.tokens()[0], 0);
}

#[test]
fn a_large_trade_is_worse_by_half_of_what_it_moves_the_price() {
    let tape = quiet();
    // A million within one percent: a trade of a tenth of it moves the price by a tenth of one
    // percent, and pays half of that more.
    let deep = ExchangeModel { depth: Some(Amount::from_u64(1_000_000)), ..model() };
    let mut session = session(&tape, vec![mark(20, "20")], &deep, 10_000_000);
    until_told(&mut session);
    session.send(buy(FUTURE, 50_000));
    check_trade(session.outcome().kind, 100_000 + 10 + 50, 2);
}

#[test]
fn what_an_exchange_refuses_changes_nothing() {
    let tape = quiet();
    let told = vec![quote(20, "19.9", "20.1"), mark(21, "20"), mark(22, "20")];
    let mut session = session(&tape, told, &model(), 20_000);
    for _ in 0..2 {
        until_told(&mut session);
    }
    let before = session.ledger.balances().collect::<Vec<_>>();
    let high = trade(FUTURE, TradeSide::Sell, 5_000, 9_999_999);
    let low = trade(FUTURE, TradeSide::Buy, 5_000, 10_000);
    for (intent, expected) in [(high, Rejection::PriceMoved), (low, Rejection::PriceMoved)] {
        session.send(intent);
        let kind = session.outcome().kind;
        assert_eq!(kind, OutcomeKind::Rejected(expected));
        assert!(kind.is_of_exchange());
    }
    assert_eq!(session.ledger.balances().collect::<Vec<_>>(), before);
    // Risk has looked at the mark; what the spread takes besides is the exchange's to refuse: 100
    // raw units are worth 200, and cost 20,100 of margin more than there are at a hundredfold.
    session.send(sell(FUTURE, 50_000));
    assert_eq!(session.outcome().kind, OutcomeKind::Rejected(Rejection::InsufficientMargin));
    assert_eq!(session.ledger.balances().collect::<Vec<_>>(), before);
}

#[test]
fn commission_falls_with_what_was_traded_in_thirty_days() {
    let tiers = |volumes: &[u64]| {
        let tier = |(place, volume): (usize, &u64)| CommissionTier {
            from_volume: Amount::from_u64(*volume),
            taker: FeePips(1_000 - 100 * u32::try_from(place).expect("few")),
        };
        CommissionTiers::new(volumes.iter().enumerate().map(tier).collect())
    };
    assert_eq!(tiers(&[]), Err(UnorderedTiers));
    assert_eq!(tiers(&[1, 2]), Err(UnorderedTiers));
    assert_eq!(tiers(&[0, 5, 5]), Err(UnorderedTiers));
    let commission = tiers(&[0, 100_000, 300_000]).expect("rising");
    let tape = quiet();
    let listed = ExchangeModel { commission, half_spread: FeePips(0), ..model() };
    let mut session = session(&tape, vec![mark(20, "20")], &listed, 10_000_000);
    until_told(&mut session);
    for (intent, commission) in
        [(buy(FUTURE, 50_000), 100), (sell(FUTURE, 100_000), 180), (buy(FUTURE, 50_000), 80)]
    {
        session.send(intent);
        let OutcomeKind::Traded { commission: taken, .. } = session.outcome().kind else {
            panic!("traded");
        };
        assert_eq!(taken, Amount::from_u64(commission));
    }
}

#[test]
fn funding_goes_from_one_side_to_the_other_and_rounds_against_us() {
    let tape = quiet();
    let told = vec![
        mark(20, "20"),
        funding(30, "0.0001", None),
        funding(40, "-0.0001", None),
        funding(50, "0.0001", Some("30")),
    ];
    let free = ExchangeModel {
        half_spread: FeePips(0),
        commission: CommissionTiers::flat(FeePips(0)),
        ..model()
    };
    let mut session = session(&tape, told, &free, 10_000_000);
    until_told(&mut session);
    session.send(sell(FUTURE, 12_340));
    session.finish();
    let paid = session.log.iter().filter_map(|event| match &event.body {
        EventBody::Account(account) => Some((event.seen_at, **account)),
        EventBody::Chain(_)
        | EventBody::Programme(_)
        | EventBody::Price(_)
        | EventBody::Outcome(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_)
        | EventBody::Data(_)
        | EventBody::Feed(_) => None,
    });
    // Short 24,680 at 20: 2.468 are received as 2, paid as 3; at 30, 3.702 are received as 3.
    let expected = [(30, 2), (40, -3), (50, 3)].map(|(second, received)| {
        let received = SignedAmount::from_i128(received);
        (at(second), AccountEvent::Funding { instrument: FUTURE, received })
    });
    assert_eq!(paid.collect::<Vec<_>>(), expected);
    check_held(&session, ASSETS.tokens()[1], 10_000_000 + 24_680 + 2);
}

#[test]
fn an_account_below_its_maintenance_margin_is_closed_and_owes_nothing() {
    let tape = quiet();
    let free = ExchangeModel {
        half_spread: FeePips(0),
        commission: CommissionTiers::flat(FeePips(0)),
        ..model()
    };
    // Short 100,000 with 20,000: at 21 there are 15,000 for 105,000; at 22, 10,000 for 110,000,
    // less than a tenth. One percent of 110,000 is the exchange's.
    for (last, amount, fee, left) in [("22", 110_000, 1_100, 8_900), ("25", 120_000, 0, 0)] {
        let told = vec![mark(20, "20"), mark(30, "21"), mark(40, last)];
        let mut session = session(&tape, told, &free, 20_000);
        until_told(&mut session);
        session.send(sell(FUTURE, 50_000));
        session.finish();
        let closed = session.log.iter().filter_map(|event| match &event.body {
            EventBody::Account(account) => Some((event.seen_at, **account)),
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Outcome(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_)
            | EventBody::Data(_)
            | EventBody::Feed(_) => None,
        });
        let [quantity, amount, fee] = [50_000, amount, fee].map(Amount::from_u64);
        let (instrument, side) = (FUTURE, TradeSide::Buy);
        let expected = AccountEvent::Liquidated { instrument, side, quantity, amount, fee };
        assert_eq!(closed.collect::<Vec<_>>(), [(at(40), expected)]);
        check_held(&session, CONTRACT, 0);
        check_held(&session, ASSETS.tokens()[1], left);
    }
}

#[test]
fn a_trade_after_the_last_block_expires() {
    let tape = quiet();
    let slow = ExchangeModel { latency: Latency::from_millis(4_000_000), ..model() };
    let mut session = session(&tape, vec![mark(20, "20")], &slow, 10_000_000);
    until_told(&mut session);
    session.send(buy(FUTURE, 50_000));
    assert_eq!(session.outcome().kind, OutcomeKind::Expired);
    session.finish();
}
