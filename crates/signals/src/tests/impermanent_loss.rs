use proptest::prelude::*;

use super::{assert_close, assert_near};
use crate::impermanent_loss::{
    WeightedAsset, concentrated, concentrated_in_range, constant_product, weighted,
};
use crate::{ConcentratedPosition, PriceMove, PriceRange, StableSwapCurve};

fn position(lower: f64, upper: f64) -> ConcentratedPosition {
    ConcentratedPosition::new(1_000.0, PriceRange { lower, upper }).unwrap()
}

fn two_assets(first: WeightedAsset, second_ratio: f64) -> f64 {
    weighted(&[first, WeightedAsset { weight: 1.0 - first.weight, price_ratio: second_ratio }])
}

#[test]
fn q101_impermanent_loss_of_a_constant_product_pool() {
    assert_near(constant_product(4.0), -0.2, 1e-11);
    assert_near(constant_product(1.25), -0.006192010000, 1e-11);
    assert_near(constant_product(2.0), -0.057190958418, 1e-11);
    assert_eq!(constant_product(1.0), 0.0);
}

#[test]
fn q102_impermanent_loss_of_a_weighted_pool() {
    let heavy = WeightedAsset { weight: 0.8, price_ratio: 2.0 };
    assert_near(two_assets(heavy, 1.0), -0.032721596338, 1e-11);
    let light = WeightedAsset { weight: 0.2, price_ratio: 2.0 };
    assert_near(two_assets(light, 1.0), -0.042751370836, 1e-11);
}

#[test]
fn q103_impermanent_loss_of_a_concentrated_position() {
    let wide = position(1_500.0, 2_500.0);
    let inside = PriceMove { from: 2_000.0, to: 2_400.0 };
    assert_near(concentrated(&wide, inside), -0.034948596773, 1e-11);
    assert_near(concentrated_in_range(&wide, inside).unwrap(), -0.034948596773, 1e-11);

    let out_of_it = PriceMove { from: 2_000.0, to: 3_000.0 };
    assert_near(concentrated(&wide, out_of_it), -0.137942391232, 1e-11);
    assert_eq!(concentrated_in_range(&wide, out_of_it), None, "the closed form ends at the bound");

    let symmetric = position(0.81, 1.0 / 0.81);
    let inside = PriceMove { from: 1.0, to: 1.21 };
    assert_near(concentrated(&symmetric, inside), -0.045248868778, 1e-11);
    assert_near(concentrated_in_range(&symmetric, inside).unwrap(), -0.045248868778, 1e-11);
}

#[test]
fn q104_impermanent_loss_of_a_stable_swap_pool() {
    let curve = StableSwapCurve { amplification: 100.0, invariant: 2_000_000.0 };
    let reserves = curve.reserves_at(0.97).unwrap();
    assert_close(reserves.coin0, 1_618_061.780_1, 1e-8);
    assert_close(reserves.coin1, 387_871.917_2, 1e-8);
    let loss = |to| curve.impermanent_loss(PriceMove { from: 1.0, to }).unwrap();
    assert_close(loss(0.97), -0.00640007922, 1e-8);
    assert_close(loss(0.99), -0.00107718125, 1e-8);
}

#[test]
fn stable_swap_reserves_satisfy_the_invariant_and_mirror_each_other() {
    for amplification in [1.0, 10.0, 100.0, 2_000.0] {
        let curve = StableSwapCurve { amplification, invariant: 2.0 };
        for price in [0.01, 0.5, 0.99, 1.0, 1.0001, 1.3, 40.0] {
            let (ann, reserves) = (2.0 * amplification, curve.reserves_at(price).unwrap());
            let (sum, product) = (reserves.coin0 + reserves.coin1, reserves.coin0 * reserves.coin1);
            assert_close(ann * sum + 2.0, ann * 2.0 + 8.0 / (4.0 * product), 1e-9);
            let mirrored = curve.reserves_at(1.0 / price).unwrap();
            assert_close(mirrored.coin0, reserves.coin1, 1e-9);
        }
        assert_eq!(curve.reserves_at(0.0), None);
        assert_eq!(curve.reserves_at(f64::NAN), None);
        assert_eq!(curve.reserves_at(f64::INFINITY), None);
    }
}

#[test]
fn a_stable_swap_pool_without_amplification_is_a_constant_product_pool() {
    let curve = StableSwapCurve { amplification: 1e-12, invariant: 2.0 };
    for to in [0.01, 0.5, 4.0, 100.0] {
        let loss = curve.impermanent_loss(PriceMove { from: 1.0, to }).unwrap();
        assert_close(loss, constant_product(to), 1e-9);
    }
}

proptest! {
    #[test]
    fn a_full_range_and_an_even_weighting_are_the_constant_product_pool(
        log_ratio in -3.0..3.0_f64, start in 0.01..1e4_f64
    ) {
        let ratio = log_ratio.exp();
        let full = ConcentratedPosition::new(5.0, PriceRange { lower: 0.0, upper: f64::INFINITY });
        let prices = PriceMove { from: start, to: start * ratio };
        let expected = constant_product(ratio);
        prop_assert!((concentrated(&full.unwrap(), prices) - expected).abs() < 1e-14);
        let even = two_assets(WeightedAsset { weight: 0.5, price_ratio: ratio }, 1.0);
        prop_assert!((even - expected).abs() < 1e-14);
    }

    #[test]
    fn inside_the_range_the_closed_form_is_the_piecewise_one_and_never_a_gain(
        bounds in (0.2..0.99_f64, 1.01..5.0_f64), at in (0.0..1.0_f64, 0.0..1.0_f64)
    ) {
        let (lower, upper) = bounds;
        let position = position(lower, upper);
        let price = |share: f64| lower + (upper - lower) * share * 0.999_999;
        let prices = PriceMove { from: price(at.0), to: price(at.1) };
        let closed = concentrated_in_range(&position, prices).unwrap();
        let piecewise = concentrated(&position, prices);
        prop_assert!((closed - piecewise).abs() < 1e-12, "{closed} {piecewise}");
        prop_assert!(closed <= 0.0 && piecewise <= 1e-12);
    }
}
