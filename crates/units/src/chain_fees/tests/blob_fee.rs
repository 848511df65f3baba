use proptest::prelude::*;
use ruint::Uint;

use crate::chain_fees::{BlobGas, BlobSchedule, GAS_PER_BLOB, fake_exponential};
use crate::{Gas, GasPrice, U256};

type U2048 = Uint<2048, 32>;

const SCHEDULES: [BlobSchedule; 5] = [
    BlobSchedule::CANCUN,
    BlobSchedule::PRAGUE,
    BlobSchedule::OSAKA,
    BlobSchedule::BPO1,
    BlobSchedule::BPO2,
];

fn fee(schedule: BlobSchedule, excess: u64) -> Option<u128> {
    schedule.base_fee(Gas(excess)).map(|price| price.0)
}

fn blobs(excess: u64, used: u64) -> BlobGas {
    BlobGas { excess: Gas(excess * GAS_PER_BLOB.0), used: Gas(used * GAS_PER_BLOB.0) }
}

/// EIP-4844's pseudo-code, in integers that hold any term of the cases it is asked for.
fn by_the_letter(factor: u128, numerator: u128, denominator: u128) -> U2048 {
    let [factor, numerator, denominator] = [factor, numerator, denominator].map(U2048::from);
    let (mut output, mut term, mut i) = (U2048::ZERO, factor * denominator, U2048::from(1));
    while term > U2048::ZERO {
        output += term;
        term = term * numerator / (denominator * i);
        i += U2048::from(1);
    }
    output / denominator
}

#[test]
fn q807a_blob_base_fee_of_both_update_fractions() {
    let excess = 30_000_000;
    assert_eq!(fake_exponential(1, excess, 3_338_477), Some(U256::from(7_991)));
    assert_eq!(fake_exponential(1, excess, 5_007_716), Some(U256::from(399)));
    assert_eq!(fee(BlobSchedule::CANCUN, 30_000_000), Some(7_991));
    assert_eq!(fee(BlobSchedule::PRAGUE, 30_000_000), Some(399));
}

/// go-ethereum's vectors, `consensus/misc/eip4844`.
#[test]
fn published_vectors_of_the_exponential() {
    for (factor, numerator, denominator, expected) in [
        (1, 0, 1, 1_u64),
        (38_493, 0, 1_000, 38_493),
        (0, 1_234, 2_345, 0),
        (1, 2, 1, 6),
        (1, 4, 2, 6),
        (1, 3, 1, 16),
        (1, 6, 2, 18),
        (1, 4, 1, 49),
        (1, 8, 2, 50),
        (10, 8, 2, 542),
        (11, 8, 2, 596),
        (1, 5, 1, 136),
        (1, 5, 2, 11),
        (2, 5, 2, 23),
        (1, 50_000_000, 2_225_652, 5_709_098_764),
    ] {
        let found = fake_exponential(factor, numerator, denominator);
        assert_eq!(found, Some(U256::from(expected)), "{factor} {numerator} {denominator}");
    }
    let cancun = BlobSchedule::CANCUN;
    let fees = [(0, 1), (2_314_057, 1), (2_314_058, 2), (10 * 1_024 * 1_024, 23)];
    for (excess, expected) in fees {
        assert_eq!(fee(cancun, excess), Some(expected), "{excess}");
    }
}

#[test]
fn what_no_integer_holds_is_nothing() {
    assert_eq!(fake_exponential(1, 1, 0), None);
    assert_eq!(fake_exponential(1, 300, 1), None, "e^300 is about 2^433");
    assert_eq!(fake_exponential(u128::MAX, u128::MAX, 1), None);
    assert_eq!(fee(BlobSchedule::CANCUN, u64::MAX), None);
    let none = BlobSchedule { update_fraction: 0, ..BlobSchedule::CANCUN };
    assert_eq!(fee(none, 1), None);
    let full = BlobGas { excess: Gas(u64::MAX), used: Gas(1) };
    assert_eq!(BlobSchedule::CANCUN.next_excess(full, GasPrice(1)), None);
}

/// What the update fractions were chosen for: a full block above the target raises the fee by an
/// eighth in Cancun, and by the same 8.17 per cent in all that came after it.
#[test]
fn full_blocks_raise_the_fee_by_what_the_schedule_was_made_for() {
    for schedule in SCHEDULES {
        let room = (schedule.max_blobs - schedule.target_blobs) * GAS_PER_BLOB.0;
        let rise = (room as f64 / schedule.update_fraction as f64).exp_m1();
        let expected = if schedule == BlobSchedule::CANCUN { 0.125 } else { 0.081_687_18 };
        assert!((rise - expected).abs() < 2e-8, "{schedule:?}: {rise}");
    }
}

/// The excess is what was used beyond the target, and never below zero.
#[test]
fn excess_by_hand() {
    let cancun = |excess, used| {
        let next = BlobSchedule::CANCUN.next_excess(blobs(excess, used), GasPrice(u128::MAX));
        next.map(|gas| gas.0 / GAS_PER_BLOB.0)
    };
    assert_eq!(cancun(0, 0), Some(0));
    assert_eq!(cancun(0, 2), Some(0));
    assert_eq!(cancun(0, 3), Some(0));
    assert_eq!(cancun(0, 6), Some(3));
    assert_eq!(cancun(1, 3), Some(1));
    assert_eq!(cancun(2, 0), Some(0));
    assert_eq!(cancun(10, 0), Some(7));
}

/// EIP-7918: where a blob costs less than its share of plain gas, the excess grows by a third of
/// what was used, on target or not.
#[test]
fn excess_where_a_blob_has_a_base_cost() {
    let osaka = BlobSchedule::OSAKA;
    let next = |used, base_fee| {
        osaka.next_excess(blobs(30, used), GasPrice(base_fee)).map(|gas| gas.0 / GAS_PER_BLOB.0)
    };
    // 30 blobs of excess are worth one wei a unit: 131,072 wei a blob, 8,192 gas at 16 wei.
    assert_eq!(fee(osaka, 30 * GAS_PER_BLOB.0), Some(2));
    assert_eq!(next(6, 32), Some(30), "not more than it costs");
    assert_eq!(next(6, 33), Some(32), "a third of six");
    assert_eq!(next(0, 33), Some(30));
    assert_eq!(next(9, 33), Some(33));
    assert_eq!(next(9, 32), Some(33));
    let before = BlobSchedule::PRAGUE.next_excess(blobs(30, 6), GasPrice(33));
    assert_eq!(before, Some(Gas(30 * GAS_PER_BLOB.0)), "Prague knows no base cost");
}

proptest! {
    #[test]
    fn the_exponential_is_that_of_the_letter(
        factor in prop_oneof![0..5_u128, 0..1_000_000_000_u128],
        numerator in 0..400_000_000_u128,
        denominator in
            prop_oneof![Just(3_338_477_u128), Just(5_007_716), 2_500_000..9_000_000_u128],
    ) {
        let found = fake_exponential(factor, numerator, denominator).unwrap();
        prop_assert_eq!(U2048::from(found), by_the_letter(factor, numerator, denominator));
    }

    #[test]
    fn more_excess_never_costs_less(one in 0..140_000_000_u64, more in 0..140_000_000_u64) {
        for schedule in SCHEDULES {
            prop_assert!(fee(schedule, one).unwrap() <= fee(schedule, one + more).unwrap());
            prop_assert!(fee(schedule, one).unwrap() >= 1);
        }
    }

    /// Blocks on target leave the excess alone; Osaka's too, where blobs cost enough.
    #[test]
    fn blocks_on_target_leave_the_excess(excess in 0..300_u64) {
        for schedule in SCHEDULES {
            let on_target = blobs(excess, schedule.target_blobs);
            prop_assert_eq!(schedule.next_excess(on_target, GasPrice(16)), Some(on_target.excess));
        }
    }
}
