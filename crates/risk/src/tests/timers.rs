//! How long a position may be out of range.

use tidemill_model::Intent;
use tidemill_units::Timestamp;

use super::guarded::{Guarded, minutes};
use super::seeded::Seeded;
use crate::range_timer::RangeClock;
use crate::{RangeTimer, Safeguards};

fn timed(close_after: u32, reset_after: Option<u32>) -> Guarded {
    let (close_after, reset_after) = (minutes(close_after), reset_after.map(minutes));
    let out_of_range = Some(RangeTimer { close_after, reset_after });
    Guarded::new(Safeguards { out_of_range, ..Safeguards::default() })
}

#[test]
fn a_position_is_closed_when_its_time_out_of_range_is_over() {
    let mut guarded = timed(30, None);
    let position = guarded.open(1_000, 1_000);
    assert_eq!(guarded.wait(60), []);
    assert_eq!(guarded.move_to(1, 90), []);
    assert_eq!(guarded.wait(29), []);
    let close = Intent::Close { position };
    assert_eq!(guarded.wait(1), [close]);
    assert_eq!(guarded.exits(), [], "it was asked for");
    // An order that came to nothing is asked for again a minute later, and not while it flies.
    assert_eq!(guarded.wait(1), [close]);
    let order = guarded.reduce(close);
    assert_eq!(guarded.wait(2), []);
    guarded.desk.settle(order);
    assert_eq!(guarded.wait(2), []);
    assert_eq!(guarded.desk.ledger.positions().count(), 0);
}

#[test]
fn without_hysteresis_any_return_sets_the_timer_back() {
    let mut guarded = timed(30, None);
    guarded.open(1_000, 1_000);
    guarded.move_to(1, 90);
    guarded.wait(29);
    assert_eq!(guarded.move_to(1, 0), []);
    assert_eq!(guarded.move_to(1, 90), []);
    assert_eq!(guarded.wait(29), []);
    assert_eq!(guarded.wait(1).len(), 1);
}

#[test]
fn with_hysteresis_only_a_return_that_lasts_sets_the_timer_back() {
    for (back, closes) in [(4, true), (5, false)] {
        let mut guarded = timed(30, Some(5));
        guarded.open(1_000, 1_000);
        guarded.move_to(0, 90);
        guarded.wait(20);
        guarded.move_to(0, 0);
        guarded.wait(back);
        assert_eq!(guarded.move_to(0, 90), []);
        // 30 minutes since it went out first.
        assert_eq!(!guarded.wait(10 - back).is_empty(), closes, "{back}");
    }
}

/// Each second by hand: out since the first second out of range after the last return that lasted.
#[test]
fn the_clock_counts_as_one_that_looks_at_every_second() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let reset = u32::try_from(random.below(4)).expect("small");
        let close_after = minutes(1 + u32::try_from(random.below(6)).expect("small"));
        let timer = RangeTimer { close_after, reset_after: crate::Minutes::new(reset) };
        let reset = u64::from(reset) * 60;
        let (mut clock, mut now) = (RangeClock::default(), 1_000);
        let (mut out_since, mut back_for, mut was_in) = (None, 0, true);
        for step in 0..150 {
            let later = random.below(120);
            for second in now..now + later {
                if was_in {
                    back_for += 1;
                    if back_for >= reset {
                        out_since = None;
                    }
                } else {
                    back_for = 0;
                    out_since.get_or_insert(second);
                }
            }
            now += later;
            was_in = random.once_in(2);
            if was_in && reset == 0 {
                out_since = None;
            }
            if !was_in {
                back_for = 0;
                out_since.get_or_insert(now);
            }
            let is_over = out_since.is_some_and(|since| now - since >= close_after.seconds());
            let context = format!("seed {seed}, step {step}");
            let noted = clock.note(&timer, was_in, Timestamp(now));
            assert_eq!(noted, !was_in && is_over, "{context}");
        }
    }
}
