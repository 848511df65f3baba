use tidemill_market::Footprint;
use tidemill_model::{GasPaid, Intent, OutcomeKind, PositionId, Rejection};
use tidemill_units::{Gas, GasPrice, Side, TickRange};

use super::synthetic_tape::{SyntheticTape, range};
use super::{Session, is_done, open, swap};

/// Liquidity in three ranges around tick 0, and a dozen blocks that name no gas price.
fn tape() -> SyntheticTape {
    let mut synthetic = SyntheticTape::at_tick(0);
    for width in [60, 120, 180] {
        synthetic.mint(1, range(-width, width), 1_000_000_000);
    }
    synthetic.mint(1, range(-6_000, 6_000), 1_000_000_000);
    for _ in 0..12 {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token0, 1);
    }
    synthetic
}

const QUIET: usize = 6;

/// Sends orders one after another and returns the gas of the last.
fn gas_of(footprint: Footprint, intents: &[Intent]) -> u64 {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), footprint, 1);
    session.skip(QUIET);
    let mut last = 0;
    for intent in intents {
        session.send(*intent);
        let outcome = session.outcome();
        assert!(is_done(&outcome.kind), "{outcome:?}");
        last = outcome.gas.gas.0;
    }
    session.finish();
    last
}

fn open_at(held: TickRange) -> Intent {
    open(held, 1_000_000, 1_000_000)
}

#[test]
fn opening_costs_by_whether_its_ticks_are_in_use() {
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        assert_eq!(gas_of(footprint, &[open_at(range(-60, 60))]), 322_000);
        assert_eq!(gas_of(footprint, &[open_at(range(-120, 60))]), 322_000);
        assert_eq!(gas_of(footprint, &[open_at(range(-240, 60))]), 429_000);
        assert_eq!(gas_of(footprint, &[open_at(range(-240, 240))]), 429_000);
    }
    // Ticks that we initialized ourselves are in use where we are in the pool.
    let twice = [open_at(range(-240, 240)), open_at(range(-240, 240))];
    assert_eq!(gas_of(Footprint::ReExecuted, &twice), 322_000);
}

#[test]
fn the_first_position_of_a_pool_costs_most() {
    let mut synthetic = SyntheticTape::at_tick(0);
    for tick in [1, 2, 3] {
        synthetic.skip_blocks(1);
        synthetic.swap_to(tick);
    }
    let mut session = Session::new(synthetic.tape(), Footprint::ReExecuted, 1);
    session.skip(1);
    session.send(open_at(range(-60, 60)));
    assert_eq!(session.outcome().gas.gas, Gas(614_000));
    session.send(open_at(range(-60, 60)));
    assert_eq!(session.outcome().gas.gas, Gas(322_000));
    session.finish();
}

#[test]
fn closing_is_a_decrease_and_a_collect() {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), Footprint::PriceTaker, 1);
    session.skip(QUIET);
    let position = PositionId(session.send(open_at(range(-60, 60))));
    session.outcome();
    session.send(Intent::Close { position });
    assert_eq!(session.outcome().gas.gas, Gas(115_000 + 72_800));
    session.finish();
}

#[test]
fn a_swap_costs_by_the_ticks_that_it_crosses_and_the_first_of_a_wallet_more() {
    let small = swap(Side::Token0, 1_000, 0);
    // Each range is a billion of liquidity deep: about 3 million a unit of 60 ticks and layer.
    let over = |amount| swap(Side::Token1, amount, 0);
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        assert_eq!(gas_of(footprint, &[small]), 134_000);
        assert_eq!(gas_of(footprint, &[small, small]), 117_000);
        assert_eq!(gas_of(footprint, &[over(15_000_000)]), 174_000);
        assert_eq!(gas_of(footprint, &[over(24_000_000)]), 202_000);
        assert_eq!(gas_of(footprint, &[over(34_000_000)]), 230_000);
    }
}

/// What an order pays that is executed at the end of a block with these gas prices.
fn price_paid(earlier: Option<u128>, block: &[Option<u128>]) -> GasPrice {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    let record = |synthetic: &mut SyntheticTape, gas_price: Option<u128>| {
        synthetic.set_gas_price(gas_price);
        synthetic.swap_in(Side::Token0, 1_000);
    };
    synthetic.skip_blocks(1);
    record(&mut synthetic, earlier);
    synthetic.skip_blocks(1);
    for gas_price in block {
        record(&mut synthetic, *gas_price);
    }
    synthetic.skip_blocks(5);
    record(&mut synthetic, Some(1));
    let mut session = Session::new(synthetic.tape(), Footprint::PriceTaker, 1);
    session.skip(3);
    session.send(swap(Side::Token0, 1_000, 0));
    let outcome = session.outcome();
    session.finish();
    assert!(is_done(&outcome.kind));
    outcome.gas.price
}

#[test]
fn gas_is_paid_at_the_price_of_the_cheapest_transaction_of_the_block() {
    assert_eq!(price_paid(Some(5), &[Some(30), Some(20), Some(25)]), GasPrice(20));
    assert_eq!(price_paid(Some(5), &[None, Some(20)]), GasPrice(20));
}

#[test]
fn without_a_price_in_the_block_it_is_the_last_known_and_then_the_fallback() {
    assert_eq!(price_paid(Some(5), &[None]), GasPrice(5));
    assert_eq!(price_paid(None, &[None]), GasPrice(20_000_000_000));
}

#[test]
fn an_order_that_slips_too_far_pays_for_its_gas() {
    let synthetic = tape();
    let mut session = Session::new(synthetic.tape(), Footprint::ReExecuted, 1);
    session.skip(QUIET);
    let refused = |session: &mut Session<'_>| {
        session.send(swap(Side::Token0, 1_000, 1_000));
        session.outcome()
    };
    let outcome = refused(&mut session);
    assert_eq!(outcome.kind, OutcomeKind::Rejected(Rejection::TooLittleReceived));
    let paid = GasPaid { gas: Gas(134_000), price: GasPrice(20_000_000_000) };
    assert_eq!(outcome.gas, paid);
    assert_eq!(refused(&mut session).gas, paid, "the wallet has still not swapped");
    session.finish();
    let spent = session.ledger.balance(tidemill_ledger::Account::Gas, super::ASSETS.native);
    assert_eq!(spent.to_string(), (2 * 134_000 * 20_000_000_000_u64).to_string());
}
