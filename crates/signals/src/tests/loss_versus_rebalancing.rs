use proptest::prelude::*;

use super::assert_close;
use crate::loss_versus_rebalancing::{
    break_even_sigma, break_even_turnover, concentrated_rate, constant_product_rate, expected_loss,
    stable_swap_rate_at_peg, weighted_rate,
};
use crate::{ConcentratedPosition, DiscreteBlocks, PriceRange, StableSwapCurve};

const BASIS_POINT: f64 = 1e-4;
/// Per square root of a day.
const SIGMA: f64 = 0.05;

fn blocks(seconds: f64, half_spread: f64) -> DiscreteBlocks {
    DiscreteBlocks { sigma: SIGMA, half_spread, interval: seconds / 86_400.0 }
}

#[test]
fn q105_loss_rate_of_a_constant_product_pool() {
    let rate = constant_product_rate(SIGMA);
    assert_close(rate, 3.125 * BASIS_POINT, 1e-9);
    assert_close(break_even_turnover(rate, 0.003), 0.104166666667, 1e-9);
    assert_close(break_even_turnover(rate, 0.0005), 0.625, 1e-9);
}

#[test]
fn q106_loss_rate_of_a_weighted_pool() {
    assert_close(weighted_rate(SIGMA, 0.8), 2.0 * BASIS_POINT, 1e-9);
    assert_close(weighted_rate(SIGMA, 0.2), 2.0 * BASIS_POINT, 1e-9);
    assert_close(weighted_rate(SIGMA, 0.5), constant_product_rate(SIGMA), 1e-15);
}

#[test]
fn q107_loss_rate_of_a_concentrated_position() {
    let range = PriceRange { lower: 1_500.0, upper: 2_500.0 };
    let position = ConcentratedPosition::new(1_000.0, range).unwrap();
    let rate = concentrated_rate(&position, 2_000.0, SIGMA);
    assert_close(rate, 26.090869130365 * BASIS_POINT, 1e-9);
    assert_close(position.capital_efficiency(2_000.0), 8.349078121717, 1e-9);

    let by_gamma = SIGMA * SIGMA * 2_000.0 * 2_000.0 * -position.gamma(2_000.0) / 2.0;
    assert_close(rate, by_gamma / position.value(2_000.0), 1e-12);
    assert_eq!(concentrated_rate(&position, 2_600.0, SIGMA), 0.0);
}

#[test]
fn q108_loss_rate_of_a_stable_swap_pool_at_its_peg() {
    for (amplification, factor) in [(1.0, 2.0), (10.0, 11.0), (100.0, 101.0)] {
        let claimed = stable_swap_rate_at_peg(amplification, SIGMA) / constant_product_rate(SIGMA);
        assert_close(claimed, factor, 1e-12);

        let curve = StableSwapCurve { amplification, invariant: 1.0 };
        let coin0 = |price| curve.reserves_at(price).unwrap().coin0;
        // The curve bends within about 1 / A of the peg.
        let step = 1e-5 / amplification;
        let slope = (coin0(1.0 + step) - coin0(1.0 - step)) / (2.0 * step);
        assert_close(-slope * 4.0, factor, 1e-6);
    }
}

#[test]
fn q109_share_of_blocks_with_an_arbitrage() {
    for (basis_points, percent) in
        [(1.0, 80.6), (5.0, 45.5), (10.0, 29.4), (30.0, 12.2), (100.0, 4.0)]
    {
        let probability = blocks(12.0, basis_points * BASIS_POINT).trade_probability();
        assert!((probability * 100.0 - percent).abs() < 0.05, "{basis_points}: {probability}");
    }
}

#[test]
fn q110_arbitrage_rate_with_poisson_blocks() {
    let rate = |seconds| blocks(seconds, 0.003).arbitrage_rate_poisson().unwrap() / BASIS_POINT;
    assert_close(rate(12.0), 0.381669652832, 1e-9);
    assert_close(rate(120.0), 0.955094681655, 1e-9);
}

#[test]
fn q112_arbitrage_rate_with_blocks_at_equal_intervals() {
    let rate = blocks(120.0, 0.003).arbitrage_rate_constant_interval();
    assert_close(rate / BASIS_POINT, 0.830377037, 1e-6);
}

#[test]
fn q119_expected_loss_of_a_constant_product_pool() {
    assert_close(expected_loss(0.8, 30.0 / 365.0), 0.006553772205, 1e-10);
}

#[test]
fn q709_volatility_that_a_fee_yield_pays_for() {
    assert_close(break_even_sigma(0.2), 1.264911064067, 1e-10);
    assert_close(constant_product_rate(break_even_sigma(0.2)), 0.2, 1e-14);
}

#[test]
fn without_fees_arbitrage_in_ever_faster_blocks_takes_the_whole_loss() {
    let rate = blocks(1e-3, 0.0).arbitrage_rate_poisson().unwrap();
    assert_close(rate, constant_product_rate(SIGMA), 1e-9);
    assert_eq!(blocks(12.0, 0.0).trade_probability(), 1.0);
    let too_slow = DiscreteBlocks { sigma: 3.0, half_spread: 0.003, interval: 1.0 };
    assert_eq!(too_slow.arbitrage_rate_poisson(), None);
}

proptest! {
    #[test]
    fn a_full_range_loses_at_the_constant_product_rate(price in 1e-6..1e6_f64) {
        let full = PriceRange { lower: 0.0, upper: f64::INFINITY };
        let position = ConcentratedPosition::new(1.0, full).unwrap();
        let rate = concentrated_rate(&position, price, SIGMA);
        prop_assert!((rate / constant_product_rate(SIGMA) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn wider_spreads_and_faster_blocks_leave_less_to_arbitrage(
        spread in 1e-4..0.05_f64, seconds in 0.1..1e4_f64
    ) {
        let now = blocks(seconds, spread);
        for less in [blocks(seconds, spread * 1.1), blocks(seconds / 1.1, spread)] {
            prop_assert!(less.trade_probability() < now.trade_probability());
            prop_assert!(less.arbitrage_rate_poisson() < now.arbitrage_rate_poisson());
            let rate = less.arbitrage_rate_constant_interval();
            prop_assert!(rate < now.arbitrage_rate_constant_interval());
        }
    }
}
