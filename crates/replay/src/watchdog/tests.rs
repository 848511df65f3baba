use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tidemill_engine::StopCause;
use tidemill_model::Intent;
use tidemill_store::AnyTape;
use tidemill_strategy::{Strategy, StrategyFault, View};

use super::{Scene, Waiting, Watchdog};
use crate::backtest::decider_of;
use crate::{BacktestConfig, backtest};

/// Answers so many calls, and the next when the flag is set.
struct Spins {
    left: u64,
    is_over: Arc<AtomicBool>,
}

impl Strategy for Spins {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        self.left = self.left.saturating_sub(1);
        while self.left == 0 && !self.is_over.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        Vec::new()
    }
}

/// Ends what spins, however the test ends.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

const THREE: &str = "[[strategy]]\nkind = \"hold\"\n[[strategy]]\nkind = \"recentre\"\n\
                     half_width_ticks = 100\nthreshold_ticks = 50\n\
                     [[strategy]]\nkind = \"fixed_range\"\nhalf_width_ticks = 1000\n";

#[test]
fn those_on_the_thread_of_one_that_does_not_answer_begin_anew_and_end_the_same() {
    let mut tape = tidemill_store::sample().unwrap();
    tape.events.truncate(4_000);
    let setup = BacktestConfig::from_toml(THREE).unwrap().resolve(&tape).unwrap();
    let alone = backtest(&tape, setup.clone(), &|_| {}).unwrap();
    let over = Over(Arc::default());
    let group = setup.strategies.iter().enumerate().map(|(place, declared)| {
        let decider: Box<dyn Strategy> = match place {
            0 => Box::new(Spins { left: 2_500, is_over: Arc::clone(&over.0) }),
            _ => decider_of((&tape).into(), &setup, declared).unwrap(),
        };
        Waiting { place, declared: declared.clone(), is_own: false, decider }
    });
    let group = group.collect();
    let source = Arc::new(AnyTape::Concentrated(tape).into());
    let scene = Scene { source, setup: Arc::new(setup), done: Arc::default() };
    let patience = Duration::from_secs(2);
    let mut watchdog = Watchdog::new(scene, patience);
    watchdog.start(group);
    let ended = watchdog.watch(Vec::new(), &|_| {});
    assert_eq!(ended.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
    for (place, (run, alone)) in ended.into_values().zip(&alone.runs).enumerate() {
        let run = run.unwrap();
        if place == 0 {
            let fault = StrategyFault::NoAnswer { seconds: patience.as_secs() };
            assert_eq!(run.stopped.map(|stop| stop.cause), Some(StopCause::Fault(fault)));
        } else {
            assert!(!run.record.actions.is_empty(), "it had orders");
            assert_eq!(format!("{run:?}"), format!("{alone:?}"));
        }
    }
}
