use super::*;
use tidemill_units::Timestamp;

const ADMIN: Account = Account([0xad; 20]);
const GAUGE: Account = Account([0x60; 20]);
const OTHER: Account = Account([0x61; 20]);
const VOTER: Account = Account([0xa1; 20]);
const NOW: Timestamp = Timestamp(1_700_000_000);

fn two_gauges() -> GaugeController {
    let mut controller = GaugeController::deployed(ADMIN, NOW);
    controller.add_type(ADMIN, U256::from(RELATIVE_ONE), NOW).unwrap();
    for account in [GAUGE, OTHER] {
        let gauge = NewGauge { account, gauge_type: 0, weight: U256::ZERO };
        controller.add_gauge(ADMIN, gauge, NOW).unwrap();
    }
    controller
}

fn power(slope: u64, weeks: u64) -> VotePower {
    VotePower { slope: U256::from(slope), end: Timestamp(week_start(NOW.0) + weeks * WEEK) }
}

fn vote(controller: &mut GaugeController, gauge: Account, weight: u64, at: Timestamp) -> Done {
    let vote = VoteFor { gauge, weight: U256::from(weight) };
    controller.vote_for_gauge_weights(VOTER, vote, power(1_000_000, 100), at)
}

#[test]
fn a_vote_counts_from_next_week_and_the_share_is_constant_inside_a_week() {
    let mut controller = two_gauges();
    vote(&mut controller, GAUGE, 7_500, NOW).unwrap();
    vote(&mut controller, OTHER, 2_500, NOW).unwrap();
    let next = week_start(NOW.0) + WEEK;
    let share = |at| controller.gauge_relative_weight(GAUGE, Timestamp(at));
    assert_eq!(share(next - 1), Ok(U256::ZERO));
    assert_eq!(share(next), Ok(U256::from(RELATIVE_ONE / 4 * 3)));
    assert_eq!(share(next + WEEK - 1), share(next));
    assert_eq!(share(next + WEEK), Ok(U256::ZERO), "nobody has filled that week in");
}

#[test]
fn a_second_vote_for_the_same_gauge_waits_ten_days() {
    let mut controller = two_gauges();
    vote(&mut controller, GAUGE, 100, NOW).unwrap();
    let soon = vote(&mut controller, GAUGE, 200, Timestamp(NOW.0 + VOTE_DELAY - 1));
    assert_eq!(soon, Err(GaugeControllerError::TooOften));
    assert_eq!(vote(&mut controller, OTHER, 200, NOW), Ok(()));
    assert_eq!(vote(&mut controller, GAUGE, 200, Timestamp(NOW.0 + VOTE_DELAY)), Ok(()));
    assert_eq!(controller.power_used(VOTER), 400);
}

#[test]
fn an_operation_that_fails_changes_nothing() {
    let mut controller = two_gauges();
    vote(&mut controller, GAUGE, 10_000, NOW).unwrap();
    let before = controller.clone();
    let later = Timestamp(NOW.0 + 9 * WEEK);
    let refused = controller.change_type_weight(ADMIN, 0, U256::MAX, later);
    assert_eq!(refused, Err(Overflow));
    assert_eq!(controller, before);
    assert_eq!(controller.add_type(VOTER, U256::ZERO, later), Err(GaugeControllerError::NotAdmin));
    assert_eq!(vote(&mut controller, OTHER, 1, later), Err(GaugeControllerError::PowerUsed));
    assert_eq!(controller, before);
}

#[test]
fn state_carries_all_there_is() {
    let mut controller = two_gauges();
    vote(&mut controller, GAUGE, 10_000, NOW).unwrap();
    controller.checkpoint_gauge(OTHER, Timestamp(NOW.0 + 5 * WEEK)).unwrap();
    assert_eq!(GaugeController::new(&controller.state()).as_ref(), Ok(&controller));
}

#[test]
fn a_type_can_have_a_weight_before_it_is_added() {
    let mut controller = GaugeController::deployed(ADMIN, NOW);
    controller.change_type_weight(ADMIN, 1, U256::from(7), NOW).unwrap();
    assert_eq!(controller.type_count(), 0);
    assert_eq!(controller.type_weight(1), U256::from(7));
    for expected in 0..2 {
        assert_eq!(controller.add_type(ADMIN, U256::ZERO, NOW), Ok(expected));
    }
    assert_eq!(controller.type_weight(1), U256::from(7));
}

#[test]
fn a_weight_set_below_its_votes_can_lock_a_gauge_for_ever() {
    let mut controller = two_gauges();
    vote(&mut controller, GAUGE, 10_000, NOW).unwrap();
    controller.change_gauge_weight(ADMIN, GAUGE, U256::ONE, NOW).unwrap();
    // The line falls to zero, its slope with it; the end of the vote stays in the calendar.
    let later = Timestamp(NOW.0 + 3 * WEEK);
    let small = VoteFor { gauge: GAUGE, weight: U256::from(10_000) };
    let other = Account([0xb0; 20]);
    controller.vote_for_gauge_weights(other, small, power(10, 102), later).unwrap();
    let end = week_start(NOW.0) + 100 * WEEK;
    assert_eq!(controller.checkpoint_gauge(GAUGE, Timestamp(end - WEEK - 1)), Ok(()));
    assert_eq!(controller.checkpoint_gauge(GAUGE, Timestamp(end)), Err(Underflow));
    assert_eq!(controller.checkpoint(Timestamp(end + 50 * WEEK)), Err(Underflow));
}

#[test]
fn weeks_nobody_fills_in_are_filled_500_at_a_time_from_the_same_place() {
    let mut controller = two_gauges();
    controller.change_gauge_weight(ADMIN, GAUGE, U256::from(9), NOW).unwrap();
    let next = week_start(NOW.0) + WEEK;
    let late = Timestamp(next + 600 * WEEK);
    for _ in 0..2 {
        controller.checkpoint_gauge(GAUGE, late).unwrap();
        let share = |week| controller.gauge_relative_weight(GAUGE, Timestamp(next + week * WEEK));
        assert_eq!(share(500), Ok(U256::from(RELATIVE_ONE)));
        assert_eq!(share(501), Ok(U256::ZERO));
    }
}

#[test]
fn the_end_of_an_old_lock_stays_in_a_vote_until_it_is_cast_again() {
    let mut controller = two_gauges();
    vote(&mut controller, GAUGE, 10_000, NOW).unwrap();
    // Whatever the lock is by now, the vote falls to nothing where it ended when it was cast.
    let end = week_start(NOW.0) + 100 * WEEK;
    controller.checkpoint_gauge(GAUGE, Timestamp(end)).unwrap();
    assert_eq!(controller.gauge_weight(GAUGE), U256::ZERO);
}
