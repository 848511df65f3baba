use super::fixed_data::{FixedRandom, RET5};
use super::{assert_close, assert_near};
use crate::{Garch, GarchVolatility};

fn model() -> Garch {
    Garch::new(1e-6, 0.08, 0.9).expect("it is stationary")
}

#[test]
fn q503a_variances_and_the_forecast_behind_them() {
    let mut volatility = GarchVolatility::new(model());
    let expected = [5e-5, 5.4e-5, 8.16e-5, 9.244e-5, 8.6196e-5, 8.65764e-5];
    for (place, expected) in expected.into_iter().enumerate() {
        assert_close(volatility.variance(), expected, 1e-12);
        if let Some(period_return) = RET5.get(place) {
            volatility.update(*period_return);
        }
    }
}

#[test]
fn forecasts_go_to_the_long_run_and_add_up() {
    let mut volatility = GarchVolatility::new(model());
    RET5.into_iter().for_each(|period_return| volatility.update(period_return));
    let mut stepped = volatility.variance();
    let mut sum = 0.0;
    for ahead in 1..=200 {
        assert_close(volatility.variance_ahead(ahead), stepped, 1e-12);
        sum += stepped;
        assert_close(volatility.variance_over(ahead), sum, 1e-12);
        stepped = 1e-6 + 0.98 * stepped;
    }
    assert_close(volatility.variance_ahead(5_000), 5e-5, 1e-12);
}

#[test]
fn likelihood_is_that_of_each_return_in_turn() {
    let by_hand: f64 = RET5
        .into_iter()
        .scan(model().next_variance(2e-4, 2e-4_f64.sqrt()), |variance, r| {
            let said = -0.5 * ((std::f64::consts::TAU * *variance).ln() + r * r / *variance);
            *variance = model().next_variance(*variance, r);
            Some(said)
        })
        .sum();
    assert_near(model().log_likelihood(&RET5, 2e-4), by_hand, 1e-12);
}

/// The parameters that made a series are likelier than others far from them.
#[test]
fn likelihood_is_greatest_near_the_truth() {
    let mut random = FixedRandom::new(77);
    let mut volatility = GarchVolatility::new(model());
    let returns: Vec<f64> = (0..20_000)
        .map(|_| {
            let period_return = volatility.sigma() * random.normal();
            volatility.update(period_return);
            period_return
        })
        .collect();
    let at = |omega, alpha, beta| {
        let model: Garch = Garch::new(omega, alpha, beta).expect("it is stationary");
        model.log_likelihood(&returns, 5e-5)
    };
    let truth = at(1e-6, 0.08, 0.9);
    for (omega, alpha, beta) in [(2e-6, 0.08, 0.9), (1e-6, 0.12, 0.86), (1e-6, 0.04, 0.94)] {
        assert!(at(omega, alpha, beta) < truth - 10.0, "{omega} {alpha} {beta}");
    }
}

#[test]
fn parameters_without_a_finite_variance_are_refused() {
    for (omega, alpha, beta) in
        [(0.0, 0.1, 0.8), (-1.0, 0.1, 0.8), (1.0, -0.1, 0.8), (1.0, 0.2, 0.8), (f64::NAN, 0.1, 0.8)]
    {
        let error = Garch::new(omega, alpha, beta).expect_err("it is none");
        assert!(error.to_string().contains("alpha + beta below 1"), "{error}");
    }
}
