use tidemill_model::{AssetId, GasPaid, OutcomeKind, Placement, PoolId, Rejection};
use tidemill_units::{Amount, Gas, GasPrice, Side, SignedAmount};

use super::{
    DEPOSIT, NATIVE, NO_GAS, POOL, TOKEN0, TOKEN1, amounts, close, closed, end, fulfil, funded,
    key, open, opened, order, swap, swapped,
};
use crate::{Account, Ledger, PoolAssets};
use tidemill_model::PositionId;

/// Balances of both tokens, those that are not zero, by account.
#[track_caller]
fn check(ledger: &Ledger, expected: &[(Account, [i128; 2])]) {
    let position = PositionId(key(1));
    let accounts = [
        Account::Wallet,
        Account::Position(position),
        Account::FeesEarned,
        Account::Divergence,
        Account::Swaps,
    ];
    let balances = accounts
        .map(|account| (account, [TOKEN0, TOKEN1].map(|asset| ledger.balance(account, asset))));
    let balances: Vec<_> =
        balances.into_iter().filter(|(_, both)| both.iter().any(|one| !one.is_zero())).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(account, both)| (*account, both.map(SignedAmount::from_i128)))
        .collect();
    assert_eq!(balances, expected);
}

#[test]
fn a_position_from_opening_to_closing() {
    let mut ledger = funded();
    let position = PositionId(key(1));
    let paid = amounts(500, 600);
    assert_eq!(fulfil(&mut ledger, 1, open(amounts(500, 700)), opened(1, paid)), Ok(()));
    check(
        &ledger,
        &[(Account::Wallet, [999_500, 999_400]), (Account::Position(position), [500, 600])],
    );
    let open_one = ledger.position(position).expect("open");
    assert_eq!((open_one.pool, open_one.deposited), (POOL, paid));
    let end = closed(1, amounts(450, 660), amounts(3, 4));
    assert_eq!(fulfil(&mut ledger, 2, close(1), end), Ok(()));
    // 50 of token0 less and 60 of token1 more than was paid in, and the fees apart.
    check(
        &ledger,
        &[
            (Account::Wallet, [999_953, 1_000_064]),
            (Account::FeesEarned, [-3, -4]),
            (Account::Divergence, [50, -60]),
        ],
    );
    assert_eq!(ledger.position(position), None);
    assert_eq!(ledger.journal().len(), 3, "opening balance, opening, closing");
}

#[test]
fn a_swap_stands_against_the_swaps_account() {
    let mut ledger = funded();
    let end = swapped(Side::Token1, 1_000, 990);
    assert_eq!(fulfil(&mut ledger, 1, swap(Side::Token1, 1_000, 980), end), Ok(()));
    check(&ledger, &[(Account::Wallet, [1_000_990, 999_000]), (Account::Swaps, [-990, 1_000])]);
}

#[test]
fn every_end_pays_its_gas_even_from_a_wallet_without_the_coin() {
    let gas = GasPaid { gas: Gas(100), price: GasPrice(7) };
    let rejected = OutcomeKind::Rejected(Rejection::InsufficientDepth);
    for (intent, kind) in [
        (open(amounts(5, 5)), opened(1, amounts(1, 1))),
        (swap(Side::Token0, 5, 0), swapped(Side::Token0, 5, 4)),
        (swap(Side::Token0, 5, 0), rejected),
    ] {
        let mut ledger = funded();
        ledger.book(order(1, intent)).expect("new");
        assert_eq!(ledger.apply(&end(1, kind, gas)), Ok(()));
        assert_eq!(ledger.balance(Account::Gas, NATIVE), SignedAmount::from_i128(700));
        assert_eq!(ledger.balance(Account::Wallet, NATIVE), SignedAmount::from_i128(-700));
        assert_eq!(ledger.wallet(NATIVE), Amount::ZERO);
    }
}

#[test]
fn available_is_the_wallet_less_what_orders_in_flight_may_take() {
    let mut ledger = funded();
    let available =
        |ledger: &Ledger| [TOKEN0, TOKEN1].map(|asset| ledger.available(asset).to_string());
    ledger.book(order(1, open(amounts(300_000, 0)))).expect("new");
    ledger.book(order(2, swap(Side::Token1, 50_000, 0))).expect("new");
    ledger.book(order(3, swap(Side::Token0, 200_000, 0))).expect("new");
    assert_eq!(available(&ledger), ["500000", "950000"]);
    assert_eq!(ledger.wallet(TOKEN0), Amount::from_u64(DEPOSIT), "nothing has moved yet");
    let expired = end(1, OutcomeKind::Expired, NO_GAS);
    assert_eq!(ledger.apply(&expired), Ok(()));
    assert_eq!(available(&ledger), ["800000", "950000"]);
    ledger.book(order(4, open(amounts(2_000_000, 0)))).expect("the ledger does not judge");
    assert_eq!(available(&ledger), ["0", "950000"], "never below zero");
}

#[test]
fn positions_and_reservations_are_those_of_their_own_pool() {
    let mut ledger = funded();
    let (other, third) = (PoolId(1), AssetId(3));
    assert_eq!(ledger.assets(other), None);
    ledger.add_pool(other, PoolAssets::of_two(TOKEN1, third, NATIVE));
    assert_eq!(
        ledger.assets(other).and_then(|assets| assets.token(Side::Token1.index())),
        Some(third)
    );
    let range = super::RANGE;
    let desired = amounts(400_000, 9);
    ledger
        .book(order(
            1,
            tidemill_model::Intent::Open {
                pool: other,
                placement: Placement::Range(range),
                desired,
            },
        ))
        .expect("new");
    let reserved = [TOKEN0, TOKEN1, third].map(|asset| ledger.available(asset).to_string());
    assert_eq!(reserved, ["1000000", "600000", "0"]);
}

#[test]
fn capital_is_what_was_put_in() {
    let ledger = funded();
    for asset in [TOKEN0, TOKEN1] {
        let capital = ledger.balance(Account::Capital, asset);
        assert_eq!(capital.magnitude(), Amount::from_u64(DEPOSIT));
        assert!(capital.is_negative());
    }
    assert!(Ledger::funded(&[]).is_ok_and(|ledger| ledger.wallet(TOKEN0).is_zero()));
}
