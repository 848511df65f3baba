use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::prop_assert_eq;

use super::{Halves, Inverse};
use crate::U256;

/// Numbers of every width, and those beside powers of two.
fn number() -> impl Strategy<Value = u128> {
    let noise = (any::<u128>(), 0_u32..128).prop_map(|(noise, shift)| noise >> shift);
    let edge = (0_u32..128, 0_u128..5)
        .prop_map(|(bits, more)| (1_u128 << bits).wrapping_add(more).wrapping_sub(2));
    prop_oneof![3 => noise, 1 => edge]
}

/// What a quotient in big integers is: rounded down, and whether that changed it.
fn quotient(numerator: U256, divisor: u128) -> Option<(u128, bool)> {
    let divisor = U256::from(divisor);
    let whole = u128::try_from(numerator.checked_div(divisor)?).ok()?;
    Some((whole, U256::from(whole) * divisor != numerator))
}

fn halves(number: U256) -> Halves {
    let [a, b, c, d] = number.into_limbs();
    Halves { high: super::wide(d, c), low: super::wide(b, a) }
}

#[test]
fn one_is_prepared_as_every_divisor_is() {
    assert_eq!(Inverse::new(1), Some(Inverse::ONE));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn ratios_multiply_as_an_independent_big_integer_does(
        divisor in number(),
        numerator in number(),
        factor in number(),
        (apart, near) in (0_u32..20, 0_u128..5),
    ) {
        // Ratios not far from one, and products beside whole numbers, where a cut would show.
        let alike = (divisor >> (apart / 2)).wrapping_add(near);
        let multiple = divisor.wrapping_mul(factor >> 64).wrapping_sub(near);
        for (numerator, factor) in [(numerator, factor), (alike, factor), (multiple, 1 + near)] {
            let inverse = Inverse::new(divisor);
            prop_assert_eq!(inverse.is_none(), divisor == 0);
            let Some(ratio) = inverse.as_ref().and_then(|by| by.ratio(numerator)) else {
                continue;
            };
            let expected = quotient(U256::from(factor) * U256::from(numerator), divisor);
            prop_assert_eq!(ratio.mul_floor(factor), expected.map(|(whole, _)| whole));
        }
    }

    #[test]
    fn single_divisions_equal_an_independent_big_integer(
        divisor in number(),
        whole in number(),
        low in any::<u128>(),
        near in 0_u64..5,
    ) {
        let multiple = U256::from(divisor) * U256::from(whole);
        let numerators = [
            multiple,
            multiple.wrapping_add(U256::from(near)),
            multiple.saturating_sub(U256::from(near)),
            multiple.wrapping_add(U256::from(low) % U256::from(divisor.max(1))),
            U256::from(low),
        ];
        for numerator in numerators {
            let expected = quotient(numerator, divisor);
            prop_assert_eq!(halves(numerator).div_once(divisor), expected);
        }
    }

    #[test]
    fn differences_equal_an_independent_big_integer(
        (a, b) in (any::<[u128; 2]>(), any::<[u128; 2]>()),
        alike in any::<bool>(),
    ) {
        let a = Halves { high: a[0], low: a[1] };
        let b = Halves { high: if alike { a.high } else { b[0] }, low: b[1] };
        let whole = |number: Halves| -> U256 {
            U256::from(number.high) << 128 | U256::from(number.low)
        };
        let expected = whole(a).checked_sub(whole(b)).map(halves);
        prop_assert_eq!(a.checked_sub(b), expected);
    }
}
