use tidemill_signals::Bar;

use super::estimator::{Estimator, Step};
use super::{CandleField, Estimate};

const ALL: [Estimate; 11] = [
    Estimate::EwmaVolatility { half_life_hours: 1.0 },
    Estimate::RealisedVolatility { length: 5 },
    Estimate::Sma { length: 5 },
    Estimate::Ema { length: 5 },
    Estimate::Rsi { length: 5 },
    Estimate::ZScore { length: 5 },
    Estimate::Bollinger { length: 5, deviations: 2.0 },
    Estimate::Macd { fast: 3, slow: 5, smoothing: 2 },
    Estimate::Atr { length: 5 },
    Estimate::Donchian { length: 5 },
    Estimate::Candle(CandleField::High),
];

/// Steps of a minute at these closes, each with a low one below and a high two above.
fn after(estimate: &Estimate, closes: &[f64]) -> Vec<Option<f64>> {
    let mut estimator = Estimator::new(estimate);
    let mut last: Option<f64> = None;
    for close in closes {
        let bar = Bar { open: *close, high: close + 2.0, low: close - 1.0, close: *close };
        let moved = last.replace(*close).map(|last| ((close / last).ln(), 60.0));
        estimator.take(&Step { bar, volume: 3.0, moved });
    }
    estimator.outputs().into_iter().flatten().collect()
}

#[test]
fn every_signal_has_as_many_outputs_as_names_and_knows_them_after_a_while() {
    for estimate in ALL {
        let outputs = after(&estimate, &[10.0, 11.0, 12.0, 11.0, 10.0, 9.0, 10.0, 11.0]);
        assert_eq!(outputs.len(), estimate.outputs().len(), "{estimate:?}");
        assert!(outputs.iter().all(Option::is_some), "{estimate:?}: {outputs:?}");
        let none = after(&estimate, &[]);
        assert!(none.iter().all(Option::is_none), "{estimate:?}: {none:?}");
    }
}

#[test]
fn outputs_are_in_the_order_of_their_names() {
    #[track_caller]
    fn check(estimate: Estimate, expected: &[f64]) {
        let outputs = after(&estimate, &[8.0, 10.0, 12.0]);
        assert_eq!(outputs.len(), expected.len(), "{estimate:?}");
        for (output, expected) in outputs.into_iter().zip(expected) {
            let output = output.expect("known");
            assert!((output - expected).abs() < 1e-12, "{estimate:?}: {output} is not {expected}");
        }
    }
    check(Estimate::Sma { length: 2 }, &[11.0]);
    check(Estimate::Donchian { length: 2 }, &[9.0, 14.0]);
    check(Estimate::Bollinger { length: 2, deviations: 2.0 }, &[9.0, 11.0, 13.0]);
    // 11 - 10, with nothing to smooth.
    check(Estimate::Macd { fast: 2, slow: 3, smoothing: 1 }, &[1.0, 1.0, 0.0]);
    check(Estimate::Rsi { length: 2 }, &[100.0]);
    for (field, expected) in [
        (CandleField::Open, 12.0),
        (CandleField::High, 14.0),
        (CandleField::Low, 11.0),
        (CandleField::Close, 12.0),
        (CandleField::Volume, 3.0),
    ] {
        check(Estimate::Candle(field), &[expected]);
    }
}

#[test]
fn realised_volatility_is_that_of_the_last_returns_over_their_time() {
    let closes: Vec<f64> = [0, 5, 1, 2, 1].map(|step: i32| (0.01 * f64::from(step)).exp()).into();
    let sigma = after(&Estimate::RealisedVolatility { length: 2 }, &closes)[0].expect("known");
    // Two returns of 1 % in two minutes: 2e-4 / 120 s * 86400 s.
    assert!((sigma - 0.144_f64.sqrt()).abs() < 1e-12, "{sigma}");
}
