use proptest::prelude::*;

use super::fixed_data::{FixedRandom, OHLC6, RET5};
use super::{assert_close, assert_near};
use crate::{EwmaRate, EwmaVolatility, RealisedVariance, RiskMetricsVolatility};

#[test]
fn q502a_exponentially_weighted_variance() {
    let mut volatility = RiskMetricsVolatility::new(0.94);
    assert_eq!(volatility.variance(), None);
    RET5.into_iter().for_each(|period_return| volatility.update(period_return));
    assert_close(volatility.variance().unwrap(), 0.000117347512, 1e-12);
    assert_close(volatility.sigma().unwrap(), 0.000117347512_f64.sqrt(), 1e-12);
}

#[test]
fn q507_realised_variance_and_bipower_variation() {
    let mut realised = RealisedVariance::default();
    for pair in OHLC6.windows(2) {
        realised.update((pair[1].close / pair[0].close).ln());
    }
    assert_near(realised.variance(), 0.002651135694, 1e-12);
    assert_near(realised.bipower_variation(), 0.002530117622, 1e-12);
}

/// The weighted mean written out: each interval weighs what the halving weight integrates to over
/// it.
fn batch_variance(returns: &[(f64, f64)], half_life: f64) -> f64 {
    let now: f64 = returns.iter().map(|&(_, seconds)| seconds).sum();
    let (mut end, mut sum, mut weights) = (0.0, 0.0, 0.0);
    for &(log_return, seconds) in returns {
        let weight_at = |time: f64| ((time - now) / half_life).exp2();
        let weight = weight_at(end + seconds) - weight_at(end);
        sum += weight * log_return * log_return / seconds;
        weights += weight;
        end += seconds;
    }
    sum / weights
}

proptest! {
    #[test]
    fn the_timed_estimate_is_its_batch_definition(
        returns in proptest::collection::vec((-0.1..0.1_f64, 1.0..5_000.0_f64), 1..80),
        half_life in 600.0..100_000.0_f64,
    ) {
        let mut volatility = EwmaVolatility::with_half_life(half_life);
        returns.iter().for_each(|&(log_return, seconds)| volatility.update(log_return, seconds));
        let expected = batch_variance(&returns, half_life);
        let actual = volatility.variance_per_second().unwrap();
        prop_assert!((actual / expected - 1.0).abs() < 1e-9, "{actual} {expected}");
    }

    #[test]
    fn the_fixed_step_estimate_is_its_batch_definition(
        returns in proptest::collection::vec(-0.1..0.1_f64, 1..60), decay in 0.5..0.999_f64
    ) {
        let mut volatility = RiskMetricsVolatility::new(decay);
        returns.iter().for_each(|&period_return| volatility.update(period_return));
        let newest = returns.len() - 1;
        let batch: f64 = returns
            .iter()
            .enumerate()
            .map(|(i, r)| {
                let own = if i == 0 { 1.0 } else { 1.0 - decay };
                own * decay.powf((newest - i) as f64) * r * r
            })
            .sum();
        let actual = volatility.variance().unwrap();
        prop_assert!((actual - batch).abs() <= 1e-12 * batch, "{actual} {batch}");
    }

    #[test]
    fn realised_measures_are_their_batch_definitions(
        returns in proptest::collection::vec(-0.1..0.1_f64, 0..60)
    ) {
        let mut realised = RealisedVariance::default();
        returns.iter().for_each(|&log_return| realised.update(log_return));
        let squares: f64 = returns.iter().map(|r| r * r).sum();
        let products: f64 = returns.windows(2).map(|p| (p[0] * p[1]).abs()).sum();
        prop_assert!((realised.variance() - squares).abs() <= 1e-14 * squares);
        let bipower = products * std::f64::consts::PI / 2.0;
        prop_assert!((realised.bipower_variation() - bipower).abs() <= 1e-14 * bipower);
    }

    #[test]
    fn returns_of_one_instant_count_as_their_sum(parts in (-0.1..0.1_f64, -0.1..0.1_f64)) {
        let (first, second) = parts;
        let mut split = EwmaVolatility::with_half_life(3_600.0);
        let mut whole = split;
        split.update(0.01, 12.0);
        split.update(first, 0.0);
        split.update(second, 12.0);
        whole.update(0.01, 12.0);
        whole.update(first + second, 12.0);
        prop_assert_eq!(split, whole);
    }
}

#[test]
fn the_first_return_is_the_first_estimate() {
    let mut volatility = EwmaVolatility::with_half_life(86_400.0);
    assert_eq!(volatility.sigma_daily(), None);
    volatility.update(0.5, 0.0);
    assert_eq!(volatility.sigma_daily(), None, "no time has passed");
    volatility.update(-0.49, 864.0);
    assert_close(volatility.sigma_daily().unwrap(), 0.1, 1e-12);
}

#[test]
fn equal_steps_are_the_fixed_step_estimate_once_its_seed_is_forgotten() {
    let mut random = FixedRandom::new(5);
    let mut timed = EwmaVolatility::with_half_life(600.0);
    let mut fixed = RiskMetricsVolatility::new((-0.1_f64).exp2());
    for _ in 0..1_000 {
        let log_return = 0.001 * random.normal();
        timed.update(log_return, 60.0);
        fixed.update(log_return);
    }
    assert_close(timed.variance_per_second().unwrap() * 60.0, fixed.variance().unwrap(), 1e-12);
}

#[test]
fn irregular_sampling_does_not_bias_the_estimate() {
    let mut random = FixedRandom::new(2_718);
    let mut volatility = EwmaVolatility::with_half_life(5_000_000.0);
    let sigma_daily = 0.04;
    for _ in 0..200_000 {
        let seconds = 300.0 * random.exponential();
        let deviation = sigma_daily * (seconds / 86_400.0).sqrt();
        volatility.update(deviation * random.normal(), seconds);
    }
    // Some 24,000 returns carry the weight: a standard error of half a per cent.
    assert_close(volatility.sigma_daily().unwrap(), sigma_daily, 0.02);
}

#[test]
fn parameters_and_data_that_make_no_sense_are_our_bug() {
    for half_life in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(std::panic::catch_unwind(|| EwmaVolatility::with_half_life(half_life)).is_err());
    }
    for decay in [0.0, 1.0, f64::NAN] {
        assert!(std::panic::catch_unwind(|| RiskMetricsVolatility::new(decay)).is_err());
    }
    for (log_return, seconds) in [(f64::NAN, 1.0), (0.0, -1.0), (0.0, f64::NAN)] {
        let update = || EwmaVolatility::with_half_life(1.0).update(log_return, seconds);
        assert!(std::panic::catch_unwind(update).is_err());
    }
}

#[test]
fn a_rate_forgets_as_a_volatility_does() {
    // The square of what a volatility is told is what a rate is told.
    let mut random = FixedRandom::new(7);
    let (mut rate, mut volatility) =
        (EwmaRate::with_half_life(600.0), EwmaVolatility::with_half_life(600.0));
    assert_eq!((rate.per_second(), rate.per_day()), (None, None));
    for _ in 0..50 {
        let (amount, seconds) = (random.uniform(), 1.0 + 100.0 * random.uniform());
        rate.update(amount * amount, seconds);
        volatility.update(amount, seconds);
        let expected = volatility.variance_per_second().unwrap();
        assert_close(rate.per_second().unwrap(), expected, 1e-13);
    }
    // What goes at one pace all the time goes at that pace, a loss as well.
    let mut steady = EwmaRate::with_half_life(60.0);
    [7.0, 60.0, 3_600.0].into_iter().for_each(|seconds| steady.update(-2.0 * seconds, seconds));
    assert_close(steady.per_day().unwrap(), -172_800.0, 1e-13);
}
