use tidemill_units::U256;

use super::{FixedPointError, ONE, PowerShortcuts, exp, ln, pow, pow_down, pow_up};

fn number(text: &str) -> U256 {
    text.parse().unwrap()
}

/// Digits of e, ln 2 and the root of 2 from tables: the contract loses the last digit at most.
#[test]
fn known_values_are_met_to_eighteen_decimals() {
    assert_eq!(exp(1_000_000_000_000_000_000), Ok(number("2718281828459045235")));
    assert_eq!(exp(0), Ok(ONE));
    assert_eq!(ln(number("2000000000000000000")), Ok(693_147_180_559_945_309));
    assert_eq!(ln(number("500000000000000000")), Ok(-693_147_180_559_945_309));
    assert_eq!(ln(ONE), Ok(0));
    let root = pow(number("2000000000000000000"), number("500000000000000000"));
    assert_eq!(root, Ok(number("1414213562373095047")));
}

#[test]
fn bounds_are_those_of_the_contract() {
    let e18 = 1_000_000_000_000_000_000_i128;
    assert!(exp(130 * e18).is_ok());
    assert_eq!(exp(130 * e18 + 1), Err(FixedPointError::InvalidExponent));
    assert!(exp(-41 * e18).is_ok());
    assert_eq!(exp(-41 * e18 - 1), Err(FixedPointError::InvalidExponent));
    assert_eq!(ln(U256::ZERO), Err(FixedPointError::OutOfBounds));
    let half = U256::ONE << 255_usize;
    assert_eq!(ln(half), Err(FixedPointError::OutOfBounds));
    assert_eq!(pow(half, ONE), Err(FixedPointError::BaseOutOfBounds));
    let bound = (U256::ONE << 254_usize) / number("100000000000000000000");
    assert_eq!(pow(ONE, bound), Err(FixedPointError::ExponentOutOfBounds));
    assert_eq!(pow(ONE, bound - U256::ONE), Ok(ONE));
    assert_eq!(pow(number("2000000000000000000"), bound - U256::ONE), product_out_of_bounds());
    assert_eq!(pow(U256::ONE, ONE + ONE), product_out_of_bounds());
    assert_eq!(pow(U256::ZERO, U256::ZERO), Ok(ONE));
    assert_eq!(pow(U256::ZERO, ONE), Ok(U256::ZERO));
}

fn product_out_of_bounds() -> Result<U256, FixedPointError> {
    Err(FixedPointError::ProductOutOfBounds)
}

#[test]
fn shortcuts_are_exact_where_the_logarithm_is_not() {
    let base = ONE + U256::ONE;
    let two = ONE + ONE;
    let (none, short) = (PowerShortcuts::None, PowerShortcuts::OneTwoFour);
    assert_eq!(pow_up(base, ONE, short), Ok(base));
    assert_eq!(pow_down(base, two, short), Ok(ONE + U256::from(2)));
    assert_eq!(pow_up(base, two, short), Ok(ONE + U256::from(3)));
    assert_eq!(pow_up(base, two, none), Ok(ONE + U256::from(10_003)));
    assert_eq!(pow_down(base, two, none), Ok(ONE - U256::from(10_001)));
}
