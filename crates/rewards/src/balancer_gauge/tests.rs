use super::*;
use crate::gauge_controller::{
    GaugeControllerState, GaugeWeightState, LineState, StepsState, TypeWeightState, WeightPoint,
};
use crate::token_admin::RATE_REDUCTION_TIME;
use crate::vote_escrow::{EscrowParameters, EscrowPoint, LockedBalance, LockerState};
use crate::{Moment, WEEK};
use tidemill_units::BlockNumber;

mod rewards;

const GAUGE: Account = Account([0x60; 20]);
const POOL: Account = Account([0x11; 20]);
const ADMIN: Account = Account([0xad; 20]);
const VAULT: Account = Account([0xba; 20]);
const ALICE: Account = Account([0xa1; 20]);
const BOB: Account = Account([0xb0; 20]);
/// The beginning of a week.
const START: u64 = 2_800 * WEEK;
/// A rate that the end of the epoch makes one token a second.
const OLD_RATE: u64 = 1_189_207_115_002_721_024;

fn units(count: u64) -> U256 {
    U256::from(count) * U256::from(SCALE)
}

/// A controller that gives the gauge everything, in every week.
fn controller() -> GaugeController {
    let step = |value: u64| StepsState {
        values: vec![(Timestamp(START), U256::from(value))],
        filled_to: Timestamp(START),
    };
    let point = WeightPoint { bias: U256::from(7), slope: U256::ZERO };
    let line = LineState {
        points: vec![(Timestamp(START), point)],
        slope_changes: Vec::new(),
        filled_to: Timestamp(START),
    };
    let gauge = GaugeWeightState { account: GAUGE, gauge_type: 0, weight: line.clone() };
    GaugeController::new(&GaugeControllerState {
        admin: ADMIN,
        type_count: 1,
        gauges: vec![gauge],
        types: vec![TypeWeightState { type_id: 0, sum: line, weight: step(1) }],
        total: step(7),
        voters: Vec::new(),
    })
    .unwrap()
}

/// An escrow in which Alice has `percent` of the votes for ever.
fn escrow(percent: u64) -> VoteEscrow {
    let now = Moment { at: Timestamp(START), block: BlockNumber(1) };
    let mut state = VoteEscrow::deployed(EscrowParameters::BALANCER, now).state();
    let point = |bias: i128| EscrowPoint { bias, slope: 0, at: now.at, block: now.block };
    state.history.push(point(100));
    let points = vec![point(i128::from(percent))];
    state.lockers.push(LockerState { account: ALICE, locked: LockedBalance::default(), points });
    VoteEscrow::new(&state).unwrap()
}

struct World {
    token_admin: TokenAdmin,
    controller: GaugeController,
    escrow: VoteEscrow,
    gauge: BalancerGauge,
}

impl World {
    /// A gauge at one token a second for a year; nobody votes.
    fn new() -> Self {
        Self::with(Timestamp(START), units(1))
    }

    fn with(start_epoch_time: Timestamp, rate: U256) -> Self {
        let mut token_admin = TokenAdmin { start_epoch_time, rate, ..TokenAdmin::default() };
        let identity =
            GaugeIdentity { account: GAUGE, pool_token: POOL, admin: ADMIN, vault: VAULT };
        let at = Timestamp(START);
        let gauge = BalancerGauge::deployed(identity, units(1), &mut token_admin, at).unwrap();
        Self { token_admin, controller: controller(), escrow: escrow(0), gauge }
    }

    fn parts(&mut self) -> (&mut BalancerGauge, BalancerSources<'_>) {
        let Self { token_admin, controller, escrow, gauge } = self;
        (gauge, BalancerSources { token_admin, controller, escrow })
    }

    fn deposit(&mut self, who: Account, value: U256, after: u64) -> Vec<RewardPayment> {
        let deposit = BalancerDeposit { recipient: who, value: Amount(value), claims: true };
        let (gauge, sources) = self.parts();
        gauge.deposit(deposit, sources, Timestamp(START + after)).unwrap()
    }

    fn withdraw(&mut self, who: Account, value: U256, claims: bool, after: u64) -> Paid {
        let withdrawal = BalancerWithdrawal { account: who, value: Amount(value), claims };
        let (gauge, sources) = self.parts();
        gauge.withdraw(withdrawal, sources, Timestamp(START + after))
    }

    fn checkpoint(&mut self, who: Account, after: u64) {
        let (gauge, sources) = self.parts();
        gauge.user_checkpoint(who, sources, Timestamp(START + after)).unwrap();
    }

    fn kick(&mut self, who: Account, after: u64) -> Done {
        let (gauge, sources) = self.parts();
        gauge.kick(who, sources, Timestamp(START + after))
    }

    fn transfer(&mut self, from: Account, to: Account, value: U256, after: u64) -> Done {
        let transfer = StakeTransfer { from, to, value: Amount(value) };
        let (gauge, sources) = self.parts();
        gauge.transfer(transfer, sources, Timestamp(START + after))
    }

    fn earned(&self, who: Account) -> U256 {
        self.gauge.stake_of(who).integrate_fraction
    }
}

#[test]
fn the_checkpoint_that_begins_an_epoch_keeps_the_old_rate() {
    // The epoch ends after one week.
    let start = Timestamp(START + WEEK - RATE_REDUCTION_TIME);
    let mut world = World::with(start, U256::from(OLD_RATE));
    world.deposit(ALICE, units(100), 0);
    world.checkpoint(ALICE, WEEK);
    assert_eq!(world.token_admin.rate, units(1));
    assert_eq!(world.gauge.period().inflation_rate, U256::from(OLD_RATE));
    let week = U256::from(OLD_RATE) * U256::from(WEEK);
    assert_eq!(world.earned(ALICE), week);
    world.checkpoint(ALICE, 2 * WEEK);
    assert_eq!(world.earned(ALICE), U256::from(2) * week, "the second week at the old rate, too");
    world.checkpoint(ALICE, 3 * WEEK);
    assert_eq!(world.earned(ALICE), U256::from(2) * week + units(WEEK));
}

#[test]
fn a_gauge_left_alone_for_two_epochs_keeps_its_rate_for_ever() {
    let start = Timestamp(START + WEEK - RATE_REDUCTION_TIME);
    let mut world = World::with(start, U256::from(OLD_RATE));
    let late = WEEK + 2 * RATE_REDUCTION_TIME;
    world.checkpoint(ALICE, late);
    // One epoch was begun of the three that have come; its end is past already.
    assert_eq!(world.token_admin.mining_epoch, 1);
    for _ in 0..2 {
        world.token_admin.update_mining_parameters(Timestamp(START + late)).unwrap();
    }
    world.checkpoint(ALICE, late + 1);
    world.checkpoint(ALICE, late + 9 * RATE_REDUCTION_TIME);
    assert_eq!(world.gauge.period().inflation_rate, U256::from(OLD_RATE));
    assert_eq!(world.token_admin.mining_epoch, 3);
}

#[test]
fn a_kill_and_its_end_count_back_to_the_last_checkpoint() {
    let mut world = World::new();
    world.deposit(ALICE, units(100), 0);
    world.gauge.set_killed(ADMIN, true).unwrap();
    world.checkpoint(ALICE, WEEK);
    assert_eq!(world.earned(ALICE), U256::ZERO, "killed at its very end, the week pays nothing");
    world.gauge.set_killed(ADMIN, false).unwrap();
    world.checkpoint(ALICE, 2 * WEEK);
    assert_eq!(world.earned(ALICE), units(WEEK), "killed until its very end, the week pays");
    let refused = world.gauge.set_killed(ALICE, true);
    assert_eq!(refused, Err(BalancerGaugeError::NotAdmin));
}

#[test]
fn a_cap_counts_back_to_the_last_checkpoint() {
    let mut world = World::new();
    world.deposit(ALICE, units(100), 0);
    world.gauge.set_relative_weight_cap(ADMIN, U256::from(SCALE / 4)).unwrap();
    world.checkpoint(ALICE, WEEK);
    assert_eq!(world.earned(ALICE), units(WEEK / 4));
    let refused = world.gauge.set_relative_weight_cap(ADMIN, units(1) + U256::ONE);
    assert_eq!(refused, Err(BalancerGaugeError::CapTooLarge));
    let share = world.gauge.capped_relative_weight(&world.controller, Timestamp(START));
    assert_eq!(share, Ok(U256::from(SCALE / 4)));
}

#[test]
fn a_boost_needs_no_warm_up_and_stays_until_a_checkpoint_or_a_kick() {
    let mut world = World::new();
    world.escrow = escrow(10);
    world.deposit(BOB, units(900), 0);
    world.deposit(ALICE, units(100), 0);
    // 40 percent of 100, and 60 percent of a tenth of all 1000.
    let working = |world: &World| world.gauge.stake_of(ALICE).working_balance;
    assert_eq!(working(&world), units(100));
    assert_eq!(world.kick(ALICE, WEEK), Err(BalancerGaugeError::KickNotAllowed));
    world.escrow = escrow(0);
    world.deposit(ALICE, U256::ZERO, WEEK);
    assert_eq!(working(&world), units(100), "a checkpoint, but of the emission only");
    world.kick(ALICE, 2 * WEEK).unwrap();
    assert_eq!(working(&world), units(40));
    assert_eq!(world.kick(ALICE, 2 * WEEK), Err(BalancerGaugeError::KickNotNeeded));
}

#[test]
fn what_comes_after_500_weeks_without_a_checkpoint_is_lost() {
    let earned = [501, 600].map(|weeks| {
        let mut world = World::new();
        world.deposit(ALICE, units(100), 0);
        world.checkpoint(ALICE, weeks * WEEK);
        world.earned(ALICE)
    });
    assert_eq!(earned[0], earned[1]);
    assert!(!earned[0].is_zero());
}

#[test]
fn splitting_an_interval_changes_nothing_but_dust() {
    let (mut once, mut often) = (World::new(), World::new());
    for world in [&mut once, &mut often] {
        world.deposit(ALICE, units(7), 0);
        world.deposit(BOB, units(13), 0);
    }
    for hour in 1..=336 {
        often.checkpoint(ALICE, hour * 3600);
    }
    once.checkpoint(ALICE, 2 * WEEK);
    let lost = once.earned(ALICE) - often.earned(ALICE);
    assert!(lost < U256::from(4 * 336), "lost {lost}");
    once.checkpoint(BOB, 2 * WEEK);
    assert!(once.earned(ALICE) + once.earned(BOB) <= units(2 * WEEK), "paid is never over due");
}

#[test]
fn more_than_is_staked_is_not_paid_and_changes_nothing() {
    let mut world = World::new();
    world.deposit(ALICE, units(100), 0);
    let before = (world.gauge.clone(), world.controller.clone(), world.token_admin);
    let more = units(100) + U256::ONE;
    assert_eq!(world.withdraw(ALICE, more, true, 9 * WEEK), Err(Underflow));
    assert_eq!(world.transfer(ALICE, BOB, more, 9 * WEEK), Err(Underflow));
    assert_eq!(before, (world.gauge, world.controller, world.token_admin));
}

#[test]
fn the_vault_needs_no_leave_to_move_a_stake() {
    let mut world = World::new();
    world.deposit(ALICE, units(100), 0);
    let transfer = StakeTransfer { from: ALICE, to: BOB, value: Amount(units(1)) };
    let move_by = |world: &mut World, spender| {
        let (gauge, sources) = world.parts();
        gauge.transfer_from(spender, transfer, sources, Timestamp(START))
    };
    assert_eq!(move_by(&mut world, BOB), Err(Underflow));
    world.gauge.approve(ALICE, VAULT, Amount(U256::ONE));
    assert_eq!(world.gauge.allowance(ALICE, VAULT), Amount(U256::MAX));
    assert_eq!(move_by(&mut world, VAULT), Ok(()));
    world.gauge.approve(ALICE, BOB, Amount(units(3)));
    assert_eq!(move_by(&mut world, BOB), Ok(()));
    assert_eq!(world.gauge.allowance(ALICE, BOB), Amount(units(2)));
    assert_eq!(world.gauge.stake_of(BOB).balance, units(2));
    assert_eq!(world.gauge.decrease_allowance(ALICE, BOB, Amount(units(3))), Err(Underflow));
    assert_eq!(world.gauge.increase_allowance(ALICE, BOB, Amount(U256::MAX)), Err(Overflow));
}

#[test]
fn states_that_no_gauge_can_have_are_refused() {
    let mut world = World::new();
    world.deposit(ALICE, units(100), 0);
    let token = Account([1; 20]);
    world.gauge.add_reward(ADMIN, token, BOB).unwrap();
    world.gauge.deposit_reward_token(BOB, token, Amount(units(9)), Timestamp(START)).unwrap();
    world.gauge.set_rewards_receiver(ALICE, BOB);
    world.gauge.approve(ALICE, BOB, Amount(U256::ONE));
    world.deposit(ALICE, units(1), 100);
    let state = world.gauge.state();
    assert_eq!(BalancerGauge::new(&state), Ok(world.gauge));
    let refused = |change: fn(&mut BalancerGaugeState)| {
        let mut state = state.clone();
        change(&mut state);
        BalancerGauge::new(&state).map_err(|error| error.field.name)
    };
    let past_one = |state: &mut BalancerGaugeState| state.relative_weight_cap = units(2);
    assert_eq!(refused(past_one), Err("relative_weight_cap"));
    assert_eq!(refused(|state| state.period.total_supply = U256::ZERO), Err("period"));
    assert_eq!(refused(|state| state.stakes.push(state.stakes[0].clone())), Err("stakes"));
    assert_eq!(refused(|state| state.stakes[0].stake.balance = U256::ZERO), Err("stakes"));
    assert_eq!(refused(|state| state.rewards.clear()), Err("stakes"));
    let too_much = |state: &mut BalancerGaugeState| {
        state.stakes[0].rewards[0].claimed = Amount(U256::ONE << 128_usize);
    };
    assert_eq!(refused(too_much), Err("stakes"));
    assert_eq!(refused(|state| state.rewards = vec![state.rewards[0]; 2]), Err("rewards"));
    assert_eq!(refused(|state| state.rewards[0].distributor.0 = [0; 20]), Err("rewards"));
    assert_eq!(refused(|state| state.rewards[0].last_update.0 += WEEK), Err("rewards"));
    assert_eq!(refused(|state| state.held.reverse()), Err("held"));
    assert_eq!(refused(|state| state.allowances[0].amount.0 = U256::ZERO), Err("allowances"));
    assert_eq!(refused(|state| state.receivers[0].receiver.0 = [0; 20]), Err("receivers"));
}
