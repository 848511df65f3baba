use tidemill_market::Footprint;
use tidemill_model::{Intent, Placement, Sequence};
use tidemill_risk::Refusal;
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::{Amount, Side};

use super::seeded::Seeded;
use super::strategies::{Always, Idle, Once, Restless, nonsense};
use super::synthetic_tape::{POOL, amounts, range};
use super::{engine, run, tape};
use crate::{AuditWorld, MAX_INTENTS, Stop, StopCause, drive};

const FOOTPRINTS: [Footprint; 2] = [Footprint::PriceTaker, Footprint::ReExecuted];

/// How a strategy ends.
#[derive(Clone, Copy)]
enum End {
    Panics,
    PanicsWithoutText,
    Faults,
    PanicsWhenDropped,
}

/// Does as another until it is asked for the so many-th time.
struct Doomed<S> {
    inner: S,
    left: u64,
    end: End,
    fault: Option<StrategyFault>,
}

impl<S> Doomed<S> {
    fn new(inner: S, left: u64, end: End) -> Self {
        Self { inner, left, end, fault: None }
    }
}

fn fault() -> StrategyFault {
    let [rule, error] = ["rules.toml:3: `1 / 0`", "a division by zero"].map(str::to_owned);
    StrategyFault::Failed { rule, error }
}

impl<S: Strategy> Strategy for Doomed<S> {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        assert!(self.fault.is_none(), "it was asked again");
        self.left -= 1;
        let wanted = self.inner.decide(view);
        if self.left > 0 {
            return wanted;
        }
        match self.end {
            End::Panics => panic!("no {} left", "patience"),
            End::PanicsWithoutText => std::panic::panic_any(5_u8),
            End::Faults | End::PanicsWhenDropped => self.fault = Some(fault()),
        }
        wanted
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.fault.as_ref()
    }
}

impl<S> Drop for Doomed<S> {
    fn drop(&mut self) {
        assert!(!matches!(self.end, End::PanicsWhenDropped), "not like this");
    }
}

fn open(count: usize) -> Vec<Intent> {
    let one = |place: usize| {
        let lower = -60 * (1 + i32::try_from(place).expect("small"));
        Intent::Open {
            pool: POOL,
            placement: Placement::Range(range(lower, 60)),
            desired: amounts(1_000_000, 1_000_000).into(),
        }
    };
    (0..count).map(one).collect()
}

fn swap(amount_in: Amount) -> Intent {
    let (pair, min_amount_out) = (Side::Token0.into_other(), Amount::ZERO);
    Intent::Swap { pool: POOL, pair, amount_in, min_amount_out }
}

/// Wants the same at every event, and at every tenth something that it gets.
struct Lucky {
    always: Vec<Intent>,
    calls: u64,
}

impl Strategy for Lucky {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        self.calls += 1;
        let gets = self.calls.is_multiple_of(10).then(|| swap(Amount::from_u64(1)));
        gets.into_iter().chain(self.always.iter().copied()).collect()
    }
}

#[test]
fn a_strategy_that_fails_is_stopped_and_what_it_has_open_is_closed() {
    let cases = [
        (End::Panics, StopCause::Panicked { message: "no patience left".to_owned() }),
        (End::PanicsWithoutText, StopCause::Panicked { message: "it did not say why".to_owned() }),
        (End::Faults, StopCause::Fault(fault())),
        (End::PanicsWhenDropped, StopCause::Fault(fault())),
    ];
    let tape = tape(21);
    for (end, cause) in cases {
        for footprint in FOOTPRINTS {
            // At the first event it asks for two positions, which are on their way when it fails.
            for left in [2, 60] {
                let (engine, journal) =
                    run(tape.tape(), footprint, Doomed::new(Always(open(2)), left, end));
                let at = &journal.events[usize::try_from(left - 1).expect("small")];
                let stop = Stop { sequence: at.sequence, at: at.seen_at, cause: cause.clone() };
                assert_eq!(engine.stopped(), Some(&stop));
                assert_eq!(engine.ledger().positions().count(), 0, "everything was closed");
                assert_eq!(engine.ledger().in_flight().count(), 0);
                let events = tape.tape().events.len();
                assert!(journal.events.len() >= events + 4, "opened and closed, to the end");
            }
        }
    }
}

#[test]
fn whatever_it_does_before_nothing_stays_open_after_a_stop() {
    let mut closed = 0;
    for seed in 0..40 {
        let tape = tape(seed);
        for footprint in FOOTPRINTS {
            let restless = || Restless(Seeded(seed));
            let doomed = || Doomed::new(restless(), 20 + seed * 2, End::Panics);
            let (engine, journal) = run(tape.tape(), footprint, doomed());
            assert!(engine.stopped().is_some(), "seed {seed}");
            assert_eq!(engine.ledger().positions().count(), 0, "seed {seed}");
            let (calm, _) = run(tape.tape(), footprint, restless());
            closed += calm.ledger().positions().count();
            assert_eq!(calm.stopped(), None);
            assert_ne!(calm.digest(), engine.digest());
            // The way out is the engine's own: the journal is reproduced with it.
            let mut audit = super::engine(tape.tape(), footprint, doomed());
            let driven = drive(&mut audit, &mut AuditWorld::new(journal), |_, _, _| {});
            assert_eq!(driven, Ok(()), "seed {seed}");
            assert_eq!(audit.digest(), engine.digest(), "seed {seed}");
        }
    }
    assert!(closed > 20, "only {closed} positions would have stayed open");
}

#[test]
fn when_and_why_it_was_stopped_are_in_the_digest() {
    let tape = tape(22);
    let digest =
        |strategy: Doomed<Idle>| run(tape.tape(), Footprint::PriceTaker, strategy).0.digest();
    let digests = [
        run(tape.tape(), Footprint::PriceTaker, Idle).0.digest(),
        digest(Doomed::new(Idle, 5, End::Panics)),
        digest(Doomed::new(Idle, 6, End::Panics)),
        digest(Doomed::new(Idle, 5, End::Faults)),
    ];
    for (index, one) in digests.iter().enumerate() {
        assert!(!digests[index + 1..].contains(one), "{digests:?}");
    }
}

#[test]
fn more_intents_at_one_event_than_are_allowed_are_not_looked_at() {
    let tape = tape(23);
    let most = vec![swap(Amount::from_u64(1)); MAX_INTENTS];
    let (engine, _) = run(tape.tape(), Footprint::PriceTaker, Once(most.clone()));
    assert_eq!(engine.stopped(), None);
    assert!(engine.refused().is_empty());
    let mut more = most;
    more.push(swap(Amount::from_u64(1)));
    let (engine, journal) = run(tape.tape(), Footprint::PriceTaker, Always(more));
    let cause = StopCause::TooManyIntents { wanted: MAX_INTENTS + 1, limit: MAX_INTENTS };
    let at = journal.events[0].seen_at;
    assert_eq!(engine.stopped(), Some(&Stop { sequence: Sequence(1), at, cause }));
    assert_eq!(journal.events.len(), tape.tape().events.len(), "nothing was executed");
    assert!(engine.refused().is_empty());
}

#[test]
fn a_flood_of_refused_intents_is_stopped_and_a_ladder_of_them_is_not() {
    let tape = tape(24);
    let events = u64::try_from(tape.tape().events.len()).expect("small");
    let refused = |count| vec![swap(Amount::MAX); count];
    let (engine, _) = run(tape.tape(), Footprint::PriceTaker, Always(refused(64)));
    assert_eq!(engine.stopped(), None);
    assert_eq!(engine.refused()[0].times, 64 * events);
    let (engine, _) = run(tape.tape(), Footprint::PriceTaker, Always(refused(65)));
    let stop = engine.stopped().expect("stopped");
    assert_eq!(stop.sequence, Sequence(64));
    assert_eq!(stop.cause, StopCause::Flood { refused: 4_097, events: 64 });
    assert_eq!(engine.refused()[0].times, 4_097, "the rest of the event is dropped");
    // One that gets something now and then is no flood.
    let lucky = Lucky { always: refused(200), calls: 0 };
    let (engine, _) = run(tape.tape(), Footprint::PriceTaker, lucky);
    assert_eq!(engine.stopped(), None);
}

#[test]
fn nonsense_again_and_again_is_stopped() {
    let tape = tape(25);
    let [bad_range, too_much, no_pool, ..] = nonsense();
    for intent in [bad_range, no_pool] {
        let (engine, journal) = run(tape.tape(), Footprint::PriceTaker, Always(vec![intent; 10]));
        let Stop { sequence, at, cause } = engine.stopped().expect("stopped");
        assert_eq!((*sequence, *at), (Sequence(101), journal.events[100].seen_at));
        let StopCause::Nonsense { times: 1_001, refusal } = cause else { panic!("{cause:?}") };
        assert_eq!(*refusal, engine.refused()[0].refusal);
        // With something approved in between it only wastes its breath.
        let lucky = Lucky { always: vec![intent; 10], calls: 0 };
        let (engine, _) = run(tape.tape(), Footprint::PriceTaker, lucky);
        assert_eq!(engine.stopped(), None);
    }
    // More than there is may be asked for: it may be there tomorrow.
    let (engine, _) = run(tape.tape(), Footprint::PriceTaker, Always(vec![too_much; 10]));
    assert_eq!(engine.stopped(), None);
    assert!(matches!(engine.refused()[0].refusal, Refusal::InsufficientBalance { .. }));
}

#[test]
fn what_is_not_a_strategys_own_doing_ends_the_run_as_before() {
    let tape = tape(26);
    let mut engine = engine(tape.tape(), Footprint::PriceTaker, Doomed::new(Idle, 1, End::Faults));
    let events = super::synthetic_tape::chain_events(tape.tape());
    assert!(engine.step(&events[0]).is_ok() && engine.stopped().is_some());
    assert!(engine.step(&events[0]).is_err(), "out of order");
    assert!(engine.step(&events[1]).is_ok());
}
