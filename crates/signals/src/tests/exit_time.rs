use proptest::prelude::*;

use super::assert_close;
use super::fixed_data::FixedRandom;
use crate::PriceRange;
use crate::exit_time::{
    in_range_probability, mean_exit_time_driftless_log, mean_exit_time_martingale, normal_cdf,
};

#[test]
fn q117a_exit_time_of_ten_per_cent_either_way() {
    let range = PriceRange { lower: 0.9, upper: 1.1 };
    assert_close(mean_exit_time_driftless_log(range, 1.0, 0.05), 4.016771876650, 1e-10);
    let scaled = PriceRange { lower: 1_800.0, upper: 2_200.0 };
    assert_close(mean_exit_time_driftless_log(scaled, 2_000.0, 0.05), 4.016771876650, 1e-10);
}

#[test]
fn outside_the_range_the_exit_has_happened() {
    let range = PriceRange { lower: 0.9, upper: 1.1 };
    for price in [0.8, 0.9, 1.1, 2.0] {
        assert_eq!(mean_exit_time_driftless_log(range, price, 0.05), 0.0);
        assert_eq!(mean_exit_time_martingale(range, price, 0.05), 0.0);
    }
    let open = PriceRange { lower: 0.9, upper: f64::INFINITY };
    assert_eq!(mean_exit_time_driftless_log(open, 1.0, 0.05), f64::INFINITY);
}

#[test]
fn a_martingale_falls_out_of_a_range_without_a_top() {
    let time = |lower, upper| mean_exit_time_martingale(PriceRange { lower, upper }, 1.0, 0.05);
    assert_close(time(0.9, f64::INFINITY), time(0.9, 1e15), 1e-10);
    assert_close(time(0.9, f64::INFINITY), 2.0 * (1.0_f64 / 0.9).ln() / 0.0025, 1e-12);
    assert_eq!(time(0.0, 1.1), f64::INFINITY);
}

/// Solves `sigma^2/2 u'' - sigma^2/2 u' = -1`, `u = 0` at both bounds, for the log price on a grid.
fn exit_time_on_a_grid(range: PriceRange, sigma: f64) -> f64 {
    const CELLS: usize = 4_000;
    let (low, high) = (range.lower.ln(), range.upper.ln());
    let step = (high - low) / CELLS as f64;
    let half_variance = sigma * sigma / 2.0;
    let below = half_variance / (step * step) + half_variance / (2.0 * step);
    let above = half_variance / (step * step) - half_variance / (2.0 * step);
    let diagonal = -below - above;
    // Thomas's elimination: u_i = ratio_i u_(i+1) + offset_i.
    let (mut ratio, mut offset) = (vec![0.0; CELLS], vec![0.0; CELLS]);
    for i in 1..CELLS {
        let pivot = diagonal + below * ratio[i - 1];
        ratio[i] = -above / pivot;
        offset[i] = (-1.0 - below * offset[i - 1]) / pivot;
    }
    let mut times = vec![0.0; CELLS + 1];
    for i in (1..CELLS).rev() {
        times[i] = ratio[i] * times[i + 1] + offset[i];
    }
    let at = -low / step;
    let (cell, share) = (at.floor() as usize, at.fract());
    times[cell] * (1.0 - share) + times[cell + 1] * share
}

#[test]
fn the_martingale_exit_time_solves_its_differential_equation() {
    for (lower, upper) in [(0.9, 1.1), (0.5, 3.0), (0.2, 1.05)] {
        let range = PriceRange { lower, upper };
        let closed = mean_exit_time_martingale(range, 1.0, 0.4);
        assert_close(closed, exit_time_on_a_grid(range, 0.4), 1e-5);
    }
}

/// Values of an arbitrary-precision library, rounded to `f64`.
#[test]
fn the_normal_distribution_is_right_into_its_far_tail() {
    for (x, expected) in [
        (-37.0, 5.725_571_222_524_577e-300),
        (-20.0, 2.753_624_118_606_233_7e-89),
        (-10.0, 7.619_853_024_160_525e-24),
        (-5.0, 2.866_515_718_791_939e-7),
        (-2.5, 0.006_209_665_325_776_135),
        (-1.0, 0.158_655_253_931_457_05),
        (0.0, 0.5),
        (0.3, 0.617_911_422_188_952_7),
        (1.96, 0.975_002_104_851_779_5),
        (3.0, 0.998_650_101_968_369_9),
    ] {
        assert_close(normal_cdf(x), expected, 2e-16 * (1.0 + x * x));
    }
}

#[test]
fn the_share_of_simulated_prices_in_range_is_the_probability() {
    const DRAWS: u32 = 400_000;
    let (range, deviation) = (PriceRange { lower: 0.95, upper: 1.2 }, 0.3_f64);
    let mut random = FixedRandom::new(99);
    let inside = (0..DRAWS)
        .filter(|_| {
            let log_price = deviation * random.normal() - deviation * deviation / 2.0;
            (range.lower..range.upper).contains(&log_price.exp())
        })
        .count();
    let share = inside as f64 / f64::from(DRAWS);
    // The share's own deviation is 0.0007.
    assert!((share - in_range_probability(range, 1.0, deviation)).abs() < 0.0025);
}

proptest! {
    #[test]
    fn ranges_side_by_side_add_up_to_certainty(
        cuts in proptest::collection::vec(1e-6..1e6_f64, 1..6), deviation in 0.01..2.0_f64
    ) {
        let mut bounds = cuts;
        bounds.sort_by(f64::total_cmp);
        bounds.insert(0, 0.0);
        bounds.push(f64::INFINITY);
        let total: f64 = bounds
            .windows(2)
            .map(|b| in_range_probability(PriceRange { lower: b[0], upper: b[1] }, 1.0, deviation))
            .sum();
        prop_assert!((total - 1.0).abs() < 1e-14);
    }
}
