use proptest::prelude::*;
use tidemill_units::{Liquidity, Side, SqrtPrice, Tick, TickRange, U256};

use super::{assert_close, assert_near};
use crate::{
    ConcentratedPosition, InvalidPosition, PriceMove, PriceRange, SwapInput,
    sqrt_price_at_tick_f64, sqrt_price_to_f64,
};

const EVERYWHERE: PriceRange = PriceRange { lower: 0.0, upper: f64::INFINITY };

fn range_of_the_checks() -> ConcentratedPosition {
    ConcentratedPosition::new(1_000.0, PriceRange { lower: 1_500.0, upper: 2_500.0 }).unwrap()
}

#[test]
fn q115_fee_of_a_move_of_the_price() {
    let position = ConcentratedPosition::new(1_000.0, EVERYWHERE).unwrap();
    let input = position.input_of_move(PriceMove { from: 1.0, to: 1.21 }, 0.003);
    assert_eq!(input.token, Side::Token1);
    assert_close(input.gross(), 100.300902708124, 1e-11);
    assert_near(input.fee, 0.300902708124, 1e-11);
}

#[test]
fn q116_capital_efficiency_of_a_narrow_range() {
    let range = PriceRange { lower: 1.0, upper: 1.001 };
    let position = ConcentratedPosition::new(1.0, range).unwrap();
    assert_close(position.capital_efficiency(1.001_f64.sqrt()), 4002.499687656, 1e-9);
}

#[test]
fn q703_amounts_value_delta_and_gamma() {
    let position = range_of_the_checks();
    assert_close(position.token0(2_000.0), 2.360679774998, 1e-9);
    assert_close(position.token1(2_000.0), 5991.526087922, 1e-9);
    assert_close(position.value(2_000.0), 10712.885637917, 1e-9);
    assert_close(position.delta(2_000.0), 2.360679775, 1e-9);
    assert_close(position.gamma(2_000.0), -0.005590169944, 1e-9);
}

#[test]
fn q803_swap_within_one_range() {
    let position = ConcentratedPosition::new(1e6, EVERYWHERE).unwrap();
    let input = SwapInput { token: Side::Token0, amount: 10.0 };
    let output = position.swap(2_000.0, input, 0.003).unwrap();
    assert_close(output.amount, 19931.113275568, 1e-9);
    assert_close(output.price, 1998.217704283, 1e-9);
}

#[test]
fn outside_its_range_a_position_is_one_token_and_still() {
    let position = range_of_the_checks();
    assert_eq!(position.token1(1_400.0), 0.0);
    assert_eq!(position.token0(1_400.0), position.token0(1_500.0));
    assert_eq!(position.token0(2_600.0), 0.0);
    assert_eq!(position.value(2_600.0), position.value(9_999.0));
    for price in [1_400.0, 2_500.0, 2_600.0] {
        assert_eq!(position.gamma(price), 0.0);
        assert_eq!(position.capital_efficiency(price), 0.0);
        let input = SwapInput { token: Side::Token0, amount: 0.1 };
        assert_eq!(position.swap(price, input, 0.003), None);
    }
    assert!(position.is_in_range(1_500.0), "the lower bound is inside, as in the contract");
}

#[test]
fn a_swap_that_would_leave_the_range_is_refused() {
    let position = range_of_the_checks();
    let takes_all = position.input_of_move(PriceMove { from: 2_000.0, to: 2_500.0 }, 0.003);
    let swap = |amount| position.swap(2_000.0, SwapInput { token: Side::Token1, amount }, 0.003);
    assert!(swap(takes_all.gross() * 0.999_999).is_some());
    assert_eq!(swap(takes_all.gross() * 1.000_001), None);
    assert_eq!(swap(-1.0), None);
    assert_eq!(swap(f64::NAN), None);
}

#[test]
fn positions_that_cannot_be_are_refused() {
    let new = |lower, upper| ConcentratedPosition::new(1.0, PriceRange { lower, upper });
    for (lower, upper) in [(2.0, 1.0), (1.0, 1.0), (-4.0, 1.0), (f64::INFINITY, f64::INFINITY)] {
        assert_eq!(new(lower, upper), Err(InvalidPosition::Range { lower, upper }));
    }
    assert!(new(f64::NAN, 1.0).is_err() && new(1.0, f64::NAN).is_err());
    for liquidity in [-1.0, f64::INFINITY] {
        let refused = Err(InvalidPosition::Liquidity(liquidity));
        assert_eq!(ConcentratedPosition::new(liquidity, EVERYWHERE), refused);
    }
    assert!(ConcentratedPosition::new(f64::NAN, EVERYWHERE).is_err());
    let backwards = TickRange { lower: Tick(10), upper: Tick(-10) };
    assert!(ConcentratedPosition::from_ticks(Liquidity(1), backwards).is_err());
}

/// The contract's own values at both ends of the tick range, from its published constants.
#[test]
fn raw_prices_agree_with_the_contracts_constants() {
    for (tick, sqrt_price) in [(Tick::MIN, SqrtPrice::MIN), (Tick::MAX, SqrtPrice::MAX)] {
        // The lowest price has ten digits, and is rounded up.
        assert_close(sqrt_price_at_tick_f64(tick), sqrt_price_to_f64(sqrt_price), 3e-10);
    }
    let max_by_hand = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342.0;
    let two_to_96 = 79_228_162_514_264_337_593_543_950_336.0;
    assert_close(sqrt_price_to_f64(SqrtPrice::MAX), max_by_hand / two_to_96, 1e-15);
    assert_close(sqrt_price_at_tick_f64(Tick::MAX), max_by_hand / two_to_96, 2e-14);
    let one = SqrtPrice::from_x96(U256::from(1_u128 << 96)).unwrap();
    assert_eq!(sqrt_price_to_f64(one), 1.0);
    assert_eq!(sqrt_price_at_tick_f64(Tick(0)), 1.0);
    assert_close(sqrt_price_at_tick_f64(Tick(2)), 1.0001, 1e-15);
}

#[test]
fn a_position_in_ticks_is_that_in_prices() {
    let range = TickRange { lower: Tick(-2_000), upper: Tick(4_000) };
    let position = ConcentratedPosition::from_ticks(Liquidity(1_000_000), range).unwrap();
    let prices = PriceRange { lower: 1.0001_f64.powi(-2_000), upper: 1.0001_f64.powi(4_000) };
    let expected = ConcentratedPosition::new(1e6, prices).unwrap();
    assert_close(position.token0(1.1), expected.token0(1.1), 1e-11);
    assert_close(position.token1(1.1), expected.token1(1.1), 1e-11);
}

proptest! {
    #[test]
    fn delta_and_gamma_are_the_derivatives_of_value(share in 0.01..0.99_f64) {
        let position = range_of_the_checks();
        let price = 1_500.0 + 1_000.0 * share;
        let step = 0.01;
        let slope = (position.value(price + step) - position.value(price - step)) / (2.0 * step);
        prop_assert!((slope / position.delta(price) - 1.0).abs() < 1e-6);
        let bend = (position.delta(price + step) - position.delta(price - step)) / (2.0 * step);
        prop_assert!((bend / position.gamma(price) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_a_move_pays_in_swaps_to_that_price_for_what_the_position_gave_up(
        at in (0.0..1.0_f64, 0.0..1.0_f64), fee in 0.0..0.1_f64
    ) {
        let position = range_of_the_checks();
        let price = |share: f64| 1_501.0 + 998.0 * share;
        let prices = PriceMove { from: price(at.0), to: price(at.1) };
        let paid = position.input_of_move(prices, fee);
        let input = SwapInput { token: paid.token, amount: paid.gross() };
        let output = position.swap(prices.from, input, fee).unwrap();
        prop_assert!((output.price / prices.to - 1.0).abs() < 1e-12);
        let given = match paid.token {
            Side::Token0 => position.token1(prices.from) - position.token1(prices.to),
            Side::Token1 => position.token0(prices.from) - position.token0(prices.to),
        };
        prop_assert!((output.amount - given).abs() < 1e-9 * (1.0 + given));
        prop_assert!(paid.net >= 0.0 && paid.fee >= 0.0);
    }
}
