use tidemill_market::{Footprint, Market, PoolPrices};
use tidemill_units::{Amount, Side, SignedAmount};

use super::synthetic_tape::{SyntheticTape, chain_event};
use super::{DEPOSIT, Desk, VALUATION, loose, swap};
use crate::{Equity, Refusal};

#[track_caller]
fn check(desk: &Desk, wallet: u128, positions: u128, gas: u128) {
    let [wallet, positions, gas] = [wallet, positions, gas].map(Amount::from_u128);
    let equity = Equity::of(&VALUATION, &desk.market, &desk.ledger);
    assert_eq!(equity, Ok(Equity { wallet, positions, exchanges: SignedAmount::ZERO, gas }));
}

#[test]
fn everything_of_ours_is_counted_once() {
    let mut desk = Desk::new(loose());
    check(&desk, 2 * DEPOSIT, 0, 0);
    let position = desk.open_position(100_000, 100_000);
    let worth = desk.worth(position);
    // Rounding leaves at most a unit of each token in the pool.
    let paid = desk.ledger.position(position).expect("open").deposited;
    let paid = u128::try_from(paid.as_slice()[0].0 + paid.as_slice()[1].0).expect("small");
    assert!((worth..=worth + 2).contains(&paid));
    check(&desk, 2 * DEPOSIT - paid, worth, 0);
    desk.burn_gas(900);
    check(&desk, 2 * DEPOSIT - paid, worth, 900);
    let order = desk.ask(swap(Side::Token0, 10_000)).expect("within all limits");
    desk.settle(order);
    // 10,000 less 0.3 %, less what rounding keeps.
    check(&desk, 2 * DEPOSIT - paid - 10_000 + 9_969, worth, 900);
}

#[test]
fn fees_count_from_the_moment_they_are_earned() {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    let mut desk = Desk::new(loose());
    let position = desk.open_position(1_000_000, 1_000_000);
    synthetic.swap_in(Side::Token0, 1_000_000_000_000_000_000);
    desk.sequence += 1;
    let swapped = synthetic.tape().events.last().expect("a swap");
    desk.market.apply(&chain_event(desk.sequence, swapped)).expect("it reproduces");
    let (pool, own) = desk.market.own(position).expect("open");
    let worth = pool.worth(own.id).expect("open");
    assert!(worth.fees.amount0 > Amount::ZERO);
    let price = pool.pool().sqrt_price();
    let both = worth.principal.checked_add(worth.fees).expect("small");
    let equity = Equity::of(&VALUATION, &desk.market, &desk.ledger).expect("a price");
    assert_eq!(
        Some(equity.positions),
        VALUATION.pool().expect("a pool").value_at(&PoolPrices::Concentrated(price), &both.into())
    );
}

#[test]
fn a_loss_counts_gas_and_has_no_floor() {
    let [wallet, positions, gas] = [5, 7, 3].map(Amount::from_u64);
    let equity = Equity { wallet, positions, exchanges: SignedAmount::ZERO, gas };
    assert_eq!(equity.loss_from(Amount::from_u64(12)), Some(Amount::from_u64(3)));
    assert_eq!(equity.loss_from(Amount::from_u64(4)), Some(Amount::ZERO));
    let eaten = Equity { gas: Amount::from_u64(100), ..equity };
    assert_eq!(eaten.loss_from(Amount::from_u64(12)), Some(Amount::from_u64(100)));
    assert_eq!(Equity { wallet: Amount::MAX, ..equity }.loss_from(Amount::ZERO), None);
}

#[test]
fn what_cannot_be_valued_is_refused() {
    let mut desk = Desk::new(loose());
    let position = desk.open_position(1_000, 1_000);
    let tape = SyntheticTape::deep_at_tick(0);
    desk.market = Market::new(Footprint::PriceTaker);
    let value = |desk: &Desk| Equity::of(&VALUATION, &desk.market, &desk.ledger);
    assert_eq!(value(&desk), Err(Refusal::NoPrice), "no pool");
    desk.market.add_pool(tape.tape()).expect("a tape");
    assert_eq!(value(&desk), Err(Refusal::NoPrice), "no price yet");
    for event in super::chain_events(tape.tape()) {
        desk.market.apply(&event).expect("it reproduces");
    }
    assert_eq!(value(&desk), Err(Refusal::NotOpen(position)), "a market without the position");
}
