//! Outcomes that are taken back with their blocks: posted the other way round, and in flight again.

use tidemill_model::{
    ChainId, Event, EventBody, GasPaid, Intent, Order, Outcome, OutcomeKind, PositionId, Rejection,
    ReorgDepth, RevertedBlock, Sequence,
};
use tidemill_units::{BlockNumber, Gas, GasPrice, Side, Timestamp};

use super::laws::{check_books, random_end, random_order};
use super::seeded::Seeded;
use super::{
    NO_GAS, POOL, PROGRAMME, TOKEN0, TOKEN1, amounts, close, closed, end, fulfil, funded, key,
    open, opened, order, reward, swap, swapped,
};
use crate::{Account, Ledger, LedgerError, Posting};

const CHAIN: ChainId = ChainId(1);

fn reversible(depth: u64) -> Ledger {
    let mut ledger = funded();
    ledger.keep_reversible(ReorgDepth::new(depth), [(POOL, CHAIN)]);
    ledger
}

fn event(sequence: u64, body: EventBody) -> Event {
    let at = Timestamp(sequence);
    Event::at(Sequence(sequence), at, body)
}

fn reverted(sequence: u64, number: u64) -> Event {
    let reverted = RevertedBlock { chain: CHAIN, number: BlockNumber(number), hash: None };
    event(sequence, EventBody::Reverted(reverted))
}

/// The end of an order in a block.
fn ended(sequence: u64, order: &Order, (block, kind): (u64, OutcomeKind), gas: GasPaid) -> Event {
    let outcome = Outcome { order: order.key, block: BlockNumber(block), gas, kind };
    event(sequence, EventBody::Outcome(Box::new(outcome)))
}

/// Everything that is ours, however it came to be.
fn standing(ledger: &Ledger) -> impl PartialEq + std::fmt::Debug + use<> {
    let balances: Vec<_> = ledger.balances().collect();
    let positions: Vec<_> = ledger.positions().map(|(id, open)| (id, *open)).collect();
    let in_flight: Vec<_> = ledger.in_flight().copied().collect();
    let available = [TOKEN0, TOKEN1].map(|asset| ledger.available(asset));
    (balances, positions, in_flight, available)
}

/// An outcome that stands, and the order that it ended.
struct Stood {
    block: u64,
    event: Event,
}

/// Books and ends random orders block by block, and takes some of the newest blocks back now and
/// then; the books are then those of a ledger that was told only what is left.
fn check_run(seed: u64) {
    let mut random = Seeded(seed);
    let mut ledger = reversible(10);
    let mut booked = Vec::<Order>::new();
    let mut stood = Vec::<Stood>::new();
    let (mut sequence, mut block, mut highest, mut reversals) = (0, 100, 100, 0);
    for step in 0..150 {
        let context = format!("step {step}, seed {seed}");
        sequence += 1;
        match random.below(8) {
            0..3 if ledger.in_flight().count() < 5 => {
                let order = random_order(&mut random, &ledger, sequence);
                assert_eq!(ledger.book(order), Ok(()), "{context}");
                booked.push(order);
            }
            7 => {
                let lowest = (block - random.below(10)).max(highest - 9);
                for number in (lowest..=block).rev() {
                    let journal = ledger.journal().to_vec();
                    let gone = stood.iter().filter(|stood| stood.block == number).count();
                    assert_eq!(ledger.apply(&reverted(sequence, number)), Ok(()), "{context}");
                    let (kept, added) = ledger.journal().split_at(journal.len());
                    assert_eq!((kept, added.len()), (&journal[..], gone), "{context}");
                    stood.retain(|stood| stood.block != number);
                    reversals += gone;
                    sequence += 1;
                    check_books(&ledger, &context);
                }
                block = lowest;
            }
            _ => {
                let first = ledger.in_flight().next().copied();
                let Some(order) = first.filter(|order| is_about(&ledger, order)) else {
                    continue;
                };
                block += random.below(3);
                highest = block.max(highest);
                let gas = GasPaid { gas: Gas(random.below(500_000)), price: GasPrice(3) };
                let mut kind = random_end(&mut random, &order);
                if kind == OutcomeKind::Expired {
                    // It would be of no block, and could not be taken back.
                    kind = OutcomeKind::Rejected(Rejection::PoolReverted);
                }
                let event = ended(sequence, &order, (block, kind), gas);
                assert_eq!(ledger.apply(&event), Ok(()), "{event:?}, {context}");
                stood.push(Stood { block, event });
            }
        }
        check_books(&ledger, &context);
        let mut fresh = funded();
        let mut told = stood.iter().map(|stood| &stood.event).peekable();
        for order in &booked {
            // An order is booked after what it was decided on, and before its own end.
            while told.peek().is_some_and(|event| event.sequence < order.key.sequence) {
                fresh.apply(told.next().expect("one")).expect("it did before");
            }
            fresh.book(*order).expect("new");
        }
        told.for_each(|event| fresh.apply(event).expect("it did before"));
        assert_eq!(standing(&ledger), standing(&fresh), "{context}");
    }
    assert!(reversals > 0, "seed {seed}");
}

/// Whether an order still has what it is about: it may have been taken back.
fn is_about(ledger: &Ledger, order: &Order) -> bool {
    match order.intent {
        Intent::Open { .. }
        | Intent::Swap { .. }
        | Intent::Arbitrage { .. }
        | Intent::Sell { .. }
        | Intent::Trade { .. } => true,
        Intent::Close { position }
        | Intent::Stake { position, .. }
        | Intent::Claim { position }
        | Intent::Unstake { position }
        | Intent::Compound { position }
        | Intent::Vote { position, .. }
        | Intent::Extend { position, .. }
        | Intent::ClaimBribes { position, .. } => ledger.position(position).is_some(),
    }
}

#[test]
fn whatever_is_taken_back_the_books_are_those_of_what_is_left() {
    (0..300).for_each(check_run);
}

#[test]
fn a_reversal_is_the_same_posting_the_other_way_round() {
    let mut ledger = reversible(64);
    let gas = GasPaid { gas: Gas(100), price: GasPrice(2) };
    let opening = order(1, open(amounts(500, 700)));
    let before = ledger.clone();
    ledger.book(opening).expect("new");
    let booked = standing(&ledger);
    let opened_in = (7, opened(1, amounts(500, 600)));
    assert_eq!(ledger.apply(&ended(2, &opening, opened_in, gas)), Ok(()));
    assert_eq!(ledger.apply(&reverted(3, 7)), Ok(()));
    assert_eq!(standing(&ledger), booked, "in flight until it is seen again");
    let [.., there, back] = ledger.journal() else { panic!("two postings") };
    let Posting { sequence, order, reverses, legs } = back;
    assert_eq!((*sequence, *order, *reverses), (Sequence(3), Some(key(1)), Some(Sequence(2))));
    assert_eq!(legs.len(), there.legs.len());
    for (there, back) in there.legs.iter().zip(legs) {
        assert_eq!((there.account, there.asset), (back.account, back.asset));
        assert_eq!(there.amount.checked_neg(), Some(back.amount));
    }
    assert_eq!(ledger.journal().len(), before.journal().len() + 2);
    // In another block it may end in another way.
    let opened_in = (8, opened(1, amounts(499, 601)));
    assert_eq!(ledger.apply(&ended(4, &opening, opened_in, gas)), Ok(()));
    assert_eq!(
        ledger.position(PositionId(key(1))).map(|open| open.deposited),
        Some(amounts(499, 601))
    );
}

#[test]
fn what_a_position_was_it_is_again() {
    let mut ledger = reversible(64);
    assert_eq!(fulfil(&mut ledger, 1, open(amounts(500, 700)), opened(1, amounts(5, 6))), Ok(()));
    let position = PositionId(key(1));
    let stake = Intent::Stake { position, programme: PROGRAMME };
    let staked = OutcomeKind::Staked { position, programme: PROGRAMME, fees: amounts(1, 2) };
    let unstaked = OutcomeKind::Unstaked { position, reward: reward(9) };
    let mut standings = Vec::new();
    let steps = [
        (2, stake, staked),
        (3, Intent::Unstake { position }, unstaked),
        (4, close(1), closed(1, amounts(4, 7), amounts(0, 1))),
    ];
    for (sequence, intent, kind) in steps {
        ledger.book(order(sequence, intent)).expect("new");
        standings.push((sequence, standing(&ledger)));
        assert_eq!(ledger.apply(&end(sequence, kind, NO_GAS)), Ok(()));
    }
    assert_eq!(ledger.positions().count(), 0);
    // Orders that were booked since are in flight as well by then, each in its turn.
    for (place, (sequence, _)) in standings.iter().enumerate().rev() {
        assert_eq!(ledger.apply(&reverted(20 + sequence, *sequence)), Ok(()));
        let (mut alone, later) = (funded(), &steps[place..]);
        assert_eq!(
            fulfil(&mut alone, 1, open(amounts(500, 700)), opened(1, amounts(5, 6))),
            Ok(())
        );
        for (sequence, intent, kind) in &steps[..place] {
            assert_eq!(fulfil(&mut alone, *sequence, *intent, *kind), Ok(()));
        }
        for (sequence, intent, _) in later {
            alone.book(order(*sequence, *intent)).expect("new");
        }
        assert_eq!(standing(&ledger), standing(&alone), "before step {place}");
    }
}

/// The order to close what is not open any more has an end all the same, and its gas a payer.
#[test]
fn an_order_about_a_position_that_never_was_can_be_rejected() {
    let mut ledger = reversible(64);
    assert_eq!(fulfil(&mut ledger, 1, open(amounts(500, 700)), opened(1, amounts(5, 6))), Ok(()));
    ledger.book(order(2, close(1))).expect("new");
    assert_eq!(ledger.apply(&reverted(3, 1)), Ok(()));
    assert_eq!(ledger.in_flight().count(), 2);
    let gas = GasPaid { gas: Gas(7), price: GasPrice(3) };
    for sequence in [1, 2] {
        let rejected = OutcomeKind::Rejected(Rejection::UnknownPosition);
        assert_eq!(ledger.apply(&end(sequence, rejected, gas)), Ok(()));
    }
    assert_eq!((ledger.in_flight().count(), ledger.positions().count()), (0, 0));
    let paid = ledger.balance(Account::Gas, super::NATIVE);
    assert_eq!(paid, tidemill_units::SignedAmount::from_i128(42));
}

#[test]
fn what_cannot_be_reversed_is_named_and_changes_nothing() {
    let mut plain = funded();
    let kept = plain.clone();
    assert_eq!(plain.apply(&reverted(9, 1)), Err(LedgerError::NothingKept));
    assert_eq!(plain, kept);
    let mut ledger = reversible(3);
    for sequence in 1..=6 {
        let (intent, kind) = (swap(Side::Token0, 10, 1), swapped(Side::Token0, 10, 9));
        assert_eq!(fulfil(&mut ledger, sequence, intent, kind), Ok(()));
    }
    let kept = ledger.clone();
    let (chain, number) = (CHAIN, BlockNumber(5));
    let newest = BlockNumber(6);
    let early = ledger.apply(&reverted(9, 5));
    assert_eq!(early, Err(LedgerError::NotNewest { chain, number, newest }));
    let (number, settled) = (BlockNumber(3), BlockNumber(3));
    let deep = ledger.apply(&reverted(9, 3));
    assert_eq!(deep, Err(LedgerError::TooDeep { chain, number, settled }));
    assert_eq!(ledger, kept);
    let other = RevertedBlock { chain: ChainId(2), number: BlockNumber(6), hash: None };
    assert_eq!(ledger.apply(&event(9, EventBody::Reverted(other))), Ok(()));
    assert_eq!(ledger.apply(&reverted(9, 7)), Ok(()), "a block with nothing of ours");
    assert_eq!(ledger, kept);
    for number in [6, 5, 4] {
        assert_eq!(ledger.apply(&reverted(10 + number, number)), Ok(()));
    }
    assert_eq!(ledger.in_flight().count(), 3);
    assert_eq!(
        ledger.apply(&reverted(99, 3)),
        Err(LedgerError::TooDeep { chain, number: settled, settled })
    );
}

#[test]
fn an_order_that_expired_was_in_no_block() {
    let mut ledger = reversible(3);
    let (intent, kind) = (swap(Side::Token0, 10, 1), OutcomeKind::Expired);
    assert_eq!(fulfil(&mut ledger, 4, intent, kind), Ok(()));
    assert_eq!(ledger.apply(&reverted(9, 4)), Ok(()));
    assert_eq!(ledger.in_flight().count(), 0);
}

#[test]
fn an_outcome_of_a_pool_that_is_on_no_chain_is_refused_before_anything_is_posted() {
    let mut ledger = funded();
    ledger.keep_reversible(ReorgDepth::default(), []);
    ledger.book(order(1, swap(Side::Token0, 10, 1))).expect("new");
    let kept = ledger.clone();
    let ended = end(1, swapped(Side::Token0, 10, 9), NO_GAS);
    assert_eq!(ledger.apply(&ended), Err(LedgerError::UnknownPool(POOL)));
    assert_eq!(ledger, kept);
}
