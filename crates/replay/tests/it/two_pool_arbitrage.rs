//! Arbitrage between the built-in week and a made-up pool of 0.30 % that follows it lazily: others
//! bring it back only once it is 90 ticks off, where fees of 35 are paid long since.

use std::sync::{Arc, LazyLock};

use rayon::prelude::*;
use tidemill_model::Tape;
use tidemill_replay::{Backtest, BacktestConfig, Setup, record_journal};
use tidemill_store::AnyTape;

use crate::arbitraged_pool::arbitraged_within;
use crate::data::{FOOTPRINTS, outcomes, run, run_of, week};

static LAZY: LazyLock<Tape> = LazyLock::new(|| arbitraged_within(week(), 90));

const POOL: &str = "[[pool]]\nname = \"lazy\"\ntape = \"lazy.parquet\"\n";
const STRATEGY: &str = "[[strategy]]\nkind = \"two_pool_arbitrage\"\nbuilder_share_bps = 5000\n";

fn resolve(footprint: &str, tape: &Tape, other: &Tape) -> Setup {
    let toml = format!("footprint = \"{footprint}\"\n{POOL}{STRATEGY}");
    let mut config = BacktestConfig::from_toml(&toml).unwrap();
    config.pool[0].recorded = Some(Arc::new(AnyTape::Concentrated(other.clone())));
    config.resolve(tape).unwrap()
}

fn ran(footprint: &str) -> Backtest {
    run(resolve(footprint, week(), &LAZY))
}

/// How many arbitrages were made, and how many reverted.
fn counts(backtest: &Backtest) -> (usize, usize) {
    let actions = &run_of(backtest, "two_pool_arbitrage").record.actions;
    let count = |what: &str| actions.iter().filter(|action| action.what == what).count();
    (count("arbitrage"), actions.len() - count("arbitrage"))
}

#[test]
fn a_lazy_pool_is_arbitraged_and_the_account_adds_up() {
    for footprint in FOOTPRINTS {
        let backtest = ran(footprint);
        let run = run_of(&backtest, "two_pool_arbitrage");
        let settlement = &run.record.settlement;
        assert!(settlement.identity.holds(), "{footprint}: {:?}", settlement.identity);
        assert!(run.refused.is_empty(), "{footprint}: {:?}", run.refused);
        let (made, _) = counts(&backtest);
        assert!(made > 5, "{footprint}: {made} arbitrages");
        // Nothing but swaps that gain, and gas: more is left than what was there.
        let identity = &settlement.identity;
        assert!(identity.swap_cost.is_negative(), "{footprint}: {identity:?}");
        assert!(!identity.net.is_negative(), "{footprint}: {identity:?}");
        assert_eq!(backtest.runs[0].digest, ran(footprint).runs[0].digest);
    }
}

/// The first events of both pools, up to a block.
fn cut(events: usize) -> [Tape; 2] {
    let (mut tape, mut other) = (week().clone(), LAZY.clone());
    tape.events.truncate(events);
    let last = tape.events.last().unwrap().block;
    other.events.retain(|event| event.block <= last);
    [tape, other]
}

#[test]
fn cutting_both_tapes_changes_no_earlier_decision() {
    let [long, long_other] = cut(12_000);
    FOOTPRINTS.par_iter().for_each(|footprint| {
        let journal = |tape: &Tape, other: &Tape| {
            let setup = resolve(footprint, tape, other);
            record_journal(tape, &setup, &setup.strategies[0]).unwrap().0.events
        };
        let whole = journal(&long, &long_other);
        assert!(!outcomes(&whole, u64::MAX).is_empty(), "{footprint}: nothing was decided");
        for events in [900, 4_001, 11_999] {
            let [short, other] = cut(events);
            let before = short.events.last().unwrap().block.0;
            let found = outcomes(&journal(&short, &other), before);
            assert_eq!(found, outcomes(&whole, before), "{footprint} at {events}");
        }
    });
}
