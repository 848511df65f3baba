//! What a market is lent spares it work and changes nothing.

use std::sync::Arc;

use tidemill_amm::concentrated::Pool;
use tidemill_model::{PoolEvent, Tape, TapeEvent};
use tidemill_units::{Amount, Amounts, Liquidity, Side, SignedAmount};

use super::Log;
use super::footprints::{open, swap};
use super::random_pool::random_tape;
use super::seeded::Seeded;
use super::synthetic_builds::{KIN, SyntheticBuild};
use super::synthetic_tape::{DEEP, POOL, SyntheticTape, exact_in, range};
use crate::resolved_swaps::LentSwaps;
use crate::{Footprint, ResolvedSwaps, SwapResolver};

const FOOTPRINTS: [Footprint; 2] = [Footprint::PriceTaker, Footprint::ReExecuted];
/// Events that are worked out at a time; tapes are several times as long.
const WINDOW: usize = 7;

/// What is worked out of a tape, in the order in which it is lent.
fn resolved(tape: &Tape) -> Vec<Arc<ResolvedSwaps>> {
    let mut resolver = SwapResolver::new(tape).expect("the start of a pool");
    tape.events.chunks(WINDOW).map(|events| Arc::new(resolver.resolve_next(events))).collect()
}

/// Whether the market would make the swap that comes next without working it out.
fn is_spared(log: &Log, recorded: &TapeEvent) -> bool {
    let pool = log.pool();
    let mut lent = pool.lent.clone();
    lent.compare(pool.counts().events, &recorded.event);
    lent.found(pool.counts().events).is_some()
}

/// Something of ours, the same in each of the logs.
fn act(random: &mut Seeded, logs: &mut [Log; 2]) {
    match random.below(6) {
        0 => {
            let lower = random.between(-9, 8) * 60;
            let held = range(lower, lower + 60 * random.between(1, 5));
            let liquidity = 1 + random.wide(80);
            for log in logs {
                open(log, held, liquidity);
            }
        }
        1 => logs.iter_mut().for_each(|log| {
            let first = log.pool().own().next().map(|own| own.id);
            if let Some(id) = first {
                log.close(id);
            }
        }),
        2 => {
            let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
            let amount = Amount::from_u128(1 + random.wide(70));
            logs.iter_mut().for_each(|log| swap(log, input, amount));
        }
        _ => {}
    }
}

/// Applies a tape to two markets with the same orders of ours, one of which is lent what was worked
/// out of `other`, and compares them after every event. Returns how many swaps it was spared.
fn spared(tape: &Tape, other: &Tape, footprint: Footprint, seed: u64) -> u64 {
    let mut random = Seeded(seed);
    let mut logs = [Log::new(tape, footprint), Log::new(tape, footprint)];
    let mut lent = resolved(other).into_iter();
    let mut spared = 0;
    for events in tape.events.chunks(WINDOW) {
        if let Some(swaps) = lent.next() {
            logs[0].market.lend(POOL, &swaps);
        }
        for recorded in events {
            spared += u64::from(is_spared(&logs[0], recorded));
            let [with, without] = logs.each_mut().map(|log| log.record(recorded));
            assert_eq!(with, without, "{footprint:?}, seed {seed}");
            assert_eq!(logs[0].market, logs[1].market, "{footprint:?}, seed {seed}");
            if with.is_err() {
                return spared;
            }
            if logs[0].pool().history().is_initialized() {
                act(&mut random, &mut logs);
            }
        }
    }
    spared
}

fn swaps_of(tape: &Tape) -> u64 {
    let swaps = tape.events.iter().filter(|recorded| recorded.event.swap().is_some());
    u64::try_from(swaps.count()).expect("few swaps")
}

#[test]
fn every_swap_is_spared_and_the_market_is_the_same() {
    for seed in 0..100 {
        let synthetic = random_tape(&mut Seeded(seed), 60);
        let tape = synthetic.tape();
        for footprint in FOOTPRINTS {
            assert_eq!(spared(tape, tape, footprint, seed), swaps_of(tape), "seed {seed}");
        }
    }
}

#[test]
fn the_swaps_of_each_build_are_spared() {
    for build in KIN {
        let tape = SyntheticBuild::lively(build, 40).tape;
        let mut with = Log::new(&tape, Footprint::PriceTaker);
        let mut without = Log::new(&tape, Footprint::PriceTaker);
        for (events, swaps) in tape.events.chunks(WINDOW).zip(resolved(&tape)) {
            with.market.lend(POOL, &swaps);
            for recorded in events {
                assert_eq!(is_spared(&with, recorded), recorded.event.swap().is_some());
                assert_eq!(with.record(recorded), Ok(()), "{build:?}");
                assert_eq!(without.record(recorded), Ok(()), "{build:?}");
                assert_eq!(with.market, without.market, "{build:?}");
            }
        }
    }
}

/// Two pools that no swap can tell apart until the price leaves the middle: what was minted on one
/// side of it in the one, was minted on the other side in the other.
fn twins() -> [SyntheticTape; 2] {
    [range(-240, -120), range(120, 240)].map(|apart| {
        let mut synthetic = SyntheticTape::deep_at_tick(0);
        synthetic.mint(1, apart, 1_000_000_000_000_000_000_000);
        for amount in [5, 7, 11] {
            for input in [Side::Token0, Side::Token1] {
                synthetic.swap(exact_in(input, amount * 100_000_000_000_000_000)).expect("a swap");
            }
        }
        synthetic.swap(exact_in(Side::Token0, 20_000_000_000_000_000_000)).expect("a swap");
        synthetic
    })
}

#[test]
fn what_was_worked_out_of_another_pool_is_not_used() {
    let [one, other] = twins();
    let same = |index: usize| one.tape().events[index].event == other.tape().events[index].event;
    assert!(same(1) && !same(2) && (3..9).all(same) && !same(9));
    for footprint in FOOTPRINTS {
        assert_eq!(spared(one.tape(), other.tape(), footprint, 1), 0);
        assert_eq!(spared(other.tape(), one.tape(), footprint, 1), 0);
    }
}

#[test]
fn the_same_logs_from_another_start_are_not_used() {
    let [one, other] = twins();
    let events = &one.tape().events;
    let lent = SwapResolver::new(one.tape()).map(|mut resolver| resolver.resolve_next(events));
    let lent = Arc::new(lent.expect("the start of a pool"));
    let is_used_from = |start: &Pool| {
        let mut swaps = LentSwaps::default();
        swaps.lend(&lent, start, 0);
        (0..).zip(&events[..4]).for_each(|(place, recorded)| swaps.compare(place, &recorded.event));
        swaps.found(3).is_some()
    };
    assert!(is_used_from(Log::new(one.tape(), Footprint::PriceTaker).pool().history()));
    assert!(!is_used_from(other.pool()));
}

#[test]
fn what_is_lent_in_the_middle_is_not_used() {
    let synthetic = random_tape(&mut Seeded(3), 60);
    let lent = resolved(synthetic.tape());
    let (before, after) = synthetic.tape().events.split_at(WINDOW);
    // Of a part that was not followed nobody has compared the events, and one that has gone by
    // does not come again.
    for late in [&lent[1], &lent[0]] {
        let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
        log.record_all(before);
        log.market.lend(POOL, late);
        for recorded in after {
            assert!(!is_spared(&log, recorded));
            assert_eq!(log.record(recorded), Ok(()));
        }
        assert!(log.pool().counts().swaps() > 3);
    }
}

#[test]
fn an_event_that_does_not_reproduce_is_found_by_the_market_itself() {
    let synthetic = random_tape(&mut Seeded(5), 60);
    let mut bent = synthetic.tape().clone();
    let place = bent.events.iter().rposition(|recorded| recorded.event.swap().is_some());
    let place = place.expect("a swap");
    if let PoolEvent::Swap { amounts, .. } = &mut bent.events[place].event {
        amounts.amount0 = SignedAmount::positive(Amount::from_u64(1)).expect("a small amount");
    }
    for footprint in FOOTPRINTS {
        let before = Tape { events: bent.events[..place].to_vec(), ..bent.clone() };
        assert_eq!(spared(&bent, &bent, footprint, 5), swaps_of(&before));
    }
}

#[test]
fn a_position_is_shown_the_steps_that_were_lent() {
    let synthetic = twins()[0].clone();
    let tape = synthetic.tape();
    let mut log = Log::new(tape, Footprint::PriceTaker);
    let (before, after) = tape.events.split_at(3);
    let lent = SwapResolver::new(tape).map(|mut resolver| resolver.resolve_next(&tape.events));
    log.market.lend(POOL, &Arc::new(lent.expect("the start of a pool")));
    log.record_all(before);
    let held = range(-60, 60);
    let ours = open(&mut log, held, DEEP / 1_000);
    assert!(after.iter().take(6).all(|recorded| recorded.event.swap().is_some()));
    log.record_all(&after[..6]);
    let beside = log.pool().own().next().and_then(|own| own.least_liquidity_beside);
    assert_eq!(beside, Some(Liquidity(DEEP)));
    // 0.3 % of 2.3 of each token, a thousandth of it ours. Growth is rounded down; a step's fee is
    // what its rounded-up input leaves, which here makes up for it in token0.
    let [amount0, amount1] = [6_900_000_000_000, 6_899_999_999_999].map(Amount::from_u64);
    assert_eq!(log.close(ours).1, Amounts { amount0, amount1 });
}
