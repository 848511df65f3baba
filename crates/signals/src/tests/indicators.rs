use proptest::prelude::*;

use super::assert_near;
use super::fixed_data::OHLC6;
use crate::indicators::{
    AverageTrueRange, BollingerBands, DonchianChannel, ExponentialAverage,
    MovingAverageConvergence, RelativeStrength, SimpleAverage, VolumeWeightedAverage, ZScore,
};

const CLOSES: [f64; 8] = [10.0, 11.0, 13.0, 12.0, 14.0, 17.0, 16.0, 18.0];

/// What an indicator says after each of the closes.
fn said<T>(mut update_and_say: impl FnMut(f64) -> Option<T>) -> Vec<Option<T>> {
    CLOSES.into_iter().map(&mut update_and_say).collect()
}

#[test]
fn averages_by_hand() {
    let mut simple = SimpleAverage::new(4);
    let says = said(|close| {
        simple.update(close);
        simple.value()
    });
    let expected = [None, None, None, Some(11.5), Some(12.5), Some(14.0), Some(14.75), Some(16.25)];
    assert_eq!(says, expected);

    let mut weighted = VolumeWeightedAverage::new(2);
    weighted.update(10.0, 3.0);
    assert_eq!(weighted.value(), None);
    weighted.update(14.0, 1.0);
    assert_eq!(weighted.value(), Some(11.0));
    weighted.update(20.0, 0.0);
    assert_eq!(weighted.value(), Some(14.0));
    weighted.update(20.0, 0.0);
    assert_eq!(weighted.value(), None, "nothing was traded");
}

#[test]
fn exponential_average_by_hand() {
    let mut average = ExponentialAverage::new(3);
    for (close, expected) in [(3.0, None), (6.0, None), (9.0, Some(6.0)), (10.0, Some(8.0))] {
        average.update(close);
        assert_eq!(average.value(), expected);
    }
    let mut wilder = ExponentialAverage::wilder(4);
    for value in [1.0, 2.0, 3.0, 6.0, 11.0] {
        wilder.update(value);
    }
    assert_eq!(wilder.value(), Some(5.0), "3, then a quarter of the way to 11");
}

#[test]
fn relative_strength_by_hand() {
    // Moves +1, +2, -1: gains 3, losses 1; then +2, whose averages are 2/3 of those and 1/3 of it.
    let mut strength = RelativeStrength::new(3);
    let says = said(|close| {
        strength.update(close);
        strength.value()
    });
    assert_eq!(says[..3], [None, None, None]);
    assert_near(says[3].unwrap(), 75.0, 1e-12);
    let (gains, losses) = (1.0 * 2.0 / 3.0 + 2.0 / 3.0, 1.0 / 3.0 * 2.0 / 3.0);
    assert_near(says[4].unwrap(), 100.0 * gains / (gains + losses), 1e-12);
    let mut still = RelativeStrength::new(2);
    (0..3).for_each(|_| still.update(7.0));
    assert_eq!(still.value(), Some(50.0));
}

#[test]
fn convergence_is_that_of_its_averages() {
    let mut indicator = MovingAverageConvergence::new(2, 3, 2);
    let (mut fast, mut slow) = (ExponentialAverage::new(2), ExponentialAverage::new(3));
    let mut signal = ExponentialAverage::new(2);
    let mut first = None;
    for (close, place) in CLOSES.into_iter().zip(1..) {
        indicator.update(close);
        fast.update(close);
        slow.update(close);
        if let Some((fast, slow)) = fast.value().zip(slow.value()) {
            signal.update(fast - slow);
        }
        assert_eq!(indicator.value().map(|value| value.signal), signal.value());
        if let Some(value) = indicator.value() {
            first.get_or_insert(place);
            assert_eq!(value.histogram(), value.line - value.signal);
        }
    }
    assert_eq!(first, Some(4), "slow + signal - 1 closes");
}

#[test]
fn bands_channel_and_score_by_hand() {
    let mut bands = BollingerBands::new(4, 2.0);
    let mut score = ZScore::new(4);
    for close in &CLOSES[..4] {
        bands.update(*close);
        score.update(*close);
    }
    // 10, 11, 13, 12: mean 11.5, squares 5.
    let band = bands.value().unwrap();
    assert_eq!(band.middle, 11.5);
    assert_near(band.upper - band.middle, 2.0 * 1.25_f64.sqrt(), 1e-12);
    assert_near(band.middle - band.lower, 2.0 * 1.25_f64.sqrt(), 1e-12);
    assert_near(score.value().unwrap(), 0.5 / (5.0_f64 / 3.0).sqrt(), 1e-12);
    (0..4).for_each(|_| score.update(3.0));
    assert_eq!(score.value(), None, "all the same");

    let mut channel = DonchianChannel::new(3);
    for bar in OHLC6 {
        channel.update(bar.high, bar.low);
    }
    let value = channel.value().unwrap();
    assert_eq!((value.lower, value.upper, value.middle()), (97.5, 105.0, 101.25));
}

#[test]
fn true_ranges_count_the_gap_before() {
    let mut range = AverageTrueRange::new(2);
    // Closes 102 | 101.5 | 98: 104 - 101, 101.5 - 97.
    for bar in &OHLC6[..3] {
        range.update(bar);
    }
    assert_near(range.value().unwrap(), (3.0 + 4.5) / 2.0, 1e-12);
    range.update(&OHLC6[3]);
    // 100 - 97.5, half of the way.
    assert_near(range.value().unwrap(), (3.75 + 2.5) / 2.0, 1e-12);
}

#[test]
fn lengths_that_make_no_sense_are_our_bug() {
    let refused: [fn(); 6] = [
        || drop(SimpleAverage::new(0)),
        || drop(ZScore::new(1)),
        || drop(BollingerBands::new(20, 0.0)),
        || drop(DonchianChannel::new(0)),
        || drop(VolumeWeightedAverage::new(0)),
        || _ = MovingAverageConvergence::new(26, 12, 9),
    ];
    for make in refused {
        assert!(std::panic::catch_unwind(make).is_err());
    }
}

proptest! {
    /// To the bit: a window that moved is the same as one that begins there.
    #[test]
    fn a_rolling_value_is_that_of_its_window_alone(
        values in proptest::collection::vec((0.5..2.0_f64, 0.0..3.0_f64), 1..60),
        length in 2..12_usize,
    ) {
        let fresh = || (
            SimpleAverage::new(length),
            BollingerBands::new(length, 2.0),
            VolumeWeightedAverage::new(length),
            DonchianChannel::new(length),
            ZScore::new(length),
        );
        let feed = |all: &mut (_, _, _, _, _), value: &(f64, f64)| {
            let (simple, bands, weighted, channel, score): &mut (
                SimpleAverage, BollingerBands, VolumeWeightedAverage, DonchianChannel, ZScore
            ) = all;
            simple.update(value.0);
            bands.update(value.0);
            weighted.update(value.0, value.1);
            channel.update(value.0 + value.1, value.0);
            score.update(value.0);
        };
        let mut rolled = fresh();
        values.iter().for_each(|value| feed(&mut rolled, value));
        let mut alone = fresh();
        let from = values.len().saturating_sub(length);
        values[from..].iter().for_each(|value| feed(&mut alone, value));
        prop_assert_eq!(rolled.0.value().is_some(), values.len() >= length);
        prop_assert_eq!(rolled, alone);
    }

    #[test]
    fn an_exponential_average_is_its_weighted_sum(
        values in proptest::collection::vec(0.5..2.0_f64, 5..80), length in 1..5_usize,
    ) {
        let mut average = ExponentialAverage::new(length);
        values.iter().for_each(|value| average.update(*value));
        let kept = 1.0 - 2.0 / (length as f64 + 1.0);
        let seed: f64 = values[..length].iter().sum::<f64>() / length as f64;
        let later = &values[length..];
        let weight = |age: usize| (1.0 - kept) * kept.powi(age as i32);
        let sum: f64 = later.iter().rev().zip(0..).map(|(value, age)| value * weight(age)).sum();
        let expected = seed * kept.powi(later.len() as i32) + sum;
        prop_assert!((average.value().unwrap() - expected).abs() < 1e-12 * expected);
    }

    #[test]
    fn the_strength_of_a_mirrored_series_is_mirrored(
        moves in proptest::collection::vec(-1.0..1.0_f64, 20..60)
    ) {
        let (mut one, mut other) = (RelativeStrength::new(14), RelativeStrength::new(14));
        let mut close = 100.0;
        for change in moves {
            close += change;
            one.update(close);
            other.update(-close);
        }
        let sum = one.value().unwrap() + other.value().unwrap();
        prop_assert!((sum - 100.0).abs() < 1e-9);
    }
}
