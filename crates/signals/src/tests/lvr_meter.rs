use proptest::prelude::*;
use tidemill_units::Side;

use super::assert_close;
use super::fixed_data::FixedRandom;
use crate::{ConcentratedPosition, LvrMeter, PriceRange};

const RANGE: PriceRange = PriceRange { lower: 0.8, upper: 1.25 };

fn position() -> ConcentratedPosition {
    ConcentratedPosition::new(1_000.0, RANGE).unwrap()
}

fn one_move(quote: Side, from_sqrt_price: f64, to_sqrt_price: f64) -> f64 {
    let mut meter = LvrMeter::new(position(), quote);
    meter.moved(from_sqrt_price, to_sqrt_price);
    meter.total()
}

/// Gain of the rebalancing portfolio less the change of the position's value, as the words say.
fn definition(quote: Side, from: f64, to: f64) -> f64 {
    let position = position();
    match quote {
        Side::Token1 => {
            let gain = position.token0(from) * (to - from);
            gain - (position.value(to) - position.value(from))
        }
        Side::Token0 => {
            let value = |price: f64| position.token0(price) + position.token1(price) / price;
            let gain = position.token1(from) * (1.0 / to - 1.0 / from);
            gain - (value(to) - value(from))
        }
    }
}

proptest! {
    #[test]
    fn one_move_is_the_definition_in_either_quote(from in 0.5..2.0_f64, to in 0.5..2.0_f64) {
        for quote in [Side::Token0, Side::Token1] {
            let moved = one_move(quote, from.sqrt(), to.sqrt());
            let expected = definition(quote, from, to);
            prop_assert!((moved - expected).abs() < 1e-11, "{quote:?}: {moved} {expected}");
        }
    }

    #[test]
    fn no_move_however_small_adds_less_than_nothing(
        from in 0.5..2.0_f64, log_step in -40.0..1.0_f64, is_up in any::<bool>()
    ) {
        let step = log_step.exp();
        let to = if is_up { from * (1.0 + step) } else { from / (1.0 + step) };
        for quote in [Side::Token0, Side::Token1] {
            prop_assert!(one_move(quote, from, to) >= 0.0);
            prop_assert!(one_move(quote, to, from) >= 0.0);
        }
    }

    #[test]
    fn a_path_is_the_sum_of_its_moves(roots in proptest::collection::vec(0.7..1.4_f64, 2..50)) {
        for quote in [Side::Token0, Side::Token1] {
            let mut meter = LvrMeter::new(position(), quote);
            roots.windows(2).for_each(|pair| meter.moved(pair[0], pair[1]));
            let batch: f64 = roots.windows(2).map(|pair| one_move(quote, pair[0], pair[1])).sum();
            prop_assert_eq!(meter.total(), batch);
        }
    }
}

/// Where the definition itself has no digits left.
#[test]
fn a_tiny_move_keeps_its_digits() {
    let step = 1.0 / f64::from(1 << 30);
    // L (t - s)^2 / s, exact here.
    assert_close(one_move(Side::Token1, 1.0, 1.0 + step), 1_000.0 * step * step, 1e-15);
}

#[test]
fn moves_outside_the_range_cost_nothing() {
    for (from, to) in [(2.0, 3.0), (3.0, 1.5), (0.5, 0.1), (0.1, 0.8)] {
        assert_eq!(one_move(Side::Token1, from, to), 0.0);
        assert_eq!(one_move(Side::Token0, from, to), 0.0);
    }
    assert!(one_move(Side::Token1, 0.5, 2.0) > 0.0, "through the range it sells all on the way");
}

/// Milionis et al.'s theorem on one path: the sum over small steps comes to the integral of
/// `L sigma^2 sqrt(P) / 4` over the time in range.
#[test]
fn small_steps_of_a_random_walk_add_up_to_the_integral() {
    const STEPS: u32 = 400_000;
    let sigma = 1e-3;
    for (quote, seed) in [(Side::Token1, 7), (Side::Token0, 8)] {
        let mut random = FixedRandom::new(seed);
        let mut meter = LvrMeter::new(position(), quote);
        let (mut sqrt, mut integral, mut steps_in_range) = (1.0_f64, 0.0, 0_u32);
        for _ in 0..STEPS {
            let price = sqrt * sqrt;
            if position().is_in_range(price) {
                steps_in_range += 1;
                let in_token1 = 1_000.0 * sigma * sigma * sqrt / 4.0;
                integral += match quote {
                    Side::Token1 => in_token1,
                    Side::Token0 => in_token1 / price,
                };
            }
            let next = sqrt * (sigma / 2.0 * random.normal()).exp();
            meter.moved(sqrt, next);
            // Reflected just past the bounds, so that the path keeps crossing them.
            sqrt = next.clamp(0.89, 1.13);
        }
        assert!(steps_in_range > STEPS / 2 && steps_in_range < STEPS);
        assert_close(meter.total(), integral, 0.01);
    }
}

#[test]
fn a_replaced_position_keeps_what_the_one_before_lost() {
    let mut meter = LvrMeter::new(position(), Side::Token1);
    meter.moved(1.0, 1.05);
    let before = meter.total();
    let double = ConcentratedPosition::new(2_000.0, RANGE).unwrap();
    meter.replace_position(double);
    assert_eq!(*meter.position(), double);
    meter.moved(1.0, 1.05);
    assert_close(meter.total(), 3.0 * before, 1e-15);
}

#[test]
fn a_price_that_is_none_is_our_bug() {
    for (from, to) in [(0.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (-1.0, 1.0)] {
        let outcome = std::panic::catch_unwind(|| one_move(Side::Token1, from, to));
        assert!(outcome.is_err(), "{from} to {to} was accepted");
    }
}
