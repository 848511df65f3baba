use proptest::prelude::*;

use super::assert_close;
use crate::arbitrage::{ConstantProductHop, best_cycle_trade, best_trade_to_price};

fn hop(reserve_in: f64, reserve_out: f64, kept: f64) -> ConstantProductHop {
    ConstantProductHop { reserve_in, reserve_out, kept }
}

/// One swap after the other, as the pools would do them.
fn profit_of(hops: &[ConstantProductHop], input: f64) -> f64 {
    let output = hops.iter().fold(input, |amount, hop| {
        let net = hop.kept * amount;
        hop.reserve_out * net / (hop.reserve_in + net)
    });
    output - input
}

#[test]
fn q201_best_trade_between_two_constant_product_pools() {
    let hops = [hop(2_000_000.0, 1_000.0, 0.997), hop(950.0, 2_000_000.0, 0.997)];
    let trade = best_cycle_trade(&hops).unwrap();
    assert_close(trade.input, 22414.852340744634, 1e-9);
    assert_close(trade.profit, 513.309466244231, 1e-9);
}

#[test]
fn q203_best_trade_against_a_market_price() {
    let trade = best_trade_to_price(&hop(2_000_000.0, 1_000.0, 0.997), 2_100.0).unwrap();
    assert_close(trade.input, 46453.118288230, 1e-9);
    assert_close(trade.profit, 1075.709261052, 1e-9);
    assert_close((trade.input + trade.profit) / 2_100.0, 22.632775023468, 1e-9);
}

#[test]
fn q204_best_trade_against_a_market_price_without_fee() {
    let trade = best_trade_to_price(&hop(1.0, 1.0, 1.0), 2.0).unwrap();
    assert_close(trade.input, 0.414213562, 1e-9);
    assert_close((trade.input + trade.profit) / 2.0, 0.292893219, 1e-9);
}

#[test]
fn prices_that_agree_within_the_fee_leave_nothing_to_do() {
    let hops = [hop(2_000_000.0, 1_000.0, 0.997), hop(997.0, 2_000_000.0, 0.997)];
    assert_eq!(best_cycle_trade(&hops), None);
    assert_eq!(best_cycle_trade(&[]), None);
    assert_eq!(best_trade_to_price(&hop(2_000_000.0, 1_000.0, 0.997), 2_005.0), None);
}

proptest! {
    #[test]
    fn no_other_input_earns_more(
        reserves in proptest::collection::vec((1e15..1e25_f64, 1e15..1e25_f64), 2..6),
        off in 0.2..5.0_f64,
    ) {
        let mut hops: Vec<_> = reserves.iter().map(|&(a, b)| hop(a, b, 0.997)).collect();
        // The last pool brings the product of the prices to a profit, as random ones would not.
        let rate: f64 = hops.iter().map(|h| h.kept * h.reserve_out / h.reserve_in).product();
        hops[0].reserve_out *= 1.5 / rate;
        let trade = best_cycle_trade(&hops).unwrap();
        let profit = profit_of(&hops, trade.input);
        prop_assert!((profit / trade.profit - 1.0).abs() < 1e-9);
        prop_assert!(profit_of(&hops, trade.input * off) <= profit * (1.0 + 1e-9));
    }
}
