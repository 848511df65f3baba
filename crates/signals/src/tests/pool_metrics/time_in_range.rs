use proptest::prelude::*;
use tidemill_units::{InstantUs, Tick, TickRange};

use super::times;
use crate::pool_metrics::TimeInRange;

const RANGE: TickRange = TickRange { lower: Tick(-10), upper: Tick(10) };

fn at(seconds: i64) -> InstantUs {
    InstantUs(seconds * 1_000_000)
}

#[test]
fn a_path_in_and_out_by_hand() {
    let mut time = TimeInRange::new(RANGE, at(0), Tick(0));
    assert_eq!(time.fraction(), None, "no time has passed");
    time.update(at(10), Tick(9));
    assert_eq!(time.fraction(), Some(1.0));
    time.update(at(20), Tick(10));
    assert!(!time.is_inside(), "the upper tick is the first above");
    time.update(at(40), Tick(500));
    time.update(at(50), Tick(-10));
    assert!(time.is_inside(), "the lower tick is the first inside");
    time.update(at(60), Tick(-11));
    time.update(at(60), Tick(0));
    assert_eq!((time.inside_us(), time.total_us()), (30_000_000, 60_000_000));
    assert_eq!(time.fraction(), Some(0.5));
    assert_eq!((time.exits(), time.entries()), (2, 2));
}

#[test]
fn a_moved_range_is_neither_left_nor_entered() {
    let mut time = TimeInRange::new(RANGE, at(0), Tick(30));
    time.replace_range(at(10), TickRange { lower: Tick(20), upper: Tick(40) });
    time.update(at(20), Tick(30));
    assert_eq!((time.inside_us(), time.total_us()), (10_000_000, 20_000_000));
    assert_eq!((time.exits(), time.entries()), (0, 0));
}

#[test]
fn time_that_goes_back_is_our_bug() {
    let back = || TimeInRange::new(RANGE, at(1), Tick(0)).update(at(0), Tick(0));
    assert!(std::panic::catch_unwind(back).is_err());
}

proptest! {
    /// Against the definition, in integers: each pause belongs to the tick before it.
    #[test]
    fn it_is_its_batch_definition(
        times in times(60, 1_000_000),
        ticks in proptest::collection::vec((-20..20_i32).prop_map(Tick), 60),
    ) {
        let mut time = TimeInRange::new(RANGE, times[0], ticks[0]);
        let events: Vec<_> = times.iter().copied().zip(ticks).collect();
        events.iter().skip(1).for_each(|(at, tick)| time.update(*at, *tick));
        let pauses = events.windows(2).map(|pair| (pair[1].0.0 - pair[0].0.0, pair[0].1));
        let total: i64 = pauses.clone().map(|(pause, _)| pause).sum();
        let inside: i64 =
            pauses.filter(|(_, tick)| RANGE.contains(*tick)).map(|(pause, _)| pause).sum();
        prop_assert_eq!((time.total_us() as i64, time.inside_us() as i64), (total, inside));
        let crossed = |from: bool| {
            let is_crossing = |pair: &&[(InstantUs, Tick)]| {
                RANGE.contains(pair[0].1) == from && RANGE.contains(pair[1].1) != from
            };
            events.windows(2).filter(is_crossing).count() as u64
        };
        prop_assert_eq!((time.exits(), time.entries()), (crossed(true), crossed(false)));
    }
}
