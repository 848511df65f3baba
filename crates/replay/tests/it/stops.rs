//! Strategies that are stopped: their books are closed, and nobody else's change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tidemill_engine::StopCause;
use tidemill_model::{Intent, Placement, ProgrammeId, StakingId};
use tidemill_replay::{
    Backtest, BacktestConfig, OwnStrategy, Setup, StrategyRun, backtest_watched, tear_sheet,
};
use tidemill_report::Provenance;
use tidemill_store::AnyTape;
use tidemill_strategies::StrategyConfig;
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::{TickRange, TokenAmounts, TokenIndex};

use crate::data::{FIVE, FOOTPRINTS, run, run_of, setup, week};

/// What a strategy does at last.
enum End {
    Panics,
    GivesUp,
    /// Until the flag is set.
    Spins(Arc<AtomicBool>),
}

/// Opens one position, stakes it where that can be done, and ends at the so many-th call.
struct Doomed {
    placement: Placement,
    left: u64,
    end: End,
    fault: Option<StrategyFault>,
}

fn fault() -> StrategyFault {
    StrategyFault::NoAnswer { seconds: 2 }
}

impl Doomed {
    fn wanted(&self, view: &View<'_>) -> Option<Intent> {
        if view.is_waiting() {
            return None;
        }
        let programme = ProgrammeId(0);
        if let Some((position, open)) = view.positions().next() {
            let can = open.staked.is_none() && view.could_stake(position, programme);
            return can.then_some(Intent::Stake { position, programme });
        }
        let available = view.available()?;
        let desired = match self.placement {
            Placement::Stake(_) => {
                let token = TokenIndex(1);
                TokenAmounts::of(available.len(), token, available.get(token)?)?
            }
            Placement::Range(_) | Placement::Shares | Placement::Lock { .. } => available,
        };
        Some(Intent::Open { pool: view.pool_id()?, placement: self.placement, desired })
    }
}

impl Strategy for Doomed {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        self.left -= 1;
        if self.left == 0 {
            match &self.end {
                End::Panics => panic!("nothing left to lose"),
                End::GivesUp => self.fault = Some(fault()),
                End::Spins(is_over) => {
                    while !is_over.load(Ordering::Relaxed) {
                        std::thread::yield_now();
                    }
                }
            }
        }
        self.wanted(view).into_iter().collect()
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.fault.as_ref()
    }
}

/// Ends what spins, however the test ends.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn full_range() -> Placement {
    Placement::Range(TickRange::full(week().header.tick_spacing).unwrap())
}

fn own(name: &str, placement: Placement, end: End) -> OwnStrategy {
    let declared = BacktestConfig::from_toml("[[strategy]]\nkind = \"hold\"\n").unwrap();
    let declared = StrategyConfig { name: Some(name.to_owned()), ..declared.strategy[0].clone() };
    let decider = Box::new(Doomed { placement, left: 5_000, end, fault: None });
    OwnStrategy { declared, decider }
}

fn watched(setup: Setup, own: Vec<OwnStrategy>) -> Backtest {
    let tape = Arc::new(AnyTape::Concentrated(week().clone()).into());
    backtest_watched(&tape, setup, own, &|_| {}).unwrap()
}

fn actions(run: &StrategyRun) -> Vec<&str> {
    run.record.actions.iter().map(|action| action.what.as_str()).collect()
}

#[test]
fn watched_runs_are_the_same_to_the_last_digit() {
    for footprint in FOOTPRINTS {
        let setup = setup(&format!("footprint = \"{footprint}\"\n{FIVE}"));
        let (plain, watched) = (run(setup.clone()), watched(setup, Vec::new()));
        assert_eq!(plain.runs.len(), watched.runs.len());
        for (one, other) in plain.runs.iter().zip(&watched.runs) {
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
            assert_eq!(one.stopped, None);
        }
    }
}

#[test]
fn one_that_does_not_answer_is_left_behind_with_its_books_closed() {
    let over = Over(Arc::default());
    let setup = setup(&format!("answer_within_seconds = 2\n{FIVE}"));
    let spins = own("spins", full_range(), End::Spins(Arc::clone(&over.0)));
    let finished = watched(setup.clone(), vec![spins]);
    let spun = run_of(&finished, "spins");
    let stop = spun.stopped.as_ref().unwrap();
    assert_eq!(stop.cause, StopCause::Fault(fault()));
    assert_eq!(stop.cause.to_string(), "it did not answer within 2 s");
    assert_eq!(actions(spun), ["open", "close"]);
    let record = &spun.record;
    assert!(
        record.settlement.identity.holds() && record.settlement.identity.gas > Default::default()
    );
    // Left behind is what the same strategy would have left that gives up at the same event.
    let gave_up = watched(setup.clone(), vec![own("spins", full_range(), End::GivesUp)]);
    let gave_up = run_of(&gave_up, "spins");
    assert_eq!(gave_up.digest, spun.digest);
    assert_eq!(format!("{:?}", gave_up.record), format!("{:?}", spun.record));
    // Nobody else knows.
    for one in run(setup).runs {
        let other = run_of(&finished, &one.strategy.name());
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
}

#[test]
fn one_that_panics_leaves_its_programme_first_and_is_reported() {
    let reward = "[[reward]]\nkind = \"v3_staker\"\ntoken = \"UNI\"\namount = \"100000\"\n\
                  price_quote = \"12.5\"\n[[strategy]]\nkind = \"hold\"\n";
    let finished = watched(setup(reward), vec![own("panics", full_range(), End::Panics)]);
    let run = run_of(&finished, "panics");
    assert_eq!(actions(run), ["open", "stake", "unstake", "close"]);
    assert!(run.record.settlement.identity.holds());
    let stop = run.stopped.as_ref().unwrap();
    let message = "nothing left to lose".to_owned();
    assert_eq!(stop.cause, StopCause::Panicked { message });
    let provenance =
        Provenance { tidemill_version: String::new(), tape_blake3: None, command: String::new() };
    let sheet = tear_sheet(week(), &finished, provenance);
    assert_eq!(sheet.strategies[0].stopped, None);
    let stopped = sheet.strategies[1].stopped.as_ref().unwrap();
    assert_eq!(stopped.event, stop.sequence.0);
    assert_eq!(stopped.unix, stop.at.second().0);
    assert_eq!(stopped.reason, "it panicked: nothing left to lose");
}

#[test]
fn a_stake_is_asked_back_and_collected_once_it_can_be_had() {
    let staking = "[[staking]]\nkind = \"liquid_staking\"\ntoken = \"WETH\"\n\
                   yearly_rate = \"0.0365\"\nunbonding_hours = 24\n[[strategy]]\nkind = \"hold\"\n";
    let placement = Placement::Stake(StakingId(0));
    let finished = watched(setup(staking), vec![own("panics", placement, End::Panics)]);
    let run = run_of(&finished, "panics");
    assert_eq!(actions(run), ["stake", "unbond", "close"]);
    let [_, asked, paid] = run.record.actions.as_slice() else { panic!("three") };
    assert!(paid.unix - asked.unix >= 86_400, "not asked for in between, which would cost gas");
    assert!(run.record.settlement.identity.holds());
}
