//! Options at an exchange, added up by hand: quoted by a model or by a feed, paid for in full, and
//! settled when they end.
//!
//! One base unit has 1,000 raw units and one quote unit 100, as for other trades.

use tidemill_market::{FeedContents, FeedTerms, Footprint, InstrumentMarket};
use tidemill_model::{
    AccountEvent, AssetId, Event, EventBody, FeedChange, FeedEvent, FeedId, FeedItem, GapCause,
    Instrument, InstrumentId, InstrumentKind, Intent, Interval, Latency, Margin, MarkPrice,
    Observation, OptionContract, OptionKind, Order, OrderKey, OutcomeKind, Rejection, TradeSide,
    VenueId,
};
use tidemill_risk::Refusal;
use tidemill_units::{Amount, Bps, Decimal, FeePips, InstantUs, SignedAmount, Timestamp};

use super::exchange::{at, decimal, said};
use super::synthetic_tape::{FIRST_TIME, SyntheticTape, range};
use super::{ASSETS, Session};
use crate::{
    CommissionTiers, ExchangeModel, FeedFault, FeedStream, OptionModel, SeenItem,
    SimulatedExchange, Volatility,
};

const VENUE: VenueId = VenueId(0);
const OPTION: InstrumentId = InstrumentId(0);
const CONTRACT: AssetId = AssetId(7);
const PRICE: FeedId = FeedId(0);
const QUOTES: FeedId = FeedId(1);
const SIGMA: FeedId = FeedId(2);
/// Of the tape's first hour.
const EXPIRY: u64 = 1_800;

fn price(second: u64, price: &str) -> SeenItem {
    let mark =
        MarkPrice { time: at(second), mark: decimal(price), index: None, expected_funding: None };
    said(second, PRICE, FeedItem::Mark(mark))
}

fn volatility(second: u64, percent: &str) -> SeenItem {
    let (time, value) = (at(second), decimal(percent));
    said(second, SIGMA, FeedItem::Observation(Observation { time, published_at: time, value }))
}

fn contract(kind: OptionKind, expiry: InstantUs) -> OptionContract {
    OptionContract { kind, strike: decimal("21"), expiry, settlement: PRICE }
}

/// Of no volatility: what is quoted is what it would pay, less and more half a percent of the
/// price.
fn certain(contract: OptionContract) -> OptionModel {
    OptionModel {
        contract,
        quotes: QUOTES,
        underlying: PRICE,
        volatility: Volatility::Flat(Decimal::ZERO),
        half_spread: FeePips(5_000),
        every: Interval::from_us(60_000_000).expect("above zero"),
    }
}

fn session<'a>(
    tape: &'a SyntheticTape,
    said: Vec<SeenItem>,
    (model, latency_ms): (OptionModel, u32),
) -> Session<'a> {
    let mut session = Session::new(tape.tape(), Footprint::PriceTaker, 1);
    let series = FeedContents::Series { unit: "%".to_owned() };
    let contents =
        [("price", FeedContents::Marks), ("quotes", FeedContents::Quotes), ("sigma", series)];
    for (name, contents) in contents {
        let terms = FeedTerms { name: name.to_owned(), contents, latency: Latency::ZERO };
        session.market.feeds_mut().add(terms).expect("a new one");
    }
    let instrument = Instrument {
        venue: VENUE,
        kind: InstrumentKind::Option(model.contract),
        base: CONTRACT,
        quote: ASSETS.tokens()[1],
        step: Amount::from_u64(10),
        least_value: Amount::ZERO,
        margin: Margin { initial: Bps(0), maintenance: Bps(0) },
    };
    let market = InstrumentMarket {
        name: "OPTION".to_owned(),
        instrument,
        base_decimals: 3,
        quote_decimals: 2,
        prices: QUOTES,
        marks: None,
        funding: None,
    };
    session.market.add_instrument(market).expect("its feeds are there");
    session.ledger.add_instrument(OPTION, instrument);
    let deposit = [(ASSETS.tokens()[1], Amount::from_u64(10_000))];
    session.ledger.fund_exchange(VENUE, deposit[0].0, deposit[0].1).expect("small");
    let exchange = ExchangeModel {
        latency: Latency::from_millis(latency_ms),
        half_spread: FeePips(0),
        depth: None,
        commission: CommissionTiers::flat(FeePips(1_000)),
        liquidation_fee: FeePips(0),
    };
    let account = SimulatedExchange::new(VENUE, deposit[0].0, exchange, &deposit).expect("small");
    session.world = session
        .world
        .with_feeds(FeedStream::new(said.into_iter().map(Ok::<_, FeedFault>)), Latency::ZERO)
        .with_exchanges(vec![account], vec![VENUE])
        .with_options(vec![model]);
    session
}

/// An hour in which nothing happens on the chain.
fn quiet() -> SyntheticTape {
    let mut tape = SyntheticTape::deep_at_tick(0);
    for blocks in [1, 300] {
        tape.skip_blocks(blocks);
        tape.mint(1, range(-60, 60), 1_000);
    }
    tape
}

fn trade(side: TradeSide, quantity: u64, limit: u64) -> Intent {
    let (quantity, limit) = (Amount::from_u64(quantity), Amount::from_u64(limit));
    Intent::Trade { instrument: OPTION, side, quantity, limit }
}

fn until_quoted(session: &mut Session<'_>) -> Event {
    loop {
        let event = session.next().expect("it is quoted before the log ends");
        if let EventBody::Data(data) = &event.body
            && data.feed == QUOTES
        {
            return event;
        }
    }
}

fn quoted(event: &Event) -> [Decimal; 2] {
    let EventBody::Data(data) = &event.body else { panic!("{event:?}") };
    let FeedItem::Quote(quote) = data.item else { panic!("{event:?}") };
    [quote.bid.price, quote.ask.price]
}

fn settlements(session: &Session<'_>) -> Vec<(InstantUs, AccountEvent)> {
    let told = session.log.iter().filter_map(|event| {
        let EventBody::Account(account) = &event.body else { return None };
        Some((event.seen_at, **account))
    });
    told.collect()
}

/// At 20 a put at 21 is worth 1, and quoted 0.9 and 1.1. Bought at 1.1 for 110 raw units and one of
/// commission; 1.005 is what it ends at, of 1,010 raw units 101.505, of which 101 are paid.
#[test]
fn a_put_is_bought_at_the_ask_and_pays_what_it_ends_at() {
    let tape = quiet();
    let put = contract(OptionKind::Put, at(EXPIRY));
    let told = vec![price(20, "20"), price(1_790, "19.995"), price(1_810, "10")];
    let mut session = session(&tape, told, (certain(put), 500));
    let event = until_quoted(&mut session);
    assert_eq!(quoted(&event), ["0.9", "1.1"].map(decimal));
    assert_eq!(event.seen_at.0 % 60_000_000, 0, "on a whole minute");
    session.send(trade(TradeSide::Buy, 1_010, 112));
    let outcome = session.outcome();
    let OutcomeKind::Traded { amount, commission, .. } = outcome.kind else {
        panic!("{outcome:?}")
    };
    assert_eq!([amount, commission], [112, 1].map(Amount::from_u64), "111.1 rounded up");
    session.finish();
    let (quantity, amount) = (Amount::from_u64(1_010), Amount::from_u64(101));
    let settled = AccountEvent::Settled { instrument: OPTION, quantity, amount };
    assert_eq!(settlements(&session), [(at(EXPIRY), settled)]);
    assert!(session.ledger.held(OPTION).is_zero());
    let cash = session.ledger.at_exchange(VENUE, ASSETS.tokens()[1]);
    assert_eq!(cash, SignedAmount::from_i128(10_000 - 113 + 101));
    let quotes = session
        .log
        .iter()
        .filter(|event| matches!(&event.body, EventBody::Data(data) if data.feed == QUOTES));
    assert!(quotes.clone().all(|event| event.seen_at < at(EXPIRY)));
    assert_eq!(quotes.count(), 30, "each minute: 40, 100 and so on to 1,780 seconds in");
}

#[test]
fn an_option_out_of_the_money_ends_for_nothing() {
    let tape = quiet();
    let call = contract(OptionKind::Call, at(EXPIRY));
    let told = vec![price(20, "22"), price(1_000, "21")];
    let mut session = session(&tape, told, (certain(call), 500));
    until_quoted(&mut session);
    session.send(trade(TradeSide::Buy, 1_000, 200));
    assert!(matches!(session.outcome().kind, OutcomeKind::Traded { .. }));
    session.finish();
    let (quantity, amount) = (Amount::from_u64(1_000), Amount::ZERO);
    let settled = AccountEvent::Settled { instrument: OPTION, quantity, amount };
    assert_eq!(settlements(&session), [(at(EXPIRY), settled)]);
}

/// What is sold was bought before: one that is not there is not sold, by risk or the exchange.
#[test]
fn no_option_is_sold_short() {
    let tape = quiet();
    let put = contract(OptionKind::Put, at(EXPIRY));
    let mut session = session(&tape, vec![price(20, "20")], (certain(put), 500));
    until_quoted(&mut session);
    let refused = |session: &mut Session<'_>, quantity| {
        let sequence = session.log.last().expect("a quote").sequence;
        let key = OrderKey { sequence, intent: 9 };
        let decided_in = session.market.block();
        let intent = trade(TradeSide::Sell, quantity, 0);
        let order = Order { key, intent, decided_in };
        session.risk.check(order, &session.market, &session.ledger).err()
    };
    let [nothing, some, more] = [0, 1_000, 1_010].map(Amount::from_u64);
    let short = Refusal::OptionNotHeld { held: nothing, wanted: some };
    assert_eq!(refused(&mut session, 1_000), Some(short));
    session.send(trade(TradeSide::Buy, 1_000, 200));
    session.outcome();
    let short = Refusal::OptionNotHeld { held: some, wanted: more };
    assert_eq!(refused(&mut session, 1_010), Some(short));
    session.send(trade(TradeSide::Sell, 1_000, 90));
    let outcome = session.outcome().kind;
    let OutcomeKind::Traded { amount, commission, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!([amount, commission], [90, 1].map(Amount::from_u64));
    session.finish();
    assert_eq!(settlements(&session), [], "nothing is left that could end");
}

/// 90.9 of it cost 9,999, and 10 of commission are not there; and none is bought once it ended.
#[test]
fn an_option_is_paid_for_in_full_and_before_its_end() {
    let tape = quiet();
    let put = contract(OptionKind::Put, at(EXPIRY));
    let mut session = session(&tape, vec![price(20, "20")], (certain(put), 90_000));
    until_quoted(&mut session);
    session.send(trade(TradeSide::Buy, 90_900, 10_000));
    assert_eq!(session.outcome().kind, OutcomeKind::Rejected(Rejection::InsufficientMargin));
    while session.log.last().is_none_or(|event| event.seen_at < at(EXPIRY - 60)) {
        until_quoted(&mut session);
    }
    session.send(trade(TradeSide::Buy, 100, 1_000));
    assert_eq!(session.outcome().kind, OutcomeKind::Rejected(Rejection::NoMarket));
    let sequence = session.log.last().expect("the outcome").sequence;
    let (intent, decided_in) = (trade(TradeSide::Buy, 100, 1_000), session.market.block());
    let order = Order { key: OrderKey { sequence, intent: 0 }, intent, decided_in };
    let refused = session.risk.check(order, &session.market, &session.ledger).err();
    assert_eq!(refused, Some(Refusal::OptionEnded));
    session.finish();
}

/// Black's values at 60 and 70 percent, thirty days before the end, with a tenth of spread on
/// either side: 1.9610492 for the put, and 0.1 below and above it, to a millionth outwards.
#[test]
fn a_model_follows_the_volatility_that_a_series_tells() {
    let tape = quiet();
    let first = FIRST_TIME.next_multiple_of(60) + 60;
    let expiry = InstantUs::at_second(Timestamp(first + 30 * 86_400));
    for (kind, percent, expected) in [
        (OptionKind::Put, "60", ["1.861049", "2.06105"]),
        (OptionKind::Call, "60", ["0.861049", "1.06105"]),
        (OptionKind::Call, "70", ["1.086518", "1.286519"]),
    ] {
        let series = Volatility::Series { feed: SIGMA, is_percent: true };
        let model = OptionModel { volatility: series, ..certain(contract(kind, expiry)) };
        // Nothing is quoted before both are known.
        let known = first - FIRST_TIME;
        let told = vec![price(known - 1, "20"), volatility(known, percent)];
        let mut session = session(&tape, told, (model, 500));
        let event = until_quoted(&mut session);
        assert_eq!(event.seen_at.second().0, first);
        assert_eq!(quoted(&event), expected.map(decimal), "{kind:?} {percent}");
    }
}

/// A volatility that a chain told at some instant is not known before, and the same from then on.
#[test]
fn a_volatility_is_quoted_from_when_it_was_known() {
    let tape = quiet();
    let first = FIRST_TIME.next_multiple_of(60) + 60;
    let expiry = InstantUs::at_second(Timestamp(first + 30 * 86_400));
    let from = InstantUs(at(first - FIRST_TIME).0 - 5);
    let volatility = Volatility::Since { sigma: decimal("0.6"), from };
    let model = OptionModel { volatility, ..certain(contract(OptionKind::Put, expiry)) };
    let mut session = session(&tape, vec![price(1, "20")], (model, 500));
    let event = until_quoted(&mut session);
    assert_eq!(event.seen_at.second().0, first);
    assert_eq!(quoted(&event), ["1.861049", "2.06105"].map(decimal));
}

/// A bid is never below a millionth, and never zero, which no feed may say.
#[test]
fn the_least_bid_is_a_millionth() {
    let tape = quiet();
    let call = contract(OptionKind::Call, at(EXPIRY));
    let mut session = session(&tape, vec![price(20, "20")], (certain(call), 500));
    assert_eq!(quoted(&until_quoted(&mut session)), ["0.000001", "0.1"].map(decimal));
}

#[test]
fn a_gap_of_the_price_is_one_of_the_quotes() {
    let tape = quiet();
    let gap = |second, change| SeenItem {
        happened_at: at(second),
        seen_at: at(second),
        body: EventBody::Feed(FeedEvent { feed: PRICE, change }),
    };
    let cause = GapCause::Disconnected;
    let told = vec![
        price(20, "20"),
        gap(200, FeedChange::Gap { since: at(190), cause }),
        gap(400, FeedChange::Restored),
    ];
    let put = contract(OptionKind::Put, at(EXPIRY));
    let mut session = session(&tape, told, (certain(put), 500));
    session.finish();
    let changes = session.log.iter().filter_map(|event| {
        let EventBody::Feed(FeedEvent { feed: QUOTES, change }) = event.body else { return None };
        Some((event.seen_at, change))
    });
    let [lost, found] = changes.collect::<Vec<_>>().try_into().expect("one gap and its end");
    let FeedChange::Gap { since, cause: GapCause::Disconnected } = lost.1 else {
        panic!("{lost:?}")
    };
    assert!(since < at(200) && at(200) <= lost.0 && lost.0 < at(260), "{lost:?}");
    assert_eq!(found.1, FeedChange::Restored);
    assert!(at(400) <= found.0 && found.0 < at(460), "{found:?}");
}
