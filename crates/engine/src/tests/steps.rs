use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tidemill_market::Footprint;
use tidemill_model::{Intent, OutcomeKind, Sequence};
use tidemill_risk::Refusal;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Side};

use super::strategies::{Idle, Once};
use super::synthetic_tape::{POOL, SyntheticTape, chain_events, outcome_event};
use super::{DEPOSIT, engine, run};
use crate::EngineError;

fn swap(amount_in: u128) -> Intent {
    let amount_in = Amount::from_u128(amount_in);
    Intent::Swap {
        pool: POOL,
        pair: Side::Token0.into_other(),
        amount_in,
        min_amount_out: Amount::ZERO,
    }
}

#[test]
fn events_out_of_order_are_refused() {
    for (first, second, is_fine) in [(5, 5, false), (5, 4, false), (5, 6, true), (5, 900, true)] {
        let synthetic = SyntheticTape::deep_at_tick(0);
        let mut engine = engine(synthetic.tape(), Footprint::PriceTaker, Idle);
        let mut events = chain_events(synthetic.tape());
        events[0].sequence = Sequence(first);
        events[1].sequence = Sequence(second);
        assert!(engine.step(&events[0]).is_ok());
        let (last, next) = (Sequence(first), Sequence(second));
        let expected = if is_fine { Ok(()) } else { Err(EngineError::OutOfOrder { last, next }) };
        assert_eq!(engine.step(&events[1]).map(|_| ()), expected);
        let applied = engine.market().pool(POOL).expect("added").counts().events;
        assert_eq!(applied, if is_fine { 2 } else { 1 }, "what is refused is not applied");
    }
}

#[test]
fn each_approval_is_in_flight_before_the_next_intent_is_checked() {
    let synthetic = SyntheticTape::deep_at_tick(0);
    let wishes = vec![swap(DEPOSIT - 10), swap(11), swap(10)];
    let mut engine = engine(synthetic.tape(), Footprint::PriceTaker, Once(wishes));
    let mut approved = Vec::new();
    for event in chain_events(synthetic.tape()) {
        approved.extend(engine.step(&event).expect("it reproduces").approved);
    }
    let keys: Vec<_> = approved.iter().map(|approved| approved.order().key.intent).collect();
    assert_eq!(keys, [0, 2]);
    let decided = approved.iter().all(|one| one.order().decided_in == engine.market().block());
    assert!(decided);
    let [refused] = engine.refused() else { panic!("{:?}", engine.refused()) };
    let [available, wanted] = [10, 11].map(Amount::from_u128);
    assert_eq!(refused.refusal, Refusal::InsufficientBalance { available, wanted });
    assert_eq!(engine.ledger().in_flight().count(), 2);
}

#[test]
fn decisions_are_part_of_the_digest() {
    let synthetic = SyntheticTape::deep_at_tick(0);
    let digest = |wishes: Vec<Intent>| {
        let mut engine = engine(synthetic.tape(), Footprint::PriceTaker, Once(wishes));
        for event in chain_events(synthetic.tape()) {
            engine.step(&event).expect("it reproduces");
        }
        engine.digest()
    };
    let digests =
        [vec![], vec![swap(1)], vec![swap(2)], vec![swap(0)], vec![swap(1), swap(2)]].map(digest);
    for (index, one) in digests.iter().enumerate() {
        assert!(!digests[index + 1..].contains(one), "{digests:?}");
    }
}

/// Counts how often it is asked.
struct Counting(Arc<AtomicU64>, Once);

impl Strategy for Counting {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.1.decide(view)
    }
}

#[test]
fn the_strategy_is_asked_after_every_event_but_an_expiry() {
    for (blocks_later, ends_as_swap) in [(1, true), (0, false)] {
        let mut synthetic = SyntheticTape::deep_at_tick(0);
        synthetic.skip_blocks(blocks_later);
        synthetic.swap_in(Side::Token1, 5);
        let asked = Arc::new(AtomicU64::new(0));
        let strategy = Counting(Arc::clone(&asked), Once(vec![swap(1_000)]));
        let (engine, journal) = run(synthetic.tape(), Footprint::PriceTaker, strategy);
        let outcomes = engine.ledger().journal().iter().filter(|posting| posting.order.is_some());
        assert_eq!((journal.events.len(), outcomes.count()), (4, 1));
        let expected = if ends_as_swap { 4 } else { 3 };
        assert_eq!(asked.load(Ordering::Relaxed), expected);
    }
}

#[test]
fn an_outcome_that_contradicts_the_market_stops_the_engine() {
    let synthetic = SyntheticTape::deep_at_tick(0);
    let mut engine = engine(synthetic.tape(), Footprint::PriceTaker, Once(vec![swap(1_000)]));
    let mut key = None;
    for event in chain_events(synthetic.tape()) {
        let step = engine.step(&event).expect("it reproduces");
        key = step.approved.first().map(|approved| approved.order().key).or(key);
    }
    let order = key.expect("approved");
    let [amount_in, amount_out] = [1_000, 998].map(Amount::from_u64);
    let kind =
        OutcomeKind::Swapped { pool: POOL, pair: Side::Token0.into_other(), amount_in, amount_out };
    let (block, gas) = (engine.market().block(), Default::default());
    let outcome = tidemill_model::Outcome { order, block, gas, kind };
    let event = outcome_event(77, engine.market().now(), outcome);
    let expected = EngineError::Market(tidemill_market::MarketError::Outcome { order });
    assert_eq!(engine.step(&event).map(|_| ()), Err(expected));
}
