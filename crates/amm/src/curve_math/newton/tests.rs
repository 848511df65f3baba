use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use proptest::prop_assert_eq;
use tidemill_units::U256;

use super::{Rounding, get_d, get_y, wide_d, wide_y};

/// Balances of every width, alike or far apart, some of them zero.
fn balances() -> impl Strategy<Value = Vec<U256>> {
    let one = (any::<u128>(), 0_u32..128).prop_map(|(noise, shift)| U256::from(noise >> shift));
    // The fast forms change their ways at powers of two.
    let edge = (0_u32..=128, 0_u8..=4).prop_map(|(bits, more)| {
        let power = U256::ONE << bits;
        (power + U256::from(more)).saturating_sub(U256::from(2))
    });
    let edges = prop::collection::vec(edge, 2..=8);
    let wild = prop::collection::vec(one, 2..=8);
    let alike = (any::<u128>(), 0_u32..120, prop::collection::vec(1_u8.., 2..=8));
    let alike = alike.prop_map(|(unit, shift, parts)| {
        let unit = U256::from(unit >> shift);
        parts.into_iter().map(|part| unit * U256::from(part)).collect()
    });
    prop_oneof![wild, alike, edges]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    let all = [Rounding::FIRST, Rounding::SECOND, Rounding::THIRD, Rounding::NG];
    prop::sample::select(all.to_vec())
}

/// Balances up to a few thousand times apart, as pools have them.
fn pools() -> impl Strategy<Value = Vec<U256>> {
    let unit = (any::<u128>(), 24_u32..100).prop_map(|(noise, shift)| noise >> shift);
    (unit, prop::collection::vec(1_u16..2_000, 2..=8)).prop_map(|(unit, parts)| {
        parts.into_iter().map(|part| U256::from(unit) * U256::from(part)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_192))]

    #[test]
    fn a_trade_leaves_what_the_checked_form_leaves(
        rounding in rounding(),
        amplification in prop_oneof![1_u64..20, 100_u64..100_000],
        mut balances in pools(),
        (input, output, paid) in (0_usize..8, 0_usize..8, any::<u32>()),
    ) {
        let (input, output) = (input % balances.len(), output % balances.len());
        let d = get_d(&rounding, amplification, &balances);
        prop_assert_eq!(d, wide_d(&rounding, amplification, &balances));
        if let Ok(d) = d {
            balances[input] += (d * U256::from(paid)) >> 32;
            let y = get_y(&rounding, amplification, d, &balances, output);
            prop_assert_eq!(y, wide_y(&rounding, amplification, d, &balances, output));
            balances[output] = d >> (paid % 100);
            prop_assert_eq!(y, get_y(&rounding, amplification, d, &balances, output));
        }
    }

    #[test]
    fn pairs_of_limbs_give_what_the_checked_form_gives(
        rounding in rounding(),
        amplification in prop_oneof![0_u64..1_000, 100_u64..1_000_000, any::<u64>()],
        balances in balances(),
        (coin, tenths) in (0_usize..8, 1_u64..40),
    ) {
        let d = get_d(&rounding, amplification, &balances);
        prop_assert_eq!(d, wide_d(&rounding, amplification, &balances));
        if let Ok(d) = d {
            let d = d * U256::from(tenths) / U256::from(10);
            let y = get_y(&rounding, amplification, d, &balances, coin);
            prop_assert_eq!(y, wide_y(&rounding, amplification, d, &balances, coin));
        }
    }
}
