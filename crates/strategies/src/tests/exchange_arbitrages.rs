//! Arbitrage between a deep pool of 0.3 % at a price of one and a perpetual future.

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{FeedContents, FeedTerms, Footprint, InstrumentMarket, Market};
use tidemill_model::{
    AssetId, Event, EventBody, FeedData, FeedId, FeedItem, GasPaid, Instrument, InstrumentId,
    InstrumentKind, Intent, Latency, Margin, MarkPrice, Order, OrderKey, Outcome, OutcomeKind,
    Rejection, Sequence, VenueId,
};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Bps, Decimal, FeePips, Gas, GasPrice, InstantUs, Side};

use super::immediate_fill::outcome_of;
use super::synthetic_tape::{POOL, SyntheticTape, TICK_SPACING, chain_event, outcome_event, range};
use super::{VALUATION, describe};
use crate::{BuildError, PoolExchangeSetup, PoolFacts, Services, StrategyConfig, SwapGas};

const TOKENS: [AssetId; 2] = [AssetId(0), AssetId(1)];
const CONTRACT: AssetId = AssetId(8);
const VENUE: VenueId = VenueId(0);
const BILLION: u128 = 1_000_000_000;

/// Six pips in ten thousand of costs; steps of ten.
fn setup() -> PoolExchangeSetup {
    let gas = Gas(117_000);
    PoolExchangeSetup {
        instrument: InstrumentId(0),
        base: Side::Token0.index(),
        quote: Side::Token1.index(),
        step: Amount::from_u64(10),
        taker: FeePips(500),
        half_spread: FeePips(100),
        gas: SwapGas { in_range: gas, one_crossing: gas, two_crossings: gas },
        fallback_price: GasPrice(1),
    }
}

fn build(text: &str, exchange: Option<PoolExchangeSetup>) -> Result<Box<dyn Strategy>, BuildError> {
    let text = format!("kind = \"pool_exchange_arbitrage\"\nmin_profit_quote = 0.0\n{text}");
    let config: StrategyConfig = toml::from_str(&text).expect("a strategy");
    let services = Services { exchange, ..Services::default() };
    config.build(PoolFacts::Concentrated { tick_spacing: TICK_SPACING }, services)
}

struct Desk {
    strategy: Box<dyn Strategy>,
    market: Market,
    ledger: Ledger,
    tape: SyntheticTape,
    applied: usize,
    sequence: u64,
    asked: Vec<String>,
    /// Whether the exchange takes what it is asked for.
    is_open: bool,
}

impl Desk {
    fn new(text: &str, wallet: u128) -> Self {
        let tape = SyntheticTape::deep_at_tick(0);
        let mut market = Market::new(Footprint::PriceTaker);
        assert_eq!(market.add_pool(tape.tape()), Ok(POOL));
        let terms = FeedTerms {
            name: String::from("marks"),
            contents: FeedContents::Marks,
            latency: Latency::ZERO,
        };
        let prices = market.feeds_mut().add(terms).expect("the first");
        let margin = Margin { initial: Bps(1_000), maintenance: Bps(500) };
        let instrument = Instrument {
            venue: VENUE,
            kind: InstrumentKind::Perpetual,
            base: CONTRACT,
            quote: TOKENS[1],
            step: Amount::from_u64(10),
            least_value: Amount::ZERO,
            margin,
        };
        let market_of = InstrumentMarket {
            name: String::from("future"),
            instrument,
            base_decimals: 0,
            quote_decimals: 0,
            prices,
            marks: None,
            funding: None,
        };
        let id = market.add_instrument(market_of).expect("its feed is there");
        let held = TOKENS.map(|token| (token, Amount::from_u128(wallet)));
        let mut ledger = Ledger::funded(&held).expect("small");
        ledger.add_pool(POOL, PoolAssets::of_two(TOKENS[0], TOKENS[1], AssetId(2)));
        ledger.add_instrument(id, instrument);
        let cash = Amount::from_u128(100 * wallet);
        ledger.fund_exchange(VENUE, TOKENS[1], cash).expect("small");
        let strategy = build(text, Some(setup())).expect("good");
        let (applied, sequence, asked, is_open) = (0, 0, Vec::new(), true);
        let mut desk = Self { strategy, market, ledger, tape, applied, sequence, asked, is_open };
        desk.tell();
        desk
    }

    fn apply(&mut self, event: &Event) {
        self.market.apply(event).expect("it reproduces");
        self.ledger.apply(event).expect("an outcome of its order");
    }

    /// Takes in what was recorded since, and decides at each of it.
    fn tell(&mut self) {
        for recorded in self.tape.tape().events.clone().split_off(self.applied) {
            self.sequence += 1;
            self.apply(&chain_event(self.sequence, &recorded));
            self.decide();
            self.applied += 1;
        }
    }

    /// Something happens that changes no price, so many blocks later.
    fn wait(&mut self, blocks: u64) {
        self.tape.skip_blocks(blocks);
        self.tape.mint(1, range(-60_000, -59_940), 1);
        self.tell();
    }

    /// The exchange says a price in hundredths.
    fn mark(&mut self, hundredths: i128) {
        self.sequence += 1;
        let now = InstantUs::at_second(self.market.now());
        let item = FeedItem::Mark(MarkPrice {
            time: now,
            mark: Decimal::from_raw(hundredths * (Decimal::ONE.raw() / 100)),
            index: None,
            expected_funding: None,
        });
        let body = EventBody::Data(Box::new(FeedData { feed: FeedId(0), item }));
        let sequence = Sequence(self.sequence);
        self.apply(&Event { sequence, happened_at: now, seen_at: now, body });
        self.decide();
    }

    /// Ends all orders, and those that follow from them.
    fn settle(&mut self) {
        loop {
            let Some(order) = self.ledger.in_flight().next().copied() else { return };
            let outcome = self.outcome_at_exchange(&order);
            let outcome = outcome.unwrap_or_else(|| outcome_of(&order, &self.market));
            self.sequence += 1;
            let event = outcome_event(self.sequence, self.market.now(), outcome);
            self.apply(&event);
            self.decide();
        }
    }

    /// What becomes of an order for the exchange, at the mark and without commission.
    fn outcome_at_exchange(&self, order: &Order) -> Option<Outcome> {
        let Intent::Trade { instrument, side, quantity, .. } = order.intent else { return None };
        let amount = self.market.mark(instrument)?.in_quote(quantity)?;
        let commission = Amount::ZERO;
        let traded = OutcomeKind::Traded { instrument, side, quantity, amount, commission };
        let refused = OutcomeKind::Rejected(Rejection::InsufficientMargin);
        let kind = if self.is_open { traded } else { refused };
        let (block, gas) = (self.market.block(), GasPaid::default());
        Some(Outcome { order: order.key, block, gas, kind })
    }

    fn decide(&mut self) {
        let view = View::new(&self.market, &self.ledger, VALUATION).expect("the pool");
        for (index, intent) in (0_u16..).zip(self.strategy.decide(&view)) {
            let key = OrderKey { sequence: Sequence(self.sequence), intent: index };
            let decided_in = self.market.block();
            self.ledger.book(Order { key, intent, decided_in }).expect("a new order");
            self.asked.push(describe(&intent));
        }
    }

    fn asked(&mut self) -> Vec<String> {
        std::mem::take(&mut self.asked)
    }
}

/// A billion of token1 buys 996,999,999 of token0, of which two in a thousand may be missing. All
/// whole steps of them are sold at 1.05 less 0.2 %.
const BUY: &str = "swap 1000000000 of Token1 for 995005999 or more";
const HEDGE: &str = "sell 996999990 at 1044756289";

#[test]
fn a_cheap_pool_is_bought_and_sold_at_the_exchange() {
    let mut desk = Desk::new("", BILLION);
    assert_eq!(desk.asked(), [""; 0], "nothing is known of the exchange");
    desk.mark(105);
    assert_eq!(desk.asked(), [BUY]);
    desk.settle();
    assert_eq!(desk.asked(), [HEDGE]);
    // The recorded pool is as cheap as before: it was taken.
    desk.wait(1);
    desk.mark(106);
    assert_eq!(desk.asked(), [""; 0]);
    // It closes, and there is no token1 left for another.
    desk.mark(100);
    desk.mark(105);
    assert_eq!(desk.asked(), [""; 0]);
}

/// What was bought, and what was there at the start, is sold where the pool is dear; the contract
/// turns over: 996,999,990 are bought back, and a billion more for what was there before.
#[test]
fn inventory_waits_for_the_gap_to_turn_over() {
    let mut desk = Desk::new("", BILLION);
    desk.mark(105);
    desk.settle();
    desk.asked();
    desk.mark(95);
    desk.settle();
    let asked = desk.asked();
    let (swap, trade) = ("swap 1996999999 of Token0 for ", "buy 1996999990 at 1900944291");
    assert!(asked[0].starts_with(swap), "{asked:?}");
    assert_eq!(asked[1..], [trade]);
    assert!(desk.ledger.wallet(TOKENS[0]).is_zero());
}

/// At 1.01 a billion buys 996,999,999, which bring 1,006,365,816 after 0.06 %: 6,365,816 are
/// gained, and 6,248,816 of them, 62.488 basis points of a billion, are left by the gas.
#[test]
fn costs_keep_from_a_trade() {
    for (text, mark, is_done) in [
        ("", 101, true),
        ("min_margin_bps = 62", 101, true),
        ("min_margin_bps = 63", 101, false),
        ("", 100, false),
        ("", 99, true),
    ] {
        let mut desk = Desk::new(text, BILLION);
        desk.mark(mark);
        assert_eq!(!desk.asked().is_empty(), is_done, "{text} at {mark}");
    }
}

/// A whole quote token has 18 decimals: at 1.05 one is worth 952,380,952,380,952,381 of the
/// contract.
#[test]
fn inventory_is_limited() {
    let mut desk = Desk::new("max_inventory_quote = 1.0", 3 * BILLION * BILLION);
    desk.mark(105);
    desk.settle();
    let most = Amount::from_u64(952_380_952_380_952_381);
    let held = desk.ledger.held(InstrumentId(0));
    assert!(held.is_negative() && held.magnitude() <= most, "{held}");
    let left = most.checked_sub(held.magnitude()).expect("it is less");
    assert!(left < Amount::from_u64(1_000_000), "{left} are left of the limit");
    // Down to nothing, and as far on the other side.
    desk.mark(95);
    desk.settle();
    let most = Amount::from_u64(1_052_631_578_947_368_422);
    let held = desk.ledger.held(InstrumentId(0));
    assert!(!held.is_negative() && held.magnitude() <= most, "{held}");
    let left = most.checked_sub(held.magnitude()).expect("it is less");
    assert!(left < Amount::from_u64(1_000_000), "{left} are left of the limit");
}

#[test]
fn a_leg_that_stands_alone_is_levelled_before_anything_else() {
    let mut desk = Desk::new("", BILLION);
    desk.is_open = false;
    desk.mark(105);
    desk.settle();
    assert_eq!(desk.asked(), [BUY, HEDGE]);
    // Twelve seconds a block: it is asked for again after a minute, and nothing else is.
    for _ in 0..4 {
        desk.wait(1);
        desk.mark(95);
        desk.mark(105);
    }
    assert_eq!(desk.asked(), [""; 0]);
    desk.is_open = true;
    desk.wait(1);
    desk.settle();
    assert_eq!(desk.asked(), [HEDGE]);
}

#[test]
fn inventory_is_unwound_after_hours_without_a_trade() {
    let mut desk = Desk::new("unwind_after_hours = 1", BILLION);
    desk.mark(105);
    desk.settle();
    desk.mark(100);
    assert_eq!(desk.asked(), [BUY, HEDGE]);
    desk.wait(299);
    desk.settle();
    assert_eq!(desk.asked(), [""; 0]);
    desk.wait(1);
    desk.settle();
    // 0.2 % and a percent less than 996,999,999, and the contract bought back at 0.2 % more.
    let swap = "swap 996999999 of Token0 for 985055939 or more";
    assert_eq!(desk.asked(), [swap, "buy 996999990 at 998993990"]);
    assert!(desk.ledger.held(InstrumentId(0)).is_zero());
}

#[test]
fn it_takes_a_contract_and_parameters_within_their_ranges() {
    assert_eq!(build("", None).err(), Some(BuildError::NothingToTradeAgainst));
    for (text, name, allowed) in [
        ("min_margin_bps = 1001", "min_margin_bps", "0 to 1000"),
        ("max_inventory_quote = 0.5", "max_inventory_quote", "1 to 1000000000"),
        ("max_slippage_bps = 0", "max_slippage_bps", "1 to 1000"),
        ("unwind_after_hours = 8761", "unwind_after_hours", "1 to 8760"),
    ] {
        let Some(BuildError::Parameter(found)) = build(text, Some(setup())).err() else {
            panic!("{text}")
        };
        assert_eq!((found.name, found.allowed.as_str()), (name, allowed));
    }
}
