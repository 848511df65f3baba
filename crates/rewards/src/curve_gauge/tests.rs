use super::*;
use crate::gauge_controller::{
    GaugeControllerState, GaugeWeightState, LineState, StepsState, TypeWeightState, WeightPoint,
};
use crate::vote_escrow::{EscrowParameters, EscrowPoint, LockedBalance, LockerState};
use crate::{Moment, WEEK};
use tidemill_units::BlockNumber;

const GAUGE: Account = Account([0x60; 20]);
const ALICE: Account = Account([0xa1; 20]);
const BOB: Account = Account([0xb0; 20]);
/// The beginning of a week.
const START: u64 = 2_800 * WEEK;

fn units(count: u64) -> U256 {
    U256::from(count) * U256::from(SCALE)
}

fn token() -> CrvEmission {
    CrvEmission {
        mining_epoch: 0,
        start_epoch_time: Timestamp(START),
        rate: units(1),
        start_epoch_supply: U256::ZERO,
        total_supply: Amount::ZERO,
    }
}

/// A controller that gives the gauge five percent in every week from the start.
fn controller() -> GaugeController {
    let weeks = |value: u64| {
        let values = (0..4).map(|week| (Timestamp(START + week * WEEK), U256::from(value)));
        StepsState { values: values.collect(), filled_to: Timestamp(START + 3 * WEEK) }
    };
    let line = |bias: u64| LineState {
        points: weeks(bias)
            .values
            .iter()
            .map(|(week, bias)| (*week, WeightPoint { bias: *bias, slope: U256::ZERO }))
            .collect(),
        slope_changes: Vec::new(),
        filled_to: Timestamp(START + 3 * WEEK),
    };
    let gauge = GaugeWeightState { account: GAUGE, gauge_type: 0, weight: line(5) };
    let state = GaugeControllerState {
        admin: Account::default(),
        type_count: 1,
        gauges: vec![gauge],
        types: vec![TypeWeightState { type_id: 0, sum: line(100), weight: weeks(1) }],
        total: weeks(100),
        voters: Vec::new(),
    };
    GaugeController::new(&state).unwrap()
}

/// An escrow in which Alice has `votes` of 500 million for ever.
fn escrow(votes: u64) -> VoteEscrow {
    let now = Moment { at: Timestamp(START), block: BlockNumber(1) };
    let mut state = VoteEscrow::deployed(EscrowParameters::CURVE, now).state();
    let point = |bias: u64| EscrowPoint {
        bias: i128::try_from(units(bias)).unwrap(),
        slope: 0,
        at: now.at,
        block: now.block,
    };
    state.history.push(point(500_000_000));
    let (locked, points) = (LockedBalance::default(), vec![point(votes)]);
    state.lockers.push(LockerState { account: ALICE, locked, points });
    VoteEscrow::new(&state).unwrap()
}

struct World {
    token: CrvEmission,
    controller: GaugeController,
    escrow: VoteEscrow,
    gauge: CurveGauge,
}

impl World {
    fn new(votes: u64) -> Self {
        let mut token = token();
        let gauge = CurveGauge::deployed(GAUGE, &mut token, Timestamp(START)).unwrap();
        Self { token, controller: controller(), escrow: escrow(votes), gauge }
    }

    fn parts(&mut self) -> (&mut CurveGauge, GaugeSources<'_>) {
        let Self { token, controller, escrow, gauge } = self;
        (gauge, GaugeSources { token, controller, escrow })
    }

    fn deposit(&mut self, who: Account, count: u64, after: u64) {
        let (gauge, sources) = self.parts();
        let at = Timestamp(START + after);
        let value = Amount(units(count));
        let deposit = StakeDeposit { caller: who, recipient: who, value };
        gauge.deposit(deposit, sources, at).unwrap();
    }

    fn checkpoint(&mut self, who: Account, after: u64) {
        let (gauge, sources) = self.parts();
        gauge.user_checkpoint(who, sources, Timestamp(START + after)).unwrap();
    }

    fn working(&self, who: Account) -> U256 {
        self.gauge.stake_of(who).working_balance
    }
}

#[test]
fn q404_votes_boost_up_to_two_and_a_half_times() {
    let tenth = U256::from(SCALE / 10);
    for (votes, working) in [(2_000, 40_024), (1_000_000, 52_000), (5_000_000, 100_000)] {
        let mut world = World::new(votes);
        world.deposit(BOB, 990_000, 0);
        world.deposit(ALICE, 10_000, BOOST_WARMUP + 1);
        assert_eq!(world.working(ALICE), U256::from(working) * tenth);
    }
    // One unit of votes less than 5,000,000 and the boost is not full.
    let mut world = World::new(4_999_999);
    world.deposit(BOB, 990_000, 0);
    world.deposit(ALICE, 10_000, BOOST_WARMUP + 1);
    assert!(world.working(ALICE) < units(10_000));
}

#[test]
fn q407_a_week_of_emission() {
    let mut world = World::new(0);
    let stake = |working: u64| GaugeStake {
        balance: units(1_000_000),
        working_balance: units(working),
        integrate_checkpoint_of: Timestamp(START),
        ..GaugeStake::default()
    };
    let mut state = world.gauge.state();
    state.stakes = [(ALICE, 5_200), (BOB, 994_800)]
        .map(|(account, working)| GaugeStakeState { account, stake: stake(working) })
        .to_vec();
    state.period.total_supply = units(2_000_000);
    state.period.working_supply = units(1_000_000);
    world.gauge = CurveGauge::new(&state).unwrap();
    world.checkpoint(ALICE, WEEK);
    let earned = world.gauge.stake_of(ALICE).integrate_fraction;
    assert_eq!(earned, U256::from(157_248_000_000_000_000_000_u128));
}

#[test]
fn the_first_two_weeks_know_no_boost() {
    let mut world = World::new(500_000_000);
    world.deposit(ALICE, 100, BOOST_WARMUP);
    assert_eq!(world.working(ALICE), units(40));
    world.checkpoint(ALICE, BOOST_WARMUP + 1);
    assert_eq!(world.working(ALICE), units(100));
}

#[test]
fn a_boost_stays_until_a_checkpoint_or_a_kick() {
    let mut world = World::new(500_000_000);
    world.deposit(ALICE, 100, BOOST_WARMUP + 1);
    // All of her votes go, and nothing happens to her boost.
    world.escrow = escrow(0);
    world.deposit(BOB, 100, BOOST_WARMUP + 10);
    assert_eq!(world.working(ALICE), units(100));
    let (gauge, sources) = world.parts();
    gauge.kick(ALICE, sources, Timestamp(START + BOOST_WARMUP + 20)).unwrap();
    assert_eq!(world.working(ALICE), units(40));
    let (gauge, sources) = world.parts();
    let again = gauge.kick(ALICE, sources, Timestamp(START + BOOST_WARMUP + 30));
    assert_eq!(again, Err(CurveGaugeError::KickNotNeeded));
}

#[test]
fn who_has_votes_and_left_the_lock_alone_is_not_kicked() {
    let mut world = World::new(500_000_000);
    world.deposit(ALICE, 100, BOOST_WARMUP + 1);
    let (gauge, sources) = world.parts();
    let kicked = gauge.kick(ALICE, sources, Timestamp(START + BOOST_WARMUP + 2));
    assert_eq!(kicked, Err(CurveGaugeError::KickNotAllowed));
}

#[test]
fn nothing_staked_is_a_checkpoint_that_keeps_the_boost() {
    let mut world = World::new(500_000_000);
    world.deposit(ALICE, 100, BOOST_WARMUP + 1);
    world.escrow = escrow(0);
    world.deposit(ALICE, 0, BOOST_WARMUP + 100);
    assert_eq!(world.working(ALICE), units(100));
    let stake = world.gauge.stake_of(ALICE);
    assert_eq!(stake.integrate_checkpoint_of, Timestamp(START + BOOST_WARMUP + 100));
}

#[test]
fn emission_while_nobody_is_staked_is_stranded() {
    let mut world = World::new(0);
    world.deposit(ALICE, 100, WEEK);
    assert_eq!(world.gauge.period().integrate_inv_supply, U256::ZERO);
    world.checkpoint(ALICE, 2 * WEEK);
    // 5 percent of a week at one a second: the first week's as much is nobody's.
    assert_eq!(world.gauge.stake_of(ALICE).integrate_fraction, units(WEEK / 20));
}

#[test]
fn splitting_an_interval_changes_nothing_but_dust() {
    let (mut once, mut often) = (World::new(0), World::new(0));
    for world in [&mut once, &mut often] {
        world.deposit(ALICE, 7, 0);
        world.deposit(BOB, 13, 0);
    }
    for hour in 1..=2 * 168 {
        often.checkpoint(ALICE, hour * 3600);
    }
    once.checkpoint(ALICE, 2 * WEEK);
    let earned = |world: &World| world.gauge.stake_of(ALICE).integrate_fraction;
    let lost = earned(&once) - earned(&often);
    assert!(lost < U256::from(4 * 2 * 168), "lost {lost}");
    // What is paid never exceeds what was due to the gauge.
    once.checkpoint(BOB, 2 * WEEK);
    let paid = earned(&once) + once.gauge.stake_of(BOB).integrate_fraction;
    assert!(paid <= units(2 * WEEK / 20));
}

#[test]
fn more_than_is_staked_is_not_paid_and_changes_nothing() {
    let mut world = World::new(0);
    world.deposit(ALICE, 100, WEEK);
    let before = (world.gauge.clone(), world.controller.clone(), world.token);
    let (gauge, sources) = world.parts();
    let value = Amount(units(100) + U256::ONE);
    let refused = gauge.withdraw(ALICE, value, sources, Timestamp(START + 9 * WEEK));
    assert_eq!(refused, Err(Underflow));
    assert_eq!(before, (world.gauge, world.controller, world.token));
}

#[test]
fn deposits_for_another_need_the_others_leave() {
    let mut world = World::new(0);
    let (gauge, sources) = world.parts();
    let deposit = StakeDeposit { caller: BOB, recipient: ALICE, value: Amount(units(1)) };
    let refused = gauge.deposit(deposit, sources, Timestamp(START));
    assert_eq!(refused, Err(CurveGaugeError::NotApproved));
    world.gauge.set_approve_deposit(ALICE, BOB, true);
    let (gauge, sources) = world.parts();
    gauge.deposit(deposit, sources, Timestamp(START)).unwrap();
    assert_eq!(world.gauge.stake_of(ALICE).balance, units(1));
    let state = world.gauge.state();
    assert_eq!(CurveGauge::new(&state), Ok(world.gauge));
}

#[test]
fn states_that_no_gauge_can_have_are_refused() {
    let mut world = World::new(0);
    world.deposit(ALICE, 100, 0);
    let refused = |change: fn(&mut CurveGaugeState)| {
        let mut state = world.gauge.state();
        change(&mut state);
        CurveGauge::new(&state).map_err(|error| error.field.name)
    };
    assert_eq!(refused(|state| state.created_at.0 += 1), Err("period"));
    assert_eq!(refused(|state| state.period.total_supply = U256::ZERO), Err("period"));
    assert_eq!(refused(|state| state.stakes.push(state.stakes[0])), Err("stakes"));
    assert_eq!(refused(|state| state.stakes[0].stake.balance = U256::ZERO), Err("stakes"));
    assert_eq!(refused(|state| state.approvals = vec![(ALICE, BOB); 2]), Err("approvals"));
}
