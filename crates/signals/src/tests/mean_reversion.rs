use super::fixed_data::FixedRandom;
use super::{assert_close, assert_near};
use crate::mean_reversion::{
    Cointegration, CriticalValues, Line, OrnsteinUhlenbeck, RollingCointegration, RollingHalfLife,
    hurst_exponent,
};

/// EG250 of the fixed data: two series, the second follows the first.
fn cointegrated() -> (Vec<f64>, Vec<f64>) {
    let mut random = FixedRandom::new(2_024);
    let walk: Vec<f64> = std::iter::once(0.0)
        .chain((0..249).scan(0.0, |sum, _| {
            *sum += random.normal();
            Some(*sum)
        }))
        .collect();
    let mut left = vec![0.0];
    for _ in 0..249 {
        let last = left.last().copied().unwrap_or_default();
        left.push(0.8 * last + 0.5 * random.normal());
    }
    let x: Vec<f64> = walk.iter().map(|walk| 50.0 + walk).collect();
    let y = x.iter().zip(&left).map(|(x, left)| 3.0 + 1.5 * x + left).collect();
    (x, y)
}

#[test]
fn q508a_half_life_of_an_autoregression() {
    let line = Line { intercept: 0.02, slope: 0.9, residual_squares: 1.9, count: 100 };
    let process = OrnsteinUhlenbeck::of_autoregression(&line, 1.0).expect("it comes back");
    assert_close(process.half_life(), 6.578813478961, 1e-12);
    assert_close(process.mean, 0.2, 1e-12);
    // The residuals' variance over 1 - 0.9^2.
    assert_close(process.stationary_deviation(), (0.019_f64 / 0.19).sqrt(), 1e-12);
    for slope in [1.0, 1.1, 0.0, -0.5] {
        assert_eq!(OrnsteinUhlenbeck::of_autoregression(&Line { slope, ..line }, 1.0), None);
    }
}

/// OU2000 of the fixed data, whose parameters are known.
#[test]
fn a_fitted_process_is_near_the_one_that_made_the_series() {
    let (step, reversion, sigma) = (1.0 / 252.0, 5.0, 0.3);
    let kept = libm::exp(-reversion * step);
    let spread = (sigma * sigma * (1.0 - kept * kept) / (2.0 * reversion)).sqrt();
    let mut random = FixedRandom::new(777);
    let mut values = vec![0.1];
    for _ in 0..2_000 {
        let last = values.last().copied().unwrap_or_default();
        values.push(kept * last + spread * random.normal());
    }
    let process = OrnsteinUhlenbeck::fitted(&values, step).expect("it comes back");
    assert_close(process.sigma, sigma, 0.04);
    assert_near(process.mean, 0.0, 0.05);
    // Eight years with a half-life of 35 days: a standard error of about 1.1.
    assert_near(process.reversion, reversion, 3.0);

    let mut rolling = RollingHalfLife::new(500, step);
    for (value, seen) in values.iter().zip(1..) {
        rolling.update(*value);
        assert!(seen >= 500 || rolling.process().is_none(), "{seen} values are no window");
    }
    let alone = OrnsteinUhlenbeck::fitted(&values[1_501..], step);
    assert_eq!(rolling.process(), alone);
    assert_eq!(rolling.half_life(), alone.map(|process| process.half_life()));
}

#[test]
fn q509a_engle_and_granger() {
    let (x, y) = cointegrated();
    let none = Cointegration::test(&x, &y, 0).expect("it can be tested");
    assert_near(none.line.intercept, 3.34044178, 1e-8);
    assert_near(none.line.slope, 1.49036972, 1e-8);
    assert_near(none.statistic, -6.028138969522, 1e-8);
    let one = Cointegration::test(&x, &y, 1).expect("it can be tested");
    assert_near(one.statistic, -6.058769594, 1e-8);
    assert!(none.is_likely() && one.is_likely());
}

#[test]
fn q509b_critical_values() {
    let at = |observations| {
        let CriticalValues { one_percent, five_percent, ten_percent } =
            CriticalValues::of(observations);
        [one_percent, five_percent, ten_percent]
    };
    for (found, expected) in at(usize::MAX).into_iter().zip([-3.89644, -3.33613, -3.04445]) {
        assert_near(found, expected, 1e-6);
    }
    for (found, expected) in at(100).into_iter().zip([-4.0093117, -3.3979133, -3.087134]) {
        assert_near(found, expected, 1e-6);
    }
}

#[test]
fn two_walks_of_their_own_are_not_cointegrated() {
    let mut random = FixedRandom::new(9);
    let mut refused = 0;
    for _ in 0..100 {
        let mut walk = || {
            (0..200)
                .scan(0.0, |sum, _| {
                    *sum += random.normal();
                    Some(*sum)
                })
                .collect::<Vec<f64>>()
        };
        let (x, y) = (walk(), walk());
        let test = Cointegration::test(&x, &y, 1).expect("it can be tested");
        refused += u32::from(test.is_likely());
    }
    assert!(refused <= 12, "{refused} of 100 at 5 %");
}

#[test]
fn a_rolling_test_is_that_of_its_window_alone() {
    let (x, y) = cointegrated();
    let mut rolling = RollingCointegration::new(100, 1);
    for (x, y) in x.iter().zip(&y) {
        rolling.update(*x, *y);
    }
    let alone = Cointegration::test(&x[150..], &y[150..], 1);
    assert!(alone.is_some());
    assert_eq!(rolling.test(), alone);
}

#[test]
fn series_that_cannot_be_tested_give_nothing() {
    let flat = [1.0; 30];
    let (x, y) = cointegrated();
    assert_eq!(Cointegration::test(&flat, &y[..30], 1), None, "an abscissa that never moves");
    assert_eq!(Cointegration::test(&x[..30], &y[..29], 1), None, "unlike lengths");
    assert_eq!(Cointegration::test(&x[..4], &y[..4], 2), None, "too few for the lags");
    assert_eq!(OrnsteinUhlenbeck::fitted(&x[..2], 1.0), None);
    assert_eq!(hurst_exponent(&flat), None);
    assert_eq!(hurst_exponent(&x[..15]), None);
}

#[test]
fn hurst_of_walks_trends_and_series_that_come_back() {
    let mut random = FixedRandom::new(5);
    let noise: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
    let walk: Vec<f64> = noise
        .iter()
        .scan(0.0, |sum, step| {
            *sum += step;
            Some(*sum)
        })
        .collect();
    let line: Vec<f64> = (0..1_000).map(f64::from).collect();
    assert_near(hurst_exponent(&walk[..8_192]).unwrap(), 0.5, 0.08);
    assert_near(hurst_exponent(&noise).unwrap(), 0.0, 0.02);
    assert_near(hurst_exponent(&line).unwrap(), 1.0, 1e-9);
}
