//! What risk closes by itself goes the way of every order, before the strategy is asked.

use tidemill_market::Footprint;
use tidemill_model::{EventBody, Intent, OutcomeKind, Placement};
use tidemill_risk::{Fall, Refusal, Safeguards, StopCause, StopRule};
use tidemill_strategy::{Strategy, View};

use super::synthetic_tape::{POOL, SyntheticTape, amounts, range};
use super::venue::EndOfBlockVenue;
use super::{Journal, drive, guarded_engine};
use crate::{AuditWorld, Engine};

/// Wants one position, all the time.
struct Stubborn;

impl Strategy for Stubborn {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        if view.positions().next().is_some() || view.is_waiting() {
            return Vec::new();
        }
        let placement = Placement::Range(range(-60, 60));
        vec![Intent::Open { pool: POOL, placement, desired: amounts(1_000, 1_000).into() }]
    }
}

fn stopping() -> Safeguards {
    let portfolio_stop = StopRule { stop_loss: Fall::new(500), trailing: None };
    Safeguards { portfolio_stop, ..Safeguards::default() }
}

/// A price that falls by a fifth and comes back.
fn falling() -> SyntheticTape {
    let mut tape = SyntheticTape::deep_at_tick(0);
    for tick in [0, -10, -500, -2_000, -2_000, -1_000, 0] {
        tape.skip_blocks(1);
        tape.swap_to(tick);
        tape.flash(tidemill_units::Amounts::ZERO);
    }
    tape
}

fn run(safeguards: Safeguards) -> (Engine, Journal) {
    let tape = falling();
    let mut engine = guarded_engine(tape.tape(), Footprint::PriceTaker, Stubborn, safeguards);
    let mut journal = Journal::default();
    let mut venue = EndOfBlockVenue::new(tape.tape());
    let driven = drive(&mut engine, &mut venue, |_, event, is_applied| {
        if is_applied {
            journal.events.push(event.clone());
        }
    });
    assert_eq!(driven, Ok(()));
    (engine, journal)
}

#[test]
fn a_stop_closes_what_the_strategy_keeps_and_nothing_is_opened_again() {
    let (unguarded, _) = run(Safeguards::default());
    assert_eq!(unguarded.ledger().positions().count(), 1);
    let (engine, journal) = run(stopping());
    assert_eq!(engine.risk().state().stopped(), Some(StopCause::StopLoss));
    assert_eq!(engine.ledger().positions().count(), 0);
    let closed = journal.events.iter().filter(|event| {
        matches!(&event.body, EventBody::Outcome(outcome)
            if matches!(outcome.kind, OutcomeKind::Closed { .. }))
    });
    assert_eq!(closed.count(), 1);
    let [refused] = engine.refused() else { panic!("{:?}", engine.refused()) };
    assert_eq!(refused.refusal, Refusal::Stopped(StopCause::StopLoss));
    assert!(matches!(refused.intent, Intent::Open { .. }));
}

#[test]
fn a_run_with_stops_replays_to_its_digest() {
    let (engine, journal) = run(stopping());
    let tape = falling();
    let mut audited = guarded_engine(tape.tape(), Footprint::PriceTaker, Stubborn, stopping());
    assert_eq!(drive(&mut audited, &mut AuditWorld::new(journal), |_, _, _| {}), Ok(()));
    assert_eq!(audited.digest(), engine.digest());
    assert_eq!(audited.risk().state(), engine.risk().state());
    assert_ne!(run(Safeguards::default()).0.digest(), engine.digest());
}
