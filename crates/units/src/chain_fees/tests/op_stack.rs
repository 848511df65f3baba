use proptest::prelude::*;

use super::transactions::{account_call, bytes, contract_call, token_transfer};
use crate::chain_fees::{
    BedrockData, L1FeeScalars, OpStackFee, OperatorFee, OperatorFeeScalars, RollupData,
};
use crate::{Amount, Gas, GasPrice, U256};

fn bedrock(l1_base_fee: u128, overhead: u64, scalar: u64, is_regolith: bool) -> OpStackFee {
    let (l1_base_fee, overhead) = (GasPrice(l1_base_fee), Gas(overhead));
    OpStackFee::Bedrock(BedrockData { l1_base_fee, overhead, scalar, is_regolith })
}

fn scalars(prices: [u128; 2], scalars: [u32; 2]) -> L1FeeScalars {
    let [l1_base_fee, l1_blob_base_fee] = prices.map(GasPrice);
    let [base_fee_scalar, blob_base_fee_scalar] = scalars;
    L1FeeScalars { l1_base_fee, l1_blob_base_fee, base_fee_scalar, blob_base_fee_scalar }
}

fn wei(amount: u64) -> Option<Amount> {
    Some(Amount::from_u64(amount))
}

/// 30 bytes, none of them zero.
fn empty_transaction() -> RollupData {
    let data =
        RollupData::of(&bytes("dd80808094095e7baea6a6c7c4c2dfeb977efac326af552d878080808080"));
    assert_eq!((data.zero_bytes, data.other_bytes, data.fast_lz_bytes), (0, 30, 31));
    data
}

/// What was paid in block 118024092 of OP Mainnet, at the fees its first transaction set.
#[test]
fn a_real_transaction_under_ecotone() {
    let chain = scalars([47_036_678_951, 57_422_457_042], [1_368, 810_949]);
    let data = token_transfer();
    assert_eq!(data.calldata_gas(), Some(Gas(2_456)), "the receipt's gas");
    assert_eq!(OpStackFee::Ecotone(chain).fee(data), wei(7_306_020_222_001));
}

/// What was paid in block 124665056 of OP Mainnet, at the fees its first transaction set.
#[test]
fn a_real_transaction_under_fjord() {
    let chain = scalars([1_055_991_687, 1], [5_227, 1_014_213]);
    let data = account_call();
    let gas = data.estimated_size().map(|size| size * 16 / 1_000_000);
    assert_eq!(gas, Some(4_471), "the receipt's gas");
    assert_eq!(OpStackFee::Fjord(chain).fee(data), wei(24_681_034_813));
}

/// op-geth's vectors, `rollup_cost_test.go`, but for Fjord's, made before the least size was 100.
#[test]
fn published_fees_of_an_empty_transaction() {
    let data = empty_transaction();
    let price = 1_000_000_000;
    assert_eq!(bedrock(price, 50, 7_000_000, false).fee(data), wei(11_326_000_000_000));
    assert_eq!(bedrock(price, 50, 7_000_000, true).fee(data), wei(3_710_000_000_000));
    let chain = scalars([price, 10_000_000], [2, 3]);
    assert_eq!(OpStackFee::Ecotone(chain).fee(data), wei(960_900));
    assert_eq!(OpStackFee::Fjord(chain).fee(data), wei(3_203_000), "100 bytes of 32,030 each");
}

/// op-revm's vectors, `l1block.rs`.
#[test]
fn published_fees_of_small_numbers() {
    let three = RollupData::of(&[0xfa, 0xca, 0xde]);
    assert_eq!(three.calldata_gas(), Some(Gas(48)));
    let five = RollupData::of(&[0xfa, 0x00, 0xca, 0x00, 0xde]);
    assert_eq!(five.calldata_gas(), Some(Gas(56)));
    assert_eq!(bedrock(1_000, 1_000, 1_000, true).fee(three), wei(1_048));
    let chain = scalars([1_000, 1_000], [1_000, 1_000]);
    assert_eq!(OpStackFee::Ecotone(chain).fee(three), wei(51));
    assert_eq!(OpStackFee::Fjord(chain).fee(three), wei(1_700));
    assert_eq!(contract_call().fast_lz_bytes, 202);
    assert_eq!(contract_call().estimated_size(), Some(126_387_400));
    assert_eq!(OpStackFee::Fjord(chain).fee(contract_call()), wei(2_148));
}

/// op-revm's vectors, `l1block.rs`, and what the types allow at most.
#[test]
fn operator_fees() {
    let chain = OperatorFeeScalars { scalar: 1_000, constant: 10 };
    assert_eq!(OperatorFee::Isthmus(chain).fee(Gas(1_000)), Amount::from_u64(11));
    assert_eq!(OperatorFee::Jovian(chain).fee(Gas(1_000)), Amount::from_u64(100_000_010));
    assert_eq!(OperatorFee::Isthmus(chain).fee(Gas(999)), Amount::from_u64(10), "rounded down");
    let most = OperatorFeeScalars { scalar: u32::MAX, constant: u64::MAX };
    let (gas, scalar, constant) =
        (U256::from(u64::MAX), U256::from(u32::MAX), U256::from(u64::MAX));
    let isthmus = gas * scalar / U256::from(1_000_000) + constant;
    assert_eq!(OperatorFee::Isthmus(most).fee(Gas(u64::MAX)).0, isthmus);
    let jovian = gas * scalar * U256::from(100) + constant;
    assert_eq!(OperatorFee::Jovian(most).fee(Gas(u64::MAX)).0, jovian);
}

#[test]
fn what_no_type_holds_is_nothing() {
    let endless = RollupData { zero_bytes: 0, other_bytes: u64::MAX, fast_lz_bytes: u64::MAX };
    let chain = scalars([1, 1], [1, 1]);
    assert_eq!(endless.calldata_gas(), None);
    assert_eq!(endless.estimated_size(), None);
    for fee in [bedrock(1, 0, 1, true), OpStackFee::Ecotone(chain), OpStackFee::Fjord(chain)] {
        assert_eq!(fee.fee(endless), None, "{fee:?}");
    }
}

proptest! {
    /// In integers without bounds, as the specification has them.
    #[test]
    fn fees_are_the_formulas_rounded_down_once(
        zero_bytes in 0..100_000_u64, other_bytes in 0..100_000_u64,
        fast_lz_bytes in 0..100_000_u64,
        prices in prop::array::uniform2(0..1_000_000_000_000_000_u128),
        shares in prop::array::uniform2(any::<u32>()),
    ) {
        let data = RollupData { zero_bytes, other_bytes, fast_lz_bytes };
        let chain = scalars(prices, shares);
        let big = |value: u64| U256::from(value);
        let gas = big(zero_bytes * 4 + other_bytes * 16);
        let price = U256::from(prices[0]) * big(16) * U256::from(shares[0])
            + U256::from(prices[1]) * U256::from(shares[1]);
        let ecotone = OpStackFee::Ecotone(chain).fee(data).unwrap();
        prop_assert_eq!(ecotone.0, gas * price / big(16_000_000));
        let regressed = 836_500 * i128::from(fast_lz_bytes) - 42_585_600;
        let size = U256::from(regressed.max(100_000_000) as u128);
        let fjord = OpStackFee::Fjord(chain).fee(data).unwrap();
        prop_assert_eq!(fjord.0, size * price / big(1_000_000_000_000));
        let before = bedrock(prices[0], 2_100, u64::from(shares[1]), true).fee(data).unwrap();
        let cost = (gas + big(2_100)) * U256::from(prices[0]) * U256::from(shares[1]);
        prop_assert_eq!(before.0, cost / big(1_000_000));
        let signed = RollupData { other_bytes: other_bytes + 68, ..data };
        prop_assert_eq!(
            bedrock(prices[0], 2_100, u64::from(shares[1]), false).fee(data),
            bedrock(prices[0], 2_100, u64::from(shares[1]), true).fee(signed)
        );
    }
}
