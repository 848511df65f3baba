//! Every kind of strategy over recorded pools, in both footprints: its parts add up to the unit,
//! every run gives the same digest, and no decision depends on what comes after it.

use rayon::prelude::*;
use tidemill_model::{Event, EventBody, OutcomeKind, Tape};
use tidemill_replay::{Backtest, BacktestConfig, Setup, StrategyRun, backtest, record_journal};
use tidemill_strategies::StrategyKind;

use crate::data::{FOOTPRINTS, run, setup, week};
use crate::recorded_balancer_v1::tape as balancer_v1;

/// What a run of a kind takes besides its name, in the built-in week; `None` where it cannot run
/// there. There is no other arm: a kind that is new is written here, too.
fn parameters(kind: &StrategyKind) -> Option<&'static str> {
    match kind {
        StrategyKind::Hold(_) | StrategyKind::FullRange(_) => Some(""),
        StrategyKind::FixedRange(_) => Some("half_width_ticks = 1000"),
        StrategyKind::Stake(_) => Some("compound_every_days = 1\nleave_after_days = 5"),
        StrategyKind::Vote(_) => Some("lock_bps = 5000"),
        StrategyKind::Recentre(_) => Some("half_width_ticks = 300\nreset = \"exit\""),
        StrategyKind::VolatilityRange(_) => Some("sigmas = 1.5\nhalf_life_hours = 12.0"),
        StrategyKind::OptimalWidth(_) => Some("warm_up_hours = 3.0\ndrift = true"),
        StrategyKind::Ladder(_) => Some("weights = \"linear\"\nmoves = \"rung\""),
        StrategyKind::LimitRange(_) => Some("rungs = 2\nwidth_ticks = 100"),
        // The pool is none of stable tokens: it sees that at once, and stays out.
        StrategyKind::StablePair(_) => Some(""),
        StrategyKind::WeightedIndex(_) => None,
        // It takes a second pool.
        StrategyKind::TwoPoolArbitrage(_) => None,
        // It takes an exchange that is not of the pool's own mind.
        StrategyKind::PoolExchangeArbitrage(_) => None,
        StrategyKind::RatioAllocation(_) => Some("rule = \"buy_low\"\nthreshold_bps = 200"),
        StrategyKind::MeanReversion(_) => Some("window_samples = 24\nentry_sigmas = 1.5"),
        // Two contracts at the price of one pool: it sees that nothing is between them.
        StrategyKind::Pairs(_) => Some("sample_minutes = 15\nwindow_samples = 20"),
        StrategyKind::ThresholdBuy(_) => Some(
            "feed = \"pool\"\ninterval = \"15m\"\nbelow = \"4000\"\nquantity = \"0.1\"\n\
             window = 10",
        ),
        StrategyKind::Rules(_) => Some(RULES),
    }
}

/// A rule that moves with the price, and one that has to remember.
const RULES: &str = r#"text = """
hypothesis = "A range that follows the price, by rules."
[[rule]]
when = "!is_open || abs(tick - centre_tick) > 200"
do = "recentre"
half_width_ticks = 300
"""
"#;

/// What goes around a strategy, and its name.
const AROUND: [[&str; 2]; 6] = [
    ["tau", "kind = \"recentre\"\nhalf_width_ticks = 300\nthreshold_ticks = 200"],
    ["whole", "kind = \"ladder\"\nweights = \"geometric\"\nratio = 0.7\nrung_ticks = 100"],
    [
        "sized",
        "kind = \"recentre\"\nsize = { rule = \"kelly\", warm_up_hours = 3.0 }\n\
         half_width_ticks = 500",
    ],
    [
        "averages",
        "kind = \"recentre\"\ntrend_filter = { fast = 6, slow = 24, candle_minutes = 30 }",
    ],
    [
        "channel",
        "kind = \"fixed_range\"\n\
         trend_filter = { rule = \"donchian\", length = 12, feed = \"pool\", interval = \"30m\" }\n\
         needs = [{ feed = \"pool\", interval = \"30m\" }]",
    ],
    [
        "calm",
        "kind = \"recentre\"\nvolatility_filter = { warm_up_hours = 3.0 }\n\
         size = { rule = \"volatility_target\", target_sigma_daily = 0.01 }",
    ],
];

const SERVICES: &str = r#"
[limits]
max_positions = 50

[[feed]]
name = "pool"
kind = "pool"
base = "WETH"

[[staking]]
kind = "validator_staking"
token = "WETH"
yearly_rate = "0.04"
unbonding_hours = 24

[[voting]]
kind = "aerodrome"
token = "WETH"

[[voting.gauge]]
name = "one"
others = "30000"
bribe = { USDC = "50000" }

[[voting.bribe_token]]
symbol = "USDC"
decimals = 6
price_quote = "1"

[[exchange]]
name = "exchange"
deposit = "100000"

[[exchange.instrument]]
name = "ETH-PERP"
kind = "perpetual"
base = "WETH"
prices = "pool"

[[exchange.instrument]]
name = "ETH"
kind = "spot"
base = "WETH"
prices = "pool"
"#;

/// Every kind that can run in the week, and what goes around one.
fn library(footprint: &str) -> String {
    let mut toml = format!("footprint = \"{footprint}\"\n{SERVICES}");
    for kind in StrategyKind::every() {
        if let Some(parameters) = parameters(&kind) {
            toml += &format!("\n[[strategy]]\nkind = \"{}\"\n{parameters}\n", kind.name());
        }
    }
    for [name, strategy] in AROUND {
        toml += &format!("\n[[strategy]]\nname = \"{name}\"\n{strategy}\n");
    }
    toml
}

fn check_adds_up(run: &StrategyRun) {
    let name = run.strategy.name();
    let settlement = &run.record.settlement;
    assert!(settlement.identity.holds(), "{name}: {:?}", settlement.identity);
    let gained = settlement.final_value.checked_sub(settlement.hold_value);
    assert_eq!(gained, Some(settlement.identity.net), "{name}");
    assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
    // Nothing is asked for again and again: the recorded week has 38,235 swaps.
    assert!(run.record.actions.len() < 2_000, "{name}: {}", run.record.actions.len());
}

fn digests(backtest: &Backtest) -> Vec<&str> {
    backtest.runs.iter().map(|run| run.digest.as_str()).collect()
}

#[test]
fn the_parts_of_the_whole_library_add_up_and_its_digests_are_stable() {
    for footprint in FOOTPRINTS {
        let setup = setup(&library(footprint));
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(setup.clone()))
        };
        let [serial, parallel] = [1, 4].map(on);
        assert_eq!(digests(&serial), digests(&parallel));
        serial.runs.iter().for_each(check_adds_up);
        for run in &serial.runs {
            let is_idle = ["hold", "stable_pair", "pairs"].contains(&run.strategy.name().as_str());
            assert_eq!(run.record.actions.is_empty(), is_idle, "{}", run.strategy.name());
        }
        let mut all = digests(&serial);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), serial.runs.len(), "each has a digest of its own");
    }
}

/// The week's first events, and cuts of them.
fn cut(events: usize) -> Tape {
    let mut tape = week().clone();
    tape.events.truncate(events);
    tape
}

/// Our outcomes up to a block, in the order of the log: each names the event that it was decided
/// at.
fn outcomes(events: &[Event], before: u64) -> Vec<String> {
    let outcome = |event: &Event| match &event.body {
        EventBody::Outcome(outcome) if outcome.block.0 < before => {
            let is_end = matches!(outcome.kind, OutcomeKind::Expired);
            (!is_end).then(|| format!("{outcome:?}"))
        }
        EventBody::Outcome(_)
        | EventBody::Chain(_)
        | EventBody::Programme(_)
        | EventBody::Price(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_)
        | EventBody::Data(_)
        | EventBody::Account(_)
        | EventBody::Feed(_) => None,
    };
    events.iter().filter_map(outcome).collect()
}

fn resolved(toml: &str, tape: &Tape) -> Setup {
    BacktestConfig::from_toml(toml).unwrap().resolve(tape).unwrap()
}

/// A decision that knew what comes after it would be another one where that does not come.
#[test]
fn cutting_the_tape_changes_no_earlier_decision() {
    let long = cut(6_000);
    for footprint in FOOTPRINTS {
        let toml = library(footprint);
        let whole = resolved(&toml, &long);
        whole.strategies.par_iter().for_each(|strategy| {
            let name = strategy.name();
            let (journal, _) = record_journal(&long, &whole, strategy).unwrap();
            for events in [700, 3_001, 5_999] {
                let short = cut(events);
                let before = short.events.last().unwrap().block.0;
                let setup = resolved(&toml, &short);
                let (cut, _) = record_journal(&short, &setup, strategy).unwrap();
                let found = outcomes(&cut.events, before);
                assert_eq!(found, outcomes(&journal.events, before), "{name} at {events}");
            }
        });
    }
}

/// The index of a recorded pool of weights: all of the wallet in shares, which are held.
#[test]
fn a_weighted_index_is_held_in_a_recorded_pool() {
    let Some((tape, _)) = balancer_v1() else { return };
    for footprint in FOOTPRINTS {
        // A wallet of DAI alone: four fifths of it become WETH first.
        let toml = format!(
            "footprint = \"{footprint}\"\ndeposit = {{ DAI = \"100000\" }}\n\
             [[strategy]]\nkind = \"weighted_index\"\n\
             [[strategy]]\nname = \"in_proportion\"\nkind = \"full_range\"\n"
        );
        let setup = BacktestConfig::from_toml(&toml).unwrap().resolve(&tape).unwrap();
        let finished = backtest(&tape, setup.clone(), &|_| {}).unwrap();
        let again = backtest(&tape, setup, &|_| {}).unwrap();
        assert_eq!(digests(&finished), digests(&again));
        let [index, proportion] = &finished.runs[..] else { panic!("two strategies") };
        for run in [index, proportion] {
            assert!(run.record.settlement.identity.holds(), "{}", run.strategy.name());
        }
        let done: Vec<_> = index.record.actions.iter().map(|action| action.what.as_str()).collect();
        assert_eq!(done.last(), Some(&"open"), "{done:?}");
        assert!(done.contains(&"swap"), "{done:?}");
    }
}
