use tidemill_market::Footprint;
use tidemill_model::{EventBody, GasPaid, OutcomeKind};
use tidemill_units::{BlockNumber, Side, Timestamp};

use super::synthetic_tape::{BLOCK_SECONDS, FIRST_BLOCK, FIRST_TIME, SyntheticTape};
use super::{Session, is_done, swap};

/// Blocks 1000 (two events), 1001 (two), 1002 (one) and 1005 (two).
fn tape() -> SyntheticTape {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    for (later, events) in [(1, 2), (1, 1), (3, 2)] {
        synthetic.skip_blocks(later);
        for _ in 0..events {
            synthetic.swap_in(Side::Token0, 1_000_000);
        }
    }
    synthetic
}

/// Sends an order on the event of an index; returns how many events came before its end, and the
/// block and the seconds since the start that it ended in.
#[track_caller]
fn check(delay_blocks: u64, decided_on: usize, expected: (usize, u64, u64)) {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), Footprint::PriceTaker, delay_blocks);
    session.skip(decided_on + 1);
    session.send(swap(Side::Token0, 1_000, 0));
    let outcome = session.outcome();
    assert!(is_done(&outcome.kind), "{outcome:?}");
    let end = session.log.last().expect("the outcome");
    assert_eq!(end.happened_at, end.seen_at);
    let before = session.log.len() - 1;
    let seconds = end.second().0 - FIRST_TIME;
    assert_eq!((before, outcome.block.0 - FIRST_BLOCK, seconds), expected);
    session.finish();
    let sequences: Vec<_> = session.log.iter().map(|event| event.sequence.0).collect();
    assert!(sequences.is_sorted_by(|one, next| one < next), "{sequences:?}");
    assert!(session.log.is_sorted_by_key(|event| event.seen_at));
}

#[test]
fn an_order_comes_after_the_last_event_of_its_block_and_before_any_later_one() {
    // Decided on the first event of block 1001: after all of 1002.
    check(1, 2, (5, 2, 2 * BLOCK_SECONDS));
    check(1, 3, (5, 2, 2 * BLOCK_SECONDS));
    // Due in blocks that the tape has nothing of: before 1005, at those blocks' own time.
    check(2, 2, (5, 3, 3 * BLOCK_SECONDS));
    check(1, 4, (5, 3, 3 * BLOCK_SECONDS));
    check(2, 4, (5, 4, 4 * BLOCK_SECONDS));
    check(4, 2, (7, 5, 5 * BLOCK_SECONDS));
}

#[test]
fn without_delay_an_order_goes_to_the_end_of_the_block_it_was_decided_in() {
    check(0, 2, (4, 1, BLOCK_SECONDS));
    check(0, 3, (4, 1, BLOCK_SECONDS));
    check(0, 4, (5, 2, 2 * BLOCK_SECONDS));
}

#[test]
fn an_order_due_in_the_last_block_of_the_tape_is_executed() {
    check(3, 4, (7, 5, 5 * BLOCK_SECONDS));
    check(0, 6, (7, 5, 5 * BLOCK_SECONDS));
}

#[test]
fn the_time_of_an_order_never_passes_that_of_the_next_event() {
    // Two blocks within a second of each other, as on faster chains.
    let mut tape = tape().tape().clone();
    let second = tape.events[1].time;
    tape.events[2].time = Timestamp(second.0 + 1);
    let mut session = Session::new(&tape, Footprint::PriceTaker, 0);
    session.skip(2);
    session.send(swap(Side::Token0, 1_000, 0));
    session.outcome();
    session.finish();
    assert!(session.log.is_sorted_by_key(|event| event.seen_at));
}

#[test]
fn orders_of_one_step_end_in_the_order_they_were_sent() {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), Footprint::ReExecuted, 1);
    session.skip(3);
    let sent = [1_000, 2_000, 3_000].map(|amount| session.send(swap(Side::Token0, amount, 0)));
    let ended = [0; 3].map(|_| session.outcome());
    assert_eq!(ended.map(|outcome| outcome.order), sent);
    assert_eq!(ended.map(|outcome| outcome.block), [BlockNumber(FIRST_BLOCK + 2); 3]);
    session.finish();
}

#[test]
fn what_the_tape_is_too_short_for_expires_and_costs_nothing() {
    for (delay_blocks, decided_on) in [(1, 6), (4, 4), (9, 2)] {
        let synthetic = tape();
        let mut session = Session::new(synthetic.tape(), Footprint::PriceTaker, delay_blocks);
        session.skip(decided_on + 1);
        session.send(swap(Side::Token0, 1_000, 0));
        session.send(swap(Side::Token1, 1_000, 0));
        for _ in 0..2 {
            let outcome = session.outcome();
            assert_eq!(outcome.kind, OutcomeKind::Expired, "{delay_blocks} {decided_on}");
            assert_eq!(outcome.gas, GasPaid::default());
        }
        session.finish();
        assert_eq!(session.log.len(), 7 + 2, "the tape first, then the ends");
    }
}

/// The blocks in which a chain of orders ends, each sent on the end of the one before.
fn chain(delay_blocks: u64) -> Vec<u64> {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), Footprint::PriceTaker, delay_blocks);
    session.skip(3);
    let mut blocks = Vec::new();
    loop {
        session.send(swap(Side::Token0, 1_000, 0));
        let outcome = session.outcome();
        if outcome.kind == OutcomeKind::Expired {
            session.finish();
            return blocks;
        }
        blocks.push(outcome.block.0 - FIRST_BLOCK);
    }
}

#[test]
fn an_answer_to_an_outcome_waits_for_the_block_after_it_even_where_the_tape_is_silent() {
    assert_eq!(chain(1), [2, 3, 4, 5]);
    assert_eq!(chain(2), [3, 5]);
}

#[test]
fn without_delay_a_strategy_that_always_asks_still_leaves_the_block() {
    assert_eq!(chain(0), [1, 2, 3, 4, 5]);
}

#[test]
fn a_tape_without_orders_is_passed_on_as_it_is() {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), Footprint::PriceTaker, 1);
    session.finish();
    let expected = super::synthetic_tape::chain_events(synthetic.tape());
    assert_eq!(session.log, expected);
    assert!(session.log.iter().all(|event| matches!(event.body, EventBody::Chain(_))));
}
