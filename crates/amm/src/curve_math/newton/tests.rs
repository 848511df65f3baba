use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};
use proptest::prop_assert_eq;
use tidemill_units::U256;

use super::{Rounding, get_d, get_y, wide_d, wide_y};

/// Balances of every width, alike or far apart, some of them zero.
fn balances() -> impl Strategy<Value = Vec<U256>> {
    let one = (any::<u128>(), 0_u32..128).prop_map(|(noise, shift)| U256::from(noise >> shift));
    let wild = prop::collection::vec(one, 2..=8);
    let alike = (any::<u128>(), 0_u32..120, prop::collection::vec(1_u8.., 2..=8));
    let alike = alike.prop_map(|(unit, shift, parts)| {
        let unit = U256::from(unit >> shift);
        parts.into_iter().map(|part| unit * U256::from(part)).collect()
    });
    prop_oneof![wild, alike]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    let all = [Rounding::FIRST, Rounding::SECOND, Rounding::THIRD, Rounding::NG];
    prop::sample::select(all.to_vec())
}

proptest! {
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
