use proptest::prelude::*;

use super::assert_close;
use super::fixed_data::RET20;
use crate::performance::{SharpeConvention, annualised_return, sharpe_ratio};
use crate::{Drawdown, MaxDrawdown, ReturnMoments};

fn drawdown(values: &[f64]) -> Option<Drawdown> {
    let mut drawdown = MaxDrawdown::default();
    values.iter().for_each(|&value| drawdown.update(value));
    drawdown.worst()
}

#[test]
fn q1003a_maximum_drawdown() {
    let mut equity = vec![1.0];
    equity.extend(RET20.iter().scan(1.0, |value, period_return| {
        *value *= 1.0 + period_return;
        Some(*value)
    }));
    let worst = drawdown(&equity).unwrap();
    assert_close(worst.depth, 0.049760174705, 1e-10);
    assert_eq!((worst.peak_index, worst.trough_index), (0, 7));
    assert_close(*equity.last().unwrap(), 0.981836142511, 1e-10);
}

#[test]
fn a_curve_that_never_falls_has_no_drawdown() {
    assert_eq!(drawdown(&[]), None);
    assert_eq!(drawdown(&[1.0, 1.0, 2.0]), None);
    assert_eq!(drawdown(&[0.0, -1.0, 0.0]), None, "without a positive peak there is no fraction");
    let below_zero = Drawdown { depth: 1.5, peak_index: 1, trough_index: 2 };
    assert_eq!(drawdown(&[-1.0, 2.0, -1.0]), Some(below_zero));
}

/// Expected values from an arbitrary-precision computation of the formula.
#[test]
fn sharpe_ratio_in_both_units() {
    let moments: ReturnMoments = RET20.into_iter().collect();
    let convention = SharpeConvention { benchmark_per_period: 1e-4, periods_per_year: 365.0 };
    let sharpe = sharpe_ratio(&moments, convention).unwrap();
    assert_close(sharpe.per_period, -0.04569020213307758, 1e-12);
    assert_close(sharpe.annualised, -0.8729100860918854, 1e-12);
}

#[test]
fn there_is_no_sharpe_ratio_without_variation() {
    let convention = SharpeConvention { benchmark_per_period: 0.0, periods_per_year: 365.0 };
    for returns in [vec![], vec![0.01], vec![0.0; 5], vec![0.25, 0.25]] {
        assert_eq!(sharpe_ratio(&returns.into_iter().collect(), convention), None);
    }
}

#[test]
fn annualised_return_compounds() {
    let week = 7.0 * 86_400.0;
    assert_close(annualised_return(0.02, week).unwrap(), 1.808261380788684, 1e-12);
    assert_close(annualised_return(0.21, 2.0 * 365.0 * 86_400.0).unwrap(), 0.1, 1e-14);
    assert_eq!(annualised_return(-1.0, week), Some(-1.0));
    for (total, seconds) in [(-1.01, week), (f64::NAN, week), (0.1, 0.0), (0.1, f64::NAN)] {
        assert_eq!(annualised_return(total, seconds), None);
    }
}

proptest! {
    #[test]
    fn drawdown_is_the_worst_of_all_pairs(
        values in proptest::collection::vec(0.1..10.0_f64, 1..60)
    ) {
        let worst = values
            .iter()
            .enumerate()
            .flat_map(|(i, peak)| values[i..].iter().map(move |value| 1.0 - value / peak))
            .fold(0.0, f64::max);
        match drawdown(&values) {
            None => prop_assert_eq!(worst, 0.0),
            Some(found) => {
                prop_assert_eq!(found.depth, worst);
                let at = |index: u64| values[usize::try_from(index).unwrap()];
                prop_assert_eq!(1.0 - at(found.trough_index) / at(found.peak_index), worst);
            }
        }
    }

    #[test]
    fn moments_are_those_of_two_passes(
        returns in proptest::collection::vec(-0.2..0.2_f64, 2..200), offset in -10.0..10.0_f64
    ) {
        let shifted: Vec<f64> = returns.iter().map(|r| r + offset).collect();
        let count = shifted.len() as f64;
        let mean = shifted.iter().sum::<f64>() / count;
        let squares: f64 = shifted.iter().map(|r| (r - mean).powi(2)).sum();
        let moments: ReturnMoments = shifted.iter().copied().collect();
        prop_assert!((moments.mean().unwrap() - mean).abs() < 1e-13);
        let deviation = (squares / (count - 1.0)).sqrt();
        prop_assert!((moments.sample_deviation().unwrap() - deviation).abs() < 1e-12);
    }
}
