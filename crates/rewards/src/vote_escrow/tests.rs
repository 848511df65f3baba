use super::*;

const ALICE: Account = Account([0xa1; 20]);
const BOB: Account = Account([0xb0; 20]);
const NOW: Moment = Moment { at: Timestamp(1_700_000_000), block: BlockNumber(18_500_000) };
const ONE: u128 = 1_000_000_000_000_000_000;

fn after(seconds: u64) -> Moment {
    Moment {
        at: Timestamp(NOW.at.0 + seconds),
        block: BlockNumber(NOW.block.0 + seconds.div_ceil(12)),
    }
}

fn tokens(count: u128) -> Amount {
    Amount::from_u128(count * ONE)
}

fn curve() -> VoteEscrow {
    VoteEscrow::deployed(EscrowParameters::CURVE, NOW)
}

#[test]
fn q405_a_lock_of_two_years_at_curve() {
    let mut escrow = curve();
    let until = Timestamp(NOW.at.0 + 2 * 365 * 86_400);
    let locked = escrow.create_lock(ALICE, tokens(1000), until, NOW);
    assert_eq!(locked.map(|locked| locked.end), Ok(Timestamp(1_762_992_000)));
    let balance = Ok(Amount::from_u128(499_365_804_160_315_472_000));
    assert_eq!(escrow.balance_of(ALICE, NOW.at), balance);
    assert_eq!(escrow.total_supply(NOW.at), balance);
}

#[test]
fn state_carries_all_there_is() {
    let mut escrow = curve();
    escrow.create_lock(ALICE, tokens(3), Timestamp(1_750_000_000), NOW).unwrap();
    escrow.create_lock(BOB, tokens(5), Timestamp(1_720_000_000), after(900_000)).unwrap();
    escrow.increase_amount(ALICE, tokens(1), after(9_000_000)).unwrap();
    escrow.withdraw(BOB, after(30_000_000)).unwrap();
    assert_eq!(VoteEscrow::new(&escrow.state()).as_ref(), Ok(&escrow));
}

#[test]
fn states_that_no_escrow_can_have_are_refused() {
    let mut escrow = curve();
    escrow.create_lock(ALICE, tokens(3), Timestamp(1_750_000_000), NOW).unwrap();
    let refused = |change: fn(&mut VoteEscrowState)| {
        let mut state = escrow.state();
        change(&mut state);
        VoteEscrow::new(&state).map_err(|error| error.field.name)
    };
    assert_eq!(refused(|state| state.maximum_lock = 0), Err("maximum_lock"));
    assert_eq!(refused(|state| state.history.clear()), Err("history"));
    assert_eq!(refused(|state| state.history[0].at.0 += 1), Err("history"));
    assert_eq!(refused(|state| state.slope_changes[0].0.0 += 1), Err("slope_changes"));
    assert_eq!(refused(|state| state.lockers[0].points[0].slope = -1), Err("points"));
    assert_eq!(refused(|state| state.lockers[0].locked.amount = -1), Err("lockers"));
    assert_eq!(refused(|state| state.lockers[0].locked.end.0 += 1), Err("lockers"));
    assert_eq!(refused(|state| state.lockers.push(state.lockers[0].clone())), Err("lockers"));
}

#[test]
fn less_than_a_unit_per_second_is_locked_without_a_vote() {
    let mut escrow = curve();
    let dust = Amount::from_u64(CURVE_MAXIMUM_LOCK - 1);
    escrow.create_lock(ALICE, dust, Timestamp(1_750_000_000), NOW).unwrap();
    assert_eq!(escrow.balance_of(ALICE, NOW.at), Ok(Amount::ZERO));
    assert_eq!(escrow.locked(ALICE).amount, i128::from(CURVE_MAXIMUM_LOCK) - 1);
}

#[test]
fn a_stranger_withdraws_nothing_and_leaves_a_point() {
    let mut escrow = curve();
    assert_eq!(escrow.withdraw(BOB, NOW), Ok(Amount::ZERO));
    assert_eq!(escrow.user_points(BOB).len(), 1);
    assert_eq!(escrow.history().len(), 2);
}

#[test]
fn after_255_weeks_without_a_checkpoint_the_total_lags() {
    let mut escrow = curve();
    escrow.create_lock(ALICE, tokens(1000), Timestamp(1_762_992_000), NOW).unwrap();
    // Nothing happens for 300 weeks, and the operation after that only gets through 255 of them.
    let late = after(300 * WEEK);
    let until = Timestamp(late.at.0 + 100 * WEEK);
    escrow.create_lock(BOB, tokens(1000), until, late).unwrap();
    let last = *escrow.history().last().unwrap();
    assert_eq!(last.at.0, week_start(NOW.at.0) + 255 * WEEK);
    assert_eq!(escrow.history().len(), 2 + 255);
    // Bob's lock stands in the total as if made then, and has lost 45 weeks and the part of one.
    let balance = escrow.balance_of(BOB, late.at).unwrap().0;
    let lost = U256::from(last.slope) * U256::from(late.at.0 - last.at.0);
    assert_eq!(escrow.total_supply(late.at), Ok(Amount(balance - lost)));
    // Catching up later does not mend it.
    escrow.checkpoint(late).unwrap();
    assert_eq!(escrow.total_supply(late.at), Ok(Amount(balance - lost)));
}

#[test]
fn whoever_deposits_the_owner_of_the_lock_pays() {
    let mut escrow = curve();
    escrow.create_lock(ALICE, tokens(1), Timestamp(1_750_000_000), NOW).unwrap();
    // No sender is asked for: the contract takes the tokens from the account it locks them for.
    let locked = escrow.increase_amount(ALICE, tokens(2), NOW).unwrap();
    assert_eq!(locked.amount, i128::try_from(3 * ONE).unwrap());
    let nobody = escrow.increase_amount(BOB, tokens(2), NOW);
    assert_eq!(nobody, Err(VoteEscrowError::NoLock));
}

#[test]
fn only_balancer_answers_about_the_past() {
    for parameters in [EscrowParameters::CURVE, EscrowParameters::BALANCER] {
        let mut escrow = VoteEscrow::deployed(parameters, NOW);
        let until = Timestamp(NOW.at.0 + 30_000_000);
        escrow.create_lock(ALICE, tokens(1), until, NOW).unwrap();
        let then = escrow.balance_of(ALICE, NOW.at);
        escrow.increase_amount(ALICE, tokens(2), after(1_000_000)).unwrap();
        let refused = Err(VoteEscrowError::BeforeLastPoint);
        let expected = if parameters.searches_past { then } else { refused };
        assert_eq!(escrow.balance_of(ALICE, NOW.at), expected);
        assert_eq!(escrow.total_supply(NOW.at), expected);
    }
}

#[test]
fn the_total_is_the_sum_of_the_balances() {
    let mut escrow = curve();
    for (index, account) in [ALICE, BOB, Account([3; 20])].into_iter().enumerate() {
        let index = index as u64;
        let until = Timestamp(1_720_000_000 + index * 7_000_000);
        let value = Amount::from_u128(ONE * 7 + 12_345 * u128::from(index));
        escrow.create_lock(account, value, until, after(index * 100_000)).unwrap();
    }
    for week in 1..60 {
        let at = Timestamp(NOW.at.0 + week * 604_801);
        let accounts = [ALICE, BOB, Account([3; 20])];
        let sum = accounts.iter().fold(Amount::ZERO, |sum, account| {
            sum.checked_add(escrow.balance_of(*account, at).unwrap()).unwrap()
        });
        assert_eq!(escrow.total_supply(at), Ok(sum));
    }
}
