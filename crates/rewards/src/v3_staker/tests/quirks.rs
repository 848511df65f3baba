//! What surprises, with numbers that can be checked by hand.

use super::*;

#[test]
fn rewards_are_diluted_after_the_end() {
    for (now, expected) in [(200, 1_000), (201, 990), (300, 500), (1_100, 100)] {
        let (mut staker, mut pools) = staked(&[64]);
        pools.pass(1, 100, 64);
        // What passes after the end is out of range here.
        assert_eq!(unstake(&mut staker, &pools, 1, now), expected, "at {now}");
    }
}

#[test]
fn who_unstakes_first_after_the_end_is_paid_more() {
    let (mut staker, mut pools) = staked(&[64, 64]);
    for id in [1, 2] {
        pools.pass(id, 100, 128);
    }
    // Each stood for 50 of the 100 seconds. At 300, 200 seconds have passed: 1000 * 50 / 200.
    assert_eq!(unstake(&mut staker, &pools, 1, 300), 250);
    // At 500, 400 have passed, 50 of them claimed: 750 * 50 / 350.
    assert_eq!(unstake(&mut staker, &pools, 2, 500), 107);
    // In one second the order makes no difference: 1000 * 50 / 200, then 750 * 50 / 150.
    let (mut staker, mut pools) = staked(&[64, 64]);
    for id in [1, 2] {
        pools.pass(id, 100, 128);
    }
    assert_eq!([2, 1].map(|id| unstake(&mut staker, &pools, id, 300)), [250, 250]);
}

#[test]
fn what_unstaked_liquidity_would_have_earned_is_refunded() {
    let (mut staker, mut pools) = staked(&[64]);
    pools.pass(1, 100, 256);
    assert_eq!(unstake(&mut staker, &pools, 1, 200), 250);
    let refund = staker.end_incentive(KEY, Timestamp(200));
    let amount = Amount::from_u64(750);
    assert_eq!(refund, Ok(Payment { token: TOKEN, to: REFUNDEE, amount }));
    let left = staker.incentive(&KEY);
    assert_eq!(left.total_reward_unclaimed, Amount::ZERO);
    // The seconds that were claimed stay on the books for ever.
    assert_eq!(left.total_seconds_claimed_x128, U256::from(25) << 128);
}

#[test]
fn floor_dust_is_refunded() {
    let (mut staker, mut pools) = staked(&[1, 1, 1]);
    for id in 1..=3 {
        pools.pass(id, 100, 3);
    }
    // Thirds of 2^128 are cut off too, and with them the last of the three loses its exact 334.
    assert_eq!([1, 2, 3].map(|id| unstake(&mut staker, &pools, id, 200)), [333, 333, 333]);
    let refund = staker.end_incentive(KEY, Timestamp(200)).unwrap();
    assert_eq!(refund.amount, Amount::from_u64(1));
}

#[test]
fn nobody_can_leave_in_the_second_in_which_all_seconds_are_claimed() {
    let (mut staker, mut pools) = staked(&[64, 64]);
    pools.pass(1, 100, 64);
    assert_eq!(unstake(&mut staker, &pools, 1, 200), 1_000);
    let before = staker.clone();
    let early = staker.unstake(call(BOB, 2), Timestamp(200), &pools);
    assert_eq!(early, Err(V3StakerError::NoSecondsLeft));
    assert_eq!(staker, before);
    assert_eq!(unstake(&mut staker, &pools, 2, 201), 0);
}

#[test]
fn the_same_key_again_adds_to_the_reward() {
    let mut staker = empty();
    let now = Timestamp(50);
    let paid = staker.create_incentive(KEY, Amount::from_u64(1_000), now);
    let amount = Amount::from_u64(1_000);
    assert_eq!(paid, Ok(Payment { token: TOKEN, to: STAKER, amount }));
    staker.create_incentive(KEY, Amount::from_u64(500), now).unwrap();
    assert_eq!(staker.incentive(&KEY).total_reward_unclaimed, Amount::from_u64(1_500));
    staker.create_incentive(KEY, Amount::MAX, now).unwrap();
    assert_eq!(staker.incentive(&KEY).total_reward_unclaimed, Amount::from_u64(1_499));
}

#[test]
fn liquidity_added_while_staked_earns_nothing() {
    let (mut staker, mut pools) = staked(&[64]);
    pools.pass(1, 50, 64);
    pools.positions.get_mut(&token(1)).unwrap().liquidity = Liquidity(128);
    pools.pass(1, 50, 128);
    // 50 seconds of all, and 50 of which the stake is half.
    assert_eq!(unstake(&mut staker, &pools, 1, 200), 750);
}

#[test]
fn a_transferred_deposit_takes_its_reward_along() {
    let (mut staker, mut pools) = staked(&[64]);
    pools.pass(1, 40, 64);
    staker.transfer_deposit(ALICE, token(1), BOB).unwrap();
    let by_alice = staker.unstake(call(ALICE, 1), Timestamp(140), &pools);
    assert_eq!(by_alice, Err(V3StakerError::UnstakeByStranger));
    assert_eq!(unstake(&mut staker, &pools, 1, 140), 400);
    assert_eq!(staker.claimable(TOKEN, BOB), Amount::from_u64(400));
    assert_eq!(staker.claimable(TOKEN, ALICE), Amount::ZERO);
}

#[test]
fn anybody_unstakes_after_the_end() {
    let (mut staker, mut pools) = staked(&[64]);
    pools.pass(1, 100, 64);
    let early = staker.unstake(call(BOB, 1), Timestamp(199), &pools);
    assert_eq!(early, Err(V3StakerError::UnstakeByStranger));
    let unstaked = staker.unstake(call(BOB, 1), Timestamp(200), &pools).unwrap();
    assert_eq!(unstaked.owner, ALICE);
    assert_eq!(staker.claimable(TOKEN, ALICE), Amount::from_u64(1_000));
}

#[test]
fn a_stake_keeps_the_refund_and_the_position_back() {
    let (mut staker, pools) = staked(&[64]);
    let other = IncentiveKey { end_time: Timestamp(300), ..KEY };
    staker.create_incentive(other, Amount::from_u64(10), Timestamp(100)).unwrap();
    let again = StakeCall { key: other, ..call(ALICE, 1) };
    staker.stake(again, Timestamp(100), &pools).unwrap();
    assert_eq!(staker.number_of_stakes(token(1)), 2);
    let refund = staker.end_incentive(KEY, Timestamp(1_000));
    assert_eq!(refund, Err(V3StakerError::StillStaked));
    unstake(&mut staker, &pools, 1, 1_000);
    let withdrawn = staker.withdraw(ALICE, token(1), ALICE);
    assert_eq!(withdrawn, Err(V3StakerError::WithdrawWhileStaked));
    staker.unstake(again, Timestamp(1_000), &pools).unwrap();
    assert_eq!(staker.withdraw(ALICE, token(1), ALICE), Ok(()));
    assert_eq!(staker.end_incentive(KEY, Timestamp(1_000)).unwrap().amount.0, U256::from(1_000));
}

#[test]
fn claiming_nothing_claims_everything() {
    let (mut staker, mut pools) = staked(&[64]);
    pools.pass(1, 100, 64);
    unstake(&mut staker, &pools, 1, 200);
    let part = staker.claim(ALICE, TOKEN, BOB, Amount::from_u64(300));
    assert_eq!(part, Payment { token: TOKEN, to: BOB, amount: Amount::from_u64(300) });
    assert_eq!(staker.claim(ALICE, TOKEN, BOB, Amount::ZERO).amount, Amount::from_u64(700));
    assert_eq!(staker.claim(ALICE, TOKEN, BOB, Amount::MAX).amount, Amount::ZERO);
}

#[test]
fn seconds_inside_wrap_at_two_to_the_32() {
    let seconds = (1_u64 << 32) + 10;
    let mut pools = Pools::of(&[1]);
    let range = pools.positions[&token(1)].range;
    let state = V3StakerState {
        staker: STAKER,
        position_manager: MANAGER,
        max_incentive_duration_seconds: u64::MAX,
        ..V3StakerState::default()
    };
    let mut staker = V3Staker::new(&state).unwrap();
    let key = IncentiveKey { end_time: Timestamp(100 + seconds), ..KEY };
    staker.create_incentive(key, Amount(U256::from(seconds)), Timestamp(100)).unwrap();
    staker.deposit(deposit_of(ALICE, 1), &[key], Timestamp(100), &pools).unwrap();
    pools.pass(1, seconds, 1);
    assert_eq!(pools.seconds[&range], U256::from(10) << 128);
    let info = staker.reward_info(key, token(1), key.end_time, &pools).unwrap();
    assert_eq!(info.reward, Amount::from_u64(10));
}

#[test]
fn the_pools_count_of_seconds_may_wrap_while_staked() {
    let (mut staker, mut pools) = (empty(), Pools::of(&[64]));
    let range = pools.positions[&token(1)].range;
    let half_a_second = U256::ONE << 127;
    let last = (U256::ONE << 160) - half_a_second;
    pools.seconds.insert(range, last);
    staker.create_incentive(KEY, Amount::from_u64(1_000), Timestamp(100)).unwrap();
    staker.deposit(deposit_of(ALICE, 1), &[KEY], Timestamp(100), &pools).unwrap();
    pools.pass(1, 50, 64);
    assert_eq!(pools.seconds[&range], (U256::from(50) << 122) - half_a_second);
    assert_eq!(unstake(&mut staker, &pools, 1, 150), 500);
}
