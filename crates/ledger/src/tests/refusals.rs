use tidemill_model::{GasPaid, Intent, OutcomeKind, Placement, PoolId, ProgrammeId, Rejection};
use tidemill_units::{Amount, Gas, GasPrice, Side, TokenAmounts, U256};

use super::{
    NO_GAS, POOL, PROGRAMME, RANGE, TOKEN0, amounts, close, closed, end, fulfil, funded, key, open,
    opened, order, reward, sell, swap, swapped,
};
use crate::{Ledger, LedgerError};
use tidemill_model::PositionId;

/// Expects an end of a booked order to be refused, and the ledger to be as it was.
#[track_caller]
fn check(intent: Intent, kind: OutcomeKind, gas: GasPaid, expected: LedgerError) {
    let mut ledger = funded();
    fulfil(&mut ledger, 1, open(amounts(10, 10)), opened(1, amounts(10, 10))).expect("opened");
    ledger.book(order(5, intent)).expect("new");
    let before = format!("{ledger:?}");
    assert_eq!(ledger.apply(&end(5, kind, gas)), Err(expected));
    assert_eq!(format!("{ledger:?}"), before);
}

#[test]
fn an_end_without_an_order_is_refused() {
    let mut ledger = funded();
    let before = format!("{ledger:?}");
    for kind in [opened(3, amounts(1, 1)), OutcomeKind::Expired] {
        let refused = ledger.apply(&end(3, kind, NO_GAS));
        assert_eq!(refused, Err(LedgerError::NotInFlight(key(3))));
        assert_eq!(format!("{ledger:?}"), before);
    }
}

#[test]
fn a_key_in_flight_is_not_booked_again_and_the_first_order_stays() {
    let mut ledger = funded();
    let first = order(1, open(amounts(10, 10)));
    ledger.book(first).expect("new");
    let before = format!("{ledger:?}");
    let second = order(1, swap(Side::Token0, 900_000, 0));
    assert_eq!(ledger.book(second), Err(LedgerError::AlreadyInFlight(key(1))));
    assert_eq!(format!("{ledger:?}"), before);
    assert_eq!(ledger.in_flight().collect::<Vec<_>>(), [&first]);
}

#[test]
fn a_position_that_is_not_open_cannot_be_closed() {
    let not_open = LedgerError::NotOpen(PositionId(key(4)));
    check(close(4), closed(4, amounts(1, 1), amounts(0, 0)), NO_GAS, not_open);
    check(close(4), OutcomeKind::Rejected(Rejection::UnknownPosition), NO_GAS, not_open);
}

#[test]
fn an_end_that_the_order_cannot_have_is_refused() {
    let wrong = LedgerError::WrongOutcome(key(5));
    let opening = open(amounts(10, 10));
    check(opening, closed(1, amounts(1, 1), amounts(0, 0)), NO_GAS, wrong);
    check(opening, swapped(Side::Token0, 10, 9), NO_GAS, wrong);
    check(opening, opened(5, amounts(11, 1)), NO_GAS, wrong);
    check(opening, opened(1, amounts(1, 1)), NO_GAS, wrong);
    let elsewhere = Intent::Open {
        pool: PoolId(1),
        placement: Placement::Range(RANGE),
        desired: amounts(10, 10),
    };
    check(elsewhere, opened(5, amounts(1, 1)), NO_GAS, wrong);
    check(close(1), opened(1, amounts(1, 1)), NO_GAS, wrong);
    check(close(1), closed(5, amounts(1, 1), amounts(0, 0)), NO_GAS, wrong);
    let swapping = swap(Side::Token0, 10, 9);
    check(swapping, swapped(Side::Token1, 10, 9), NO_GAS, wrong);
    check(swapping, swapped(Side::Token0, 11, 9), NO_GAS, wrong);
    check(swapping, swapped(Side::Token0, 10, 8), NO_GAS, wrong);
    let position = PositionId(key(1));
    let staking = Intent::Stake { position, programme: PROGRAMME };
    let elsewhere =
        OutcomeKind::Staked { position, programme: ProgrammeId(9), fees: amounts(0, 0) };
    check(staking, elsewhere, NO_GAS, wrong);
    let claimed = OutcomeKind::Claimed { position, reward: reward(5) };
    check(staking, claimed, NO_GAS, wrong);
    check(Intent::Unstake { position }, claimed, NO_GAS, wrong);
    let unstaked = OutcomeKind::Unstaked { position: PositionId(key(2)), reward: reward(5) };
    check(Intent::Unstake { position }, unstaked, NO_GAS, wrong);
    let into = Side::Token1.index();
    let sold = |amount, amount_out| OutcomeKind::Sold {
        pool: POOL,
        reward: reward(amount),
        into,
        amount_out: Amount::from_u64(amount_out),
    };
    check(sell(10, 9), sold(11, 9), NO_GAS, wrong);
    check(sell(10, 9), sold(10, 8), NO_GAS, wrong);
}

#[test]
fn a_pool_without_assets_is_refused() {
    let pool = PoolId(7);
    let desired = amounts(1, 1);
    let elsewhere = Intent::Open { pool, placement: Placement::Range(RANGE), desired };
    check(elsewhere, OutcomeKind::Expired, NO_GAS, LedgerError::UnknownPool(pool));
}

#[test]
fn what_leaves_the_range_is_refused() {
    let gas = GasPaid { gas: Gas(u64::MAX), price: GasPrice(u128::MAX) };
    // 2^192 fits; a balance of 2^255 does not.
    let huge = TokenAmounts::from_array([Amount(U256::ONE << 255), Amount::ZERO]);
    check(close(1), closed(1, huge, amounts(0, 0)), NO_GAS, LedgerError::OutOfRange);
    let nearly = TokenAmounts::from_array([Amount((U256::ONE << 255) - U256::ONE), Amount::ZERO]);
    check(close(1), closed(1, nearly, nearly), gas, LedgerError::OutOfRange);
    let put_in = Ledger::funded(&[(TOKEN0, huge.as_slice()[0])]).map(|_| ());
    assert_eq!(put_in, Err(LedgerError::OutOfRange));
}

#[test]
fn refusals_name_what_they_are_about() {
    let texts = [
        LedgerError::NotInFlight(key(3)),
        LedgerError::AlreadyInFlight(key(3)),
        LedgerError::NotOpen(PositionId(key(3))),
        LedgerError::WrongOutcome(key(3)),
        LedgerError::UnknownPool(PoolId(9)),
    ]
    .map(|error| error.to_string());
    let named = ["3-0", "3-0", "3-0", "3-0", "9"];
    assert!(texts.iter().zip(named).all(|(text, name)| text.contains(name)), "{texts:?}");
}
