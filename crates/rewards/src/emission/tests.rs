use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, U256};

use super::{
    CONVEX, Emission, EmissionClock, EmissionError, EmissionState, EmissionStep, Schedule,
    SupplyCliffs, SupplyCliffsError,
};

fn units(count: u64) -> Amount {
    Amount::from_u64(count)
}

fn whole(count: u64) -> Amount {
    Amount(U256::from(count) * U256::from(10_u64.pow(18)))
}

fn of(schedule: Schedule) -> EmissionState {
    EmissionState { clock: EmissionClock::Seconds, start: 100, cap: None, schedule }
}

fn emission(schedule: Schedule) -> Emission {
    Emission::new(of(schedule)).unwrap()
}

#[test]
fn a_constant_schedule_keeps_back_less_than_a_unit() {
    let emission = emission(Schedule::Constant { amount: units(10), interval: 4 });
    let released = [0, 100, 101, 102, 103, 104, 108].map(|at| emission.cumulative(at));
    assert_eq!(released, [0, 0, 2, 5, 7, 10, 20].map(units));
}

#[test]
fn a_linear_schedule_is_the_area_below_its_line() {
    let schedule = Schedule::Linear { first_rate: units(10), last_rate: units(0), length: 10 };
    let released = [101, 102, 105, 110, 500].map(|at| emission(schedule.clone()).cumulative(at));
    assert_eq!(released, [9, 18, 37, 50, 50].map(units));
    let rising = Schedule::Linear { first_rate: units(0), last_rate: units(10), length: 10 };
    let released = [101, 102, 105, 110, 500].map(|at| emission(rising.clone()).cumulative(at));
    assert_eq!(released, [0, 2, 12, 50, 50].map(units));
}

#[test]
fn halving_ends_short_of_twice_the_first_interval() {
    let emission = emission(Schedule::Halving { first_amount: units(25), interval: 10 });
    let released = [105, 110, 120, 130, 140, 150, u64::MAX].map(|at| emission.cumulative(at));
    assert_eq!(released, [12, 25, 37, 43, 46, 47, 47].map(units));
}

#[test]
fn steps_follow_each_other_and_a_cap_ends_them() {
    let step = |amount, length| EmissionStep { amount: units(amount), length };
    let schedule = Schedule::Stepped { steps: vec![step(10, 10), step(0, 5), step(100, 10)] };
    let open = emission(schedule.clone());
    let released = [105, 110, 115, 120, 125, 999].map(|at| open.cumulative(at));
    assert_eq!(released, [5, 10, 10, 60, 110, 110].map(units));
    let capped = EmissionState { cap: Some(units(50)), ..of(schedule) };
    let capped = Emission::new(capped).unwrap();
    assert_eq!(capped.between(110, 119), Ok(units(40)));
    assert_eq!(capped.between(119, 999), Ok(units(0)));
    assert_eq!(capped.between(119, 118), Err(EmissionError::Backwards));
}

#[test]
fn meaningless_schedules_are_refused() {
    let step = |amount, length| EmissionStep { amount, length };
    let cases = [
        (Schedule::Constant { amount: units(1), interval: 0 }, EmissionError::Interval),
        (Schedule::Constant { amount: Amount::MAX, interval: 1 }, EmissionError::Amount),
        (Schedule::Halving { first_amount: units(1), interval: 0 }, EmissionError::Interval),
        (Schedule::Halving { first_amount: Amount::MAX, interval: 1 }, EmissionError::Amount),
        (
            Schedule::Linear { first_rate: units(1), last_rate: units(1), length: 0 },
            EmissionError::Length,
        ),
        (
            Schedule::Linear { first_rate: Amount::MAX, last_rate: units(1), length: 9 },
            EmissionError::Amount,
        ),
        (Schedule::Stepped { steps: vec![step(units(1), 0)] }, EmissionError::Length),
        (
            Schedule::Stepped { steps: vec![step(units(1), u64::MAX), step(units(1), 1)] },
            EmissionError::Steps,
        ),
        (
            Schedule::Stepped { steps: vec![step(Amount::MAX, 1), step(units(1), 1)] },
            EmissionError::Amount,
        ),
    ];
    for (schedule, expected) in cases {
        assert_eq!(Emission::new(of(schedule)), Err(expected));
    }
}

#[test]
fn q409_convex_mints_by_the_cliff_of_its_supply() {
    assert_eq!(CONVEX.per_cliff, whole(100_000));
    assert_eq!(CONVEX.max_supply, whole(100_000_000));
    let minted = CONVEX.minted(whole(84_321_000), whole(100));
    assert_eq!(minted, Ok("15700000000000000000".parse().unwrap()));
    assert_eq!(CONVEX.minted(whole(0), whole(7)), Ok(whole(7)), "the first is minted as it is");
    assert_eq!(CONVEX.minted(whole(100_000_000), whole(7)), Ok(whole(0)));
    let last = CONVEX.minted(whole(99_999_999), whole(1_000_000));
    assert_eq!(last, Ok(whole(1)), "the cap");
}

#[test]
fn a_claim_over_a_cliff_mints_more_than_two() {
    let supply = whole(99_999);
    assert_eq!(CONVEX.minted(supply, whole(2)), Ok(whole(2)));
    assert_eq!(CONVEX.minted(supply, whole(1)), Ok(whole(1)));
    let second = CONVEX.minted(whole(100_000), whole(1)).unwrap();
    assert_eq!(second, "999000000000000000".parse().unwrap());
}

#[test]
fn meaningless_cliffs_are_refused() {
    let flat = SupplyCliffs { per_cliff: units(0), ..CONVEX };
    assert_eq!(flat.minted(units(1), units(1)), Err(SupplyCliffsError::Cliffs));
    let low = SupplyCliffs { max_supply: units(5), ..CONVEX };
    assert_eq!(low.minted(units(6), units(1)), Err(SupplyCliffsError::Supply));
    assert_eq!(CONVEX.minted(units(1), Amount::MAX), Err(SupplyCliffsError::MulOverflow));
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        (0_u64..100).prop_map(units),
        any::<u128>().prop_map(Amount::from_u128),
        any::<[u64; 4]>().prop_map(|limbs| Amount(U256::from_limbs(limbs))),
    ]
}

fn points() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..50, 0_u64..1 << 32, any::<u64>()]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let step = (amount(), points()).prop_map(|(amount, length)| EmissionStep { amount, length });
    prop_oneof![
        (amount(), points()).prop_map(|(amount, interval)| Schedule::Constant { amount, interval }),
        (amount(), amount(), points()).prop_map(|(first_rate, last_rate, length)| {
            Schedule::Linear { first_rate, last_rate, length }
        }),
        (amount(), points())
            .prop_map(|(first_amount, interval)| Schedule::Halving { first_amount, interval }),
        proptest::collection::vec(step, 0..5).prop_map(|steps| Schedule::Stepped { steps }),
    ]
}

proptest! {
    #[test]
    fn parts_add_up_and_stay_below_the_cap(
        schedule in schedule(),
        start in points(),
        cap in proptest::option::of(amount()),
        mut at in proptest::array::uniform3(points()),
    ) {
        let state = EmissionState { clock: EmissionClock::Blocks, start, cap, schedule };
        if let Ok(emission) = Emission::new(state.clone()) {
            at.sort_unstable();
            let [a, b, c] = at;
            let between = |from, to| emission.between(from, to).unwrap();
            prop_assert_eq!(between(a, b).checked_add(between(b, c)), Some(between(a, c)));
            prop_assert!(cap.is_none_or(|cap| emission.cumulative(c) <= cap));
            prop_assert!(emission.cumulative(start).is_zero());
            prop_assert_eq!(emission.state(), &state);
        }
    }
}
