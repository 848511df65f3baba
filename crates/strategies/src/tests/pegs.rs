//! Pairs that are worth one for one, until they are not.

use tidemill_units::Amounts;

use super::synthetic_tape::SyntheticTape;
use super::{MILLION, asked, without_amounts};
use crate::{StablePair, StrategyKind};

/// A deep pool at these ticks, each from its block on, with an event in every block.
fn ticks(at: &[(u64, i32)], blocks: u64) -> SyntheticTape {
    let mut tape = SyntheticTape::deep_at_tick(0);
    let mut at = at.iter().peekable();
    for block in 1..blocks {
        tape.skip_blocks(1);
        match at.next_if(|(from, _)| *from == block) {
            Some((_, tick)) => tape.swap_to(*tick),
            None => tape.flash(Amounts::ZERO),
        }
    }
    tape
}

fn stable(return_minutes: Option<u64>) -> StrategyKind {
    StrategyKind::StablePair(StablePair {
        half_width_ticks: Some(60),
        depeg_bps: 100,
        depeg_minutes: 2,
        return_minutes,
    })
}

/// 1.0001^100 is 1.01005: more than 100 basis points off one; 1.0001^99 is 1.00995.
#[test]
fn it_leaves_when_the_price_was_off_for_so_long_and_stays_out() {
    let tape = ticks(&[(5, 100), (30, 0)], 400);
    // Two minutes are ten blocks.
    let expected = ["0: open -60..60", "15: close"];
    assert_eq!(without_amounts(&asked(&stable(None), MILLION, tape.tape())), expected);
    let near = ticks(&[(5, 99), (30, 0)], 400);
    assert_eq!(without_amounts(&asked(&stable(None), MILLION, near.tape())), expected[..1]);
}

#[test]
fn a_price_that_comes_back_in_time_starts_the_clock_anew() {
    let tape = ticks(&[(5, 100), (14, 0), (15, -101), (24, -99), (40, 500)], 60);
    let expected = ["0: open -60..60", "50: close"];
    assert_eq!(without_amounts(&asked(&stable(None), MILLION, tape.tape())), expected);
}

#[test]
fn it_returns_once_the_price_was_near_for_so_long() {
    let tape = ticks(&[(5, 100), (30, 0)], 60);
    let asked = asked(&stable(Some(1)), MILLION, tape.tape());
    // All of it became token1 above 60, so half of it is swapped first; a minute is five blocks.
    let expected = ["0: open -60..60", "15: close", "35: swap", "35: open -60..60"];
    assert_eq!(without_amounts(&asked), expected);
}

#[test]
fn it_does_not_open_while_the_price_is_off() {
    let mut tape = SyntheticTape::deep_at_tick(300);
    tape.skip_blocks(5);
    tape.swap_to(20);
    tape.skip_blocks(1);
    tape.flash(Amounts::ZERO);
    let asked = asked(&stable(None), MILLION, tape.tape());
    assert_eq!(without_amounts(&asked), ["5: swap", "5: open -60..60"]);
}
