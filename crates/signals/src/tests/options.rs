use super::{assert_close, assert_near};
use crate::options::{OptionKind, OptionStrip, OptionTerms, covering_quantities};
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

/// By hand: the position is worth 8,729.83, 10,712.89 and 11,270.17 at the strikes, so that the
/// chords from nothing over them have the slopes 5.82, 3.97 and 1.11; behind the last it is level.
#[test]
fn listed_options_cover_a_range() {
    let strikes = [1_500.0, 2_000.0, 2_500.0];
    let values = [8_729.833462074, 10_712.885637917, 11_270.166537926];
    for (strike, value) in strikes.into_iter().zip(values) {
        assert_close(range().value(strike), value, 1e-12);
    }
    let slopes = [5.819888974716, 3.966104351686, 1.114561800018, 0.0];
    let bought = covering_quantities(&range(), &strikes);
    for (place, quantity) in bought.iter().enumerate() {
        assert_near(*quantity, slopes[place] - slopes[place + 1], 1e-9);
    }
    assert!(covering_quantities(&range(), &[]).is_empty());
}

/// Whatever the strikes, the position and puts at them are worth at the end what it is worth at the
/// last one, or more; at each strike exactly that. With calls above some place they are worth a
/// straight line.
#[test]
fn what_is_covered_never_falls_below_its_line() {
    let chains: [&[f64]; 4] = [
        &[1_500.0, 1_600.0, 1_800.0, 2_000.0, 2_300.0, 2_500.0],
        &[1_000.0, 1_700.0, 2_100.0, 3_000.0],
        &[1_700.0, 2_200.0],
        &[2_000.0],
    ];
    for strikes in chains {
        let bought = covering_quantities(&range(), strikes);
        for calls_from in 0..=strikes.len() {
            let covered = |price: f64| {
                let options = strikes.iter().zip(&bought).enumerate();
                let paid = options.map(|(place, (strike, quantity))| {
                    let gain = if place < calls_from { strike - price } else { price - strike };
                    quantity * gain.max(0.0)
                });
                range().value(price) + paid.sum::<f64>()
            };
            let chain: Vec<f64> = std::iter::once(0.0).chain(strikes.iter().copied()).collect();
            // The chord on which the place is, carried on.
            let end = strikes.get(calls_from).copied();
            let slope = end.map_or(0.0, |end| {
                let start = chain[calls_from];
                let value = |at: f64| if at > 0.0 { range().value(at) } else { 0.0 };
                (value(end) - value(start)) / (end - start)
            });
            let through = strikes[calls_from.min(strikes.len() - 1)];
            let line = |price: f64| range().value(through) + slope * (price - through);
            for strike in strikes {
                assert_close(covered(*strike), line(*strike), 1e-12);
            }
            for step in 1..400 {
                let price = 10.0 * f64::from(step);
                assert!(covered(price) >= line(price) - 1e-9, "{strikes:?} {calls_from} {price}");
            }
        }
    }
}

#[test]
fn many_strikes_are_the_strip() {
    let strikes: Vec<f64> = (0..=1_000).map(|step| 1_500.0 + f64::from(step)).collect();
    let bought = covering_quantities(&range(), &strikes);
    let strip = OptionStrip::new(range(), 2_000.0).expect("the price is inside");
    for place in 1..1_000 {
        assert_close(bought[place], strip.density(strikes[place]), 1e-6);
    }
}

/// What the strip is worth before it ends, at Black's prices, is the mean of what the position is
/// worth then: midpoint rules over the strikes and over the lognormal law.
#[test]
fn the_strip_at_fair_prices_is_the_mean_of_the_position() {
    let strip = OptionStrip::new(range(), 2_000.0).expect("the price is inside");
    let (sigma, years) = (0.7, 30.0 / 365.0);
    let [cash, asset] = strip.cash_and_asset();
    let (steps, mut sold) = (20_000, 0.0);
    for (from, to, kind) in
        [(1_500.0, 2_000.0, OptionKind::Put), (2_000.0, 2_500.0, OptionKind::Call)]
    {
        let step = (to - from) / f64::from(steps);
        for number in 0..steps {
            let strike = from + (f64::from(number) + 0.5) * step;
            let terms = OptionTerms { kind, price: 2_000.0, strike, years, rate: 0.0, sigma };
            sold += strip.density(strike) * terms.black_76() * step;
        }
    }
    let deviation = sigma * years.sqrt();
    let width = 20.0 / 20_000.0;
    let mean: f64 = (0..20_000)
        .map(|step| {
            let z = -10.0 + (f64::from(step) + 0.5) * width;
            let density = libm::exp(-z * z / 2.0) / std::f64::consts::TAU.sqrt();
            let price = 2_000.0 * libm::exp(deviation * (z - deviation / 2.0));
            density * width * range().value(price)
        })
        .sum();
    assert_close(cash + asset * 2_000.0 - sold, mean, 1e-8);
}
