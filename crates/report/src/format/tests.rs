use tidemill_units::SignedAmount;

use super::{MoneyFormat, days, decimal, grouped, percent, utc_minute};

fn check_rounded(raw: i128, decimals: u8, shown: u8, expected: &str) {
    let money = MoneyFormat { decimals, shown };
    assert_eq!(money.rounded(SignedAmount::from_i128(raw)), expected, "{raw} at {decimals}");
}

#[test]
fn raw_units_become_exact_decimals() {
    let exact =
        |raw, decimals| MoneyFormat { decimals, shown: 2 }.exact(SignedAmount::from_i128(raw));
    assert_eq!(exact(0, 6), "0.000000");
    assert_eq!(exact(-1, 6), "-0.000001");
    assert_eq!(exact(1_234_567_891_234, 6), "1,234,567.891234");
    assert_eq!(exact(-100_000_000_000, 6), "-100,000.000000");
    assert_eq!(exact(-1_234, 0), "-1,234");
    assert_eq!(exact(9_007_199_254_740_993, 0), "9,007,199,254,740,993", "no float holds this");
    let all = "170,141,183,460,469,231,731.687303715884105727";
    assert_eq!(exact(i128::MAX, 18), all);
    assert_eq!(exact(-i128::MAX, 18), format!("-{all}"));
    assert_eq!(exact(i128::MIN, 18), "-170,141,183,460,469,231,731.687303715884105728");
}

#[test]
fn rounding_is_half_away_from_zero() {
    check_rounded(1_005_000, 6, 2, "1.01");
    check_rounded(1_004_999, 6, 2, "1.00");
    check_rounded(-1_005_000, 6, 2, "-1.01");
    check_rounded(-1_004_999, 6, 2, "-1.00");
    check_rounded(999_995_000, 6, 2, "1,000.00");
    check_rounded(-4_999, 6, 2, "0.00");
    check_rounded(-5_000, 6, 2, "-0.01");
    check_rounded(i128::MIN, 0, 0, "-170,141,183,460,469,231,731,687,303,715,884,105,728");
    check_rounded(123, 2, 2, "1.23");
    check_rounded(i128::MAX, 100, 2, "0.00");
}

#[test]
fn extreme_amounts_keep_every_digit() {
    let money = MoneyFormat { decimals: 0, shown: 0 };
    let digits = |amount| money.rounded(amount).replace(',', "");
    assert_eq!(digits(SignedAmount::MIN), SignedAmount::MIN.to_string());
    assert_eq!(digits(SignedAmount::MAX), SignedAmount::MAX.to_string());
}

#[test]
fn thousands_are_grouped() {
    for (number, expected) in [
        ("0", "0"),
        ("999", "999"),
        ("1000", "1,000"),
        ("-999999.5", "-999,999.5"),
        ("+1234567.8901", "+1,234,567.8901"),
        (".5", ".5"),
    ] {
        assert_eq!(grouped(number), expected);
    }
}

#[test]
fn ratios_print_as_percentages() {
    assert_eq!(percent(0.012_345, true), "+1.23 %");
    assert_eq!(percent(-12.5, true), "-1,250.00 %");
    assert_eq!(percent(-0.000_001, true), "0.00 %", "zero has no sign");
    assert_eq!(percent(0.000_001, true), "0.00 %");
    assert_eq!(percent(1.0, false), "100.00 %");
    assert_eq!(percent(f64::NAN, true), "n/a");
    assert_eq!(decimal(f64::INFINITY, 2), "n/a");
}

#[test]
fn times_print_in_utc() {
    assert_eq!(utc_minute(0), "1970-01-01 00:00");
    assert_eq!(utc_minute(1_733_011_200), "2024-12-01 00:00");
    assert_eq!(utc_minute(u64::MAX), format!("{} s", u64::MAX));
    assert_eq!(days(604_787), "7 days");
    assert_eq!(days(86_400), "1 day");
    assert_eq!(days(129_600), "1.5 days");
}
