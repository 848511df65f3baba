use proptest::prelude::*;
use tidemill_units::U256;

use crate::PriceRatio;

fn price(output: U256, input: U256) -> PriceRatio {
    PriceRatio { output, input }
}

#[test]
fn eighteen_digits_cut_off() {
    let of = |output: u64, input: u64| price(U256::from(output), U256::from(input));
    for (ratio, decimals, expected) in [
        (of(2, 3), (18, 18), "0.666666666666666666"),
        (of(3, 2), (18, 18), "1.50000000000000000"),
        (of(1, 3), (6, 18), "0.000000000000333333333333333333"),
        (of(1, 3), (18, 6), "333333333333.333333"),
        (of(1, 1), (18, 0), "1000000000000000000"),
        (of(1, 1), (38, 0), "100000000000000000000000000000000000000"),
        (of(1, 1), (0, 38), "0.0000000000000000000000000000000000000100000000000000000"),
        (of(123_456_789_012_345_678, 1), (0, 0), "123456789012345678"),
        (of(1_234_567_890_123_456_789, 1), (0, 0), "1234567890123456780"),
        (of(1_234_567_890_123_456_789, 1), (0, 2), "12345678901234567.8"),
        (of(0, 1), (6, 6), "0"),
    ] {
        assert_eq!(ratio.to_decimal_string(decimals.0, decimals.1), expected, "{ratio:?}");
    }
    let most = price(U256::MAX, U256::ONE).to_decimal_string(0, 0);
    assert_eq!(most.len(), 78);
    assert_eq!(&most[..18], "115792089237316195");
    let least = price(U256::ONE, U256::MAX).to_decimal_string(0, 0);
    assert!(least.ends_with("863616855509444462"), "{least}");
    assert_eq!(price(U256::MAX, U256::MAX).to_decimal_string(0, 0), "1.00000000000000000");
}

proptest! {
    /// The digits times the divisor are not above the dividend, and one unit of the last more is.
    #[test]
    fn digits_are_those_of_the_quotient(output in 1_u64.., input in 1_u64..) {
        let text = price(U256::from(output), U256::from(input)).to_decimal_string(0, 0);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits: U256 = format!("{whole}{fraction}").parse().unwrap();
        let scaled = U256::from(output) * U256::from(10).pow(U256::from(fraction.len()));
        let ulp = U256::from(10).pow(U256::from(whole.trim_start_matches('0').len().max(18) - 18));
        prop_assert!(digits * U256::from(input) <= scaled);
        prop_assert!((digits + ulp) * U256::from(input) > scaled);
    }
}
