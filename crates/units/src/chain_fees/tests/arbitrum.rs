use proptest::prelude::*;

use crate::chain_fees::{ArbitrumData, ArbitrumPosting};
use crate::{Amount, Gas, GasPrice, U256};

fn chain(price_per_unit: u128, base_fee: u128) -> ArbitrumData {
    ArbitrumData { price_per_unit: GasPrice(price_per_unit), base_fee: GasPrice(base_fee) }
}

/// 150 bytes are 2,400 units; at 12 gwei that is 28,800 gwei, and at 0.1 gwei 288,000 gas.
#[test]
fn posting_by_hand() {
    let posting = chain(12_000_000_000, 100_000_000).posting(150);
    let fee = Amount::from_u64(28_800_000_000_000);
    assert_eq!(posting, Some(ArbitrumPosting { gas: Gas(288_000), fee }));
    // 16 units at 7 wei are 112 wei, of which 110 buy 11 gas.
    let posting = chain(7, 10).posting(1);
    assert_eq!(posting, Some(ArbitrumPosting { gas: Gas(11), fee: Amount::from_u64(110) }));
    assert_eq!(chain(7, 0).posting(1), None);
    assert_eq!(chain(7, 10).posting(u64::MAX), None);
    assert_eq!(chain(u128::MAX, 1).posting(1).unwrap().gas, Gas(u64::MAX), "the largest there is");
}

/// 2,400 units and 256 more, by 1.01: 2,682 (rounded down). At 12 gwei, by 1.1, over 0.0875 gwei.
#[test]
fn estimates_by_hand() {
    let rising = chain(12_000_000_000, 100_000_000);
    let cost = 2_682_u64 * 12_000_000_000 * 11 / 10;
    assert_eq!(rising.estimated_gas(150, GasPrice(10_000_000)), Some(Gas(cost / 87_500_000)));
    let floor = rising.estimated_gas(150, GasPrice(100_000_000));
    assert_eq!(floor, Some(Gas(cost / 100_000_000)), "not below the least base fee");
}

proptest! {
    #[test]
    fn what_is_charged_is_the_cost_but_for_a_part_of_one_gas(
        bytes in 0..100_000_u64, price in 0..1_000_000_000_000_u128,
        base_fee in 1..10_000_000_000_u128,
    ) {
        let cost = U256::from(price) * U256::from(16 * bytes);
        let ArbitrumPosting { gas, fee } = chain(price, base_fee).posting(bytes).unwrap();
        prop_assert!(fee.0 <= cost);
        if gas.0 < u64::MAX {
            prop_assert!(cost - fee.0 < U256::from(base_fee));
        }
    }

    #[test]
    fn an_estimate_is_never_less_than_the_charge(
        bytes in 0..100_000_u64, price in 0..1_000_000_000_000_u128,
        base_fee in 1..10_000_000_000_u128, least in 1..10_000_000_000_u128,
    ) {
        // The floor of the base fee is not above the base fee.
        let (chain, least) = (chain(price, base_fee), GasPrice(least.min(base_fee)));
        let charged = chain.posting(bytes).unwrap().gas;
        prop_assert!(chain.estimated_gas(bytes, least).unwrap() >= charged);
    }
}
