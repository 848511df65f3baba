//! W16: ten strategies side by side on the recorded week, each with an engine, a ledger, limits, a
//! venue and a sheet of its own, on one core. Decoding is done before the timing.

use std::hint::black_box;
use std::rc::Rc;

use rayon::ThreadPoolBuilder;
use tidemill_model::Tape;
use tidemill_replay::{Backtest, BacktestConfig, Setup, backtest};
use tidemill_store::sample;
use tidemill_strategies::StrategyConfig;

use crate::harness::{Contestant, Row, Run, Target};

/// Ten kinds that differ in what they look at and in how often they act.
const STRATEGIES: &str = r#"
[limits]
max_positions = 50
[[strategy]]
kind = "hold"
[[strategy]]
kind = "full_range"
[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000
[[strategy]]
kind = "recentre"
[[strategy]]
kind = "volatility_range"
[[strategy]]
kind = "optimal_width"
[[strategy]]
kind = "ladder"
[[strategy]]
kind = "limit_range"
[[strategy]]
kind = "ratio_allocation"
[[strategy]]
kind = "mean_reversion"
"#;

/// As price-takers: the recorded pool is the same for all of them.
pub(crate) fn price_taker() -> Result<Row, String> {
    ten("price-taker")
}

/// Re-executed: from its first order on, each has a pool of its own.
pub(crate) fn re_executed() -> Result<Row, String> {
    ten("re-executed")
}

fn ten(footprint: &str) -> Result<Row, String> {
    let tape = Rc::new(sample().map_err(|error| error.to_string())?);
    let config = format!("footprint = \"{footprint}\"\n{STRATEGIES}");
    let config = BacktestConfig::from_toml(&config).map_err(|error| error.to_string())?;
    let setup = config.resolve(tape.as_ref()).map_err(|error| error.to_string())?;
    let alone = each_alone(&setup);
    let together = on_one_core(&tape, std::slice::from_ref(&setup))?;
    if digests(&together) != digests(&on_one_core(&tape, &alone)?) {
        return Err("side by side, a strategy does what it does not do alone".to_owned());
    }
    let runs: Vec<_> = together.iter().flat_map(|backtest| &backtest.runs).collect();
    let acted = runs.iter().filter(|run| !run.record.actions.is_empty()).count();
    let strategies = runs.len();
    let operations = u64::try_from(tape.events.len()).map_err(|error| error.to_string())?;
    let run = |setups: Vec<Setup>| -> Run {
        let tape = Rc::clone(&tape);
        Box::new(move |iterations| {
            for _ in 0..iterations {
                black_box(on_one_core(black_box(&tape), &setups)).ok();
            }
        })
    };
    Ok(Row {
        title: format!("{strategies} side by side, {footprint}"),
        target: Target::PerSecond(3e5),
        operations,
        contestants: vec![
            (Contestant::Tidemill, run(vec![setup])),
            (Contestant::EachAlone, run(alone)),
        ],
        notes: vec![format!(
            "an event of the tape is one operation, and {strategies} strategies see it; \
             {acted} of them had orders"
        )],
    })
}

/// The same strategies in runs of their own.
fn each_alone(setup: &Setup) -> Vec<Setup> {
    let alone =
        |strategy: &StrategyConfig| Setup { strategies: vec![strategy.clone()], ..setup.clone() };
    setup.strategies.iter().map(alone).collect()
}

fn on_one_core(tape: &Tape, setups: &[Setup]) -> Result<Vec<Backtest>, String> {
    let core =
        ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| error.to_string())?;
    core.install(|| {
        let run = |setup: &Setup| backtest(tape, setup.clone(), &|_| {});
        setups.iter().map(run).collect::<Result<_, _>>().map_err(|error| error.to_string())
    })
}

fn digests(backtests: &[Backtest]) -> Vec<&str> {
    let runs = backtests.iter().flat_map(|backtest| &backtest.runs);
    runs.map(|run| run.digest.as_str()).collect()
}
