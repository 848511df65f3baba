//! Which options are bought against a position, by hand.
//!
//! A million of either token from 0.9418 to 1.0618 are 33,837,500 of liquidity: worth 1,908,626 at
//! 0.94, 2,000,000 at 1 and 2,030,453 from the upper end on. The chords from nothing over 0.94, 1
//! and 1.07 have slopes of 2,030,453, 1,522,903 and 435,043, so that 507,550, 1,087,860 and 435,043
//! options at these strikes take the bends out; in whole thousands 507, 1,087 and 435.

use tidemill_ledger::Ledger;
use tidemill_market::{FeedContents, FeedTerms, InstrumentMarket};
use tidemill_model::{
    AssetId, BestQuote, BookLevel, Event, EventBody, FeedData, FeedId, FeedItem, Instrument,
    InstrumentId, InstrumentKind, Latency, Margin, OptionContract, OptionKind, Sequence, VenueId,
};
use tidemill_units::{Amount, Decimal, InstantUs, Timestamp, TokenIndex};

use super::following::path;
use super::synthetic_tape::chain_event;
use super::{Desk, FIXED, MILLION, TICK_SPACING};
use crate::{
    BuildError, HedgeConfig, OptionCover, OptionHedgeConfig, OptionHedgeSetup, PoolFacts, Services,
    StrategyConfig,
};

/// Strike, bid and ask of puts, and of calls behind them.
const QUOTES: [(OptionKind, &str, [&str; 2]); 6] = [
    (OptionKind::Put, "0.94", ["0.009", "0.011"]),
    (OptionKind::Put, "1", ["0.049", "0.051"]),
    (OptionKind::Put, "1.07", ["0.099", "0.101"]),
    (OptionKind::Call, "0.94", ["0.069", "0.071"]),
    (OptionKind::Call, "1", ["0.049", "0.051"]),
    (OptionKind::Call, "1.07", ["0.029", "0.031"]),
];
const SETUP: OptionHedgeSetup = OptionHedgeSetup { base: (TokenIndex(0), 0), quote_decimals: 0 };

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn covered(config: OptionHedgeConfig) -> StrategyConfig {
    StrategyConfig { option_hedge: Some(config), ..StrategyConfig::of(FIXED) }
}

/// Lists the options, which end so many hours after the tape's beginning, and quotes them.
fn list(desk: &mut Desk, begins: Timestamp, hours: &[u64]) {
    let of_expiries = hours.iter().flat_map(|hours| QUOTES.map(|quote| (*hours, quote)));
    for (number, (hours, (kind, strike, [bid, ask]))) in (0..).zip(of_expiries) {
        let expiry = InstantUs::at_second(Timestamp(begins.0 + hours * 3_600));
        let feed = FeedId(number);
        let name = format!("{hours} {strike} {}", kind.name());
        let (contents, latency) = (FeedContents::Quotes, Latency::ZERO);
        let terms = FeedTerms { name: name.clone(), contents, latency };
        assert_eq!(desk.market.feeds_mut().add(terms), Ok(feed));
        let strike = decimal(strike);
        let contract = OptionContract { kind, strike, expiry, settlement: feed };
        let instrument = Instrument {
            venue: VenueId(0),
            kind: InstrumentKind::Option(contract),
            base: AssetId(10 + number),
            quote: AssetId(1),
            step: Amount::from_u64(1_000),
            least_value: Amount::ZERO,
            margin: Margin::default(),
        };
        let (base_decimals, quote_decimals) = (0, 0);
        let (prices, marks, funding) = (feed, None, None);
        let market = InstrumentMarket {
            name,
            instrument,
            base_decimals,
            quote_decimals,
            prices,
            marks,
            funding,
        };
        assert_eq!(desk.market.add_instrument(market).ok(), Some(InstrumentId(number)));
        desk.ledger.add_instrument(InstrumentId(number), instrument);
        let level = |price| BookLevel { price: decimal(price), quantity: Decimal::ONE };
        let time = Some(InstantUs::at_second(begins));
        let quote = BestQuote { update_id: 1, time, bid: level(bid), ask: level(ask) };
        let item = FeedItem::Quote(quote);
        desk.sequence += 1;
        let body = EventBody::Data(Box::new(FeedData { feed, item }));
        let event = Event::at(Sequence(desk.sequence), begins, body);
        desk.market.apply(&event).expect("a quote");
    }
}

/// What is asked for beside the opening, over a price that stays for some blocks.
fn asked(config: OptionHedgeConfig, hours: &[u64], held: &[(u16, u64)]) -> Vec<String> {
    let tape = path(10, &[0, 0, 0]);
    let facts = PoolFacts::Concentrated { tick_spacing: TICK_SPACING };
    let mut desk = Desk::new(&StrategyConfig::of(FIXED), MILLION, tape.tape());
    let services = Services { option_hedge: Some(SETUP), ..Services::default() };
    desk.strategy = covered(config).build(facts, services).expect("it fits");
    list(&mut desk, tape.tape().events[0].time, hours);
    hold(&mut desk.ledger, held);
    for recorded in &tape.tape().events {
        desk.sequence += 2;
        let event = chain_event(desk.sequence, recorded);
        let EventBody::Chain(chain) = &event.body else { panic!("recorded") };
        let is_new = chain.block > desk.market.block();
        // Orders for options stay on their way: nothing is asked for twice.
        if is_new && desk.asked.len() == 1 {
            desk.settle();
        }
        desk.sequence += 2;
        let event = chain_event(desk.sequence, recorded);
        desk.market.apply(&event).expect("it reproduces");
        desk.decide();
    }
    assert!(desk.asked[0].contains("open"), "{:?}", desk.asked);
    let after = |line: &String| line.split_once(": ").map(|(_, what)| what.to_owned());
    desk.asked[1..].iter().filter_map(after).collect()
}

fn hold(ledger: &mut Ledger, held: &[(u16, u64)]) {
    for (number, amount) in held {
        let (asset, amount) = (AssetId(10 + number), Amount::from_u64(*amount));
        ledger.fund_exchange(VenueId(0), asset, amount).expect("small");
    }
}

/// At the middle of bid and ask, 0.01, 0.05 and 0.1, with a fifth of a percent of the strike more:
/// 5,070 and 953; 54,350 and 2,174; 43,500 and 930.
#[test]
fn puts_at_every_strike_cover_all() {
    let bought = asked(OptionHedgeConfig::default(), &[48], &[]);
    assert_eq!(bought, ["buy 507000 at 6023", "buy 1087000 at 56524", "buy 435000 at 44430"]);
}

/// At 1 the last strike is above: a call there, at 0.03, for 13,050 and 930.
#[test]
fn calls_above_the_price_cover_the_curvature() {
    let cover = OptionCover::Curvature;
    let bought = asked(OptionHedgeConfig { cover, ..OptionHedgeConfig::default() }, &[48], &[]);
    assert_eq!(bought, ["buy 507000 at 6023", "buy 1087000 at 56524", "buy 435000 at 13980"]);
}

/// The three puts cost 5,070, 54,350 and, beyond the 0.07 that the last would pay at once, 13,050:
/// 72,470, which are 362 basis points of the two million.
#[test]
fn nothing_is_bought_that_costs_too_much() {
    let cost = |max_cost_bps| OptionHedgeConfig { max_cost_bps, ..OptionHedgeConfig::default() };
    assert_eq!(asked(cost(Some(363)), &[48], &[]).len(), 3);
    assert!(asked(cost(Some(362)), &[48], &[]).is_empty());
}

/// Fees were not measured for long enough to be believed, let alone to pay for it.
#[test]
fn nothing_is_bought_that_fees_are_not_known_to_pay_for() {
    let min_fees_bps = Some(1);
    let config = OptionHedgeConfig { min_fees_bps, ..OptionHedgeConfig::default() };
    assert!(asked(config, &[48], &[]).is_empty());
}

/// What ends within a day is exchanged for what ends later: sold for the middle less a fifth of a
/// percent of the strike, 0.05 less 0.002 of 1,000, and not bought.
#[test]
fn what_ends_soon_is_exchanged() {
    let held = [(1, 1_000), (7, 1_087_000)];
    let traded = asked(OptionHedgeConfig::default(), &[23, 48], &held);
    assert_eq!(traded, ["sell 1000 at 48", "buy 507000 at 6023", "buy 435000 at 44430"]);
    // With no day to spare it is the first expiry that counts.
    let roll_hours = Some(0);
    let config = OptionHedgeConfig { roll_hours, ..OptionHedgeConfig::default() };
    let traded = asked(config, &[23, 48], &[]);
    assert_eq!(traded, ["buy 507000 at 6023", "buy 1087000 at 56524", "buy 435000 at 44430"]);
    assert!(asked(OptionHedgeConfig::default(), &[23], &[]).is_empty(), "none lasts");
}

#[test]
fn what_cannot_be_covered_is_refused() {
    let facts = PoolFacts::Concentrated { tick_spacing: TICK_SPACING };
    let built = |config: &StrategyConfig, facts, option_hedge| {
        let services = Services { option_hedge, ..Services::default() };
        config.build(facts, services).err()
    };
    let config = covered(OptionHedgeConfig::default());
    assert_eq!(built(&config, facts, None), Some(BuildError::NothingToCoverWith));
    let shares = PoolFacts::Shares { kind: "stable_swap" };
    let hold = StrategyConfig { kind: crate::StrategyKind::Hold(crate::Hold {}), ..config.clone() };
    let none = BuildError::NothingToMeasure { what: "option_hedge", pool: "stable_swap" };
    assert_eq!(built(&hold, shares, Some(SETUP)), Some(none));
    let twice = StrategyConfig { hedge: Some(HedgeConfig::default()), ..config };
    let hedged = built(&twice, facts, Some(SETUP));
    assert_eq!(hedged, Some(BuildError::NothingToHedgeWith), "the future comes first");
    let dear = OptionHedgeConfig { max_cost_bps: Some(0), ..OptionHedgeConfig::default() };
    let refused = built(&covered(dear), facts, Some(SETUP)).map(|error| error.to_string());
    let expected = "option_hedge.max_cost_bps is 0; allowed is 1 to 10000";
    assert_eq!(refused.as_deref(), Some(expected));
}
