use proptest::prelude::*;
use ruint::Uint;

use crate::{
    Amount, Decimal, Halves, InstantUs, LimbDivisor, RelativeTolerance, SignedAmount, SqrtPrice,
    Tick, Timestamp, U128Divisor, U256, div_limbs, div_rounding_up, mul_div, mul_div_rounding_up,
    mul_limbs, mul_wide, sqrt,
};

type U512 = Uint<512, 8>;

/// Integers whose limbs are often all zeros or all ones: where carries and estimates go wrong.
fn hostile() -> impl Strategy<Value = U256> {
    let limb = prop_oneof![
        3 => any::<u64>(),
        2 => Just(0),
        2 => Just(u64::MAX),
        1 => Just(1),
        1 => Just(1 << 63),
        1 => (0_u32..64).prop_map(|bits| 1 << bits),
    ];
    prop::array::uniform4(limb).prop_map(U256::from_limbs)
}

fn narrowed(value: U512) -> Option<U256> {
    U256::checked_from_limbs_slice(value.as_limbs())
}

fn widen(value: U256) -> U512 {
    U512::from(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, ..ProptestConfig::default() })]

    #[test]
    fn mul_div_equals_an_independent_big_integer(a in hostile(), b in hostile(), d in hostile()) {
        let product = widen(a) * widen(b);
        prop_assert_eq!(U512::from_limbs(mul_wide(a, b)), product);
        let (floor, ceil) = if d.is_zero() {
            (None, None)
        } else {
            let (quotient, remainder) = product.div_rem(widen(d));
            let up = quotient + U512::from(u8::from(!remainder.is_zero()));
            (narrowed(quotient), narrowed(up))
        };
        prop_assert_eq!(mul_div(a, b, d), floor);
        prop_assert_eq!(mul_div_rounding_up(a, b, d), ceil);
    }

    #[test]
    fn division_of_halves_equals_an_independent_big_integer(a in hostile(), b in hostile()) {
        let half = |word: U256, place: usize| -> u128 { (word >> (128 * place)).wrapping_to() };
        let whole = |halves: Halves| -> U256 {
            U256::from(halves.high) << 128 | U256::from(halves.low)
        };
        let (x, y, other) = (half(a, 0), half(b, 0), Halves { high: half(a, 1), low: half(b, 1) });
        let product = Halves::product(x, y);
        prop_assert_eq!(whole(product), U256::from(x) * U256::from(y));
        let sum = whole(product).checked_add(whole(other));
        prop_assert_eq!(product.checked_add(other).map(whole), sum);
        for divisor in [half(a, 1), half(b, 1), half(a, 1) >> 64, half(b, 1) >> 32, 0] {
            let prepared = U128Divisor::new(divisor);
            prop_assert_eq!(prepared.is_none(), divisor == 0);
            for numerator in [product, other, Halves { high: divisor, low: x }] {
                let quotient = whole(numerator).checked_div(U256::from(divisor));
                let expected = quotient.and_then(|quotient| u128::try_from(quotient).ok());
                prop_assert_eq!(prepared.and_then(|by| by.div(numerator)), expected);
            }
            let expected = prepared.and_then(|by| by.div(product));
            prop_assert_eq!(prepared.and_then(|by| by.mul_div(x, y)), expected);
            if let Some(near) = product.near_quotient(divisor) {
                let scaled = widen(whole(product)) << Halves::FRACTION;
                let quotient = scaled / widen(U256::from(divisor));
                let off = quotient.abs_diff(U512::from(near));
                prop_assert!(off < U512::from(Halves::NEAR), "{near} for {quotient}");
            }
        }
    }

    #[test]
    fn five_limb_division_is_right(
        a in hostile(),
        b in hostile(),
        c in hostile(),
        d in any::<u64>(),
    ) {
        let divisor: [u64; 5] = mul_limbs(c.as_limbs(), &[d]);
        let numerator = mul_wide(a, b);
        let quotient = div_limbs(numerator, &divisor);
        let mut wide = [0; 8];
        wide[..5].copy_from_slice(&divisor);
        let divisor = U512::from_limbs(wide);
        if divisor.is_zero() {
            prop_assert_eq!(quotient, None);
        } else {
            let (whole, remainder) = U512::from_limbs(numerator).div_rem(divisor);
            let quotient = quotient.expect("the divisor is not zero");
            prop_assert_eq!(U512::from_limbs(quotient.whole), whole);
            prop_assert_eq!(quotient.inexact, !remainder.is_zero());
        }
    }

    #[test]
    fn limbs_whose_estimate_overflows_are_right(
        d in hostile(),
        below in hostile(),
        next in any::<u64>(),
    ) {
        // A dividend whose two top limbs are the divisor's: Knuth's step D3 with a full limb.
        let mut d = *d.as_limbs();
        d[3] |= 1 << 63;
        let mut top = *below.as_limbs();
        (top[2], top[3]) = (d[2], d[3]);
        let numerator = [next, top[0], top[1], top[2], top[3], 0, 0, 0];
        let (whole, remainder) =
            U512::from_limbs(numerator).div_rem(widen(U256::from_limbs(d)));
        let quotient = div_limbs(numerator, &d).expect("the divisor is not zero");
        prop_assert_eq!(U512::from_limbs(quotient.whole), whole);
        prop_assert_eq!(quotient.inexact, !remainder.is_zero());
    }

    #[test]
    fn limb_divisor_is_division(value in hostile(), factor in any::<u64>(), d in 1..=u64::MAX) {
        let quotient = LimbDivisor::new(d).expect("not zero").mul_div(value, factor);
        let (factor, d) = (U256::from(factor), U256::from(d));
        prop_assert_eq!(quotient.floor(), mul_div(value, factor, d));
        prop_assert_eq!(quotient.ceil(), mul_div_rounding_up(value, factor, d));
    }

    #[test]
    fn limb_divisor_of_two_limbs_is_division(a in hostile(), d in 1..=u64::MAX) {
        let [low, high, ..] = a.into_limbs();
        let numerator = (u128::from(high) << 64) | u128::from(low);
        let expected = u64::try_from(numerator / u128::from(d)).ok();
        prop_assert_eq!(LimbDivisor::new(d).expect("not zero").quotient(numerator), expected);
    }

    #[test]
    fn rounding_up_and_roots(value in hostile(), d in hostile()) {
        let expected = (!d.is_zero()).then(|| value.div_ceil(d));
        prop_assert_eq!(div_rounding_up(value, d), expected);
        let root = sqrt(value);
        prop_assert!(widen(root) * widen(root) <= widen(value));
        prop_assert!((widen(root) + U512::ONE).pow(U512::from(2)) > widen(value));
    }

    #[test]
    fn signed_amounts_are_int256(a in hostile(), b in hostile()) {
        let signed = SignedAmount::from_twos_complement;
        let (x, y) = (signed(a), signed(b));
        prop_assert_eq!(x.to_twos_complement(), a);
        prop_assert_eq!(x.to_string().parse(), Ok(x));
        let differ = x.is_negative() != y.is_negative();
        let sum = signed(a.wrapping_add(b));
        let fits = differ || sum.is_negative() == x.is_negative();
        prop_assert_eq!(x.checked_add(y), fits.then_some(sum));
        let difference = signed(a.wrapping_sub(b));
        let fits = !differ || difference.is_negative() == x.is_negative();
        prop_assert_eq!(x.checked_sub(y), fits.then_some(difference));
        // Flipping the top bit turns the signed order into the unsigned one.
        let flip = SignedAmount::MIN.to_twos_complement();
        prop_assert_eq!(x < y, a.wrapping_add(flip) < b.wrapping_add(flip));
    }
}

#[test]
fn instants_past_both_ends_stay_there() {
    assert_eq!(InstantUs(-1).second(), Timestamp(0));
    assert_eq!(InstantUs::at_second(Timestamp(u64::MAX)), InstantUs(i64::MAX));
}

#[test]
fn the_estimate_that_overflows_is_corrected() {
    // Top two limbs of dividend and divisor equal: Knuth's step D3 with a full quotient limb.
    let d = U256::from_limbs([u64::MAX, 0, u64::MAX, 1 << 63]);
    let a = U256::from_limbs([0, 0, u64::MAX, 1 << 63]);
    let expected = (widen(a) * widen(U256::MAX)).div_rem(widen(d));
    assert_eq!(mul_div(a, U256::MAX, d), narrowed(expected.0));
}

#[test]
fn money_parsers_refuse_what_is_not_plain_digits() {
    for text in ["", "+1", "-1", "1e3", "1.0", " 1", "1 ", "0x1", "1_000", "١"] {
        assert!(text.parse::<Amount>().is_err(), "{text}");
    }
    assert!("-".parse::<SignedAmount>().is_err());
    assert!("--1".parse::<SignedAmount>().is_err());
    assert_eq!("-0".parse::<SignedAmount>(), Ok(SignedAmount::ZERO));
    let above = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    assert!(above.parse::<Amount>().is_err());
    assert!(above.parse::<SignedAmount>().is_err());
    assert!("887273".parse::<Tick>().is_err());
    assert!((U256::ONE << 160_usize).to_string().parse::<SqrtPrice>().is_err());
}

#[test]
fn decimal_strings_keep_every_digit() {
    assert_eq!(Amount::from_u64(5).to_decimal_string(6), "0.000005");
    assert_eq!(Amount::from_u64(5).to_decimal_string(0), "5");
    assert_eq!(SignedAmount::from_i128(-1_234_567).to_decimal_string(6), "-1.234567");
}

#[test]
fn tolerances_read_and_compare_without_floats() {
    let tolerance: RelativeTolerance = "1e-9".parse().expect("plain");
    assert_eq!("0.000000001".parse(), Ok(tolerance));
    assert!(tolerance.accepts(Amount::from_u64(1_000_000_000), Amount::from_u64(1_000_000_001)));
    assert!(!tolerance.accepts(Amount::from_u64(1_000_000_000), Amount::from_u64(1_000_000_003)));
    let exact: RelativeTolerance = "0".parse().expect("plain");
    assert!(exact.is_exact() && !exact.accepts(Amount::from_u64(1), Amount::from_u64(2)));
    for text in ["", "-1e-9", "1e-30", "1", "0.02", "nan", "1e", "1e-9e"] {
        assert!(text.parse::<RelativeTolerance>().is_err(), "{text}");
    }
}

#[test]
fn decimals_are_kept_as_they_are_written() {
    for (text, raw) in [
        ("0", 0_i128),
        ("-1.5", -1_500_000_000_000_000_000),
        ("63123.45000000", 63_123_450_000_000_000_000_000),
        ("0.000000000000000001", 1),
        ("0.0000000000000000010000", 1),
        (
            "99999999999999999999.999999999999999999",
            99_999_999_999_999_999_999_999_999_999_999_999_999,
        ),
    ] {
        assert_eq!(text.parse(), Ok(Decimal::from_raw(raw)), "{text}");
    }
    for text in ["", "-", ".", ".5", "5.", "+1", "1e3", "1 ", "0.0000000000000000001", "1_0", "0x1"]
    {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
    assert!("200000000000000000000".parse::<Decimal>().is_err(), "past 2^127 of 10^-18");
}

#[test]
fn numbers_from_floating_point_tables_are_rounded_and_say_so() {
    let read =
        |text| Decimal::from_scientific(text).map(|read| (read.value.to_string(), read.exact));
    for (text, value, exact) in [
        ("1.2e-05", "0.000012", true),
        ("1.25E+3", "1250", true),
        ("-3e2", "-300", true),
        (".5", "0.5", true),
        ("187654321.1234567891234567895", "187654321.12345678912345679", false),
        ("4.9e-19", "0", false),
        ("5e-19", "0.000000000000000001", false),
        ("1e-400", "0", false),
        ("0e400", "0", true),
        ("0.1234567890123456785", "0.123456789012345679", false),
    ] {
        assert_eq!(read(text), Ok((value.to_owned(), exact)), "{text}");
    }
    for text in ["", "nan", "inf", "1e", "e5", "1e5.5", "--1", "1e+-5", "1e99", "1e21"] {
        assert!(read(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_decimal_reads_back_what_it_writes(raw in any::<i128>()) {
        prop_assume!(raw != i128::MIN);
        let text = Decimal::from_raw(raw).to_string();
        prop_assert_eq!(text.parse(), Ok(Decimal::from_raw(raw)));
        let scientific = Decimal::from_scientific(&text);
        prop_assert_eq!(scientific.map(|read| (read.value.raw(), read.exact)), Ok((raw, true)));
    }

    #[test]
    fn instants_round_to_later_ones_only(nanos in any::<i64>()) {
        let micros = InstantUs::from_nanos_up(nanos);
        let late = i128::from(micros.0) * 1_000 - i128::from(nanos);
        prop_assert!((0..1_000).contains(&late));
        if let Some(second) = micros.to_timestamp_up() {
            let late = i128::from(second.0) * 1_000_000 - i128::from(micros.0);
            prop_assert!((0..1_000_000).contains(&late));
        }
    }

    #[test]
    fn an_instant_knows_its_second(second in 0..9_000_000_000_000_u64, into in 0..1_000_000_i64) {
        let start = InstantUs::at_second(Timestamp(second));
        prop_assert_eq!(InstantUs::from_timestamp(Timestamp(second)), Some(start));
        prop_assert_eq!(InstantUs(start.0 + into).second(), Timestamp(second));
    }
}
