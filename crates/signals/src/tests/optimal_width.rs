use proptest::prelude::*;

use super::assert_close;
use crate::OptimalWidth;

#[test]
fn q301_best_width_with_and_without_drift() {
    let still = OptimalWidth { fee_rate: 0.002, concentration_cost: 5e-5, sigma: 0.05, drift: 0.0 };
    let width = still.width().expect("fees pay for it");
    assert_close(width.total, 0.014814814815, 1e-9);
    assert_eq!(width.upper_share, 0.5);
    let width = OptimalWidth { drift: 0.004, ..still }.width().expect("fees pay for it");
    assert_close(width.total, 0.014796627718, 1e-9);
    assert_close(width.upper_share, 0.770331867, 1e-9);
    let range = width.around(2_000.0);
    let [lower, upper] = width.sides();
    assert_close((range.lower / 2_000.0).sqrt(), 1.0 - lower / 2.0, 1e-12);
    assert_close((2_000.0 / range.upper).sqrt(), 1.0 - upper / 2.0, 1e-12);
}

#[test]
fn no_width_pays_below_the_loss_versus_rebalancing() {
    let at =
        |fee_rate| OptimalWidth { fee_rate, concentration_cost: 5e-5, sigma: 0.05, drift: 0.0 };
    let loss = 0.05 * 0.05 / 8.0;
    assert_eq!(at(0.99 * loss).width(), None);
    assert!(at(1.1 * loss).width().is_some());
    let away = OptimalWidth { drift: 0.5, ..at(0.002) };
    assert_eq!(away.width(), None, "the price leaves at once");
}

proptest! {
    /// The growth that the width is the best of, net of what it costs.
    #[test]
    fn no_other_width_grows_faster(
        fee_rate in 0.001..0.01_f64, cost in 1e-6..1e-4_f64, sigma in 0.01..0.05_f64,
        off in 0.5..1.5_f64,
    ) {
        let of = OptimalWidth { fee_rate, concentration_cost: cost, sigma, drift: 0.0 };
        let growth = |width: f64| {
            (4.0 * fee_rate - sigma * sigma / 2.0) / width - cost / (width * width)
        };
        if let Some(best) = of.width() {
            prop_assert!(growth(best.total * off) <= growth(best.total) + 1e-12);
        }
    }
}

#[test]
fn the_ends_of_a_width_are_so_many_ticks_away() {
    let still = OptimalWidth { fee_rate: 0.002, concentration_cost: 5e-5, sigma: 0.05, drift: 0.0 };
    let width = still.width().expect("fees pay for it");
    // Half of 0.014814814815 to either side: -2 ln(1 - 0.0037037037) = 0.0074211588, over
    // ln(1.0001) 74.2152984.
    for ticks in width.ticks() {
        assert_close(ticks, 74.215_298_448, 1e-10);
    }
}
