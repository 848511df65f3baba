//! Arbitrage between the built-in week and an exchange: one that is made up, whose price wanders
//! around the pool's by sixty basis points, there and back in a day, and Binance's recorded hours.

use std::fmt::Write as _;
use std::path::Path;

use rayon::prelude::*;
use tempfile::TempDir;
use tidemill_model::{PoolEvent, Tape};
use tidemill_replay::{Backtest, BacktestConfig, Setup, record_journal};
use tidemill_store::time_text;
use tidemill_units::{SqrtPrice, Timestamp};

use crate::data::{FOOTPRINTS, outcomes, run, run_of, week};
use crate::feeds::binance;

const EXCHANGE: &str = r#"
chain_latency_ms = 500

[[exchange]]
name = "binance"
deposit = "500000"
commission_bps = 1.0
half_spread_bps = 0.5

[[exchange.instrument]]
name = "ETH-PERP"
kind = "perpetual"
base = "WETH"
prices = "elsewhere"

[[strategy]]
kind = "pool_exchange_arbitrage"
max_inventory_quote = 200000.0
unwind_after_hours = 30

[[feed]]
name = "elsewhere"
latency_ms = 100
"#;

/// Dollars for an ether.
fn price(sqrt_price: SqrtPrice) -> f64 {
    let root: f64 = sqrt_price.to_x96().to_string().parse().unwrap();
    let per_raw = (root / 2_f64.powi(96)).powi(2);
    1e12 / per_raw
}

/// A mark every five minutes until after the week.
fn wandering() -> String {
    let mut file = String::from("time,mark\n");
    let (mut at, mut last) = (week().events[0].time.0, 0.0);
    let write = |file: &mut String, at: u64, last: f64| {
        let turn = std::f64::consts::TAU * at as f64 / 86_400.0;
        let mark = last * (1.0 + 0.006 * turn.sin());
        writeln!(file, "{},{mark:.2}", time_text(Timestamp(at))).unwrap();
    };
    for event in &week().events {
        let PoolEvent::Swap { after, .. } = &event.event else { continue };
        while last > 0.0 && at <= event.time.0 {
            write(&mut file, at, last);
            at += 300;
        }
        last = after.sqrt_price.map_or(last, price);
    }
    for later in 0..12 {
        write(&mut file, at + 300 * later, last);
    }
    file
}

/// The setup of a run whose feed is `elsewhere.csv` in a folder.
fn resolve_in(folder: &Path, footprint: &str, kind: &str, tape: &Tape) -> Setup {
    let toml = format!("footprint = \"{footprint}\"\n{EXCHANGE}file = \"elsewhere.csv\"\n{kind}\n");
    let mut config = BacktestConfig::from_toml(&toml).unwrap();
    config.read_files(folder, tape).unwrap();
    config.resolve(tape).unwrap()
}

const MARKS: &str = "kind = \"marks\"";
const HOURS: &str = "kind = \"candles\"\ninterval = \"1h\"";

fn ran(footprint: &str, (kind, file): (&str, &str)) -> Backtest {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("elsewhere.csv"), file).unwrap();
    run(resolve_in(folder.path(), footprint, kind, week()))
}

/// How many swaps and trades were made.
fn counts(backtest: &Backtest) -> [usize; 2] {
    let actions = &run_of(backtest, "pool_exchange_arbitrage").record.actions;
    let count = |what: &[&str]| {
        actions.iter().filter(|action| what.contains(&action.what.as_str())).count()
    };
    [count(&["swap"]), count(&["buy", "sell"])]
}

fn check_adds_up(backtest: &Backtest, footprint: &str) {
    let run = run_of(backtest, "pool_exchange_arbitrage");
    let settlement = &run.record.settlement;
    assert!(settlement.identity.holds(), "{footprint}: {:?}", settlement.identity);
    assert!(run.refused.is_empty(), "{footprint}: {:?}", run.refused);
    let [swaps, trades] = counts(backtest);
    assert!(swaps > 3 && trades > 3, "{footprint}: {swaps} swaps, {trades} trades");
}

/// Six tenths of a percent each way pay for the pool's five basis points and the exchange's one
/// and a half, and the gap turns over twice a day.
#[test]
fn a_wandering_exchange_is_arbitraged_and_the_account_adds_up() {
    let file = wandering();
    for footprint in FOOTPRINTS {
        let backtest = ran(footprint, (MARKS, &file));
        check_adds_up(&backtest, footprint);
        let identity = run_of(&backtest, "pool_exchange_arbitrage").record.settlement.identity;
        assert!(!identity.net.is_negative(), "{footprint}: {identity:?}");
        assert_eq!(backtest.runs[0].digest, ran(footprint, (MARKS, &file)).runs[0].digest);
    }
}

/// The close of an hour is an hour old before the next: most of these gaps are the pool's news,
/// and what is asked here is that the books bear it.
#[test]
fn recorded_hours_of_an_exchange_add_up_too() {
    let Some(file) = binance() else { return };
    for footprint in FOOTPRINTS {
        check_adds_up(&ran(footprint, (HOURS, &file)), footprint);
    }
}

#[test]
fn cutting_the_tape_changes_no_earlier_decision_of_either_leg() {
    let file = wandering();
    let cut = |events: usize| {
        let mut tape = week().clone();
        tape.events.truncate(events);
        tape
    };
    FOOTPRINTS.par_iter().for_each(|footprint| {
        let journal = |tape: &Tape| {
            let folder = TempDir::new().unwrap();
            std::fs::write(folder.path().join("elsewhere.csv"), &file).unwrap();
            let setup = resolve_in(folder.path(), footprint, MARKS, tape);
            record_journal(tape, &setup, &setup.strategies[0]).unwrap().0.events
        };
        let whole = journal(&cut(12_000));
        assert!(!outcomes(&whole, u64::MAX).is_empty(), "{footprint}: nothing was decided");
        for events in [900, 4_001, 11_999] {
            let short = cut(events);
            let before = short.events.last().unwrap().block.0;
            let found = outcomes(&journal(&short), before);
            assert_eq!(found, outcomes(&whole, before), "{footprint} at {events}");
        }
    });
}
