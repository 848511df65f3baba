use proptest::prelude::*;
use ruint::Uint;

use crate::chain_fees::{BaseFeeRule, BlockGas, DynamicFee};
use crate::{Gas, GasPrice, U256};

type U512 = Uint<512, 8>;

const GWEI: u128 = 1_000_000_000;

fn next(rule: BaseFeeRule, base_fee: u128, limit: u64, used: u64) -> Option<u128> {
    let block = BlockGas { limit: Gas(limit), used: Gas(used) };
    rule.next(GasPrice(base_fee), block).map(|price| price.0)
}

/// The formula of EIP-1559, in the order it is written in, in integers that hold any product.
fn by_the_letter(rule: BaseFeeRule, base_fee: u128, limit: u64, used: u64) -> U512 {
    let target = limit / rule.elasticity;
    let base = U512::from(base_fee);
    let change = |off: u64| {
        let of_target = base * U512::from(off) / U512::from(target);
        of_target / U512::from(rule.max_change_denominator)
    };
    match used.cmp(&target) {
        std::cmp::Ordering::Equal => base,
        std::cmp::Ordering::Greater => base + change(used - target).max(U512::from(1)),
        std::cmp::Ordering::Less => base - change(target - used),
    }
}

#[test]
fn q805a_base_fee_after_a_block() {
    let after = |base_fee, used| next(BaseFeeRule::ETHEREUM, base_fee, 30_000_000, used);
    assert_eq!(after(100 * GWEI, 30_000_000), Some(112_500_000_000));
    assert_eq!(after(100 * GWEI, 0), Some(87_500_000_000));
    assert_eq!(after(100 * GWEI, 20_000_000), Some(104_166_666_666));
    assert_eq!(after(7, 15_000_001), Some(8), "a rise is at least one wei");
    assert_eq!(after(7, 0), Some(7), "a fall may be none");
}

#[test]
fn q805b_highest_base_fee_after_six_full_blocks() {
    let (rule, limit) = (BaseFeeRule::ETHEREUM, Gas(30_000_000));
    let highest = rule.highest_after(GasPrice(20 * GWEI), limit, 6);
    assert_eq!(highest, Some(GasPrice(40_545_730_589)));
    assert_eq!(rule.highest_after(GasPrice(20 * GWEI), limit, 0), Some(GasPrice(20 * GWEI)));
}

/// Base fee, limit and use of a block, and the next base fee by each of three rules: the vectors of
/// go-ethereum and op-geth, as alloy-eips 2.5 has them in its tests.
#[test]
fn published_vectors_of_three_rules() {
    let rules = [BaseFeeRule::ETHEREUM, BaseFeeRule::OP_BEDROCK, BaseFeeRule::OP_CANYON];
    for (base_fee, limit, used, expected) in [
        (1_000_000_000, 10_000_000, 10_000_000, [1_125_000_000, 1_100_000_048, 1_020_000_009]),
        (1_000_000_000, 12_000_000, 10_000_000, [1_083_333_333, 1_080_000_000, 1_016_000_000]),
        (1_000_000_000, 14_000_000, 10_000_000, [1_053_571_428, 1_065_714_297, 1_013_142_859]),
        (1_072_671_875, 10_000_000, 9_000_000, [1_179_939_062, 1_167_067_046, 1_091_550_909]),
        (1_059_263_476, 14_000_000, 10_001_000, [1_116_028_649, 1_128_881_311, 1_073_187_043]),
        (1_049_238_967, 2_000_000, 0, [918_084_097, 1_028_254_188, 1_045_042_012]),
        (1_049_238_967, 18_000_000, 10_000_000, [1_063_811_730, 1_098_203_452, 1_059_031_864]),
        (0, 18_000_000, 10_000_000, [1, 1, 1]),
        (1, 18_000_000, 10_000_000, [2, 2, 2]),
        (2, 18_000_000, 10_000_000, [3, 3, 3]),
    ] {
        for (rule, expected) in rules.into_iter().zip(expected) {
            let found = next(rule, base_fee, limit, used);
            assert_eq!(found, Some(expected), "{rule:?}: {base_fee}, {limit}, {used}");
        }
    }
}

/// Blocks 13442553 to 13442557 of Ethereum: the answer of `eth_feeHistory` that the JSON-RPC
/// documentation shows. It has base fees and ratios of gas used; each ratio is, to its last digit,
/// that of one limit near 30,000,000 and one use only.
#[test]
fn five_blocks_of_the_documented_fee_history_follow_from_each_other() {
    let blocks: [(u64, u64, f64); 5] = [
        (30_035_254, 21_713_280, 0.722926465013414),
        (30_064_584, 16_026_456, 0.53306761204479),
        (30_035_226, 9_753_870, 0.32474768127264964),
        (30_064_556, 17_266_361, 0.574309529134573),
        (30_035_198, 6_854_398, 0.2282121795900929),
    ];
    let base_fees = [
        0x15_f794_d04b,
        0x17_30fe_199f,
        0x17_6212_b802,
        0x16_5bce_08cb,
        0x16_c623_5c9d,
        0x15_39ff_7ccd,
    ];
    for (place, (limit, used, ratio)) in blocks.into_iter().enumerate() {
        assert!((used as f64 / limit as f64 - ratio).abs() < 1e-15, "the documented ratio");
        let found = next(BaseFeeRule::ETHEREUM, base_fees[place], limit, used);
        assert_eq!(found, Some(base_fees[place + 1]), "number {place}");
    }
}

#[test]
fn chains_that_cannot_be_have_no_next_base_fee() {
    let rule = BaseFeeRule::ETHEREUM;
    assert_eq!(next(rule, GWEI, 1, 1), None, "no target");
    assert_eq!(next(BaseFeeRule { elasticity: 0, ..rule }, GWEI, 30_000_000, 1), None);
    assert_eq!(next(BaseFeeRule { max_change_denominator: 0, ..rule }, GWEI, 30_000_000, 1), None);
    assert_eq!(next(rule, u128::MAX, 30_000_000, 30_000_000), None, "past the price's type");
    assert_eq!(next(rule, u128::MAX, 30_000_000, 15_000_000), Some(u128::MAX));
    let on_target = BaseFeeRule { elasticity: 1, ..rule };
    let highest = on_target.highest_after(GasPrice(GWEI), Gas(30_000_000), u32::MAX);
    assert_eq!(highest, Some(GasPrice(GWEI)), "a full block is on target");
}

#[test]
fn gas_costs_its_price_however_large() {
    let cost = GasPrice(20 * GWEI).cost_of(Gas(21_000));
    assert_eq!(cost.to_decimal_string(18), "0.000420000000000000");
    let most = GasPrice(u128::MAX).cost_of(Gas(u64::MAX));
    assert_eq!(most.0, U256::from(u128::MAX) * U256::from(u64::MAX));
    assert_eq!(GasPrice(1).checked_add(GasPrice(2)), Some(GasPrice(3)));
    assert_eq!(GasPrice(1).checked_add(GasPrice(u128::MAX)), None);
}

#[test]
fn price_of_an_offer_at_a_base_fee() {
    let offer = DynamicFee { max_fee: GasPrice(30), max_priority_fee: GasPrice(2) };
    let at = |base_fee| offer.price_at(GasPrice(base_fee)).map(|price| price.0);
    assert_eq!(at(10), Some(12), "the whole tip");
    assert_eq!(at(29), Some(30), "what is left of it");
    assert_eq!(at(30), Some(30), "none of it");
    assert_eq!(at(31), None, "not in this block");
}

proptest! {
    #[test]
    fn the_next_base_fee_is_that_of_the_letter(
        base_fee in prop_oneof![0..200_u128, 0..10_000_000_000_000_u128, any::<u128>()],
        limit in prop_oneof![6..100_u64, 1_000_000..60_000_000_u64, 6..u64::MAX],
        share in 0.0..=1.0_f64,
        rule in prop_oneof![
            Just(BaseFeeRule::ETHEREUM), Just(BaseFeeRule::OP_BEDROCK), Just(BaseFeeRule::OP_CANYON)
        ],
    ) {
        let used = ((limit as f64 * share) as u64).min(limit);
        let expected = by_the_letter(rule, base_fee, limit, used);
        let found = next(rule, base_fee, limit, used);
        if expected > U512::from(u128::MAX) {
            prop_assert_eq!(found, None);
        } else {
            prop_assert_eq!(found.map(U512::from), Some(expected));
        }
    }

    #[test]
    fn more_gas_or_a_higher_base_fee_never_lower_the_next_one(
        base_fee in 0..1_000_000_000_000_u128, more in 0..1_000_000_000_u128,
        limit in 2..60_000_000_u64, one in 0..60_000_000_u64, other in 0..60_000_000_u64,
    ) {
        let (less_used, more_used) = (one.min(other).min(limit), one.max(other).min(limit));
        let after = |base_fee, used| next(BaseFeeRule::ETHEREUM, base_fee, limit, used).unwrap();
        prop_assert!(after(base_fee, less_used) <= after(base_fee, more_used));
        prop_assert!(after(base_fee, less_used) <= after(base_fee + more, less_used));
    }

    /// A transaction that offers the highest base fee there can be is valid all the while.
    #[test]
    fn no_blocks_pass_the_highest_base_fee(
        base_fee in 1..1_000_000_000_000_u128, limit in 2..60_000_000_u64,
        shares in proptest::collection::vec(0.0..=1.0_f64, 0..12),
    ) {
        let mut now = base_fee;
        for (share, blocks) in shares.into_iter().zip(1..) {
            let used = ((limit as f64 * share) as u64).min(limit);
            now = next(BaseFeeRule::ETHEREUM, now, limit, used).unwrap();
            let rule = BaseFeeRule::ETHEREUM;
            let highest = rule.highest_after(GasPrice(base_fee), Gas(limit), blocks).unwrap();
            prop_assert!(now <= highest.0);
            let tip = GasPrice(1_000);
            let max_fee = highest.checked_add(tip).unwrap();
            let offer = DynamicFee { max_fee, max_priority_fee: tip };
            prop_assert_eq!(offer.price_at(GasPrice(now)), Some(GasPrice(now + 1_000)));
        }
    }

    /// An even limit's full block multiplies by nine eighths, rounded down, at least one more.
    #[test]
    fn an_even_full_block_adds_an_eighth(base_fee in 0..u128::MAX / 9, half in 1..30_000_000_u64) {
        let expected = base_fee + (base_fee / 8).max(1);
        prop_assert_eq!(next(BaseFeeRule::ETHEREUM, base_fee, 2 * half, 2 * half), Some(expected));
    }
}
