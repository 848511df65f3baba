use tidemill_model::{OutcomeKind, Rejection};
use tidemill_units::{BlockNumber, GasPrice, Side, Timestamp};

use super::Log;
use super::synthetic_tape::{BLOCK_SECONDS, FIRST_BLOCK, FIRST_TIME, SyntheticTape};
use crate::Footprint;

/// Records one event after another, with these gas prices in these blocks; returns the price that
/// the market names after each.
fn gas_prices(recorded: &[(u64, Option<u128>)]) -> Vec<Option<u128>> {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    let quiet = synthetic.tape().events.len();
    let mut block = 0;
    for (later, gas_price) in recorded {
        synthetic.skip_blocks(later - block);
        block = *later;
        synthetic.set_gas_price(*gas_price);
        synthetic.swap_in(Side::Token0, 1_000);
    }
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&synthetic.tape().events[..quiet]);
    assert_eq!(log.market.gas_price(), None);
    let rest = &synthetic.tape().events[quiet..];
    rest.iter()
        .map(|event| {
            log.record_all(std::slice::from_ref(event));
            log.market.gas_price().map(|GasPrice(price)| price)
        })
        .collect()
}

#[test]
fn the_gas_price_is_the_cheapest_of_the_latest_block_that_named_any() {
    let prices = gas_prices(&[(1, Some(30)), (1, Some(20)), (1, Some(25)), (2, Some(40))]);
    assert_eq!(prices, [Some(30), Some(20), Some(20), Some(40)]);
    let prices = gas_prices(&[(1, None), (2, Some(7)), (3, None), (9, None)]);
    assert_eq!(prices, [None, Some(7), Some(7), Some(7)]);
}

#[test]
fn a_block_whose_first_event_names_no_gas_price_does_not_keep_that_of_the_block_before() {
    let prices = gas_prices(&[(1, Some(5)), (2, None), (2, Some(90)), (2, Some(80))]);
    assert_eq!(prices, [Some(5), Some(5), Some(90), Some(80)]);
}

#[test]
fn time_and_block_are_those_of_the_latest_event() {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.skip_blocks(7);
    synthetic.swap_in(Side::Token1, 5_000);
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&synthetic.tape().events);
    assert_eq!(log.market.now(), Timestamp(FIRST_TIME + 7 * BLOCK_SECONDS));
    assert_eq!(log.market.block(), BlockNumber(FIRST_BLOCK + 7));
}

#[test]
fn the_inclusion_of_an_order_is_news_of_its_block_and_its_expiry_is_not() {
    let synthetic = SyntheticTape::deep_at_tick(0);
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&synthetic.tape().events);
    let included = BlockNumber(FIRST_BLOCK + 1);
    let at = Timestamp(FIRST_TIME + BLOCK_SECONDS);
    let rejected = OutcomeKind::Rejected(Rejection::NoLiquidity);
    assert_eq!(log.outcome_in(included, at, rejected), Ok(()));
    assert_eq!((log.market.block(), log.market.now()), (included, at));
    assert_eq!(log.outcome_in(BlockNumber(FIRST_BLOCK + 2), at, OutcomeKind::Expired), Ok(()));
    assert_eq!(log.market.block(), included);
}
