//! Arbitrage between two deep pools of 0.3 %.

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market};
use tidemill_model::{AssetId, Event, EventBody, Order, OrderKey, PoolId, Sequence, TapeEvent};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Gas, GasPrice};

use super::immediate_fill::outcome_of;
use super::synthetic_tape::{POOL, SyntheticTape, TICK_SPACING, outcome_event, range};
use super::{VALUATION, describe};
use crate::{
    ArbitragePool, ArbitrageSetup, BuildError, ParameterError, PoolFacts, Services, StrategyConfig,
    SwapGas,
};

const OTHER: PoolId = PoolId(1);
const TOKENS: [AssetId; 2] = [AssetId(0), AssetId(1)];
const NATIVE: AssetId = AssetId(2);
const BILLION: u64 = 1_000_000_000;

/// What the gas model says of swaps; the pools of a run by their names.
fn setup(pools: &[(&str, [AssetId; 2])]) -> ArbitrageSetup {
    let gas =
        SwapGas { in_range: Gas(117_000), one_crossing: Gas(174_000), two_crossings: Gas(202_000) };
    let numbers = (0..).map(PoolId);
    let pool = |(pool, (name, assets)): (PoolId, &(&str, [AssetId; 2]))| ArbitragePool {
        name: (*name).into(),
        pool,
        assets: assets.to_vec(),
        gas,
    };
    ArbitrageSetup {
        pools: numbers.zip(pools).map(pool).collect(),
        transaction: Gas(21_000),
        fallback_price: GasPrice(7),
    }
}

fn build(text: &str, pools: &[(&str, [AssetId; 2])]) -> Result<Box<dyn Strategy>, BuildError> {
    let text = format!("kind = \"two_pool_arbitrage\"\n{text}");
    let config: StrategyConfig = toml::from_str(&text).expect("a strategy");
    let services = Services { arbitrage: Some(setup(pools)), ..Services::default() };
    config.build(PoolFacts::Concentrated { tick_spacing: TICK_SPACING }, services)
}

/// Two pools, a wallet of a billion of token1, and a strategy whose orders are executed before the
/// next event.
struct Desk {
    strategy: Box<dyn Strategy>,
    market: Market,
    ledger: Ledger,
    sequence: u64,
    asked: Vec<String>,
    /// Whether what is asked for is executed; it is rejected otherwise.
    executes: bool,
}

impl Desk {
    fn new(text: &str, footprint: Footprint, tapes: &[SyntheticTape; 2]) -> Self {
        let mut market = Market::new(footprint);
        let mut ledger = Ledger::funded(&[(TOKENS[1], Amount::from_u64(BILLION))]).expect("small");
        for (pool, tape) in [POOL, OTHER].into_iter().zip(tapes) {
            assert_eq!(market.add_pool(tape.tape()), Ok(pool));
            ledger.add_pool(pool, PoolAssets::of_two(TOKENS[0], TOKENS[1], NATIVE));
        }
        let strategy = build(text, &[("main", TOKENS), ("thirty", TOKENS)]).expect("good");
        Self { strategy, market, ledger, sequence: 0, asked: Vec::new(), executes: true }
    }

    /// Plays both tapes in the order of their blocks; returns what was asked for, with its block
    /// after the first.
    fn play(mut self, tapes: &[SyntheticTape; 2]) -> Vec<String> {
        let of_pool = |(pool, tape): (PoolId, &SyntheticTape)| {
            let events = tape.tape().events.clone().into_iter();
            events.map(move |event| (pool, event)).collect::<Vec<_>>()
        };
        let mut events: Vec<_> = [POOL, OTHER].into_iter().zip(tapes).flat_map(of_pool).collect();
        events.sort_by_key(|(pool, event)| (event.block, event.log_index, *pool));
        for (pool, event) in events {
            self.take(pool, &event);
        }
        self.asked
    }

    fn take(&mut self, pool: PoolId, recorded: &TapeEvent) {
        self.sequence += 1;
        let body = EventBody::Chain(recorded.in_pool(pool));
        let event = Event::at(Sequence(self.sequence), recorded.time, body);
        self.market.apply(&event).expect("it reproduces");
        self.decide();
        let orders: Vec<_> = self.ledger.in_flight().copied().collect();
        for order in orders {
            let mut outcome = outcome_of(&order, &self.market);
            if !self.executes {
                outcome.kind = tidemill_model::OutcomeKind::Rejected(
                    tidemill_model::Rejection::TooLittleReceived,
                );
            }
            self.sequence += 1;
            let event = outcome_event(self.sequence, self.market.now(), outcome);
            self.market.apply(&event).expect("it reproduces");
            self.ledger.apply(&event).expect("an outcome of its order");
            self.decide();
        }
    }

    fn decide(&mut self) {
        let view = View::new(&self.market, &self.ledger, VALUATION).expect("the pool");
        for (index, intent) in (0_u16..).zip(self.strategy.decide(&view)) {
            let key = OrderKey { sequence: Sequence(self.sequence), intent: index };
            let decided_in = self.market.block();
            self.ledger.book(Order { key, intent, decided_in }).expect("a new order");
            let later = decided_in.0 - super::synthetic_tape::FIRST_BLOCK;
            self.asked.push(format!("{later}: {}", describe(&intent)));
        }
    }
}

/// Pools at ticks, one of which goes to other ticks in later blocks; gas costs one.
fn tapes(first: i32, second: i32, moves: &[(u64, i32)]) -> [SyntheticTape; 2] {
    let [mut first, mut second] = [first, second].map(|tick| {
        let mut tape = SyntheticTape::at_tick(tick);
        tape.set_gas_price(Some(1));
        tape.mint(0, super::synthetic_tape::full_range(), super::synthetic_tape::DEEP);
        tape
    });
    for (blocks, tick) in moves {
        for tape in [&mut first, &mut second] {
            tape.skip_blocks(*blocks);
            // Something that changes no price.
            tape.mint(1, range(-60_000, -59_940), 1);
        }
        second.swap_to(*tick);
    }
    [first, second]
}

const NO_LEAST: &str = "min_profit_quote = 0.0";

fn asked(text: &str, tapes: &[SyntheticTape; 2]) -> Vec<String> {
    Desk::new(text, Footprint::PriceTaker, tapes).play(tapes)
}

/// A billion of token1 buys 996,999,999 of token0 at tick 0, and those bring 1,055,471,916 at tick
/// 600: a gain of 55,471,916. Gas takes 2 * 117,000 - 21,000 of it, four fifths of the rest are
/// 44,207,132, and so much and the gas have to come back: 1,044,420,132. On each of the 213,000 of
/// gas the tip is 207.
const FIRST: &str = "0: 1000000000 to 0, 1044420132 or more from 1, tip 207";

#[test]
fn a_gap_is_taken_whole_with_what_there_is() {
    let tapes = tapes(0, 600, &[]);
    assert_eq!(asked(NO_LEAST, &tapes), [FIRST]);
    // The other way round: what is dear here is bought there.
    let tapes = self::tapes(600, 0, &[]);
    let other_way = FIRST.replace("to 0", "to _").replace("from 1", "from 0").replace('_', "1");
    assert_eq!(asked(NO_LEAST, &tapes), [other_way]);
}

/// As a price-taker the gap is still there at each later event; it is another one once it was gone.
#[test]
fn a_gap_is_taken_once_until_it_has_closed() {
    let tapes = tapes(0, 600, &[(1, 600), (1, 590), (1, 610), (1, 0), (2, 600), (1, 600)]);
    let asked = asked(NO_LEAST, &tapes);
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(asked[0], FIRST);
    assert!(asked[1].starts_with("6: 1055471916 to 0, "), "{asked:?}");
    // Re-executed a billion is nothing beside the pools: the gap is there after it, and as shut.
    let again = Desk::new(NO_LEAST, Footprint::ReExecuted, &tapes).play(&tapes);
    assert_eq!(again.len(), 2, "{again:?}");
}

/// A gap that turns over at once is another gap.
#[test]
fn the_other_direction_is_another_gap() {
    let asked = asked(NO_LEAST, &tapes(0, 600, &[(1, -600), (1, 600)]));
    let ways: Vec<_> = asked.iter().map(|line| line.contains("to 0")).collect();
    assert_eq!(ways, [true, false, true], "{asked:?}");
}

/// What was rejected was not taken.
#[test]
fn what_did_not_happen_is_tried_again() {
    let tapes = tapes(0, 600, &[(1, 600)]);
    let mut desk = Desk::new(NO_LEAST, Footprint::PriceTaker, &tapes);
    desk.executes = false;
    let asked = desk.play(&tapes);
    assert!(asked.len() > 1, "{asked:?}");
    assert!(asked.iter().all(|line| line.ends_with(&FIRST[2..])), "{asked:?}");
}

#[test]
fn what_it_costs_keeps_from_a_trade() {
    // Three tenths of a percent twice are sixty ticks, and the gas two more.
    assert_eq!(asked(NO_LEAST, &tapes(0, 62, &[])), [""; 0]);
    assert_eq!(asked(NO_LEAST, &tapes(0, 63, &[])).len(), 1);
    let gap = tapes(0, 600, &[]);
    // 11,051,784 are left; the quote token has 18 decimals.
    assert_eq!(asked("min_profit_quote = 1.1051784e-11", &gap).len(), 1);
    assert_eq!(asked("min_profit_quote = 1.1051786e-11", &gap), [""; 0]);
    let asked = asked("min_profit_quote = 0.0\nmax_wallet_bps = 1\nbuilder_share_bps = 0", &gap);
    // A hundred thousand bring 5,547, and gas costs 213,000.
    assert_eq!(asked, [""; 0]);
}

#[test]
fn a_builder_is_offered_a_part_of_what_is_left() {
    let gap = tapes(0, 600, &[]);
    let none = asked("min_profit_quote = 0.0\nbuilder_share_bps = 0", &gap);
    assert_eq!(none, ["0: 1000000000 to 0, 1000213000 or more from 1, tip 0"]);
    let half = asked("min_profit_quote = 0.0\nmax_wallet_bps = 5000", &gap);
    assert!(half[0].starts_with("0: 500000000 to 0, "), "{half:?}");
}

#[test]
fn it_takes_two_pools_of_the_same_tokens() {
    let error = |text: &str, pools: &[(&str, [AssetId; 2])]| build(text, pools).err();
    let strange = [TOKENS[0], AssetId(9)];
    let two = [("main", TOKENS), ("thirty", TOKENS)];
    assert_eq!(error("", &two[..1]), Some(BuildError::NoSecondPool));
    let (first, second) = ("main".to_owned(), "odd".to_owned());
    let shared = BuildError::NothingShared { first, second };
    assert!(shared.to_string().contains("main and odd"));
    assert_eq!(error("", &[("main", TOKENS), ("odd", strange)]), Some(shared));
    for (pools, value) in
        [("[\"main\", \"forty\"]", "main, forty"), ("[\"thirty\", \"thirty\"]", "thirty, thirty")]
    {
        let (allowed, value) = ("two of main, thirty".to_owned(), value.to_owned());
        let expected = ParameterError { name: "pools", value, allowed };
        assert_eq!(error(&format!("pools = {pools}"), &two), Some(expected.into()));
    }
    assert_eq!(error("pools = [\"thirty\", \"main\"]", &two), None);
    for (text, name, allowed) in [
        ("min_profit_quote = -0.1", "min_profit_quote", "0 to 1000000000"),
        ("builder_share_bps = 10001", "builder_share_bps", "0 to 10000"),
        ("max_wallet_bps = 0", "max_wallet_bps", "1 to 10000"),
    ] {
        let Some(BuildError::Parameter(found)) = error(text, &two) else { panic!("{text}") };
        assert_eq!((found.name, found.allowed.as_str()), (name, allowed));
    }
}
