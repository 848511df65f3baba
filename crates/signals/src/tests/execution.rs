use proptest::prelude::*;

use super::{assert_close, assert_near};
use crate::arbitrage::ConstantProductHop;
use crate::execution::OptimalExecution;

fn pool() -> ConstantProductHop {
    ConstantProductHop { reserve_in: 1_000.0, reserve_out: 2_000_000.0, kept: 0.997 }
}

#[test]
fn q802_price_impact_with_and_without_the_fee() {
    let impact = pool().price_impact(10.0);
    assert_close(impact.without_fee, 0.009871580344, 1e-10);
    assert_close(impact.with_fee, 0.012841965603, 1e-10);
}

#[test]
fn q804a_sandwich_within_a_tolerance() {
    let sandwich = pool().sandwich(20.0, 0.005);
    assert_close(sandwich.front_run, 2.538030968588, 1e-8);
    assert_close(sandwich.profit, 0.086210694539, 1e-8);
    assert_close(pool().safe_from_sandwiches(), 3.013547412549, 1e-8);
}

fn example() -> OptimalExecution {
    OptimalExecution {
        quantity: 1e6,
        steps: 5,
        step: 1.0,
        sigma: 0.95,
        fixed_cost: 1.0 / 16.0,
        permanent_impact: 2.5e-7,
        temporary_impact: 2.5e-6,
        risk_aversion: 1e-6,
    }
}

#[test]
fn q806a_schedule_that_weighs_risk() {
    assert_close(example().urgency(), 0.607076163247, 1e-7);
    let expected = [458_044.4, 252_101.3, 141_956.7, 85_755.7, 62_141.8];
    for (sale, expected) in example().sales().into_iter().zip(expected) {
        assert_near(sale, expected, 0.06);
    }
    let [cost, deviation] = example().cost();
    assert_close(cost, 911_226.986, 1e-7);
    assert_close(deviation, 603_430.669, 1e-7);
}

#[test]
fn q806b_without_risk_it_sells_evenly() {
    let even = OptimalExecution { risk_aversion: 0.0, ..example() };
    assert_eq!(even.sales(), [200_000.0; 5]);
    let [cost, deviation] = even.cost();
    assert_close(cost, 662_500.0, 1e-9);
    assert_close(deviation * deviation, 1.083e12, 1e-9);
}

proptest! {
    /// The victim of the largest front-run gets its least output and no more.
    #[test]
    fn the_victim_gets_its_least_output(
        input in 5.0..300.0_f64, tolerance in 0.001..0.05_f64, fee in 0.0..0.01_f64,
    ) {
        let pool = ConstantProductHop { kept: 1.0 - fee, ..pool() };
        let least = (1.0 - tolerance) * pool.output(input);
        let front = pool.sandwich(input, tolerance).front_run;
        let moved = ConstantProductHop {
            reserve_in: pool.reserve_in + front,
            reserve_out: pool.reserve_out - pool.output(front),
            ..pool
        };
        prop_assert!((moved.output(input) / least - 1.0).abs() < 1e-10);
    }

    #[test]
    fn small_swaps_are_safe(share in 0.01..0.99_f64, tolerance in 0.001..0.5_f64) {
        let pool = pool();
        let input = share * pool.safe_from_sandwiches();
        prop_assert!(pool.sandwich(input, tolerance).profit < 0.0);
    }

    /// No shift of a little from one step to another makes cost and risk together smaller.
    #[test]
    fn no_other_schedule_is_better(
        from in 0..5_usize, to in 0..5_usize, share in -0.05..0.05_f64, aversion in 1e-8..1e-5_f64,
    ) {
        let best = OptimalExecution { risk_aversion: aversion, ..example() };
        let weighed = |sales: &[f64]| {
            let (mut held, mut variance, mut squares) = (1e6, 0.0, 0.0);
            for sale in sales {
                held -= sale;
                variance += 0.95 * 0.95 * held * held;
                squares += sale * sale;
            }
            (2.5e-6 - 1.25e-7) * squares + aversion * variance
        };
        let sales = best.sales();
        let mut other = sales.clone();
        other[from] += share * 1e6;
        other[to] -= share * 1e6;
        prop_assert!(weighed(&other) >= weighed(&sales) * (1.0 - 1e-12));
    }
}
