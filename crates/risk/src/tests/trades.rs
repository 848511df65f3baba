//! Trades at an exchange: margin, cash and the way out.

use tidemill_market::{FeedContents, FeedTerms, InstrumentMarket};
use tidemill_model::{
    AssetId, Event, EventBody, FeedChange, FeedData, FeedEvent, FeedId, FeedItem, GapCause,
    Instrument, InstrumentId, InstrumentKind, Intent, Latency, Margin, MarkPrice, Order,
    OutcomeKind, Rejection, Sequence, TradeSide, VenueId,
};
use tidemill_units::{Amount, Bps, Decimal, InstantUs, SignedAmount};

use super::seeded::Seeded;
use super::{ASSETS, Desk, loose, loss};
use crate::{Equity, Limits, Refusal};

const VENUE: VenueId = VenueId(0);
const SPOT: InstrumentId = InstrumentId(0);
const FUTURE: InstrumentId = InstrumentId(1);
const CONTRACT: AssetId = AssetId(8);
const CASH: u64 = 100_000;

/// Both trade at the mark; a tenth of a contract's value is its initial margin.
fn desk(limits: Limits) -> Desk {
    let mut desk = Desk::new(limits);
    let terms = FeedTerms {
        name: String::from("marks"),
        contents: FeedContents::Marks,
        latency: Latency::ZERO,
    };
    let prices = desk.market.feeds_mut().add(terms).expect("the first");
    let margin = Margin { initial: Bps(1_000), maintenance: Bps(500) };
    let quote = ASSETS.tokens()[1];
    for (name, kind, base) in [
        ("spot", InstrumentKind::Spot, ASSETS.tokens()[0]),
        ("future", InstrumentKind::Perpetual, CONTRACT),
    ] {
        let (venue, step, least_value) = (VENUE, Amount::from_u64(10), Amount::from_u64(50));
        let instrument = Instrument { venue, kind, base, quote, step, least_value, margin };
        let market = InstrumentMarket {
            name: name.to_owned(),
            instrument,
            base_decimals: 0,
            quote_decimals: 0,
            prices,
            marks: None,
            funding: None,
        };
        let id = desk.market.add_instrument(market).expect("its feed is there");
        desk.ledger.add_instrument(id, instrument);
    }
    desk.ledger.fund_exchange(VENUE, quote, Amount::from_u64(CASH)).expect("small");
    desk
}

fn seen(desk: &mut Desk, body: EventBody) {
    desk.sequence += 1;
    let now = InstantUs::at_second(desk.market.now());
    let sequence = Sequence(desk.sequence);
    let event = Event { sequence, happened_at: now, seen_at: now, body };
    desk.market.apply(&event).expect("a feed of the market");
}

fn mark(desk: &mut Desk, price: i128) {
    let item = FeedItem::Mark(MarkPrice {
        time: InstantUs::at_second(desk.market.now()),
        mark: Decimal::from_raw(price * Decimal::ONE.raw()),
        index: None,
        expected_funding: None,
    });
    seen(desk, EventBody::Data(Box::new(FeedData { feed: FeedId(0), item })));
}

fn trade(instrument: InstrumentId, side: TradeSide, quantity: u64, limit: u64) -> Intent {
    let (quantity, limit) = (Amount::from_u64(quantity), Amount::from_u64(limit));
    Intent::Trade { instrument, side, quantity, limit }
}

/// Ends a trade at the mark, or not at all.
fn fill(desk: &mut Desk, order: &Order, is_filled: bool) {
    let Intent::Trade { instrument, side, quantity, .. } = order.intent else { panic!("a trade") };
    let mark = desk.market.mark(instrument).expect("a mark");
    let amount = mark.in_quote(quantity).expect("small");
    let commission = Amount::ZERO;
    let kind = if is_filled {
        OutcomeKind::Traded { instrument, side, quantity, amount, commission }
    } else {
        OutcomeKind::Rejected(Rejection::PriceMoved)
    };
    let block = desk.market.block();
    let gas = tidemill_model::GasPaid::default();
    desk.end(tidemill_model::Outcome { order: order.key, block, gas, kind });
}

#[track_caller]
fn check(desk: &mut Desk, intent: Intent, expected: Result<(), Refusal>) {
    let order = desk.order(intent);
    let found = desk.risk.check(order, &desk.market, &desk.ledger).map(|_| ());
    assert_eq!(found, expected, "{intent:?}");
}

#[test]
fn a_trade_needs_a_price_a_known_instrument_and_a_quantity_that_is_traded() {
    let mut desk = desk(loose());
    let gap = Refusal::FeedGap { feed: FeedId(0), cause: GapCause::NotBegun };
    check(&mut desk, trade(FUTURE, TradeSide::Buy, 100, 999), Err(gap));
    mark(&mut desk, 2);
    check(&mut desk, trade(FUTURE, TradeSide::Buy, 100, 999), Ok(()));
    check(&mut desk, trade(InstrumentId(9), TradeSide::Buy, 100, 999), Err(Refusal::NoInstrument));
    for quantity in [0, 5, 101] {
        let [quantity, step] = [quantity, 10].map(Amount::from_u64);
        let refused = Err(Refusal::BadQuantity { quantity, step });
        let limit = Amount::from_u64(999);
        let side = TradeSide::Buy;
        check(&mut desk, Intent::Trade { instrument: FUTURE, side, quantity, limit }, refused);
    }
    let [value, least] = [40, 50].map(Amount::from_u64);
    let small = trade(FUTURE, TradeSide::Sell, 20, 0);
    check(&mut desk, small, Err(Refusal::TooSmall { value, least }));
    let change = FeedChange::Gap { since: InstantUs(0), cause: GapCause::Disconnected };
    seen(&mut desk, EventBody::Feed(FeedEvent { feed: FeedId(0), change }));
    let gap = Refusal::FeedGap { feed: FeedId(0), cause: GapCause::Disconnected };
    check(&mut desk, trade(FUTURE, TradeSide::Sell, 100, 0), Err(gap));
}

#[test]
fn spot_is_paid_for_in_full_beside_what_is_on_its_way() {
    let mut desk = desk(loose());
    mark(&mut desk, 2);
    desk.ask(trade(SPOT, TradeSide::Buy, 20_000, 60_000)).expect("sixty of a hundred thousand");
    let [available, wanted] = [40_000, 40_001].map(Amount::from_u64);
    let refused = Err(Refusal::InsufficientBalance { available, wanted });
    check(&mut desk, trade(SPOT, TradeSide::Buy, 20_000, 40_001), refused);
    check(&mut desk, trade(SPOT, TradeSide::Buy, 20_000, 40_000), Ok(()));
    // There is nothing to be sold yet.
    let refused =
        Refusal::InsufficientBalance { available: Amount::ZERO, wanted: Amount::from_u64(1_000) };
    check(&mut desk, trade(SPOT, TradeSide::Sell, 1_000, 0), Err(refused));
}

#[test]
fn a_contract_needs_its_margin_whatever_of_the_rest_is_filled() {
    let mut desk = desk(loose());
    mark(&mut desk, 2);
    // 500,000 of it are worth a million, and need all there is.
    check(&mut desk, trade(FUTURE, TradeSide::Sell, 500_000, 0), Ok(()));
    let refused = |needed| {
        let [equity, needed] = [CASH, needed].map(Amount::from_u64);
        Err(Refusal::TooLittleMargin { equity, needed })
    };
    check(&mut desk, trade(FUTURE, TradeSide::Sell, 500_010, 0), refused(100_002));
    desk.ask(trade(FUTURE, TradeSide::Sell, 400_000, 0)).expect("four fifths");
    check(&mut desk, trade(FUTURE, TradeSide::Sell, 100_010, 0), refused(100_002));
    // One of the two may be all that is filled: they do not make up for each other.
    check(&mut desk, trade(FUTURE, TradeSide::Buy, 500_010, 2_000_000), refused(100_002));
    check(&mut desk, trade(FUTURE, TradeSide::Buy, 500_000, 2_000_000), Ok(()));
}

#[test]
fn the_way_out_stays_open() {
    let limits = Limits { max_loss: loss(50_000), ..loose() };
    let mut desk = desk(limits);
    mark(&mut desk, 2);
    let sold = desk.ask(trade(FUTURE, TradeSide::Sell, 60_000, 0)).expect("within all");
    fill(&mut desk, &sold, true);
    mark(&mut desk, 3);
    let lost = [60_000, 50_000].map(Amount::from_u64);
    let refused = Refusal::LossLimit { loss: lost[0], limit: lost[1] };
    check(&mut desk, trade(FUTURE, TradeSide::Sell, 100, 0), Err(refused));
    let change = FeedChange::Gap { since: InstantUs(0), cause: GapCause::Disconnected };
    seen(&mut desk, EventBody::Feed(FeedEvent { feed: FeedId(0), change }));
    // Past the limit, without a price, off the step: it only gets less.
    let out = trade(FUTURE, TradeSide::Buy, 59_999, 999_999);
    check(&mut desk, out, Ok(()));
    let order = desk.order(out);
    assert!(desk.risk.reduce(order, &desk.ledger).is_ok());
    // Further than out is in again, be it in two steps.
    desk.ask(out).expect("it only gets less");
    for quantity in [2, 60_001] {
        let order = desk.order(trade(FUTURE, TradeSide::Buy, quantity, 999_999));
        assert_eq!(desk.risk.reduce(order, &desk.ledger), Err(Refusal::NotReducing));
    }
}

/// Equity at the exchange, and the initial margin of what is held, at the mark.
fn standing(desk: &Desk) -> (SignedAmount, Amount) {
    let mark = desk.market.mark(FUTURE).expect("a mark");
    let held = desk.ledger.held(FUTURE);
    let value = mark.in_quote(held.magnitude()).expect("small");
    let signed = if held.is_negative() {
        SignedAmount::negative(value)
    } else {
        SignedAmount::positive(value)
    };
    let cash = desk.ledger.at_exchange(VENUE, ASSETS.tokens()[1]);
    let equity = cash.checked_add(signed.expect("small")).expect("small");
    (equity, Amount::from_u64(u64::try_from(value.0).expect("small").div_ceil(10)))
}

/// While the price stands still, what was approved never needs more margin than there is, in
/// whatever order and however much of it is filled.
#[test]
fn whatever_is_filled_of_what_was_approved_the_account_carries_it() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let mut desk = desk(loose());
        mark(&mut desk, 3);
        let mut flying: Vec<Order> = Vec::new();
        for step in 0..80 {
            if flying.len() < 5 && random.once_in(2) {
                let side = if random.once_in(2) { TradeSide::Buy } else { TradeSide::Sell };
                let quantity = random.below(20_000) * 10;
                let limit = if side == TradeSide::Buy { u64::MAX } else { 0 };
                flying.extend(desk.ask(trade(FUTURE, side, quantity, limit)));
            } else if !flying.is_empty() {
                let count = u64::try_from(flying.len()).expect("few");
                let place = usize::try_from(random.below(count)).expect("few");
                let order = flying.swap_remove(place);
                let is_filled = !random.once_in(4);
                fill(&mut desk, &order, is_filled);
            }
            let (equity, margin) = standing(&desk);
            let enough = SignedAmount::positive(margin).expect("small");
            assert!(equity >= enough, "{equity} {margin}, step {step}, seed {seed}");
            // Out is always possible when nothing else is on its way.
            let held = desk.ledger.held(FUTURE);
            if flying.is_empty() && !held.is_zero() {
                let side = if held.is_negative() { TradeSide::Buy } else { TradeSide::Sell };
                let (instrument, quantity) = (FUTURE, held.magnitude());
                let limit = Amount::MAX;
                let order = desk.order(Intent::Trade { instrument, side, quantity, limit });
                assert!(desk.risk.reduce(order, &desk.ledger).is_ok(), "seed {seed}");
            }
        }
    }
}

#[test]
fn equity_counts_cash_and_contracts() {
    let mut desk = desk(loose());
    mark(&mut desk, 2);
    let sold = desk.ask(trade(FUTURE, TradeSide::Sell, 10_000, 0)).expect("within all");
    fill(&mut desk, &sold, true);
    mark(&mut desk, 5);
    let equity = Equity::of(desk.risk.valuation(), &desk.market, &desk.ledger).expect("prices");
    assert_eq!(equity.exchanges, SignedAmount::from_i128(i128::from(CASH) - 30_000));
    mark(&mut desk, 5_000);
    let equity = Equity::of(desk.risk.valuation(), &desk.market, &desk.ledger).expect("prices");
    assert_eq!(equity.held(), Some(Amount::ZERO), "no more than all can be lost");
}
