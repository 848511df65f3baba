use super::{assert_close, assert_near};
use crate::options::{OptionKind, OptionStrip, OptionTerms};
use crate::{ConcentratedPosition, PriceRange};

fn range() -> ConcentratedPosition {
    let prices = PriceRange { lower: 1_500.0, upper: 2_500.0 };
    ConcentratedPosition::new(1_000.0, prices).expect("it is a range")
}

#[test]
fn q701a_black_and_scholes() {
    let call = OptionTerms {
        kind: OptionKind::Call,
        price: 42.0,
        strike: 40.0,
        years: 0.5,
        rate: 0.1,
        sigma: 0.2,
    };
    assert_near(call.black_scholes(), 4.759422, 1e-6);
    let put = OptionTerms { kind: OptionKind::Put, ..call };
    assert_near(put.black_scholes(), 0.808599, 1e-6);
    let other =
        OptionTerms { price: 60.0, strike: 65.0, years: 0.25, rate: 0.08, sigma: 0.3, ..call };
    assert_near(other.black_scholes(), 2.133368, 1e-6);
    // A put is a call, the strike and no asset.
    let parity = call.black_scholes() - put.black_scholes();
    assert_close(parity, 42.0 - 40.0 * (-0.05_f64).exp(), 1e-12);
    assert_close(call.delta() - put.delta(), 1.0, 1e-12);
    let moved = |price| OptionTerms { price, ..call }.black_scholes();
    assert_close(call.delta(), (moved(42.001) - moved(41.999)) / 0.002, 1e-8);
}

#[test]
fn q702_black_76() {
    let put = OptionTerms {
        kind: OptionKind::Put,
        price: 20.0,
        strike: 20.0,
        years: 4.0 / 12.0,
        rate: 0.09,
        sigma: 0.25,
    };
    assert_near(put.black_76(), 1.116641, 1e-6);
    let ended = OptionTerms { years: 0.0, price: 18.0, ..put };
    assert_eq!(ended.black_76(), 2.0, "what it is worth when it ends");
    assert_eq!(OptionTerms { kind: OptionKind::Call, ..ended }.black_76(), 0.0);
}

#[test]
fn q704_a_range_is_a_strip_of_options() {
    let strip = OptionStrip::new(range(), 2_000.0).expect("the price is inside");
    let expected = [
        (1_200.0, 6_983.866769659),
        (1_700.0, 9_732.279050279),
        (2_300.0, 11_186.797004180),
        (3_000.0, 11_270.166537926),
    ];
    for (price, expected) in expected {
        assert_close(strip.payoff(price), expected, 1e-9);
        assert_close(range().value(price), expected, 1e-9);
    }
    assert_eq!(OptionStrip::new(range(), 2_600.0), None);
}

/// The strip again, summed over strikes one by one.
#[test]
fn the_strip_in_closed_form_is_its_sum_over_strikes() {
    let strip = OptionStrip::new(range(), 2_000.0).expect("the price is inside");
    let [cash, asset] = strip.cash_and_asset();
    for price in [1_200.0, 1_700.0, 2_300.0, 3_000.0] {
        let (steps, mut sold) = (20_000, 0.0);
        for (from, to, is_put) in [(1_500.0, 2_000.0, true), (2_000.0, 2_500.0, false)] {
            let step = (to - from) / f64::from(steps);
            for number in 0..steps {
                let strike = from + (f64::from(number) + 0.5) * step;
                let gain: f64 = if is_put { strike - price } else { price - strike };
                sold += strip.density(strike) * gain.max(0.0) * step;
            }
        }
        assert_close(cash + asset * price - sold, strip.payoff(price), 1e-8);
    }
}

#[test]
fn q706a_a_hedged_range_loses_by_its_curvature() {
    let hedge = range().delta(2_000.0);
    let moved = |price| range().value(price) - range().value(2_000.0) - hedge * (price - 2_000.0);
    assert_near(moved(2_100.0), -27.273178375, 1e-8);
    assert_near(moved(1_900.0), -28.672251678, 1e-8);
}
