use proptest::prelude::*;
use tidemill_units::{Amount, Amounts, Liquidity, Tick, TickRange, Timestamp, U256};

use super::gauge::GaugeTotals;
use super::{
    Aerodrome, AerodromeError, BalanceCheckpoint, ConcentratedGauge, FACTS, Gauge, GaugeId, LockId,
    MinterState, NewGauge, Notification, PoolNow, PositionId, StakedPosition, TAIL_START,
    TailProposal, VotingReward, WEEK,
};
use crate::Account;

/// A Thursday, 00:00 UTC.
const EPOCH: u64 = 1_699_488_000;
const HOUR: u64 = 3600;
const AERO: Account = Account([0xae; 20]);
const USDC: Account = Account([0xdc; 20]);
const ALICE: Account = Account([1; 20]);
const BOB: Account = Account([2; 20]);
const CAROL: Account = Account([3; 20]);
const GAUGE: GaugeId = GaugeId(0);
/// Locked for a second of four years, each of these is one unit of voting power.
const PER_SECOND: u64 = 126_144_000;

fn at(epochs: u64, seconds: u64) -> Timestamp {
    Timestamp(EPOCH + epochs * WEEK + seconds)
}

fn units(raw: u64) -> Amount {
    Amount::from_u64(raw)
}

/// Whole tokens of 18 decimals.
fn tokens(whole: u64) -> Amount {
    Amount(U256::from(whole) * U256::from(10_u64.pow(18)))
}

/// A system with one gauge, for AERO and USDC, and 500 million tokens.
fn deployed() -> Aerodrome {
    let mut system = Aerodrome::deployed(AERO, tokens(500_000_000), at(0, 0));
    system.whitelist_token(USDC, true);
    let tokens = Some([AERO, USDC]);
    let new = NewGauge { tokens, by_governor: false, is_elsewhere: false };
    assert_eq!(system.create_gauge(new), Ok(GAUGE));
    system
}

fn permanent(system: &mut Aerodrome, owner: Account, amount: Amount, now: Timestamp) -> LockId {
    let lock = system.create_lock(owner, amount, 4 * WEEK, now).unwrap();
    system.lock_permanent(owner, lock, now).unwrap();
    lock
}

fn vote(system: &mut Aerodrome, owner: Account, lock: LockId, now: Timestamp) {
    system.vote(owner, lock, &[(GAUGE, U256::ONE)], now).unwrap();
}

fn earned(system: &Aerodrome, lock: LockId, now: Timestamp) -> Amount {
    system.voter().gauge(GAUGE).unwrap().bribes.earned(USDC, lock, now).unwrap()
}

#[test]
fn q408_weekly_emission() {
    let mut minter = MinterState::first(tokens(500_000_000), at(0, 0));
    for update in 1..=66_u64 {
        let before = minter.weekly;
        let (after, emission) = minter.emitted(at(update, 0), Amount::ZERO).unwrap();
        minter = after;
        assert_eq!((emission.gauges, emission.is_tail), (before, false));
        // Q408: 15,125,897.248551112 after fourteen updates.
        if update == 14 {
            let digits = minter.weekly.to_decimal_string(18);
            assert!(digits.starts_with("15125897.248551112"), "{digits}");
        }
        assert_eq!(minter.weekly < TAIL_START, update == 66);
    }
    let digits = minter.weekly.to_decimal_string(18);
    assert!(digits.starts_with("8969149.540107574"), "{digits}");
    assert_eq!(TAIL_START, tokens(8_969_150));
    assert_eq!(super::FIRST_WEEKLY, tokens(10_000_000));
    // The tail is 67 ten-thousandths of the supply, and the weekly emission stays as it is.
    let (after, emission) = minter.emitted(at(67, 0), Amount::ZERO).unwrap();
    let tail = minter.total_supply.0 * U256::from(67) / U256::from(10_000);
    assert_eq!((emission.gauges.0, emission.is_tail, after.weekly), (tail, true, minter.weekly));
}

#[test]
fn q410_bribe() {
    let million = Amount(U256::from(123_456_789_u64) * U256::from(10_u64.pow(12)));
    let rest = Amount(tokens(1_000_003).0 - million.0);
    let checkpoint = |balance| vec![BalanceCheckpoint { at: at(0, 2 * HOUR), balance }];
    let mut reward = VotingReward::of(&[USDC]);
    reward.supply = checkpoint(tokens(1_000_003));
    reward.balances = [(LockId(1), checkpoint(million)), (LockId(2), checkpoint(rest))].into();
    reward.notify(USDC, tokens(5000), at(0, 3 * HOUR)).unwrap();
    assert_eq!(reward.earned(USDC, LockId(1), at(0, WEEK - 1)), Ok(Amount::ZERO));
    let expected = units(617_282_093_153_720_538);
    assert_eq!(reward.earned(USDC, LockId(1), at(1, 0)), Ok(expected));
    assert_eq!(reward.claim(&[USDC, USDC], LockId(1), at(1, 0)), Ok(vec![expected, units(0)]));
    assert_eq!(reward.earned(USDC, LockId(1), at(5, 0)), Ok(Amount::ZERO));
}

#[test]
fn a_bribe_goes_to_the_votes_at_the_epochs_end() {
    let mut system = deployed();
    let early = permanent(&mut system, ALICE, units(300), at(0, 2 * HOUR));
    let late = permanent(&mut system, BOB, units(100), at(0, 2 * HOUR));
    let leaver = permanent(&mut system, CAROL, units(600), at(0, 2 * HOUR));
    vote(&mut system, CAROL, leaver, at(0, 2 * HOUR));
    vote(&mut system, ALICE, early, at(1, 2 * HOUR));
    system.notify_bribe(GAUGE, USDC, units(4000), at(1, 3 * HOUR)).unwrap();
    system.reset(CAROL, leaver, at(1, WEEK - 2 * HOUR)).unwrap();
    vote(&mut system, BOB, late, at(1, WEEK - HOUR));
    for lock in [early, late, leaver] {
        assert_eq!(earned(&system, lock, at(1, WEEK - 1)), Amount::ZERO);
    }
    assert_eq!(earned(&system, early, at(2, 0)), units(3000));
    assert_eq!(earned(&system, late, at(2, 0)), units(1000));
    assert_eq!(earned(&system, leaver, at(2, 0)), Amount::ZERO);
    let claimed = system.claim_bribes(ALICE, (GAUGE, early), &[USDC], at(2, 0));
    assert_eq!(claimed, Ok(vec![units(3000)]));
    let stranger = system.claim_bribes(ALICE, (GAUGE, late), &[USDC], at(2, 0));
    assert_eq!(stranger, Err(AerodromeError::NotApprovedOrOwner));
}

#[test]
fn votes_are_stale_until_they_are_poked() {
    let mut system = deployed();
    let now = at(0, 2 * HOUR);
    let lock = system.create_lock(ALICE, units(1000 * PER_SECOND), PER_SECOND, now).unwrap();
    let end = system.escrow().lock(lock).unwrap().locked.end;
    vote(&mut system, ALICE, lock, now);
    let weight = |system: &Aerodrome| system.voter().gauge(GAUGE).unwrap().weight;
    assert_eq!(weight(&system), units(1000 * (end.0 - now.0)));
    let later = at(52, 2 * HOUR);
    system.checkpoint(later).unwrap();
    assert_eq!(weight(&system), units(1000 * (end.0 - now.0)));
    system.poke(lock, later).unwrap();
    assert_eq!(weight(&system), units(1000 * (end.0 - later.0)));
    assert_eq!(system.voter().total_weight(), weight(&system));
}

#[test]
fn an_expired_locks_vote_cannot_be_poked_away() {
    let mut system = deployed();
    let now = at(0, 2 * HOUR);
    let lock = system.create_lock(ALICE, units(PER_SECOND), 2 * WEEK, now).unwrap();
    vote(&mut system, ALICE, lock, now);
    let weight = units(2 * WEEK - 2 * HOUR);
    assert_eq!(system.voter().total_weight(), weight);
    let later = at(3, 2 * HOUR);
    assert_eq!(system.poke(lock, later), Err(AerodromeError::ZeroBalance));
    let refused = system.withdraw_lock(ALICE, lock, later);
    assert_eq!(refused, Err(AerodromeError::AlreadyVoted));
    assert_eq!(system.voter().total_weight(), weight);
    system.reset(ALICE, lock, later).unwrap();
    assert_eq!(system.voter().total_weight(), Amount::ZERO);
    assert_eq!(system.withdraw_lock(ALICE, lock, later), Ok(units(PER_SECOND)));
}

fn notified(gauge: &mut Gauge, amount: u64, now: Timestamp) -> GaugeTotals {
    let (totals, _) = gauge.notified(units(amount), Amounts::ZERO, now).unwrap();
    gauge.set_totals(totals);
    totals
}

#[test]
fn emission_without_stakers_is_stranded() {
    let mut gauge = Gauge::default();
    notified(&mut gauge, 10 * WEEK, at(0, 0));
    gauge.deposit(ALICE, units(7), at(0, WEEK / 2)).unwrap();
    assert_eq!(gauge.claim(ALICE, at(1, 0)), Ok(units(5 * WEEK)));
    // The other half is no part of the next emission either.
    assert_eq!(notified(&mut gauge, 10 * WEEK, at(1, 0)).reward_rate, units(10));
    assert_eq!(gauge.claim(ALICE, at(2, 0)), Ok(units(10 * WEEK)));
    assert_eq!(gauge.totals().balance, units(5 * WEEK));
}

#[test]
fn a_late_distribution_raises_the_rate() {
    let mut gauge = Gauge::default();
    assert_eq!(notified(&mut gauge, 1000 * WEEK, at(0, 0)).reward_rate, units(1000));
    let mut gauge = Gauge::default();
    let late = notified(&mut gauge, 1000 * WEEK, at(0, WEEK - HOUR));
    assert_eq!((late.reward_rate, late.period_finish), (units(168_000), at(1, 0)));
}

#[test]
fn rewards_of_the_last_hour_go_to_this_epochs_votes() {
    let mut system = deployed();
    let lock = permanent(&mut system, ALICE, units(300), at(0, 2 * HOUR));
    let other = permanent(&mut system, BOB, units(100), at(0, 2 * HOUR));
    vote(&mut system, ALICE, lock, at(0, WEEK - HOUR));
    let choice = [(GAUGE, U256::ONE)];
    let refused = system.vote(BOB, other, &choice, at(0, WEEK - HOUR + 1));
    assert_eq!(refused, Err(AerodromeError::NotWhitelistedNft));
    system.notify_bribe(GAUGE, USDC, units(4000), at(0, WEEK - 1)).unwrap();
    system.whitelist_lock(other, true);
    system.vote(BOB, other, &choice, at(0, WEEK - 1)).unwrap();
    assert_eq!(earned(&system, lock, at(1, 0)), units(3000));
    assert_eq!(earned(&system, other, at(1, 0)), units(1000));
    // The first hour of the next epoch is closed to all, its last second included.
    let closed = system.vote(ALICE, lock, &choice, at(1, HOUR));
    assert_eq!(closed, Err(AerodromeError::DistributeWindow));
    system.vote(ALICE, lock, &choice, at(1, HOUR + 1)).unwrap();
}

#[test]
fn the_teams_share_follows_next_weeks_emission() {
    let minter = MinterState::first(tokens(500_000_000), at(0, 0));
    let (after, emission) = minter.emitted(at(1, 0), Amount::ZERO).unwrap();
    assert_eq!(after.weekly, tokens(10_300_000));
    assert_eq!(emission.gauges, tokens(10_000_000));
    assert_eq!(emission.rebase, tokens(5_000_000));
    // 500 / 9500 of 5,000,000 and of 10,300,000, not of 10,000,000.
    assert_eq!(emission.team.to_decimal_string(18), "805263.157894736842105263");
    // Half of the supply locked: an eighth of the emission.
    let (_, emission) = minter.emitted(at(1, 0), tokens(250_000_000)).unwrap();
    assert_eq!(emission.rebase, tokens(1_250_000));
}

#[test]
fn a_week_without_a_call_is_not_emitted_for() {
    let mut system = deployed();
    assert_eq!(system.update_period(at(0, WEEK - 1)), Ok(None));
    let emission = system.update_period(at(3, 100)).unwrap().unwrap();
    assert_eq!(emission.gauges, tokens(10_000_000));
    assert_eq!((system.minter().epoch_count, system.minter().active_period), (1, at(3, 0)));
    assert_eq!(system.update_period(at(3, WEEK - 1)), Ok(None));
}

#[test]
fn an_emission_without_votes_is_stranded() {
    let mut system = deployed();
    system.update_period(at(1, 0)).unwrap().unwrap();
    let lock = permanent(&mut system, ALICE, tokens(1000), at(1, 2 * HOUR));
    vote(&mut system, ALICE, lock, at(1, 2 * HOUR));
    let paid = system.distribute(&[(GAUGE, Amounts::ZERO)], at(1, 3 * HOUR)).unwrap();
    assert_eq!((paid.emission, paid.paid), (None, Vec::new()));
    let paid = system.distribute(&[(GAUGE, Amounts::ZERO)], at(2, 0)).unwrap();
    assert_eq!(paid.paid, [(GAUGE, tokens(10_300_000))]);
}

#[test]
fn rebases_of_a_withdrawn_lock_are_stuck() {
    let mut system = deployed();
    let now = at(0, HOUR);
    let lock = system.create_lock(ALICE, tokens(1000), 2 * WEEK, now).unwrap();
    for week in 1..=3 {
        system.update_period(at(week, 0)).unwrap().unwrap();
    }
    let due = system.claimable_rebase(lock).unwrap();
    assert!(!due.is_zero());
    let mut claimed = system.clone();
    // Of an expired lock it is paid to the owner instead of being locked.
    assert_eq!(claimed.claim_rebase(lock, at(3, 1)), Ok(due));
    assert_eq!(system.withdraw_lock(ALICE, lock, at(3, 1)), Ok(tokens(1000)));
    assert_eq!(system.claimable_rebase(lock), Ok(due));
    assert_eq!(system.claim_rebase(lock, at(3, 2)), Err(AerodromeError::TransferToZero));
}

#[test]
fn a_deposited_lock_keeps_its_own_votes() {
    let mut system = deployed();
    let managed = system.create_managed_lock(BOB, at(0, HOUR)).unwrap();
    let lock = permanent(&mut system, ALICE, units(300), at(0, 2 * HOUR));
    vote(&mut system, ALICE, lock, at(0, 2 * HOUR));
    system.deposit_managed(ALICE, lock, managed, at(1, 2 * HOUR)).unwrap();
    vote(&mut system, BOB, managed, at(1, 2 * HOUR));
    assert_eq!(system.voter().total_weight(), units(600));
    assert_eq!(system.poke(lock, at(1, 2 * HOUR)), Err(AerodromeError::ZeroBalance));
    system.reset(ALICE, lock, at(2, 2 * HOUR)).unwrap();
    assert_eq!(system.voter().total_weight(), units(300));
}

#[test]
fn a_withdrawal_from_a_managed_lock_leaves_this_epochs_rebase() {
    let mut system = deployed();
    let managed = system.create_managed_lock(BOB, at(0, HOUR)).unwrap();
    let lock = permanent(&mut system, ALICE, units(1000), at(0, 2 * HOUR));
    system.deposit_managed(ALICE, lock, managed, at(0, 2 * HOUR)).unwrap();
    system.increase_amount(BOB, managed, units(500), at(1, 2 * HOUR)).unwrap();
    let held = |system: &Aerodrome, lock| system.escrow().lock(lock).unwrap().locked.amount;
    let mut hasty = system.clone();
    hasty.withdraw_managed(ALICE, lock, at(1, 3 * HOUR)).unwrap();
    assert_eq!((held(&hasty, lock), held(&hasty, managed)), (units(1000), units(500)));
    system.withdraw_managed(ALICE, lock, at(2, 3 * HOUR)).unwrap();
    assert_eq!((held(&system, lock), held(&system, managed)), (units(1500), units(0)));
}

#[test]
fn what_a_killed_gauge_had_goes_back_to_the_minter() {
    let mut system = deployed();
    let lock = permanent(&mut system, ALICE, units(300), at(0, 2 * HOUR));
    vote(&mut system, ALICE, lock, at(0, 2 * HOUR));
    system.update_period(at(1, 0)).unwrap();
    system.update_for(GAUGE, at(1, 0)).unwrap();
    let claimable = system.voter().gauge(GAUGE).unwrap().claimable;
    system.kill_gauge(GAUGE).unwrap();
    assert_eq!(system.minter().balance, claimable);
    assert_eq!(system.poke(lock, at(1, 2 * HOUR)), Err(AerodromeError::GaugeNotAlive));
    // It still has its votes, and what they earn goes back too, to be used before new tokens.
    let emission = system.update_period(at(2, 0)).unwrap().unwrap();
    let required = emission.gauges.0 + emission.rebase.0 + emission.team.0;
    assert_eq!(emission.minted.0, required - claimable.0);
    system.update_for(GAUGE, at(2, 0)).unwrap();
    assert!(system.minter().balance > tokens(10_299_999));
}

#[test]
fn the_tail_rate_moves_once_a_period_within_its_bounds() {
    let mut system = deployed();
    let inactive = system.nudge(TailProposal::Succeeded);
    assert_eq!(inactive, Err(AerodromeError::TailEmissionsInactive));
    let mut state = system.state();
    state.minter.weekly = Amount(TAIL_START.0 - U256::ONE);
    state.minter.tail_emission_rate = 100;
    let mut system = Aerodrome::new(&state).unwrap();
    assert_eq!(system.nudge(TailProposal::Succeeded), Ok(()));
    assert_eq!(system.minter().tail_emission_rate, 100);
    assert_eq!(system.nudge(TailProposal::Defeated), Err(AerodromeError::AlreadyNudged));
    system.update_period(at(1, 0)).unwrap();
    assert_eq!(system.nudge(TailProposal::Defeated), Ok(()));
    assert_eq!(system.minter().tail_emission_rate, 99);
}

const LIQUIDITY: Liquidity = Liquidity(1 << 64);

fn position() -> (PositionId, StakedPosition) {
    let staked = StakedPosition {
        owner: ALICE,
        range: TickRange { lower: Tick(-100), upper: Tick(100) },
        liquidity: LIQUIDITY,
        reward_growth_inside: U256::ZERO,
        rewards: Amount::ZERO,
        last_update_time: Timestamp(0),
    };
    (PositionId(1), staked)
}

fn notify(gauge: &mut ConcentratedGauge, amount: u64, staked: Liquidity, now: Timestamp) {
    let (most, claimed) = (None, Amounts::ZERO);
    let notification = Notification { amount: units(amount), most, claimed };
    gauge.notify(notification, PoolNow { tick: Tick(0), staked_liquidity: staked }, now).unwrap();
}

#[test]
fn what_nobody_in_range_earned_rolls_over() {
    let mut gauge = ConcentratedGauge::default();
    notify(&mut gauge, 1000 * WEEK, Liquidity::ZERO, at(0, 0));
    let empty = PoolNow { tick: Tick(0), staked_liquidity: Liquidity::ZERO };
    gauge.deposit(position(), true, empty, at(0, WEEK / 2)).unwrap();
    assert_eq!(gauge.state().rollover, units(500 * WEEK));
    let pool = PoolNow { staked_liquidity: LIQUIDITY, ..empty };
    assert_eq!(gauge.claim(ALICE, PositionId(1), pool, at(1, 0)), Ok(units(500 * WEEK)));
    notify(&mut gauge, 1000 * WEEK, LIQUIDITY, at(1, 0));
    assert_eq!(gauge.state().reward_rate, units(1500));
    assert_eq!(gauge.claim(ALICE, PositionId(1), pool, at(2, 0)), Ok(units(1500 * WEEK)));
    let stranger = gauge.withdraw(BOB, PositionId(1), pool, at(2, 0));
    assert_eq!(stranger, Err(AerodromeError::NotAuthorized));
}

#[test]
fn a_concentrated_emission_outlasts_its_period() {
    let mut gauge = ConcentratedGauge::default();
    let empty = PoolNow { tick: Tick(0), staked_liquidity: Liquidity::ZERO };
    let pool = PoolNow { staked_liquidity: LIQUIDITY, ..empty };
    gauge.deposit(position(), true, empty, at(0, 0)).unwrap();
    notify(&mut gauge, 1000 * WEEK + WEEK - 1, LIQUIDITY, at(0, 0));
    assert_eq!(gauge.state().reward_rate, units(1000));
    // The remainder of the seconds is paid at the old rate, if the next emission is late.
    let earned = |gauge: &ConcentratedGauge, now| gauge.earned(ALICE, PositionId(1), pool, now);
    assert_eq!(earned(&gauge, at(1, 0)), Ok(units(1000 * WEEK)));
    assert_eq!(earned(&gauge, at(1, 100)), Ok(units(1000 * (WEEK + 100))));
    assert_eq!(earned(&gauge, at(1, HOUR)), Ok(units(1000 * WEEK + WEEK - 1)));
    // If it is not, the rest stays in the gauge for ever.
    notify(&mut gauge, 1000 * WEEK, LIQUIDITY, at(1, 0));
    assert_eq!(gauge.state().reward_reserve, units(1000 * WEEK));
    let paid = gauge.claim(ALICE, PositionId(1), pool, at(2, 0));
    assert_eq!(paid, Ok(units(2000 * WEEK)));
    assert_eq!(gauge.balance(), units(WEEK - 1));
}

#[test]
fn an_emission_above_the_cap_goes_elsewhere() {
    let mut gauge = ConcentratedGauge::default();
    let notification = Notification {
        amount: units(3000 * WEEK),
        most: Some(units(1000 * WEEK)),
        claimed: Amounts { amount0: units(WEEK), amount1: units(WEEK + 1) },
    };
    let pool = PoolNow { tick: Tick(0), staked_liquidity: Liquidity::ZERO };
    let notified = gauge.notify(notification, pool, at(0, 0)).unwrap();
    assert_eq!(notified.excess, units(2000 * WEEK));
    // A week's seconds of a token are not worth passing on; one more is.
    let passed = Amounts { amount0: units(0), amount1: units(WEEK + 1) };
    assert_eq!(notified.fees, passed);
    assert_eq!(gauge.state().fees0, units(WEEK));
    assert_eq!(ConcentratedGauge::new(&gauge.state()), Ok(gauge));
}

#[test]
fn a_gauge_kept_elsewhere_is_given_its_part() {
    let mut system = deployed();
    let new = NewGauge { tokens: Some([AERO, USDC]), by_governor: true, is_elsewhere: true };
    let gauge = system.create_gauge(new).unwrap();
    let lock = permanent(&mut system, ALICE, tokens(300), at(0, 2 * HOUR));
    system.vote(ALICE, lock, &[(gauge, U256::ONE)], at(0, 2 * HOUR)).unwrap();
    let refused = system.distribute(&[(gauge, Amounts::ZERO)], at(1, 0));
    assert_eq!(refused, Err(AerodromeError::GaugeElsewhere));
    assert_eq!(system.minter().epoch_count, 0, "nothing was emitted either");
    let due = system.distribute_elsewhere(gauge, Amount::ZERO, at(1, 0)).unwrap();
    assert!(due > tokens(9_999_999) && due <= tokens(10_000_000));
    let fees = Amounts { amount0: units(0), amount1: units(1_000_000) };
    system.notify_fees(gauge, fees, at(1, 1)).unwrap();
    let claimed = system.claim_fees(ALICE, (gauge, lock), &[USDC, AERO], at(2, 0));
    assert_eq!(claimed, Ok(vec![units(1_000_000), units(0)]));
}

#[test]
fn states_that_cannot_be_are_refused() {
    let mut system = deployed();
    let lock = permanent(&mut system, ALICE, units(300), at(0, 2 * HOUR));
    vote(&mut system, ALICE, lock, at(0, 2 * HOUR));
    system.stake(GAUGE, BOB, units(5), at(0, 3 * HOUR)).unwrap();
    let state = system.state();
    assert_eq!(Aerodrome::new(&state), Ok(system));
    type Change = fn(&mut super::AerodromeState);
    let changes: [(&str, Change); 9] = [
        ("team_rate", |state| state.minter.team_rate = 501),
        ("tail_emission_rate", |state| state.minter.tail_emission_rate = 0),
        ("active_period", |state| state.minter.active_period.0 += 1),
        ("max_voting_num", |state| state.max_voting_num = 9),
        ("permanent_lock_balance", |state| state.permanent_lock_balance = Amount::ZERO),
        ("gauges", |state| state.gauges[0].weight = Amount::ZERO),
        ("ballots", |state| state.ballots[0].1.votes[0].0 = GaugeId(1)),
        ("locks", |state| state.locks[0].locked.end = Timestamp(1)),
        ("slope_changes", |state| state.slope_changes.push((Timestamp(u64::MAX), 1))),
    ];
    for (field, change) in changes {
        let mut state = state.clone();
        change(&mut state);
        assert_eq!(Aerodrome::new(&state).map_err(|error| error.field), Err(field));
    }
}

/// Where the contracts' own tests begin: a week after time did, with 50 million tokens, and one of
/// them locked for four years and voting for two gauges.
fn their_system() -> (Aerodrome, LockId) {
    let now = Timestamp(604_801);
    let mut system = Aerodrome::deployed(AERO, tokens(50_000_000), now);
    system.whitelist_token(USDC, true);
    for gauge in 0..2 {
        let new = NewGauge { tokens: None, by_governor: true, is_elsewhere: false };
        assert_eq!(system.create_gauge(new), Ok(GaugeId(gauge)));
    }
    let lock = system.create_lock(ALICE, tokens(1), PER_SECOND, now).unwrap();
    let choices = [(GaugeId(0), U256::ONE), (GaugeId(1), U256::ONE)];
    system.vote(ALICE, lock, &choices, Timestamp(608_402)).unwrap();
    (system, lock)
}

fn check_rebases(system: &mut Aerodrome, locks: &[LockId], weeks: &[(u64, [&str; 2])]) {
    for (week, answers) in weeks {
        system.update_period(Timestamp(week * WEEK)).unwrap().unwrap();
        for (lock, answer) in locks.iter().zip(answers) {
            assert_eq!(system.claimable_rebase(*lock).unwrap().to_string(), *answer);
        }
    }
}

/// `test/RewardsDistributor.t.sol` and `test/Minter.t.sol` of aerodrome-finance/contracts at
/// d5e48b3b say to the unit what the contracts answer.
#[test]
fn the_answers_of_the_contracts_own_tests_are_equal() {
    let made = Timestamp(1_296_000);
    let four_years = |system: &mut Aerodrome, owner| {
        system.create_lock(owner, tokens(1_000_000), PER_SECOND, made).unwrap()
    };
    let (mut system, _) = their_system();
    let locks = [four_years(&mut system, ALICE), four_years(&mut system, BOB)];
    assert_eq!(system.escrow().lock(locks[0]).unwrap().locked.end, Timestamp(127_008_000));
    let power = system.escrow().balance_at(locks[0], made).unwrap();
    assert_eq!(power.to_string(), "996575342465753345952000");
    let weeks = [
        (3, ["1152722779439564982373378"; 2]),
        (4, ["3574509985698454145913662"; 2]),
        (5, ["6100132525537650835610574"; 2]),
        (6, ["8723818542033905018192152"; 2]),
    ];
    check_rebases(&mut system, &locks, &weeks);
    assert_eq!(system.claim_rebase(locks[0], Timestamp(6 * WEEK)), Ok(Amount::ZERO));
    let held = system.escrow().lock(locks[0]).unwrap().locked.amount.to_string();
    assert_eq!(held, "9723818542033905018192152");

    let (mut system, _) = their_system();
    let locks = [four_years(&mut system, ALICE), four_years(&mut system, BOB)];
    system.lock_permanent(ALICE, locks[0], made).unwrap();
    let mut both = system.clone();
    let weeks = [
        (3, ["1156718549995046434886653", "1148003556390937213889369"]),
        (4, ["3592576292985905298081775", "3553830195833140059510403"]),
        (5, ["6138904736852107630169458", "6056557145435464774714642"]),
        (6, ["8790443106370251794057763", "8649979626504650436393148"]),
    ];
    check_rebases(&mut both, &locks, &weeks);
    system.lock_permanent(BOB, locks[1], made).unwrap();
    let weeks = [
        (3, ["1151999383693450653246265"; 2]),
        (4, ["3571896700737325138420140"; 2]),
        (5, ["6095329697846513945318258"; 2]),
        (6, ["8716604666283848308450898"; 2]),
    ];
    check_rebases(&mut system, &locks, &weeks);
}

#[test]
fn the_answers_of_the_contracts_own_tests_are_equal_later_on() {
    let (mut system, first) = their_system();
    let mut emitted = |seconds| {
        system.update_period(Timestamp(seconds)).unwrap().unwrap();
        system.claimable_rebase(first).unwrap().to_string()
    };
    assert_eq!(emitted(2 * WEEK + 1), "4999991534325080005726385");
    assert_eq!(emitted(3 * WEEK + 1), "10149991131702758598187944");

    let (mut system, _) = their_system();
    for week in 2..57 {
        system.update_period(Timestamp(week * WEEK)).unwrap().unwrap();
    }
    let now = Timestamp(56 * WEEK);
    let locks = [ALICE, BOB]
        .map(|owner| system.create_lock(owner, tokens(1_000_000), PER_SECOND, now).unwrap());
    let weeks = [(57, ["2495582574387838171855988"; 2]), (58, ["4966371507343622027541916"; 2])];
    check_rebases(&mut system, &locks, &weeks);

    // An expired lock is paid out.
    let (mut system, _) = their_system();
    let lock = system.create_lock(ALICE, tokens(1_000_000), 4 * WEEK, Timestamp(608_402)).unwrap();
    let now = |week: u64| Timestamp(week * WEEK + 1);
    system.update_period(now(2)).unwrap();
    let claimable = system.claimable_rebase(lock).unwrap().to_string();
    assert_eq!(claimable, "4996770462023280576149678");
    for week in 3..=6 {
        system.update_period(now(week)).unwrap();
    }
    let paid = system.claim_rebase(lock, now(6)).unwrap().to_string();
    assert_eq!(paid, "15491459054552564388715110");
}

#[test]
fn a_refused_deposit_into_a_managed_lock_leaves_no_trace() {
    let mut system = deployed();
    let managed = system.create_managed_lock(BOB, at(0, HOUR)).unwrap();
    let first = permanent(&mut system, ALICE, units(300), at(0, 2 * HOUR));
    let lock = system.create_lock(ALICE, tokens(1), PER_SECOND, at(0, 2 * HOUR)).unwrap();
    system.deposit_managed(ALICE, first, managed, at(0, 2 * HOUR)).unwrap();
    vote(&mut system, BOB, managed, at(0, 2 * HOUR));
    system.kill_gauge(GAUGE).unwrap();
    let before = system.clone();
    for now in [at(0, 2 * HOUR), at(0, 3 * HOUR), at(7, 3 * HOUR)] {
        let refused = system.deposit_managed(ALICE, lock, managed, now);
        assert_eq!(refused, Err(AerodromeError::GaugeNotAlive));
        assert_eq!(system, before);
    }
}

#[test]
fn a_top_up_keeps_what_is_left() {
    let mut gauge = Gauge::default();
    notified(&mut gauge, 1000 * WEEK, at(0, 0));
    assert_eq!(gauge.left(at(0, WEEK / 2)), Ok(units(500 * WEEK)));
    let totals = notified(&mut gauge, 100 * WEEK, at(0, WEEK / 2));
    assert_eq!((totals.reward_rate, totals.period_finish), (units(1200), at(1, 0)));
}

#[test]
fn time_runs_forwards_until_2106() {
    let mut system = deployed();
    assert_eq!(system.checkpoint(at(1, 0)), Ok(()));
    assert_eq!(system.checkpoint(at(0, 0)), Err(AerodromeError::TimeOutOfRange));
    let refused = system.checkpoint(Timestamp(1 << 32));
    assert_eq!(refused, Err(AerodromeError::TimeOutOfRange));
    assert_eq!(system.checkpoint(Timestamp((1 << 32) - 1)), Ok(()));
}

#[test]
fn every_quirk_names_a_test_of_this_file() {
    let source = include_str!("tests.rs");
    for quirk in FACTS.quirks {
        assert!(source.contains(&format!("fn {}()", quirk.test)), "{}", quirk.test);
    }
}

proptest! {
    /// No order of stakes, withdrawals and claims pays more than was notified.
    #[test]
    fn a_gauge_pays_no_more_than_it_was_given(
        steps in prop::collection::vec((0_u8..4, 0_u8..3, 0_u64..1 << 40, 0_u64..90_000), 1..60),
    ) {
        let mut gauge = Gauge::default();
        let (mut now, mut given, mut paid) = (at(0, 0), 0_u128, 0_u128);
        for (kind, who, amount, seconds) in steps {
            now = Timestamp(now.0 + seconds);
            let account = Account([who; 20]);
            match kind {
                0 => drop(gauge.deposit(account, units(amount), now)),
                1 => drop(gauge.withdraw(account, units(amount), now)),
                2 => paid += gauge.claim(account, now).unwrap().0.to::<u128>(),
                _ => if let Ok((totals, _)) = gauge.notified(units(amount), Amounts::ZERO, now) {
                    gauge.set_totals(totals);
                    given += u128::from(amount);
                },
            }
            prop_assert!(paid <= given);
            prop_assert_eq!(gauge.totals().balance, Amount::from_u128(given - paid));
        }
    }
}
