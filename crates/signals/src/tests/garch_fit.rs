use super::fixed_data::FixedRandom;
use super::{assert_close, assert_near};
use crate::{Garch, GarchFitError, GarchVolatility};

/// Returns that a model made, with normal shocks.
fn simulated(model: Garch, count: usize, seed: u64) -> Vec<f64> {
    let mut random = FixedRandom::new(seed);
    let mut volatility = GarchVolatility::new(model);
    let mut next = || {
        let value = volatility.sigma() * random.normal();
        volatility.update(value);
        value
    };
    (0..count).map(|_| next()).collect()
}

fn mean_square(returns: &[f64]) -> f64 {
    returns.iter().map(|value| value * value).sum::<f64>() / returns.len() as f64
}

/// Three models of what prices do. Over 5,000 returns alpha is off by about 0.01 (a standard
/// error), beta by 0.02, and the long-run variance by a tenth; allowed are three of each.
#[test]
fn parameters_of_simulated_series_are_found_again() {
    for (seed, [omega, alpha, beta]) in
        [(11, [1e-6, 0.08, 0.9]), (12, [2e-5, 0.15, 0.7]), (13, [1e-4, 0.3, 0.4])]
    {
        let truth = Garch::new(omega, alpha, beta).unwrap();
        let returns = simulated(truth, 5_000, seed);
        let fit = Garch::fitted(&returns).unwrap();
        assert_near(fit.model.alpha(), alpha, 0.05);
        assert_near(fit.model.beta(), beta, 0.08);
        let long_run = truth.long_run_variance();
        assert_close(fit.model.long_run_variance(), long_run, 0.3);
        let true_likelihood = truth.log_likelihood(&returns, mean_square(&returns));
        assert!(fit.log_likelihood >= true_likelihood, "{fit:?} against {true_likelihood}");
        assert!(fit.log_likelihood < true_likelihood + 12.0, "three parameters fit noise so far");
    }
}

/// It is a maximum: no model near it is likelier.
#[test]
fn no_neighbour_of_a_fit_is_likelier() {
    let returns = simulated(Garch::new(2e-5, 0.15, 0.7).unwrap(), 2_000, 5);
    let fit = Garch::fitted(&returns).unwrap();
    let (omega, alpha, beta) = (fit.model.omega(), fit.model.alpha(), fit.model.beta());
    let backcast = mean_square(&returns);
    assert_eq!(fit.model.log_likelihood(&returns, backcast), fit.log_likelihood);
    for step in [1e-1, 1e-2, 1e-3] {
        for (one, two, three) in [
            (1, 0, 0),
            (0, 1, 0),
            (0, 0, 1),
            (1, 1, 0),
            (1, 0, 1),
            (0, 1, 1),
            (0, 1, -1),
            (1, 1, 1),
        ] {
            for side in [-step, step] {
                let moved = |value: f64, way: i32| value * (1.0 + side * f64::from(way));
                let near = Garch::new(moved(omega, one), moved(alpha, two), moved(beta, three));
                let Ok(near) = near else { continue };
                assert!(near.log_likelihood(&returns, backcast) < fit.log_likelihood, "{near:?}");
            }
        }
    }
}

/// Returns in another unit have the same model in that unit: a power of two changes no rounding.
#[test]
fn the_unit_of_returns_does_not_matter() {
    let returns = simulated(Garch::new(1e-6, 0.08, 0.9).unwrap(), 1_000, 21);
    let larger: Vec<f64> = returns.iter().map(|value| value * 128.0).collect();
    let (one, other) = (Garch::fitted(&returns).unwrap(), Garch::fitted(&larger).unwrap());
    assert_close(other.model.alpha(), one.model.alpha(), 1e-3);
    assert_close(other.model.beta(), one.model.beta(), 1e-3);
    assert_close(other.model.omega(), one.model.omega() * 128.0 * 128.0, 1e-3);
    let shift = returns.len() as f64 * 128_f64.ln();
    assert_close(other.log_likelihood, one.log_likelihood - shift, 1e-12);
}

/// Without clusters there is nothing for alpha to say.
#[test]
fn independent_returns_have_next_to_no_alpha() {
    let mut random = FixedRandom::new(99);
    let returns: Vec<f64> = (0..3_000).map(|_| 0.01 * random.normal()).collect();
    let fit = Garch::fitted(&returns).unwrap();
    assert!(fit.model.alpha() < 0.03, "{fit:?}");
    assert_close(fit.model.long_run_variance(), 1e-4, 0.1);
}

#[test]
fn returns_that_cannot_be_fitted_are_refused() {
    let refused = |returns: &[f64]| Garch::fitted(returns).expect_err("it is refused");
    assert_eq!(refused(&[0.01; 49]), GarchFitError::TooFew(49));
    assert_eq!(refused(&[0.0; 50]), GarchFitError::NoVariance);
    let mut returns = vec![0.01; 60];
    returns[7] = f64::NAN;
    assert_eq!(refused(&returns), GarchFitError::NotFinite(7));
}
