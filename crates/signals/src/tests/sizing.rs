use proptest::prelude::*;

use super::assert_close;
use crate::sizing::{
    SizingError, kelly_binary, kelly_continuous, kelly_growth_kept, risk_components, risk_parity,
    volatility_target,
};

#[test]
fn q510a_kelly_fractions() {
    assert_close(kelly_binary(0.55, 1.0), 0.1, 1e-12);
    assert_close(kelly_binary(0.4, 2.0), 0.1, 1e-12);
    assert_close(kelly_continuous(0.12, 0.03, 0.4), 0.5625, 1e-12);
    assert_close(kelly_growth_kept(0.5), 0.75, 1e-12);
}

#[test]
fn q1005_components_of_a_portfolios_deviation() {
    let covariance = vec![vec![0.04, 0.006], vec![0.006, 0.09]];
    let (sigma, parts) = risk_components(&[0.6, 0.4], &covariance).expect("it is a covariance");
    assert_close(sigma, 0.177988763690, 1e-10);
    for part in &parts {
        assert_close(*part, 0.088994381845, 1e-10);
    }
    // The parts are equal: these are the weights of equal risk.
    let weights = risk_parity(&covariance).expect("it is a covariance");
    assert_close(weights[0], 0.6, 1e-12);
    assert_close(weights[1], 0.4, 1e-12);
}

#[test]
fn a_volatility_target_has_a_cap() {
    assert_eq!(volatility_target(0.1, 0.4, 2.0), 0.25);
    assert_eq!(volatility_target(0.1, 0.01, 2.0), 2.0);
    assert_eq!(volatility_target(0.1, 0.0, 2.0), 0.0);
    assert_eq!(volatility_target(0.1, f64::NAN, 2.0), 0.0);
}

#[test]
fn what_is_no_covariance_is_refused() {
    let shape = Err(SizingError::Shape { assets: 2 });
    assert_eq!(risk_parity(&[vec![1.0, 0.0], vec![0.0]]), shape);
    assert_eq!(risk_parity(&[vec![1.0, 0.1], vec![0.2, 1.0]]), shape);
    assert_eq!(risk_parity(&[]), Err(SizingError::Shape { assets: 0 }));
    assert_eq!(risk_parity(&[vec![1.0, 0.0], vec![0.0, 0.0]]), Err(SizingError::Singular));
    let three = risk_components(&[1.0; 3], &[vec![1.0, 0.0], vec![0.0, 1.0]]);
    assert_eq!(three, Err(SizingError::Shape { assets: 3 }));
}

proptest! {
    #[test]
    fn every_asset_adds_the_same(
        factors in proptest::collection::vec(proptest::collection::vec(-1.0..1.0_f64, 4), 2..6)
    ) {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let covariance: Vec<Vec<f64>> = factors
            .iter()
            .enumerate()
            .map(|(row, one)| {
                let own = |column| if row == column { 0.2 } else { 0.0 };
                let of = |(column, other): (usize, &Vec<f64>)| product(one, other) + own(column);
                factors.iter().enumerate().map(of).collect()
            })
            .collect();
        let weights = risk_parity(&covariance).expect("it is positive definite");
        let (sigma, parts) = risk_components(&weights, &covariance).expect("it is one");
        prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        prop_assert!((parts.iter().sum::<f64>() / sigma - 1.0).abs() < 1e-10);
        for part in &parts {
            prop_assert!((part * parts.len() as f64 / sigma - 1.0).abs() < 1e-9, "{parts:?}");
        }
    }
}
