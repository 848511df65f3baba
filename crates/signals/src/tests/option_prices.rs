use proptest::prelude::*;

use super::{assert_close, assert_near};
use crate::options::{Greeks, ImpliedBounds, NoVolatility, OptionKind, OptionTerms};

const HULL: OptionTerms = OptionTerms {
    kind: OptionKind::Call,
    price: 42.0,
    strike: 40.0,
    years: 0.5,
    rate: 0.1,
    sigma: 0.2,
};

fn implied(terms: &OptionTerms, value: f64) -> Result<f64, NoVolatility> {
    terms.implied_black_76(value, ImpliedBounds::default())
}

/// Both models' greeks against differences of their prices, for calls and puts.
#[test]
fn greeks_are_the_slopes_of_the_price() {
    type Price = fn(&OptionTerms) -> f64;
    type Slopes = fn(&OptionTerms) -> Greeks;
    let models: [(Price, Slopes); 2] = [
        (OptionTerms::black_scholes, OptionTerms::black_scholes_greeks),
        (OptionTerms::black_76, OptionTerms::black_76_greeks),
    ];
    for (price, slopes) in models {
        for kind in [OptionKind::Call, OptionKind::Put] {
            let at = OptionTerms { kind, ..HULL };
            let slope = |change: &dyn Fn(f64) -> OptionTerms, step: f64| {
                (price(&change(step)) - price(&change(-step))) / (2.0 * step)
            };
            let found = slopes(&at);
            let by_price = |step: f64| OptionTerms { price: at.price + step, ..at };
            assert_close(found.delta, slope(&by_price, 1e-4), 1e-7);
            let bend = price(&by_price(1e-2)) + price(&by_price(-1e-2)) - 2.0 * price(&at);
            assert_close(found.gamma, bend / 1e-4, 1e-4);
            let by_sigma = |step: f64| OptionTerms { sigma: at.sigma + step, ..at };
            assert_close(found.vega, slope(&by_sigma, 1e-5), 1e-7);
            let by_time = |step: f64| OptionTerms { years: at.years - step, ..at };
            assert_close(found.theta, slope(&by_time, 1e-5), 1e-7);
            let by_rate = |step: f64| OptionTerms { rate: at.rate + step, ..at };
            assert_close(found.rho, slope(&by_rate, 1e-5), 1e-7);
        }
    }
}

/// Q701a's call by hand: d1 = 0.7693, d2 = 0.6278, N(d1) = 0.7791, N(d2) = 0.7349.
#[test]
fn greeks_of_the_textbook_call() {
    let found = HULL.black_scholes_greeks();
    assert_near(found.delta, 0.7791, 5e-5);
    assert_near(found.gamma, 0.2967 / (42.0 * 0.2 * 0.5_f64.sqrt()), 5e-5);
    assert_near(found.vega, 42.0 * 0.2967 * 0.5_f64.sqrt(), 5e-3);
    assert_close(found.delta, HULL.delta(), 1e-15);
    let ended = OptionTerms { years: 0.0, ..HULL }.black_scholes_greeks();
    assert_eq!([ended.delta, ended.gamma, ended.vega, ended.theta], [1.0, 0.0, 0.0, -4.0]);
}

#[test]
fn the_textbook_prices_have_the_textbook_volatilities() {
    let found = HULL.implied_black_scholes(4.759_422_392_871, ImpliedBounds::default());
    assert_near(found.unwrap(), 0.2, 1e-9);
    let put = OptionTerms { kind: OptionKind::Put, price: 20.0, strike: 20.0, ..HULL };
    let put = OptionTerms { years: 4.0 / 12.0, rate: 0.09, ..put };
    assert_near(implied(&put, 1.116_641).unwrap(), 0.25, 1e-6);
}

#[test]
fn what_no_volatility_gives_is_said() {
    let call = OptionTerms { rate: 0.0, ..HULL };
    assert_eq!(implied(&call, 2.0), Err(NoVolatility::TooLow { value: 2.0, least: 2.0 }));
    assert_eq!(implied(&call, 42.0), Err(NoVolatility::TooHigh { value: 42.0, most: 42.0 }));
    let put = OptionTerms { kind: OptionKind::Put, ..call };
    assert_eq!(implied(&put, 0.0), Err(NoVolatility::TooLow { value: 0.0, least: 0.0 }));
    assert_eq!(implied(&put, 40.0), Err(NoVolatility::TooHigh { value: 40.0, most: 40.0 }));
    let (least, most) = (0.3, 0.5);
    let outside = Err(NoVolatility::OutOfBounds { least, most });
    let within = ImpliedBounds { least, most };
    for sigma in [0.2, 0.6] {
        let value = OptionTerms { sigma, ..call }.black_76();
        assert_eq!(call.implied_black_76(value, within), outside);
    }
    for sigma in [least, most] {
        let value = OptionTerms { sigma, ..call }.black_76();
        assert_near(call.implied_black_76(value, within).unwrap(), sigma, 1e-12);
    }
    let undefined = [
        OptionTerms { price: 0.0, ..call },
        OptionTerms { strike: -1.0, ..call },
        OptionTerms { years: 0.0, ..call },
        OptionTerms { rate: f64::NAN, ..call },
        OptionTerms { price: f64::INFINITY, ..call },
    ];
    for terms in undefined {
        assert_eq!(implied(&terms, 3.0), Err(NoVolatility::Undefined), "{terms:?}");
    }
    assert_eq!(implied(&call, f64::NAN), Err(NoVolatility::Undefined));
}

fn terms() -> impl Strategy<Value = OptionTerms> {
    let kinds = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
    let ranges = (0.01..1e5_f64, -2.0..2.0_f64, 0.000_1..5.0_f64, -0.2..0.2_f64, 0.01..5.0_f64);
    (kinds, ranges).prop_map(|(kind, (price, moneyness, years, rate, sigma))| {
        let strike = price * libm::exp(moneyness * sigma * years.sqrt());
        OptionTerms { kind, price, strike, years, rate, sigma }
    })
}

proptest! {
    /// A call less a put is the discounted future less the strike, at any volatility.
    #[test]
    fn calls_less_puts_are_the_future(terms in terms()) {
        let call = OptionTerms { kind: OptionKind::Call, ..terms };
        let put = OptionTerms { kind: OptionKind::Put, ..terms };
        let discount = libm::exp(-terms.rate * terms.years);
        let future = discount * (terms.price - terms.strike);
        let scale = discount * (terms.price + terms.strike);
        prop_assert!((call.black_76() - put.black_76() - future).abs() <= 1e-14 * scale);
        let (call, put) = (call.black_76_greeks(), put.black_76_greeks());
        prop_assert!((call.delta - put.delta - discount).abs() <= 1e-14 * discount);
        prop_assert_eq!((call.gamma, call.vega), (put.gamma, put.vega));
    }

    /// A price's volatility is the one that it was made with, as far as its digits tell: within two
    /// deviations of the strike a change of the price by 1e-12 of the whole is one of the
    /// volatility by that over the vega.
    #[test]
    fn the_implied_volatility_gives_the_price_back(terms in terms()) {
        let value = terms.black_76();
        let found = implied(&OptionTerms { sigma: f64::NAN, ..terms }, value);
        let found = found.expect("it has one");
        let again = OptionTerms { sigma: found, ..terms }.black_76();
        let scale = terms.price.max(terms.strike) * libm::exp(-terms.rate * terms.years);
        prop_assert!((again - value).abs() <= 1e-12 * scale, "{} {}", again, value);
        let known_to = 1e-12 * scale / terms.black_76_greeks().vega;
        prop_assert!((found - terms.sigma).abs() <= known_to, "{} {}", found, terms.sigma);
    }

    /// Wherever the value lies between its bounds, there is an answer, and it is one within the
    /// bounds that were set, or the error that says so.
    #[test]
    fn anything_between_the_bounds_has_an_answer(
        terms in terms(),
        strike in -40.0..40.0_f64,
        part in 0.0..1.0_f64,
    ) {
        let terms = OptionTerms { strike: terms.price * libm::exp(strike), ..terms };
        let limit = libm::exp(-terms.rate * terms.years);
        let (least, most) = match terms.kind {
            OptionKind::Call => ((terms.price - terms.strike).max(0.0), terms.price),
            OptionKind::Put => ((terms.strike - terms.price).max(0.0), terms.strike),
        };
        let value = limit * (least + part * (most - least));
        match implied(&terms, value) {
            Ok(sigma) => prop_assert!((1e-4..=20.0).contains(&sigma), "{}", sigma),
            Err(NoVolatility::TooLow { .. }) => {
                prop_assert!(value <= limit * least * (1.0 + 1e-15));
            }
            Err(NoVolatility::TooHigh { .. }) => {
                prop_assert!(value >= limit * most * (1.0 - 1e-15));
            }
            Err(NoVolatility::OutOfBounds { .. }) => {
                let needed = |sigma: f64| OptionTerms { sigma, ..terms }.black_76();
                let digits = 1e-12 * most * limit;
                let is_inside = needed(1e-4) + digits < value && value + digits < needed(20.0);
                prop_assert!(!is_inside);
            }
            Err(NoVolatility::Undefined) => prop_assert!(false, "it is defined"),
        }
    }
}
