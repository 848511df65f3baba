use super::assert_near;
use super::fixed_data::{FixedRandom, OHLC6};
use crate::{Bar, BarEstimator, BarVolatility};

fn sigma(estimator: BarEstimator, bars: &[Bar]) -> f64 {
    let mut volatility = BarVolatility::new(estimator, bars.len());
    bars.iter().for_each(|bar| volatility.update(bar));
    volatility.sigma().unwrap()
}

#[test]
fn q506a_parkinson_and_garman_klass() {
    assert_near(sigma(BarEstimator::Parkinson, &OHLC6), 0.021230017325, 1e-10);
    assert_near(sigma(BarEstimator::GarmanKlass, &OHLC6), 0.021034653239, 1e-10);
}

#[test]
fn yang_and_zhang_by_its_parts() {
    let mut volatility = BarVolatility::new(BarEstimator::YangZhang, 5);
    OHLC6[..5].iter().for_each(|bar| volatility.update(bar));
    assert_eq!(volatility.variance(), None, "five bars have four gaps");
    volatility.update(&OHLC6[5]);
    let bars = &OHLC6[1..];
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / 5.0;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 4.0
    };
    let gaps: Vec<f64> = OHLC6.windows(2).map(|pair| (pair[1].open / pair[0].close).ln()).collect();
    let bodies: Vec<f64> = bars.iter().map(|bar| (bar.close / bar.open).ln()).collect();
    let share = 0.34 / (1.34 + 6.0 / 4.0);
    let within = sigma(BarEstimator::RogersSatchell, bars).powi(2);
    let expected = variance(&gaps) + share * variance(&bodies) + (1.0 - share) * within;
    assert_near(volatility.variance().unwrap(), expected, 1e-15);
}

/// Bars of a walk of many small steps; what highs and lows between the steps would have been is
/// missing, so that the estimates from them come out a little low.
fn walked(count: usize, drift: f64) -> (Vec<Bar>, f64) {
    const STEPS: usize = 2_000;
    let (mut random, mut price) = (FixedRandom::new(31), 100.0);
    let step = 0.02 / (STEPS as f64).sqrt();
    let bars = (0..count).map(|_| {
        let open = price;
        let (mut high, mut low) = (open, open);
        for _ in 0..STEPS {
            price *= libm::exp(step * random.normal() + drift / STEPS as f64);
            high = f64::max(high, price);
            low = f64::min(low, price);
        }
        Bar { open, high, low, close: price }
    });
    (bars.collect(), 0.02)
}

#[test]
fn estimates_find_the_volatility_of_a_walk() {
    let (bars, expected) = walked(400, 0.0);
    for estimator in [
        BarEstimator::Parkinson,
        BarEstimator::GarmanKlass,
        BarEstimator::RogersSatchell,
        BarEstimator::YangZhang,
    ] {
        let length = 399;
        let mut volatility = BarVolatility::new(estimator, length);
        bars.iter().for_each(|bar| volatility.update(bar));
        // A standard error of about 2 % for the widest of them, and up to 3 % of bias.
        let found = volatility.sigma().unwrap();
        assert!((found / expected - 1.0).abs() < 0.06, "{estimator:?}: {found}");
    }
}

#[test]
fn drift_does_not_touch_rogers_and_satchell() {
    let (bars, expected) = walked(400, 0.03);
    let found = sigma(BarEstimator::RogersSatchell, &bars);
    assert!((found / expected - 1.0).abs() < 0.06, "{found}");
    assert!(sigma(BarEstimator::Parkinson, &bars) > 1.2 * expected);
}

#[test]
fn bars_that_make_no_sense_are_our_bug() {
    let bad = Bar { open: 1.0, high: 1.0, low: 0.0, close: 1.0 };
    let update = || BarVolatility::new(BarEstimator::Parkinson, 2).update(&bad);
    assert!(std::panic::catch_unwind(update).is_err());
    let short = || drop(BarVolatility::new(BarEstimator::YangZhang, 1));
    assert!(std::panic::catch_unwind(short).is_err());
}
