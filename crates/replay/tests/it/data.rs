//! The embedded week, and backtests of it.

use std::sync::LazyLock;

use tidemill_model::{Event, EventBody, OutcomeKind, Tape};
use tidemill_replay::{Backtest, BacktestConfig, Setup, StrategyRun, backtest};

static WEEK: LazyLock<Tape> = LazyLock::new(|| tidemill_store::sample().unwrap());

/// The embedded week.
pub(crate) fn week() -> &'static Tape {
    &WEEK
}

/// All five kinds of strategy.
pub(crate) const FIVE: &str = r#"
[[strategy]]
kind = "hold"

[[strategy]]
kind = "full_range"

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000

[[strategy]]
kind = "recentre"
half_width_ticks = 300
threshold_ticks = 200

[[strategy]]
kind = "volatility_range"
sigmas = 1.5
half_life_hours = 12
"#;

/// Both models of our own footprint.
pub(crate) const FOOTPRINTS: [&str; 2] = ["price-taker", "re-executed"];

/// The setup of a configuration for the week.
pub(crate) fn setup(toml: &str) -> Setup {
    BacktestConfig::from_toml(toml).unwrap().resolve(week()).unwrap()
}

/// The five strategies in one of the footprints.
pub(crate) fn five(footprint: &str) -> Setup {
    setup(&format!("footprint = \"{footprint}\"\n{FIVE}"))
}

/// Runs a setup over the week.
pub(crate) fn run(setup: Setup) -> Backtest {
    backtest(week(), setup, &|_| {}).unwrap()
}

/// The run of one strategy.
pub(crate) fn run_of<'a>(backtest: &'a Backtest, name: &str) -> &'a StrategyRun {
    backtest.runs.iter().find(|run| run.strategy.name() == name).unwrap()
}

/// Our outcomes below a block, in the order of the log.
pub(crate) fn outcomes(events: &[Event], before: u64) -> Vec<String> {
    let ours = events.iter().filter_map(|event| {
        let EventBody::Outcome(outcome) = &event.body else { return None };
        let is_end = matches!(outcome.kind, OutcomeKind::Expired);
        (!is_end && outcome.block.0 < before).then(|| format!("{outcome:?}"))
    });
    ours.collect()
}
