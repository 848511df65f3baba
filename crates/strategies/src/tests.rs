#[path = "../../market/tests/support/immediate_fill.rs"]
mod immediate_fill;
#[path = "../../market/tests/support/seeded.rs"]
mod seeded;
#[path = "../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod allocation;
mod arbitrages;
mod around;
mod compounding;
mod configuration;
mod damaged_rules;
mod exchange_arbitrages;
mod farm;
mod following;
mod ladders;
mod option_hedges;
mod orders;
mod pegs;
mod ranges;
mod ratios;
mod rule_files;
mod rules_acting;
mod standing;
mod voting;
mod wallets;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, NativeValue, PoolValuation, Valuation};
use tidemill_model::{
    AssetId, Choice, EventBody, Intent, Order, OrderKey, Placement, Sequence, Tape,
};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Amounts, Side, TickRange};

use crate::{
    FixedRange, PoolFacts, QuoteScale, Recentre, RecentreReset, Services, StrategyConfig,
    StrategyKind,
};
use immediate_fill::outcome_of;
use synthetic_tape::{POOL, TICK_SPACING, amounts, chain_event, outcome_event};

const MILLION: Amounts =
    Amounts { amount0: Amount::from_u64(1_000_000), amount1: Amount::from_u64(1_000_000) };
const VALUATION: Valuation = Valuation::Pool(PoolValuation {
    pool: POOL,
    quote: Side::Token1.index(),
    native: NativeValue::Token(Side::Token1.index()),
});
const FIXED: StrategyKind = StrategyKind::FixedRange(FixedRange { half_width_ticks: 600 });
/// Orders after which a strategy is taken to have run away.
const MANY: usize = 500;

fn recentre(half_width_ticks: i32, threshold_ticks: i32) -> StrategyKind {
    let reset = RecentreReset::Tau { threshold_ticks };
    StrategyKind::Recentre(Recentre { half_width_ticks, reset })
}

/// What a strategy asked for, one line each: `<block after the first>: <what>`.
fn asked(strategy: &StrategyKind, wallet: Amounts, tape: &Tape) -> Vec<String> {
    asked_by(&StrategyConfig::of(strategy.clone()), wallet, tape)
}

/// What a strategy with something around it asked for, as [`asked`].
fn asked_by(strategy: &StrategyConfig, wallet: Amounts, tape: &Tape) -> Vec<String> {
    let mut desk = Desk::new(strategy, wallet, tape);
    for recorded in &tape.events {
        desk.sequence += 1;
        let event = chain_event(desk.sequence, recorded);
        let EventBody::Chain(chain) = event.body else { panic!("recorded") };
        if chain.block > desk.market.block() {
            desk.settle();
        }
        desk.sequence += 1;
        let event = chain_event(desk.sequence, recorded);
        desk.market.apply(&event).expect("it reproduces");
        desk.decide();
    }
    desk.asked
}

/// A strategy whose orders are all approved, and executed before the next block.
struct Desk {
    strategy: Box<dyn Strategy>,
    market: Market,
    ledger: Ledger,
    sequence: u64,
    asked: Vec<String>,
}

impl Desk {
    fn new(strategy: &StrategyConfig, wallet: Amounts, tape: &Tape) -> Self {
        let mut market = Market::new(Footprint::PriceTaker);
        market.add_pool(tape).expect("a tape");
        let (token0, token1, native) = (AssetId(0), AssetId(1), AssetId(2));
        let funds = [(token0, wallet.amount0), (token1, wallet.amount1)];
        let mut ledger = Ledger::funded(&funds).expect("small");
        ledger.add_pool(POOL, PoolAssets::of_two(token0, token1, native));
        let facts = PoolFacts::Concentrated { tick_spacing: TICK_SPACING };
        // A raw unit is a whole token here.
        let scale = Some(QuoteScale::new(&[0, 0], VALUATION.pool().expect("a pool").quote));
        let strategy = strategy.build(facts, Services { scale, ..Services::default() });
        let strategy = strategy.expect("parameters within their ranges");
        Self { strategy, market, ledger, sequence: 0, asked: Vec::new() }
    }

    fn decide(&mut self) {
        let view = View::new(&self.market, &self.ledger, VALUATION).expect("the pool");
        for (index, intent) in self.strategy.decide(&view).into_iter().enumerate() {
            let intent_index = u16::try_from(index).expect("few");
            let key = OrderKey { sequence: Sequence(self.sequence), intent: intent_index };
            let decided_in = self.market.block();
            self.ledger.book(Order { key, intent, decided_in }).expect("a new order");
            let later = decided_in.0 - synthetic_tape::FIRST_BLOCK;
            self.asked.push(format!("{later}: {}", describe(&intent)));
        }
        assert!(self.asked.len() < MANY, "{:#?}", self.asked);
    }

    /// Ends what is in flight now; what is asked for on that waits for the next time.
    fn settle(&mut self) {
        let pending: Vec<_> = self.ledger.in_flight().copied().collect();
        for order in pending {
            let outcome = outcome_of(&order, &self.market);
            self.sequence += 1;
            let event = outcome_event(self.sequence, self.market.now(), outcome);
            self.market.apply(&event).expect("it reproduces");
            self.ledger.apply(&event).expect("an outcome of its order");
            self.decide();
        }
    }
}

fn describe(intent: &Intent) -> String {
    match intent {
        Intent::Open { placement: Placement::Range(range), desired, .. } => {
            let desired = desired.two().expect("a pool of two");
            format!("open {range} with {} and {}", desired.amount0, desired.amount1)
        }
        Intent::Open { placement: Placement::Shares, .. } => "open shares".into(),
        Intent::Open { placement: Placement::Stake(_), .. } => "open a stake".into(),
        Intent::Open { placement: Placement::Lock { until, .. }, desired, .. } => {
            format!("lock {desired:?} until {}", until.0)
        }
        Intent::Vote { ballot, .. } => {
            let part = |choice: &Choice| format!(" {}:{}", choice.gauge.0, choice.part.0);
            format!("vote{}", ballot.choices().iter().map(part).collect::<String>())
        }
        Intent::Extend { until, .. } => format!("extend until {}", until.0),
        Intent::ClaimBribes { token, .. } => format!("claim bribes in {}", token.0),
        Intent::Close { .. } => "close".into(),
        Intent::Swap { pair, amount_in, min_amount_out, .. } => {
            let input = pair.input_of_two().expect("a pool of two");
            format!("swap {amount_in} of {input:?} for {min_amount_out} or more")
        }
        Intent::Arbitrage { legs, amount_in, min_amount_out, tip } => {
            let [there, back] = legs.map(|leg| leg.pool.0);
            let tip = tip.0;
            format!("{amount_in} to {there}, {min_amount_out} or more from {back}, tip {tip}")
        }
        Intent::Stake { .. } => "stake".into(),
        Intent::Claim { .. } => "claim".into(),
        Intent::Unstake { .. } => "unstake".into(),
        Intent::Compound { .. } => "compound".into(),
        Intent::Sell { amount_in, .. } => format!("sell {amount_in}"),
        Intent::Trade { side, quantity, limit, .. } => {
            format!("{} {quantity} at {limit}", side.name())
        }
    }
}

/// The same lines without their amounts.
fn without_amounts(asked: &[String]) -> Vec<&str> {
    let end = |line: &str| match line.find("swap ") {
        Some(at) => at + "swap".len(),
        None => line.find(" with ").unwrap_or(line.len()),
    };
    asked.iter().map(|line| &line[..end(line)]).collect()
}

fn full() -> TickRange {
    synthetic_tape::full_range()
}
