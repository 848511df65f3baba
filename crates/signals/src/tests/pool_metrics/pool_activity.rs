use proptest::prelude::*;
use tidemill_units::InstantUs;

use super::times;
use crate::pool_metrics::{ActivityPeriods, PoolActivity};
use crate::tests::{assert_close, assert_near};

const HOUR_US: i64 = 3_600_000_000;

fn hours(hours: i64) -> InstantUs {
    InstantUs(hours * HOUR_US)
}

/// A pool of Q114: 2.5 million a day over 10 million at 30 basis points.
#[test]
fn q114_fee_yield_of_a_pool_hour_by_hour() {
    let periods = ActivityPeriods { length_us: HOUR_US, count: 24 };
    let mut activity = PoolActivity::new(periods, hours(0), 10_000_000.0);
    for hour in 0..24 {
        assert_eq!(activity.yearly_fee_yield(), None, "hour {hour} of the first day");
        activity.swap(hours(hour), 2_500_000.0 / 24.0, 7_500.0 / 24.0);
    }
    activity.pass_to(hours(24));
    assert_close(activity.yearly_fee_yield().unwrap(), 0.27375, 1e-10);
    assert_close(activity.daily_turnover().unwrap(), 0.25, 1e-10);
}

#[test]
fn a_swap_counts_in_the_period_that_begins_with_it() {
    let mut activity =
        PoolActivity::new(ActivityPeriods { length_us: 10, count: 1 }, InstantUs(5), 1.0);
    activity.swap(InstantUs(14), 2.0, 0.0);
    assert_eq!(activity.daily_turnover(), None);
    activity.swap(InstantUs(15), 4.0, 0.0);
    let per_day = |volume: f64| volume / 10.0 * 86_400e6;
    assert_close(activity.daily_turnover().unwrap(), per_day(2.0), 1e-15);
    activity.pass_to(InstantUs(25));
    assert_close(activity.daily_turnover().unwrap(), per_day(4.0), 1e-15);
    activity.pass_to(InstantUs(35));
    assert_eq!(activity.daily_turnover(), Some(0.0));
}

#[test]
fn a_pause_of_years_is_passed_at_once() {
    let periods = ActivityPeriods { length_us: 1, count: 3 };
    let mut activity = PoolActivity::new(periods, InstantUs(0), 7.0);
    activity.swap(InstantUs(0), 5.0, 1.0);
    activity.pass_to(InstantUs(i64::MAX - 1));
    assert_eq!(activity.daily_turnover(), Some(0.0));
    let mut fresh = PoolActivity::new(periods, InstantUs(i64::MAX - 4), 7.0);
    fresh.pass_to(InstantUs(i64::MAX - 1));
    assert_eq!(activity, fresh, "as if it had begun just before");
    activity.pass_to(InstantUs(i64::MAX));
    activity.pass_to(InstantUs(i64::MAX));
}

#[test]
fn a_pool_without_liquidity_yields_nothing() {
    let mut activity =
        PoolActivity::new(ActivityPeriods { length_us: 10, count: 1 }, InstantUs(0), 0.0);
    activity.swap(InstantUs(1), 2.0, 1.0);
    activity.pass_to(InstantUs(10));
    assert_eq!(activity.yearly_fee_yield(), None);
}

#[test]
fn what_makes_no_sense_is_our_bug() {
    let new = |length_us, count, value| {
        PoolActivity::new(ActivityPeriods { length_us, count }, InstantUs(0), value)
    };
    for (length_us, count, value) in [(0, 1, 1.0), (1, 0, 1.0), (1, 1, -1.0), (1, 1, f64::NAN)] {
        assert!(std::panic::catch_unwind(|| new(length_us, count, value)).is_err());
    }
    assert!(std::panic::catch_unwind(|| new(1, 1, 1.0).swap(InstantUs(-1), 1.0, 1.0)).is_err());
    assert!(std::panic::catch_unwind(|| new(1, 1, 1.0).swap(InstantUs(0), -1.0, 1.0)).is_err());
}

proptest! {
    /// Sums over the swaps of the last whole periods, and the value's integral over them, each
    /// taken from the events themselves: sums of at most 80 terms that are not negative, grouped
    /// otherwise, so 80 roundings of 2^-53 apart and far within 1e-12.
    #[test]
    fn it_is_its_batch_definition(
        times in times(80, 40),
        events in proptest::collection::vec((any::<bool>(), 0.1..9.0_f64, 0.0..1.0_f64), 80),
        length_us in 1..200_i64, count in 1..6_usize,
    ) {
        let begin = times[0].0;
        let mut activity =
            PoolActivity::new(ActivityPeriods { length_us, count }, times[0], 5.0);
        let mut values = vec![(begin, 5.0)];
        let mut swaps = Vec::new();
        for (at, (is_swap, amount, fee)) in times.iter().zip(&events) {
            if *is_swap {
                activity.swap(*at, *amount, *fee);
                swaps.push((at.0, *amount, *fee));
            } else {
                activity.value_is(*at, *amount);
                values.push((at.0, *amount));
            }
            let whole = (at.0 - begin) / length_us;
            let end = begin + whole * length_us;
            let from = end - count as i64 * length_us;
            if from < begin {
                prop_assert_eq!(activity.yearly_fee_yield(), None);
                continue;
            }
            let seen = swaps.iter().filter(|swap| (from..end).contains(&swap.0));
            let (volume, fees) =
                seen.fold((0.0, 0.0), |sum, swap| (sum.0 + swap.1, sum.1 + swap.2));
            let until = values.iter().skip(1).map(|value| value.0).chain([end]);
            let value_time: f64 = values
                .iter()
                .zip(until)
                .map(|(&(since, value), until)| {
                    let held = until.min(end) - since.max(from);
                    value * held.max(0) as f64
                })
                .sum();
            let per_us = [volume / value_time * 86_400e6, fees / value_time * 365.0 * 86_400e6];
            let found = [activity.daily_turnover(), activity.yearly_fee_yield()];
            for (found, expected) in found.into_iter().zip(per_us) {
                let found = found.unwrap();
                prop_assert!((found - expected).abs() <= 1e-12 * expected, "{found} {expected}");
            }
        }
    }
}

/// Half a day at one value and half at three times that, with a period in between them all.
#[test]
fn values_are_averaged_over_time() {
    let periods = ActivityPeriods { length_us: HOUR_US, count: 24 };
    let mut activity = PoolActivity::new(periods, hours(0), 100.0);
    activity.swap(hours(3), 50.0, 1.0);
    activity.value_is(hours(12), 300.0);
    activity.pass_to(hours(24));
    assert_near(activity.daily_turnover().unwrap(), 0.25, 1e-15);
    assert_near(activity.yearly_fee_yield().unwrap(), 365.0 / 200.0, 1e-15);
}
