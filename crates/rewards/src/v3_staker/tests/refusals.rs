//! Every way to be refused, and that it changes nothing.

use super::*;

/// Checks that an operation is refused so, and leaves the staker as it was.
fn refuses<T: std::fmt::Debug + PartialEq>(
    staker: &mut V3Staker,
    error: V3StakerError,
    operation: impl FnOnce(&mut V3Staker) -> Result<T, V3StakerError>,
) {
    let before = staker.clone();
    assert_eq!(operation(staker), Err(error));
    assert_eq!(*staker, before);
}

#[test]
fn incentives_outside_the_bounds_are_refused() {
    use V3StakerError as E;
    let mut staker = empty();
    let one = Amount::from_u64(1);
    let key = |start_time: u64, end_time: u64| IncentiveKey {
        start_time: Timestamp(start_time),
        end_time: Timestamp(end_time),
        ..KEY
    };
    let (lead, longest) = (2_592_000, 63_072_000);
    for (key, reward, error) in [
        (KEY, Amount::ZERO, E::RewardNotPositive),
        (key(99, 200), one, E::StartInThePast),
        (key(100 + lead + 1, 200), one, E::StartTooFar),
        (key(100, 100), one, E::StartNotBeforeEnd),
        (key(100, 101 + longest), one, E::DurationTooLong),
    ] {
        refuses(&mut staker, error, |staker| staker.create_incentive(key, reward, Timestamp(100)));
    }
    let last = key(100 + lead, 100 + lead + longest);
    assert!(staker.create_incentive(last, one, Timestamp(100)).is_ok());
    refuses(&mut staker, E::NotEnded, |staker| staker.end_incentive(last, Timestamp(100)));
    refuses(&mut staker, E::NoRefund, |staker| staker.end_incentive(KEY, Timestamp(200)));
    staker.end_incentive(last, last.end_time).unwrap();
    refuses(&mut staker, E::NoRefund, |staker| staker.end_incentive(last, last.end_time));
}

#[test]
fn stakes_that_cannot_be_are_refused() {
    use V3StakerError as E;
    let (mut staker, _) = staked(&[64]);
    let mut pools = Pools::of(&[64, 0, 64]);
    let other_pool = IncentiveKey { pool: Account([0x91; 20]), ..KEY };
    staker.create_incentive(other_pool, Amount::from_u64(1), Timestamp(100)).unwrap();
    staker.deposit(deposit_of(BOB, 2), &[], Timestamp(100), &pools).unwrap();
    staker.deposit(deposit_of(BOB, 3), &[], Timestamp(100), &pools).unwrap();
    let unknown = IncentiveKey { refundee: BOB, ..KEY };
    for (call, now, error) in [
        (call(ALICE, 3), 150, E::StakeByStranger),
        (call(ALICE, 9), 150, E::StakeByStranger),
        (call(BOB, 3), 99, E::NotStarted),
        (call(BOB, 3), 200, E::Ended),
        (StakeCall { key: unknown, ..call(BOB, 3) }, 150, E::NoIncentive),
        (call(ALICE, 1), 150, E::AlreadyStaked),
        (StakeCall { key: other_pool, ..call(BOB, 3) }, 150, E::OtherPool),
        (call(BOB, 2), 150, E::NoLiquidity),
    ] {
        refuses(&mut staker, error, |staker| staker.stake(call, Timestamp(now), &pools));
    }
    pools.seconds.clear();
    let now = Timestamp(150);
    refuses(&mut staker, E::PoolRefused, |staker| staker.stake(call(BOB, 3), now, &pools));
    refuses(&mut staker, E::PoolRefused, |staker| staker.unstake(call(ALICE, 1), now, &pools));
    refuses(&mut staker, E::UnstakeNothing, |staker| staker.unstake(call(BOB, 3), now, &pools));
    pools.positions.remove(&token(3));
    refuses(&mut staker, E::UnknownToken, |staker| staker.stake(call(BOB, 3), now, &pools));
    let info = staker.reward_info(KEY, token(3), now, &pools);
    assert_eq!(info, Err(E::NoStakeToInform));
}

#[test]
fn deposits_that_cannot_be_are_refused() {
    use V3StakerError as E;
    let (mut staker, pools) = staked(&[64]);
    let now = Timestamp(100);
    let stranger = DepositCall { sender: BOB, ..deposit_of(ALICE, 2) };
    refuses(&mut staker, E::NotTheManager, |staker| staker.deposit(stranger, &[], now, &pools));
    refuses(&mut staker, E::AlreadyDeposited, |staker| {
        staker.deposit(deposit_of(ALICE, 1), &[], now, &pools)
    });
    refuses(&mut staker, E::UnknownToken, |staker| {
        staker.deposit(deposit_of(ALICE, 7), &[], now, &pools)
    });
    refuses(&mut staker, E::InvalidRecipient, |staker| {
        staker.transfer_deposit(ALICE, token(1), Account::default())
    });
    refuses(&mut staker, E::TransferByStranger, |staker| {
        staker.transfer_deposit(BOB, token(1), BOB)
    });
    refuses(&mut staker, E::WithdrawToStaker, |staker| staker.withdraw(ALICE, token(1), STAKER));
    refuses(&mut staker, E::WithdrawWhileStaked, |staker| staker.withdraw(BOB, token(1), BOB));
    unstake(&mut staker, &pools, 1, 100);
    refuses(&mut staker, E::WithdrawByStranger, |staker| staker.withdraw(BOB, token(1), BOB));
    refuses(&mut staker, E::WithdrawByStranger, |staker| staker.withdraw(BOB, token(8), BOB));
}

#[test]
fn a_deposit_staked_in_several_is_staked_in_all_or_none() {
    use V3StakerError as E;
    let (mut staker, mut pools) = staked(&[64]);
    let range = TickRange { lower: Tick(5), upper: Tick(6) };
    let position = ManagedPosition { pool: POOL, range, liquidity: Liquidity(1) };
    pools.positions.insert(token(5), position);
    pools.seconds.insert(range, U256::ZERO);
    let second = IncentiveKey { end_time: Timestamp(300), ..KEY };
    let missing = IncentiveKey { end_time: Timestamp(400), ..KEY };
    let now = Timestamp(100);
    staker.create_incentive(second, Amount::from_u64(1), now).unwrap();
    for (keys, error) in [
        ([KEY, second, missing], E::NoIncentive),
        ([KEY, second, KEY], E::AlreadyStaked),
        ([missing, KEY, second], E::NoIncentive),
    ] {
        refuses(&mut staker, error, |staker| {
            staker.deposit(deposit_of(BOB, 5), &keys, now, &pools)
        });
    }
    staker.deposit(deposit_of(BOB, 5), &[second, KEY], now, &pools).unwrap();
    assert_eq!(staker.number_of_stakes(token(5)), 2);
    assert_eq!(staker.incentive(&KEY).number_of_stakes, 2);
}

#[test]
fn time_before_the_start_is_refused() {
    let (mut staker, pools) = staked(&[64]);
    refuses(&mut staker, V3StakerError::BeforeStart, |staker| {
        staker.unstake(call(ALICE, 1), Timestamp(99), &pools)
    });
}

#[test]
fn a_reward_past_the_word_is_refused() {
    let mut staker = empty();
    let mut pools = Pools::of(&[u128::MAX]);
    staker.create_incentive(KEY, Amount::MAX, Timestamp(100)).unwrap();
    staker.deposit(deposit_of(ALICE, 1), &[KEY], Timestamp(100), &pools).unwrap();
    // More seconds inside than there were, as no pool says.
    pools.pass(1, 100_000, u128::MAX - 1);
    refuses(&mut staker, V3StakerError::RewardOverflow, |staker| {
        staker.unstake(call(ALICE, 1), Timestamp(200), &pools)
    });
}
