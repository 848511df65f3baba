//! Tapes that begin later: what is left replays to where the whole tape ends.

use tidemill_market::{ObservedPool, Place};
use tidemill_model::{PoolEvent, PoolStart, Tape, TapeEvent, WindowStart};
use tidemill_replay::{CutError, ReplayEnd, RunTape, cut_tape, replay};
use tidemill_store::{AnyTape, ShareTape};
use tidemill_units::InstantUs;

use crate::data::week;
use crate::genesis::{ens, wbtc};
use crate::genesis_pools::import;
use crate::recorded_balancer_v1;
use crate::recorded_data::data_folder;
use crate::share_runs;
use crate::synthetic_builds::{KIN, SyntheticBuild};
use crate::synthetic_tape::SyntheticTape;

fn at(event: &TapeEvent) -> InstantUs {
    InstantUs::at_second(event.time)
}

fn before(mut tape: AnyTape, from: InstantUs) -> AnyTape {
    match &mut tape {
        AnyTape::Concentrated(tape) => tape.events.retain(|event| at(event) < from),
        AnyTape::Shares(tape) => tape.events.retain(|event| at(event) < from),
    }
    tape
}

/// The law: what comes before and what is left, each executed again, is the whole.
fn check(tape: &AnyTape, parts: usize) {
    let whole = replay(tape, |_| {}).unwrap();
    assert_eq!(whole.mismatch, None);
    let events = RunTape::from(tape).events();
    for part in 1..parts {
        let from = at(&events[events.len() * part / parts]);
        let cut = cut_tape(tape.clone(), from).unwrap_or_else(|error| panic!("{error}"));
        let left = RunTape::from(&cut).events();
        assert!(left.iter().all(|event| at(event) >= from));
        assert_eq!(left, &events[events.len() - left.len()..], "no event is changed");
        let rest = replay(&cut, |_| {}).unwrap();
        assert_eq!(rest.mismatch, None, "from {from:?}");
        let earlier = replay(&before(tape.clone(), from), |_| {}).unwrap();
        assert_eq!(earlier.counts.events + rest.counts.events, whole.counts.events);
        match (&whole.end, &earlier.end, &rest.end) {
            (
                ReplayEnd::Concentrated(whole),
                ReplayEnd::Concentrated(earlier),
                ReplayEnd::Concentrated(rest),
            ) => {
                assert_eq!(
                    (whole.sqrt_price, whole.tick, whole.liquidity),
                    (rest.sqrt_price, rest.tick, rest.liquidity)
                );
                for side in 0..2 {
                    let grown = whole.fee_growth_global[side].0;
                    let sum = earlier.fee_growth_global[side].0;
                    let sum = sum.wrapping_add(rest.fee_growth_global[side].0);
                    assert_eq!(grown, sum, "fee growth counts from zero where the tape begins");
                }
            }
            (whole @ ReplayEnd::Shares(_), _, rest) => assert_eq!(whole, rest),
            other => panic!("{other:?}"),
        }
    }
}

fn concentrated(tape: &Tape) -> AnyTape {
    AnyTape::Concentrated(tape.clone())
}

#[test]
fn the_week_replays_from_any_day() {
    check(&concentrated(week()), 7);
}

#[test]
fn pools_from_their_creation_replay_from_any_time() {
    for tape in [import(ens(&data_folder())), import(wbtc(&data_folder()))].into_iter().flatten() {
        check(&concentrated(&tape), 6);
    }
}

#[test]
fn every_build_replays_from_any_time() {
    for build in KIN {
        check(&concentrated(&SyntheticBuild::lively(build, 40).tape), 9);
    }
}

#[test]
fn pools_of_shares_replay_from_any_time() {
    let recorded = recorded_balancer_v1::tape().map(|(tape, _)| tape);
    for tape in share_runs::tapes().into_iter().chain(recorded) {
        let ShareTape { header, .. } = &tape;
        let first = header.state_after_block;
        let later = at(&tape.events[tape.events.len() / 2]);
        check(&AnyTape::Shares(tape.clone()), 5);
        let AnyTape::Shares(cut) = cut_tape(AnyTape::Shares(tape), later).unwrap() else {
            panic!("still a pool of shares");
        };
        assert!(first < cut.header.state_after_block);
        assert!(cut.header.state_after_block < cut.events[0].block);
    }
}

#[test]
fn without_a_tick_map_it_begins_where_the_record_says() {
    // Only swaps that say where they ended, as the record of a window does.
    let mut made = SyntheticTape::deep_at_tick(0);
    for round in 0..30_i32 {
        made.skip_blocks(3);
        made.set_fee_protocol(if round < 10 { [0; 2] } else { [4, 6] });
        made.swap_to(if round % 2 == 0 { 40 } else { -40 });
    }
    let mut tape = made.tape().clone();
    // Its creation is not on the tape.
    tape.events.drain(..2);
    let start = WindowStart { fee_protocol: [0; 2], state: None };
    tape.header.start = PoolStart::Window(start);
    let place = |tape: &Tape, count: usize| {
        let mut pool = ObservedPool::new(tape).unwrap();
        tape.events[..count].iter().for_each(|event| pool.apply(event));
        assert_eq!(pool.report().findings, []);
        pool.place()
    };
    let from = at(&tape.events[tape.events.len() / 2]);
    let count = tape.events.partition_point(|event| at(event) < from);
    let AnyTape::Concentrated(cut) = cut_tape(concentrated(&tape), from).unwrap() else {
        panic!("still a pool of positions");
    };
    let PoolStart::Window(begun) = cut.header.start else { panic!("{:?}", cut.header.start) };
    assert_eq!(begun.fee_protocol, [4, 6]);
    let state = begun.state.unwrap();
    let begins =
        Place { sqrt_price: state.sqrt_price, tick: state.tick, liquidity: state.liquidity };
    assert_eq!(Some(begins), place(&tape, count));
    assert_eq!(state.block, tape.events[count - 1].block);
    assert_eq!(place(&cut, cut.events.len()), place(&tape, tape.events.len()));
}

#[test]
fn what_no_tape_can_begin_with_is_an_error_that_says_so() {
    let all = concentrated(week());
    let events = RunTape::from(&all).events();
    let (first, last) = (at(&events[0]), at(&events[events.len() - 1]));
    // Nothing comes before: the tape itself.
    assert_eq!(cut_tape(all.clone(), first).unwrap(), all);
    let error = cut_tape(all.clone(), InstantUs(last.0 + 1)).unwrap_err();
    assert!(matches!(error, CutError::Nothing(_)), "{error}");
    // Without the ranges of its start, what comes before does not reproduce.
    let AnyTape::Concentrated(mut bare) = all else { panic!("the week") };
    let middle = at(&bare.events[bare.events.len() / 2]);
    bare.initial_positions.clear();
    let error = cut_tape(AnyTape::Concentrated(bare), middle).unwrap_err();
    assert!(matches!(error, CutError::Start(_) | CutError::Mismatch(_)), "{error}");
    // The protocol begins to take a share.
    let mut made = SyntheticTape::deep_at_tick(0);
    made.skip_blocks(1);
    made.swap_to(20);
    made.skip_blocks(1);
    made.set_fee_protocol([4, 6]);
    let set = made.tape().events.last().unwrap().clone();
    assert!(matches!(set.event, PoolEvent::SetFeeProtocol { .. }));
    made.skip_blocks(1);
    made.swap_to(-20);
    let whole = concentrated(made.tape());
    let end = at(made.tape().events.last().unwrap());
    let error = cut_tape(whole.clone(), end).unwrap_err();
    assert!(matches!(error, CutError::ProtocolShare(block) if block == set.block), "{error}");
    let rest = replay(&cut_tape(whole, at(&set)).unwrap(), |_| {}).unwrap();
    assert_eq!(rest.mismatch, None);
}
