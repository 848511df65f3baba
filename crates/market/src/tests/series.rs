//! What was known of a series, and when.

use tidemill_model::Observation;
use tidemill_units::{Decimal, InstantUs};

use super::seeded::Seeded;
use crate::{MAX_KEPT_OBSERVATIONS, Series};

fn observation(time: i64, published_at: i64, value: i128) -> Observation {
    Observation {
        time: InstantUs(time),
        published_at: InstantUs(published_at),
        value: Decimal::from_raw(value),
    }
}

fn known(series: &Series, instant: i64) -> Option<(i64, i128, u32)> {
    let known = series.known_at(InstantUs(instant))?;
    Some((known.observation.time.0, known.observation.value.raw(), known.vintage))
}

#[test]
fn a_revision_is_not_known_before_it_is_published() {
    let mut series = Series::default();
    // A quarter's first figure, the next quarter's, then both revised.
    for (time, published_at, value) in [(10, 15, 100), (20, 25, 200), (10, 30, 101), (20, 35, 201)]
    {
        series.push(observation(time, published_at, value)).expect("in order");
    }
    let expected = [
        (14, None),
        (15, Some((10, 100, 0))),
        (24, Some((10, 100, 0))),
        (25, Some((20, 200, 0))),
        (30, Some((20, 200, 0))),
        (34, Some((20, 200, 0))),
        (35, Some((20, 201, 1))),
        (i64::MAX, Some((20, 201, 1))),
    ];
    for (instant, value) in expected {
        assert_eq!(known(&series, instant), value, "at {instant}");
    }
    let of_ten = |instant| {
        let known = series.value_of(InstantUs(10), InstantUs(instant));
        known.map(|known| (known.observation.value.raw(), known.vintage))
    };
    assert_eq!([29, 30].map(of_ten), [Some((100, 0)), Some((101, 1))]);
}

/// What is known at an instant is the same whatever is published after it.
#[test]
fn the_future_changes_nothing_that_was_known() {
    for seed in 0..100 {
        let mut random = Seeded(seed);
        let mut published_at = 0;
        let (mut series, mut told) = (Series::default(), Vec::new());
        for value in 0..100 {
            published_at += i64::from(random.between(0, 3));
            let time = published_at - i64::from(random.between(0, 10));
            series.push(observation(time, published_at, value)).expect("in order");
            told.push((published_at, known(&series, published_at)));
            for (index, (instant, before)) in told.iter().enumerate() {
                let is_last_then = told.get(index + 1).is_none_or(|next| next.0 > *instant);
                if is_last_then {
                    assert_eq!(known(&series, *instant), *before, "seed {seed}");
                }
            }
        }
    }
}

#[test]
fn a_series_keeps_so_many_and_refuses_what_is_out_of_order() {
    let mut series = Series::default();
    for time in 0..10_000 {
        series.push(observation(time, time, 1)).expect("in order");
    }
    assert_eq!(series.observations().count(), MAX_KEPT_OBSERVATIONS);
    assert_eq!(known(&series, 20_000), Some((9_999, 1, 0)));
    let before = series.clone();
    let refused = series.push(observation(0, 9_998, 1)).expect_err("published before");
    assert_eq!(
        refused.to_string(),
        "published at 9998 us, after one that was published at 9999 us"
    );
    assert_eq!(series, before);
}
