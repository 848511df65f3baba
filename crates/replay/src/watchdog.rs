//! Runs strategies on threads of their own, and leaves one behind that does not answer.
//!
//! A thread that loops cannot be ended from outside. It is left to itself: what its strategy had
//! answered until then is kept, and another run gives the same answers up to the call that did not
//! return, where it stops as any strategy does that gives up. So its books are whole and its
//! positions closed, and nobody else's run knows of it. The thread goes on using a core until its
//! strategy returns or the process ends.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tidemill_model::Intent;
use tidemill_strategies::StrategyConfig;
use tidemill_strategy::{Strategy, StrategyFault, View};

use crate::backtest::{decider_of, run};
use crate::run_source::prepared_owned;
use crate::{Backtest, BacktestError, OwnedSource, Setup, StrategyRun};

/// A strategy of one's own, beside those of a configuration.
pub struct OwnStrategy {
    /// What the report calls it, and the feeds and candles that it is shown.
    pub declared: StrategyConfig,
    /// What decides.
    pub decider: Box<dyn Strategy>,
}

/// Runs every strategy of a setup over a tape, or feeds alone, as [`backtest`](crate::backtest) does, and strategies
/// of one's own after them, each on a thread of its own and as many at a time as there are cores.
/// One that does not return from a call for the setup's `answer_within_seconds` is stopped there.
/// `progress` is told now and then how many events all of them together have taken in.
///
/// Only the run of a strategy that does not answer depends on a clock.
///
/// Errors: see [`BacktestError`]; the first in the order of the strategies. Panics where a run does
/// so outside its strategy, which is a bug of ours.
pub fn backtest_watched(
    source: &Arc<OwnedSource>,
    setup: Setup,
    own: Vec<OwnStrategy>,
    progress: &dyn Fn(u64),
) -> Result<Backtest, BacktestError> {
    let source = prepared_owned(source)?;
    let mut runs = Vec::new();
    for strategy in &setup.strategies {
        let decider = decider_of(source.as_ref().into(), &setup, strategy)?;
        runs.push(OwnStrategy { declared: strategy.clone(), decider });
    }
    runs.extend(own);
    let patience = Duration::from_secs(setup.answer_within_seconds);
    let scene = Scene { source, setup: Arc::new(setup), done: Arc::default() };
    let runs = Watchdog::new(scene.clone(), patience).watch(runs, progress);
    let setup = Setup::clone(&scene.setup);
    Ok(Backtest { runs: runs.into_iter().collect::<Result<_, _>>()?, setup })
}

/// What all runs share.
#[derive(Clone)]
struct Scene {
    source: Arc<OwnedSource>,
    setup: Arc<Setup>,
    /// Events taken in by all runs together.
    done: Arc<AtomicU64>,
}

type Finished = Result<StrategyRun, BacktestError>;

/// What a run lets the watchdog see.
#[derive(Default)]
struct Pulse {
    /// Twice the calls that were answered, and one more while another is not.
    beat: AtomicU64,
    /// What was answered, where it was anything, with the number of the call.
    answers: Mutex<Vec<(u64, Vec<Intent>)>>,
}

/// A strategy that shows its pulse.
struct Watched {
    inner: Box<dyn Strategy>,
    pulse: Arc<Pulse>,
    calls: u64,
}

/// A call that is not answered, until this is dropped: also where the strategy panics.
struct Unanswered<'a>(&'a Pulse, u64);

impl<'a> Unanswered<'a> {
    fn new(pulse: &'a Pulse, call: u64) -> Self {
        pulse.beat.store(call.saturating_mul(2).saturating_add(1), Ordering::Release);
        Self(pulse, call)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        let Self(pulse, call) = self;
        pulse.beat.store(call.saturating_add(1).saturating_mul(2), Ordering::Release);
    }
}

impl Strategy for Watched {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let call = self.calls;
        self.calls = call.saturating_add(1);
        let unanswered = Unanswered::new(&self.pulse, call);
        let intents = self.inner.decide(view);
        if !intents.is_empty() {
            let answers = self.pulse.answers.lock();
            answers.unwrap_or_else(PoisonError::into_inner).push((call, intents.clone()));
        }
        drop(unanswered);
        intents
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}

/// Answers as another did, up to the call that was not answered.
struct Repeated {
    answers: VecDeque<(u64, Vec<Intent>)>,
    unanswered: u64,
    calls: u64,
    no_answer: StrategyFault,
}

impl Strategy for Repeated {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        let call = self.calls;
        self.calls = call.saturating_add(1);
        let answer = self.answers.pop_front_if(|(answered, _)| *answered == call);
        answer.map(|(_, intents)| intents).unwrap_or_default()
    }

    fn fault(&self) -> Option<&StrategyFault> {
        (self.calls > self.unanswered).then_some(&self.no_answer)
    }
}

/// A run that has not ended.
struct Running {
    place: usize,
    /// Which of all that were started.
    ticket: u64,
    declared: StrategyConfig,
    pulse: Arc<Pulse>,
    /// The pulse when it last changed, and when that was.
    seen: (u64, Instant),
    thread: JoinHandle<Finished>,
}

impl Running {
    /// The call that is not answered, if it has not been for too long.
    fn unanswered(&mut self, patience: Duration) -> Option<u64> {
        let beat = self.pulse.beat.load(Ordering::Acquire);
        if beat != self.seen.0 {
            self.seen = (beat, Instant::now());
        }
        let is_asked = beat % 2 == 1;
        (is_asked && self.seen.1.elapsed() >= patience).then_some(beat / 2)
    }
}

struct Watchdog {
    scene: Scene,
    patience: Duration,
    /// The tickets of runs that have ended.
    ends: (Sender<u64>, Receiver<u64>),
    running: Vec<Running>,
    tickets: u64,
}

/// Between two looks at the runs.
const LOOK: Duration = Duration::from_millis(50);

impl Watchdog {
    fn new(scene: Scene, patience: Duration) -> Self {
        Self { scene, patience, ends: channel(), running: Vec::new(), tickets: 0 }
    }

    /// Runs all to their ends; returns these in the same order.
    fn watch(mut self, runs: Vec<OwnStrategy>, progress: &dyn Fn(u64)) -> Vec<Finished> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let mut ended: Vec<Option<Finished>> = runs.iter().map(|_| None).collect();
        let mut waiting: VecDeque<_> = (0..).zip(runs).collect();
        while !(waiting.is_empty() && self.running.is_empty()) {
            while self.running.len() < cores
                && let Some((place, OwnStrategy { declared, decider })) = waiting.pop_front()
            {
                self.start(place, declared, decider);
            }
            if let Some(run) = self.next_end() {
                match run.thread.join() {
                    Ok(finished) => ended[run.place] = Some(finished),
                    Err(panic) => resume_unwind(panic),
                }
            }
            self.leave_behind();
            progress(self.scene.done.load(Ordering::Relaxed));
        }
        ended.into_iter().flatten().collect()
    }

    fn start(&mut self, place: usize, declared: StrategyConfig, inner: Box<dyn Strategy>) {
        let pulse = Arc::<Pulse>::default();
        let watched = Watched { inner, pulse: Arc::clone(&pulse), calls: 0 };
        let (scene, end, strategy) = (self.scene.clone(), self.ends.0.clone(), declared.clone());
        let ticket = self.tickets;
        let thread = thread::spawn(move || {
            let count = |events| {
                scene.done.fetch_add(events, Ordering::Relaxed);
            };
            let source = scene.source.as_ref().into();
            let finished = run((source, &scene.setup), &strategy, Box::new(watched), &count);
            // Nobody may be waiting any more, if the strategy was left behind.
            let _unheard = end.send(ticket).is_err();
            finished
        });
        let seen = (0, Instant::now());
        self.tickets = ticket.saturating_add(1);
        self.running.push(Running { place, ticket, declared, pulse, seen, thread });
    }

    /// Waits a little for a run to end. One that panicked says nothing, and is found all the same.
    fn next_end(&mut self) -> Option<Running> {
        let told = self.ends.1.recv_timeout(LOOK).ok();
        let has_ended =
            |run: &Running| told.map_or(run.thread.is_finished(), |ticket| run.ticket == ticket);
        let at = self.running.iter().position(has_ended)?;
        Some(self.running.remove(at))
    }

    /// Gives up on a strategy that does not answer, and runs what it had answered again.
    fn leave_behind(&mut self) {
        let patience = self.patience;
        let mut running = self.running.iter_mut().enumerate();
        let silent = running.find_map(|(at, run)| run.unanswered(patience).map(|call| (at, call)));
        let Some((at, unanswered)) = silent else { return };
        let Running { place, declared, pulse, .. } = self.running.remove(at);
        let answers = pulse.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let no_answer = StrategyFault::NoAnswer { seconds: patience.as_secs() };
        let repeated = Repeated { answers: answers.into(), unanswered, calls: 0, no_answer };
        self.start(place, declared, Box::new(repeated));
    }
}
