//! W6, W7 and W15: the recorded week, as the market alone, as a whole backtest, and as one by rules
//! beside its twin in Rust. Decoding is done before the timing.

use std::hint::black_box;
use std::rc::Rc;

use tidemill_engine::{Engine, drive};
use tidemill_exec_sim::{Models, SimulatedWorld};
use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, NativeValue, PoolMarket, PoolValuation};
use tidemill_model::{AssetId, ChainEvent, Event, EventBody, PoolId, Sequence, Tape};
use tidemill_risk::{Limits, LossLimit, Risk};
use tidemill_store::sample;
use tidemill_strategies::{
    PoolFacts, QuoteScale, Recentre, RulesConfig, Services, StrategyConfig, StrategyKind,
    VolatilityRange,
};
use tidemill_units::{Amount, TokenIndex};

use crate::harness::{Contestant, Row, Run, Target};

/// The week's swaps, counted by two other implementations: in, out, to a price.
const SWAPS: [u64; 3] = [33_809, 3_334, 1_092];
/// Fee growth of both tokens and the price at its end, from the same two.
const END: [&str; 3] = [
    "18287659490360439488773067091041",
    "4723791483254330712846426751379808900823",
    "1251675147291743787411274084583216",
];
const USDC: AssetId = AssetId(0);
const WETH: AssetId = AssetId(1);
const ETHER: AssetId = AssetId(2);
/// 40,000 USDC, 10 WETH, and an ether for gas.
const WALLET: [(AssetId, Amount); 3] = [
    (USDC, Amount::from_u64(40_000_000_000)),
    (WETH, Amount::from_u64(10_000_000_000_000_000_000)),
    (ETHER, Amount::from_u64(1_000_000_000_000_000_000)),
];

/// Every event of the week applied to the market.
pub(crate) fn market() -> Result<Row, String> {
    let tape = sample().map_err(|error| error.to_string())?;
    let (start, pool) = start(&tape)?;
    let events = events(&tape, pool);
    let end = replayed(start.clone(), &events)?;
    let at_end = end.pool(pool).and_then(PoolMarket::concentrated);
    let at_end = at_end.ok_or("the market lost its pool")?;
    let counts = at_end.counts();
    let swaps = [counts.swaps_exact_in, counts.swaps_exact_out, counts.swaps_price_limited];
    let [growth0, growth1] =
        at_end.history().fee_growth_global().map(|growth| growth.0.to_string());
    let state = [growth0, growth1, at_end.history().sqrt_price().to_string()];
    if swaps != SWAPS || state != END {
        return Err(format!("the week ends with {swaps:?} swaps in {state:?}"));
    }
    let operations = u64::try_from(events.len()).map_err(|error| error.to_string())?;
    Ok(Row {
        title: "recorded week replayed, per event".to_owned(),
        target: Target::PerSecond(2e6),
        operations,
        contestants: vec![(
            Contestant::Tidemill,
            Box::new(move |iterations| {
                for _ in 0..iterations {
                    black_box(replayed(start.clone(), black_box(&events))).ok();
                }
            }),
        )],
        notes: Vec::new(),
    })
}

/// The week with one strategy that recentres, its simulated orders, risk, ledger and digest.
pub(crate) fn backtest() -> Result<Row, String> {
    let tape = sample().map_err(|error| error.to_string())?;
    let recentre = plain(StrategyKind::Recentre(Recentre::default()));
    let (first, second) = (backtested(&tape, &recentre)?, backtested(&tape, &recentre)?);
    if first.digest() != second.digest() || first.ledger().journal().is_empty() {
        return Err(format!("digests {} and {}", first.digest(), second.digest()));
    }
    let operations = u64::try_from(tape.events.len()).map_err(|error| error.to_string())?;
    let note = format!(
        "{} ledger postings, {} refusals, digest {}",
        first.ledger().journal().len(),
        first.refused().len(),
        first.digest(),
    );
    Ok(Row {
        title: "backtest, one recentring strategy, per event".to_owned(),
        target: Target::PerSecond(5e5),
        operations,
        contestants: vec![(
            Contestant::Tidemill,
            Box::new(move |iterations| {
                for _ in 0..iterations {
                    black_box(backtested(black_box(&tape), &recentre)).ok();
                }
            }),
        )],
        notes: vec![note],
    })
}

/// The same week by a strategy in Rust and by the rules that say what it does; each run reads its
/// rules anew.
fn twins(title: &str, library: StrategyKind, rules: &str) -> Result<Row, String> {
    let tape = Rc::new(sample().map_err(|error| error.to_string())?);
    let text = Some(rules.to_owned());
    let rules = plain(StrategyKind::Rules(RulesConfig { text, ..RulesConfig::default() }));
    let library = plain(library);
    let (ours, theirs) = (backtested(&tape, &rules)?, backtested(&tape, &library)?);
    if ours.digest() != theirs.digest() || ours.ledger().journal().is_empty() {
        return Err(format!("digests {} and {}", ours.digest(), theirs.digest()));
    }
    let operations = u64::try_from(tape.events.len()).map_err(|error| error.to_string())?;
    let run = |config: StrategyConfig| -> Run {
        let tape = Rc::clone(&tape);
        Box::new(move |iterations| {
            for _ in 0..iterations {
                black_box(backtested(black_box(&tape), &config)).ok();
            }
        })
    };
    Ok(Row {
        title: format!("backtest, {title} as rules, per event"),
        target: Target::TimesSlower(3.0),
        operations,
        contestants: vec![(Contestant::Tidemill, run(rules)), (Contestant::RustTwin, run(library))],
        notes: Vec::new(),
    })
}

/// Rules that recentre beside the strategy that does.
pub(crate) fn recentre_twins() -> Result<Row, String> {
    let library = StrategyKind::Recentre(Recentre::default());
    twins("recentre", library, include_str!("../../../../examples/rules/recentre.toml"))
}

/// Rules that follow volatility beside the strategy that does.
pub(crate) fn volatility_twins() -> Result<Row, String> {
    let library = StrategyKind::VolatilityRange(VolatilityRange::default());
    twins("volatility", library, include_str!("../../../../examples/rules/volatility_range.toml"))
}

fn plain(kind: StrategyKind) -> StrategyConfig {
    StrategyConfig::of(kind)
}

fn start(tape: &Tape) -> Result<(Market, PoolId), String> {
    let mut market = Market::new(Footprint::PriceTaker);
    let pool = market.add_pool(tape).map_err(|error| error.to_string())?;
    Ok((market, pool))
}

fn events(tape: &Tape, pool: PoolId) -> Vec<Event> {
    let event = |(index, recorded): (usize, &tidemill_model::TapeEvent)| {
        let body = EventBody::Chain(ChainEvent {
            pool,
            block: recorded.block,
            log_index: recorded.log_index,
            gas_price: recorded.gas_price,
            event: recorded.event.clone(),
        });
        Event::at(Sequence(index as u64 + 1), recorded.time, body)
    };
    tape.events.iter().enumerate().map(event).collect()
}

fn replayed(mut market: Market, events: &[Event]) -> Result<Market, String> {
    for event in events {
        market.apply(event).map_err(|error| error.to_string())?;
    }
    Ok(market)
}

fn backtested(tape: &Tape, config: &StrategyConfig) -> Result<Engine, String> {
    let (market, pool) = start(tape)?;
    let mut ledger = Ledger::funded(&WALLET).map_err(|error| error.to_string())?;
    ledger.add_pool(pool, PoolAssets::of_two(USDC, WETH, ETHER));
    let limits = Limits {
        max_positions: 1,
        max_exposure_quote: Amount::from_u64(1_000_000_000_000),
        max_loss: LossLimit::new(Amount::from_u64(100_000_000_000))
            .map_err(|error| error.to_string())?,
    };
    let valuation =
        PoolValuation { pool, quote: TokenIndex(0), native: NativeValue::Token(TokenIndex(1)) };
    let facts = PoolFacts::Concentrated { tick_spacing: tape.header.tick_spacing };
    let decimals = [tape.header.token0.decimals, tape.header.token1.decimals];
    let scale = Some(QuoteScale::new(&decimals, valuation.quote));
    let services = Services { scale, ..Services::default() };
    let strategy = config.build(facts, services).map_err(|error| error.to_string())?;
    let risk = Risk::new(limits, valuation.into());
    let mut engine = Engine::new(market, ledger, risk, strategy);
    let mut world = SimulatedWorld::new(pool, &tape.events, Models::default());
    drive(&mut engine, &mut world, |_, _, _| {}).map_err(|error| error.to_string())?;
    Ok(engine)
}
