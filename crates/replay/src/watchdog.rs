//! Runs strategies side by side on as many threads as there are cores, and leaves one behind that
//! does not answer.
//!
//! A thread that loops cannot be ended from outside. It is left to itself: what its strategy had
//! answered until then is kept, and another run gives the same answers up to the call that did not
//! return, where it stops as any strategy does that gives up. So its books are whole and its
//! positions closed. The others of its thread are begun anew on another, which costs their time
//! and changes nothing that they say: nobody else's run knows of it. The thread goes on using a
//! core until its strategy returns or the process ends.

use std::collections::{BTreeMap, VecDeque};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tidemill_model::Intent;
use tidemill_strategies::StrategyConfig;
use tidemill_strategy::{Strategy, StrategyFault, View};

use crate::backtest::{dealt, decider_of};
use crate::run::run_together;
use crate::run_source::prepared_owned;
use crate::{Backtest, BacktestError, OwnedSource, Setup, StrategyRun};

/// A strategy of one's own, beside those of a configuration.
pub struct OwnStrategy {
    /// What the report calls it, and the feeds and candles that it is shown.
    pub declared: StrategyConfig,
    /// What decides.
    pub decider: Box<dyn Strategy>,
}

/// Runs every strategy of a setup over a tape, or feeds alone, as [`backtest`](crate::backtest)
/// does, and strategies of one's own after them: those of the setup side by side on as many threads
/// as there are cores, then each of one's own on a thread by itself. One that does not return from
/// a call for the setup's `answer_within_seconds` is stopped there. `progress` is told now and then
/// how many events all of them together have taken in.
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
        runs.push((strategy.clone(), false, decider));
    }
    runs.extend(own.into_iter().map(|own| (own.declared, true, own.decider)));
    let waiting =
        |(place, (declared, is_own, decider))| Waiting { place, declared, is_own, decider };
    let runs = runs.into_iter().enumerate().map(waiting).collect();
    let patience = Duration::from_secs(setup.answer_within_seconds);
    let scene = Scene { source, setup: Arc::new(setup), done: Arc::default() };
    let runs = Watchdog::new(scene.clone(), patience).watch(runs, progress);
    let setup = Setup::clone(&scene.setup);
    Ok(Backtest { runs: runs.into_values().collect::<Result<_, _>>()?, setup })
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

/// A strategy among those that run on one thread.
struct Member {
    place: usize,
    declared: StrategyConfig,
    /// Whether another decider can be built from what was declared.
    is_own: bool,
    pulse: Arc<Pulse>,
    /// The pulse when it last changed, and when that was.
    seen: (u64, Instant),
}

/// Strategies side by side on a thread that has not ended.
struct Running {
    /// Which of all that were started.
    ticket: u64,
    members: Vec<Member>,
    thread: JoinHandle<Vec<Finished>>,
}

/// A strategy that is to be started, and its place among all.
struct Waiting {
    place: usize,
    declared: StrategyConfig,
    is_own: bool,
    decider: Box<dyn Strategy>,
}

impl Member {
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
    /// The tickets of threads that have ended.
    ends: (Sender<u64>, Receiver<u64>),
    running: Vec<Running>,
    tickets: u64,
    ended: BTreeMap<usize, Finished>,
}

/// Between two looks at the runs.
const LOOK: Duration = Duration::from_millis(50);

impl Watchdog {
    fn new(scene: Scene, patience: Duration) -> Self {
        let (running, ended) = (Vec::new(), BTreeMap::new());
        Self { scene, patience, ends: channel(), running, tickets: 0, ended }
    }

    /// Runs all to their ends; returns these by their places.
    fn watch(mut self, runs: Vec<Waiting>, progress: &dyn Fn(u64)) -> BTreeMap<usize, Finished> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let (own, built): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.is_own);
        // One of one's own cannot be begun anew beside another that does not answer.
        let alone = own.into_iter().map(|run| vec![run]);
        let mut waiting: VecDeque<_> = dealt(built, cores).into_iter().chain(alone).collect();
        while !(waiting.is_empty() && self.running.is_empty()) {
            while self.running.len() < cores
                && let Some(group) = waiting.pop_front()
            {
                self.start(group);
            }
            if let Some(run) = self.next_end() {
                let places = run.members.iter().map(|member| member.place);
                match run.thread.join() {
                    Ok(finished) => self.ended.extend(places.zip(finished)),
                    Err(panic) => resume_unwind(panic),
                }
            }
            self.leave_behind();
            progress(self.scene.done.load(Ordering::Relaxed));
        }
        self.ended
    }

    /// Starts strategies side by side on a thread of their own.
    fn start(&mut self, group: Vec<Waiting>) {
        let mut members = Vec::new();
        let mut deciders = Vec::new();
        for Waiting { place, declared, is_own, decider: inner } in group {
            let pulse = Arc::<Pulse>::default();
            let watched = Watched { inner, pulse: Arc::clone(&pulse), calls: 0 };
            deciders.push((declared.clone(), Box::new(watched) as Box<dyn Strategy>));
            let seen = (0, Instant::now());
            members.push(Member { place, declared, is_own, pulse, seen });
        }
        let (scene, end) = (self.scene.clone(), self.ends.0.clone());
        let ticket = self.tickets;
        let thread = thread::spawn(move || {
            let count = |events| {
                scene.done.fetch_add(events, Ordering::Relaxed);
            };
            let source = scene.source.as_ref().into();
            let deciders = deciders.into_iter().map(Ok);
            let finished = run_together((source, &scene.setup), deciders, &count);
            // Nobody may be waiting any more, if a strategy was left behind.
            let _unheard = end.send(ticket).is_err();
            finished
        });
        self.tickets = ticket.saturating_add(1);
        self.running.push(Running { ticket, members, thread });
    }

    /// Waits a little for a thread to end. One that panicked says nothing, and is found all the
    /// same.
    fn next_end(&mut self) -> Option<Running> {
        let told = self.ends.1.recv_timeout(LOOK).ok();
        let has_ended =
            |run: &Running| told.map_or(run.thread.is_finished(), |ticket| run.ticket == ticket);
        let at = self.running.iter().position(has_ended)?;
        Some(self.running.remove(at))
    }

    /// Gives up on a strategy that does not answer, and runs what it had answered again. Those that
    /// were on its thread begin anew.
    fn leave_behind(&mut self) {
        let patience = self.patience;
        let silent = |run: &mut Running| {
            let mut members = run.members.iter_mut().enumerate();
            members.find_map(|(at, member)| Some((at, member.unanswered(patience)?)))
        };
        let mut running = self.running.iter_mut().enumerate();
        let silent = running.find_map(|(at, run)| Some((at, silent(run)?)));
        let Some((at, (silent, unanswered))) = silent else { return };
        let mut members = self.running.remove(at).members;
        let Member { place, declared, is_own, pulse, .. } = members.remove(silent);
        let answers = pulse.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let no_answer = StrategyFault::NoAnswer { seconds: patience.as_secs() };
        let repeated = Repeated { answers: answers.into(), unanswered, calls: 0, no_answer };
        self.start(vec![Waiting { place, declared, is_own, decider: Box::new(repeated) }]);
        self.begin_anew(members);
    }

    fn begin_anew(&mut self, members: Vec<Member>) {
        let mut group = Vec::new();
        for Member { place, declared, is_own, .. } in members {
            let source = self.scene.source.as_ref().into();
            match decider_of(source, &self.scene.setup, &declared) {
                Ok(decider) => group.push(Waiting { place, declared, is_own, decider }),
                Err(error) => {
                    self.ended.insert(place, Err(error));
                }
            }
        }
        if !group.is_empty() {
            self.start(group);
        }
    }
}

#[cfg(test)]
mod tests;
