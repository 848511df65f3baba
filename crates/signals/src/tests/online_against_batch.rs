//! Each estimator, one value at a time, against a function of the whole series that is written from
//! its definition. Where both add the same numbers in the same order they agree to the bit; where
//! a recursion stands against its sum written out, all terms are of one sign, or the bound is
//! relative to the largest of them: a sum of n terms is then off by n roundings at most, and with
//! fewer than 100 of them, of 2^-53 each, 1e-12 leaves room for the powers.

use std::f64::consts::{FRAC_PI_2, LN_2};

use proptest::prelude::*;

use crate::indicators::{
    AverageTrueRange, BollingerBands, DonchianChannel, ExponentialAverage,
    MovingAverageConvergence, RelativeStrength, SimpleAverage, VolumeWeightedAverage, ZScore,
};
use crate::mean_reversion::{
    Cointegration, Line, OrnsteinUhlenbeck, RollingCointegration, RollingHalfLife, RollingHurst,
    RollingLine, RollingSpread, hurst_exponent, spread_z_score,
};
use crate::{
    Bar, BarEstimator, BarVolatility, Garch, GarchVolatility, HarFeatures, RealisedVariance,
    RollingRealisedVariance,
};

const NEAR: f64 = 1e-12;

/// The last values of a series, once there are as many as asked for.
fn last<T>(values: &[T], length: usize) -> Option<&[T]> {
    values.len().checked_sub(length).map(|from| &values[from..])
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What an average of the weight comes to after a seed of the mean of the first values, as the
/// weighted sum it is.
fn weighted(values: &[f64], length: usize, newest: f64) -> Option<f64> {
    let (seed, later) = values.split_at_checked(length)?;
    let kept = |age: usize| (1.0 - newest).powf(age as f64);
    let sum: f64 = later.iter().rev().enumerate().map(|(age, v)| newest * kept(age) * v).sum();
    Some(mean(seed) * kept(later.len()) + sum)
}

fn exponential(values: &[f64], length: usize) -> Option<f64> {
    weighted(values, length, 2.0 / (length as f64 + 1.0))
}

/// What a series of updates says after each of them.
fn said<T, U>(values: &[U], mut update_and_say: impl FnMut(&U) -> Option<T>) -> Vec<Option<T>> {
    values.iter().map(&mut update_and_say).collect()
}

fn is_near(one: Option<f64>, other: Option<f64>, scale: f64) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= NEAR * scale,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn closes() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(0.5..2.0_f64, 1..70)
}

/// Bars whose highs and lows reach beyond open and close.
fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let bar = (0.8..1.25_f64, 0.9..1.1_f64, 1.0..1.1_f64, 0.9..1.0_f64).prop_map(
        |(open, body, up, down)| {
            let close = open * body;
            Bar { open, high: open.max(close) * up, low: open.min(close) * down, close }
        },
    );
    proptest::collection::vec(bar, 1..40)
}

proptest! {
    #[test]
    fn averages_bands_and_channels_to_the_bit(
        closes in closes(), volumes in proptest::collection::vec(0.0..3.0_f64, 70),
        length in 1..12_usize,
    ) {
        let mut simple = SimpleAverage::new(length);
        let mut volume_weighted = VolumeWeightedAverage::new(length);
        let mut bands = BollingerBands::new(length, 2.0);
        let mut channel = DonchianChannel::new(length);
        for (place, (close, volume)) in closes.iter().zip(&volumes).enumerate() {
            simple.update(*close);
            volume_weighted.update(*close, *volume);
            bands.update(*close);
            channel.update(close + volume, *close);
            let seen = last(&closes[..=place], length);
            prop_assert_eq!(simple.value(), seen.map(mean));
            let traded = last(&volumes[..=place], length);
            let paid = seen.zip(traded).and_then(|(prices, volumes)| {
                let paid: f64 = prices.iter().zip(volumes).map(|(one, other)| one * other).sum();
                let traded: f64 = volumes.iter().sum();
                (traded > 0.0).then(|| paid / traded)
            });
            prop_assert_eq!(volume_weighted.value(), paid);
            let band = seen.map(|seen| {
                let squares: Vec<f64> =
                    seen.iter().map(|v| (v - mean(seen)) * (v - mean(seen))).collect();
                let width = 2.0 * mean(&squares).sqrt();
                [mean(seen) - width, mean(seen), mean(seen) + width]
            });
            prop_assert_eq!(bands.value().map(|it| [it.lower, it.middle, it.upper]), band);
            let reach = seen.zip(traded).map(|(lows, volumes)| {
                let highs = lows.iter().zip(volumes).map(|(low, volume)| low + volume);
                let lowest = lows.iter().copied().fold(f64::INFINITY, f64::min);
                [lowest, highs.fold(f64::NEG_INFINITY, f64::max)]
            });
            prop_assert_eq!(channel.value().map(|it| [it.lower, it.upper]), reach);
        }
    }

    /// The deviation is summed up by Welford's method here and in two passes there: as near as
    /// roundings of the values are small against it.
    #[test]
    fn scores(closes in closes(), length in 2..12_usize) {
        let mut score = ZScore::new(length);
        for (place, close) in closes.iter().enumerate() {
            score.update(*close);
            let Some(seen) = last(&closes[..=place], length) else {
                prop_assert_eq!(score.value(), None);
                continue;
            };
            let squares: f64 = seen.iter().map(|v| (v - mean(seen)).powi(2)).sum();
            let deviation = (squares / (length as f64 - 1.0)).sqrt();
            if deviation > 1e-6 {
                let expected = (close - mean(seen)) / deviation;
                prop_assert!(is_near(score.value(), Some(expected), 1.0 / deviation));
            }
        }
    }

    #[test]
    fn exponential_averages_and_their_convergence(
        closes in closes(), length in 1..10_usize, more in 1..10_usize, signal in 1..8_usize,
    ) {
        let slow = length + more;
        let mut average = ExponentialAverage::new(length);
        let mut convergence = MovingAverageConvergence::new(length, slow, signal);
        let mut lines = Vec::new();
        for (place, close) in closes.iter().enumerate() {
            average.update(*close);
            convergence.update(*close);
            let seen = &closes[..=place];
            prop_assert!(is_near(average.value(), exponential(seen, length), 2.0));
            let both = exponential(seen, length).zip(exponential(seen, slow));
            lines.extend(both.map(|(fast, slow)| fast - slow));
            let value = convergence.value();
            let expected = exponential(&lines, signal);
            prop_assert!(is_near(value.map(|it| it.signal), expected, 2.0));
            let line = expected.and(lines.last().copied());
            prop_assert!(is_near(value.map(|it| it.line), line, 2.0));
        }
    }

    #[test]
    fn strength(closes in closes(), length in 1..15_usize) {
        let mut strength = RelativeStrength::new(length);
        let (mut gains, mut losses) = (Vec::new(), Vec::new());
        for (place, close) in closes.iter().enumerate() {
            strength.update(*close);
            if place > 0 {
                gains.push((close - closes[place - 1]).max(0.0));
                losses.push((closes[place - 1] - close).max(0.0));
            }
            let wilder = |moves: &[f64]| weighted(moves, length, 1.0 / length as f64);
            let expected = wilder(&gains).zip(wilder(&losses)).map(|(gains, losses)| {
                if gains + losses > 0.0 { 100.0 * gains / (gains + losses) } else { 50.0 }
            });
            prop_assert!(is_near(strength.value(), expected, 100.0));
        }
    }

    #[test]
    fn true_ranges(bars in bars(), length in 1..15_usize) {
        let mut range = AverageTrueRange::new(length);
        let mut ranges = Vec::new();
        for (place, bar) in bars.iter().enumerate() {
            range.update(bar);
            if place > 0 {
                let before = bars[place - 1].close;
                let [up, down] = [(bar.high - before).abs(), (bar.low - before).abs()];
                ranges.push((bar.high - bar.low).max(up).max(down));
            }
            let expected = weighted(&ranges, length, 1.0 / length as f64);
            prop_assert!(is_near(range.value(), expected, 2.0));
        }
    }

    #[test]
    fn volatility_of_bars(bars in bars(), length in 2..12_usize) {
        let log = libm::log;
        let parkinson = |bar: &Bar| log(bar.high / bar.low).powi(2) / (4.0 * LN_2);
        let garman_klass = |bar: &Bar| {
            0.5 * log(bar.high / bar.low).powi(2)
                - (2.0 * LN_2 - 1.0) * log(bar.close / bar.open).powi(2)
        };
        let rogers_satchell = |bar: &Bar| {
            log(bar.high / bar.close) * log(bar.high / bar.open)
                + log(bar.low / bar.close) * log(bar.low / bar.open)
        };
        let over = |bars: &[Bar], of: &dyn Fn(&Bar) -> f64| {
            bars.iter().map(of).sum::<f64>() / bars.len() as f64
        };
        let variance = |values: Vec<f64>| {
            let squares: f64 = values.iter().map(|v| (v - mean(&values)).powi(2)).sum();
            squares / (values.len() as f64 - 1.0)
        };
        let estimators = [
            BarEstimator::Parkinson,
            BarEstimator::GarmanKlass,
            BarEstimator::RogersSatchell,
            BarEstimator::YangZhang,
        ];
        let mut online = estimators.map(|estimator| BarVolatility::new(estimator, length));
        for place in 0..bars.len() {
            online.iter_mut().for_each(|volatility| volatility.update(&bars[place]));
            let seen = last(&bars[..=place], length);
            let with_gaps = last(&bars[..=place], length + 1);
            let yang_zhang = with_gaps.map(|bars| {
                let gaps = bars.windows(2).map(|pair| log(pair[1].open / pair[0].close)).collect();
                let bodies = bars[1..].iter().map(|bar| log(bar.close / bar.open)).collect();
                let count = length as f64;
                let share = 0.34 / (1.34 + (count + 1.0) / (count - 1.0));
                let within = over(&bars[1..], &rogers_satchell);
                variance(gaps) + share * variance(bodies) + (1.0 - share) * within
            });
            let expected = [
                seen.map(|bars| over(bars, &parkinson)),
                seen.map(|bars| over(bars, &garman_klass)),
                seen.map(|bars| over(bars, &rogers_satchell)),
                yang_zhang,
            ];
            for (volatility, expected) in online.iter().zip(expected) {
                prop_assert!(is_near(volatility.variance(), expected, 1.0), "{volatility:?}");
            }
        }
    }

    #[test]
    fn variances_of_a_garch(
        returns in proptest::collection::vec(-0.1..0.1_f64, 0..90),
        alpha in 0.0..0.3_f64, beta in 0.0..0.69_f64,
    ) {
        let model = Garch::new(1e-6, alpha, beta).unwrap();
        let mut volatility = GarchVolatility::new(model);
        returns.iter().for_each(|value| volatility.update(*value));
        let kept = |age: usize| beta.powf(age as f64);
        let caused: f64 = returns
            .iter()
            .rev()
            .enumerate()
            .map(|(age, value)| kept(age) * (1e-6 + alpha * value * value))
            .sum();
        let expected = caused + kept(returns.len()) * model.long_run_variance();
        prop_assert!((volatility.variance() - expected).abs() <= NEAR * expected);
    }

    #[test]
    fn realised_measures_to_the_bit(
        returns in proptest::collection::vec(-0.1..0.1_f64, 0..70), length in 1..20_usize,
    ) {
        let batch = |returns: &[f64]| {
            let squares: f64 = returns.iter().map(|value| value * value).sum();
            let products: f64 =
                returns.windows(2).map(|pair| pair[1].abs() * pair[0].abs()).sum();
            [squares, FRAC_PI_2 * products]
        };
        let measures = |it: &RealisedVariance| [it.variance(), it.bipower_variation()];
        let mut whole = RealisedVariance::default();
        let mut rolling = RollingRealisedVariance::new(length);
        for (place, value) in returns.iter().enumerate() {
            whole.update(*value);
            rolling.update(*value);
            let seen = &returns[..=place];
            prop_assert_eq!(measures(&whole), batch(seen));
            let rolled = rolling.realised().map(|it| measures(&it));
            prop_assert_eq!(rolled, last(seen, length).map(batch));
        }
    }

    #[test]
    fn features_of_days_weeks_and_months_to_the_bit(
        values in proptest::collection::vec(0.0..1.0_f64, 1..60),
        week in 2..7_usize, more in 1..20_usize,
    ) {
        let month = week + more;
        let mut features = HarFeatures::new(week, month);
        let rows = said(&values, |value| {
            features.update(*value);
            features.row()
        });
        for (place, row) in rows.into_iter().enumerate() {
            let seen = &values[..=place];
            let expected = last(seen, month).map(|month| {
                [values[place], mean(last(seen, week).unwrap_or_default()), mean(month)]
            });
            prop_assert_eq!(row.map(|row| [row.day, row.week, row.month]), expected);
        }
    }

    #[test]
    fn fits_to_a_window_are_those_of_its_values_alone(
        pairs in proptest::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 1..50),
        length in 16..24_usize,
    ) {
        let mut line = RollingLine::new(length);
        let mut spread = RollingSpread::new(length);
        let mut half_life = RollingHalfLife::new(length, 0.5);
        let mut hurst = RollingHurst::new(length);
        let mut cointegration = RollingCointegration::new(length, 1);
        for (place, (x, y)) in pairs.iter().enumerate() {
            line.update(*x, *y);
            spread.update(*x, *y);
            half_life.update(*y);
            hurst.update(*y);
            cointegration.update(*x, *y);
            let seen = last(&pairs[..=place], length).map(<[_]>::to_vec);
            let (x, y): (Vec<f64>, Vec<f64>) = seen.clone().unwrap_or_default().into_iter().unzip();
            prop_assert_eq!(line.line(), seen.clone().and_then(|it| Line::through(it.into_iter())));
            prop_assert_eq!(spread.z_score(), seen.and_then(|it| spread_z_score(it.into_iter())));
            prop_assert_eq!(half_life.process(), OrnsteinUhlenbeck::fitted(&y, 0.5));
            prop_assert_eq!(hurst.exponent(), hurst_exponent(&y));
            prop_assert_eq!(cointegration.test(), Cointegration::test(&x, &y, 1));
        }
    }
}
