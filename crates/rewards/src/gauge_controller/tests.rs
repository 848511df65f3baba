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
