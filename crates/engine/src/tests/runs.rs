use std::thread;

use tidemill_market::{Footprint, MarketError, PoolMarket};
use tidemill_model::{EventBody, OutcomeKind, PoolEvent, RecordedAfter};
use tidemill_risk::Refusal;
use tidemill_units::SignedAmounts;

use super::seeded::Seeded;
use super::strategies::{Always, Idle, Restless, nonsense};
use super::synthetic_tape::POOL;
use super::venue::EndOfBlockVenue;
use super::{engine, run, tape};
use crate::{AuditWorld, DriveError, Engine, EngineError, drive};

const FOOTPRINTS: [Footprint; 2] = [Footprint::PriceTaker, Footprint::ReExecuted];

/// Everything that a run leaves, but the digest.
fn rest(engine: &Engine) -> String {
    format!("{:?} {:?} {:?}", engine.market(), engine.ledger(), engine.refused())
}

#[test]
fn replaying_a_journal_gives_the_same_digest_and_the_same_state() {
    let mut orders = 0;
    for seed in 0..40 {
        let tape = tape(seed);
        for footprint in FOOTPRINTS {
            let (first, journal) = run(tape.tape(), footprint, Restless(Seeded(seed)));
            orders += journal.events.len() - tape.tape().events.len();
            let mut audit = engine(tape.tape(), footprint, Restless(Seeded(seed)));
            let driven = drive(&mut audit, &mut AuditWorld::new(journal), |_, _, _| {});
            assert_eq!(driven, Ok(()), "seed {seed}");
            assert_eq!(audit.digest(), first.digest(), "{footprint:?}, seed {seed}");
            assert_eq!(rest(&audit), rest(&first), "{footprint:?}, seed {seed}");
        }
    }
    assert!(orders > 1_000, "only {orders} orders: the tapes are too quiet to show anything");
}

#[test]
fn another_strategy_another_history_or_another_footprint_has_another_digest() {
    let digest = |seed, footprint, wishes| {
        run(tape(seed).tape(), footprint, Restless(Seeded(wishes))).0.digest()
    };
    let digests = [
        digest(1, Footprint::PriceTaker, 1),
        digest(1, Footprint::PriceTaker, 2),
        digest(2, Footprint::PriceTaker, 1),
        digest(1, Footprint::ReExecuted, 1),
    ];
    for (index, one) in digests.iter().enumerate() {
        assert!(!digests[index + 1..].contains(one), "{digests:?}");
        assert_eq!(one.len(), 64, "BLAKE3 in hexadecimal");
    }
}

#[test]
fn engines_in_one_process_do_not_influence_each_other() {
    let one_run = |seed: u64| {
        let footprint =
            if seed.is_multiple_of(2) { Footprint::PriceTaker } else { Footprint::ReExecuted };
        let engine = run(tape(seed / 2).tape(), footprint, Restless(Seeded(seed))).0;
        (engine.digest(), rest(&engine))
    };
    let serial: Vec<_> = (0..12).map(one_run).collect();
    let parallel: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..12).map(|seed| scope.spawn(move || one_run(seed))).collect();
        runs.into_iter().map(|run| run.join().expect("a run")).collect()
    });
    assert_eq!(serial, parallel);
}

#[test]
fn engines_that_take_turns_do_not_influence_each_other() {
    let tape = tape(3);
    let alone = run(tape.tape(), Footprint::ReExecuted, Restless(Seeded(5))).0.digest();
    let [mut one, mut other] =
        [5, 6].map(|wishes| engine(tape.tape(), Footprint::ReExecuted, Restless(Seeded(wishes))));
    let [mut venue, mut other_venue] = [0; 2].map(|_| EndOfBlockVenue::new(tape.tape()));
    let step = |engine: &mut Engine, venue: &mut EndOfBlockVenue| {
        use tidemill_exec::World;
        let Ok(event) = venue.next(engine.market());
        let Some(event) = event else { return false };
        let step = engine.step(&event).expect("it reproduces");
        step.approved.into_iter().for_each(|approved| venue.submit(approved));
        true
    };
    while step(&mut one, &mut venue) | step(&mut other, &mut other_venue) {}
    assert_eq!(one.digest(), alone);
    assert_ne!(other.digest(), alone);
}

#[test]
fn at_the_end_of_a_run_every_order_has_ended_once() {
    for seed in 0..30 {
        let (engine, journal) =
            run(tape(seed).tape(), Footprint::PriceTaker, Restless(Seeded(seed)));
        assert_eq!(engine.ledger().in_flight().count(), 0, "seed {seed}");
        let mut ended: Vec<_> = journal
            .events
            .iter()
            .filter_map(|event| match &event.body {
                EventBody::Outcome(outcome) => Some(outcome.order),
                EventBody::Chain(_)
                | EventBody::Price(_)
                | EventBody::Programme(_)
                | EventBody::Block(_)
                | EventBody::Reverted(_) => None,
                EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => None,
            })
            .collect();
        let count = ended.len();
        ended.sort_unstable();
        ended.dedup();
        assert_eq!(ended.len(), count, "seed {seed}");
    }
}

#[test]
fn nonsense_is_refused_at_every_event_and_the_run_goes_on() {
    let tape = tape(7);
    let events = u64::try_from(tape.tape().events.len()).expect("small");
    for intent in nonsense() {
        let (engine, journal) = run(tape.tape(), Footprint::PriceTaker, Always(vec![intent]));
        assert_eq!(journal.events.len(), tape.tape().events.len(), "nothing was executed");
        let [merged] = engine.refused() else { panic!("{:?}", engine.refused()) };
        assert_eq!((merged.intent, merged.times), (intent, events));
        assert_eq!((merged.key.sequence.0, merged.at), (1, journal.events[0].seen_at));
        assert_eq!(
            engine
                .market()
                .pool(POOL)
                .and_then(PoolMarket::concentrated)
                .map(|pool| pool.history()),
            Some(tape.pool())
        );
    }
}

#[test]
fn refusals_merge_by_kind_of_wish_and_reason() {
    let tape = tape(8);
    let events = u64::try_from(tape.tape().events.len()).expect("small");
    let [bad_range, too_much, ..] = nonsense();
    let (engine, _) = run(tape.tape(), Footprint::PriceTaker, Always(vec![bad_range, too_much]));
    let [one, other] = engine.refused() else { panic!("{:?}", engine.refused()) };
    assert_eq!((one.key.intent, other.key.intent), (0, 1));
    assert_eq!(one.refusal, Refusal::BadRange);
    assert!(matches!(other.refusal, Refusal::InsufficientBalance { .. }));
    assert_eq!((one.times, other.times), (events, events));
}

#[test]
fn the_observer_sees_each_event_before_and_after_it_is_applied() {
    let tape = tape(9);
    let mut engine = engine(tape.tape(), Footprint::PriceTaker, Idle);
    let mut seen = Vec::new();
    let mut venue = EndOfBlockVenue::new(tape.tape());
    let driven = drive(&mut engine, &mut venue, |engine, event, is_applied| {
        let applied = engine.market().pool(POOL).expect("added").counts().events;
        seen.push((event.sequence.0, is_applied, applied));
    });
    assert_eq!(driven, Ok(()));
    let events = u64::try_from(tape.tape().events.len()).expect("small");
    let expected: Vec<_> =
        (1..=events).flat_map(|event| [(event, false, event - 1), (event, true, event)]).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_tape_that_does_not_reproduce_ends_the_run() {
    let mut tape = tape(10);
    let amounts = SignedAmounts {
        amount0: "5".parse().expect("a number"),
        amount1: "-7000000".parse().expect("a number"),
    };
    tape.record(PoolEvent::Swap { amounts, after: RecordedAfter::default() });
    let mut engine = engine(tape.tape(), Footprint::PriceTaker, Idle);
    let driven = drive(&mut engine, &mut EndOfBlockVenue::new(tape.tape()), |_, _, _| {});
    let mismatched = matches!(
        driven,
        Err(DriveError::Engine(EngineError::Market(MarketError::Mismatch { .. })))
    );
    assert!(mismatched, "{driven:?}");
}

#[test]
fn a_strategy_that_did_not_write_the_journal_is_found_out() {
    let tape = tape(11);
    let (_, journal) = run(tape.tape(), Footprint::PriceTaker, Restless(Seeded(4)));
    let is_first = |kind: &OutcomeKind| !matches!(kind, OutcomeKind::Expired);
    let first = journal.events.iter().find_map(|event| match &event.body {
        EventBody::Outcome(outcome) if is_first(&outcome.kind) => Some(outcome.order),
        EventBody::Outcome(_)
        | EventBody::Chain(_)
        | EventBody::Price(_)
        | EventBody::Programme(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_)
        | EventBody::Data(_)
        | EventBody::Account(_)
        | EventBody::Feed(_) => None,
    });
    let mut audit = engine(tape.tape(), Footprint::PriceTaker, Idle);
    let driven = drive(&mut audit, &mut AuditWorld::new(journal), |_, _, _| {});
    let expected = tidemill_ledger::LedgerError::NotInFlight(first.expect("some order"));
    assert_eq!(driven, Err(DriveError::Engine(EngineError::Ledger(expected))));
}
