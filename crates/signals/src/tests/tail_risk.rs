use proptest::prelude::*;

use super::assert_close;
use super::fixed_data::RET20;
use crate::exit_time::normal_cdf;
use crate::tail_risk::{historical, kupiec, normal, normal_quantile};

#[test]
fn q1001a_historical_tail_with_a_whole_number_of_losses() {
    let risk = historical(&RET20, 0.9).expect("there are returns");
    assert_close(risk.value_at_risk, 0.031, 1e-12);
    assert_close(risk.expected_shortfall, 0.038, 1e-12);
}

#[test]
fn a_tail_that_is_a_whole_number_but_for_rounding_counts_as_it() {
    // 20 (1 - 0.95) is 1.0000000000000009 as a float.
    let risk = historical(&RET20, 0.95).expect("there are returns");
    assert_close(risk.value_at_risk, 0.045, 1e-12);
    assert_close(risk.expected_shortfall, 0.045, 1e-12);
    // One and a half losses: the second counts for half.
    let risk = historical(&RET20, 0.925).expect("there are returns");
    assert_close(risk.value_at_risk, 0.031, 1e-12);
    assert_close(risk.expected_shortfall, (0.045 + 0.5 * 0.031) / 1.5, 1e-12);
    assert_eq!(historical(&[], 0.9), None);
}

#[test]
fn q1002a_normal_tail() {
    let risk = normal(0.05, 0.99);
    assert_close(risk.value_at_risk, 0.116317393702, 1e-10);
    assert_close(risk.expected_shortfall, 0.133260711017, 1e-10);
}

#[test]
fn q1004_kupiec() {
    assert_close(kupiec(250, 7, 0.01), 5.496990447793, 1e-10);
    assert_close(kupiec(250, 0, 0.01), -2.0 * 250.0 * 0.99_f64.ln(), 1e-12);
    assert_eq!(kupiec(200, 2, 0.01), 0.0);
}

proptest! {
    #[test]
    fn quantiles_invert_the_distribution(probability in 1e-9..0.999_f64) {
        let back = normal_cdf(normal_quantile(probability));
        prop_assert!((back / probability - 1.0).abs() < 1e-12, "{probability} {back}");
    }

    #[test]
    fn the_shortfall_is_at_least_the_value_at_risk(
        returns in proptest::collection::vec(-0.2..0.2_f64, 1..60), level in 0.5..0.999_f64,
    ) {
        let risk = historical(&returns, level).expect("there are returns");
        prop_assert!(risk.expected_shortfall >= risk.value_at_risk);
        let worse = returns.iter().filter(|value| -**value > risk.value_at_risk).count();
        prop_assert!(worse as f64 <= returns.len() as f64 * (1.0 - level) + 1e-9);
    }
}
