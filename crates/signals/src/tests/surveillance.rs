use proptest::prelude::*;

use super::{assert_close, assert_near};
use crate::surveillance::{FirstDigits, TradeNetting, benford_share};

fn netted(amounts: &[f64]) -> TradeNetting {
    let mut trades = TradeNetting::default();
    amounts.iter().for_each(|amount| trades.update(*amount));
    trades
}

/// A gives B 100 and gets 99.5, gives C 40 and gets 40, and gets 500 of D.
#[test]
fn q1007_trades_that_undo_each_other() {
    let [with_b, with_c, with_d] = [&[-100.0, 99.5][..], &[-40.0, 40.0], &[500.0]].map(netted);
    assert_near(with_b.netting().unwrap(), 0.997_493_734, 1e-9);
    assert_eq!(with_c.netting(), Some(1.0));
    assert_eq!(with_d.netting(), Some(0.0));
    let first_four = netted(&[-100.0, 99.5, -40.0, 40.0]);
    assert_near(first_four.margin().unwrap(), 0.007_155_636, 1e-9);
    assert!(first_four.margin().unwrap() < 0.01, "to be looked at");
    assert_eq!(with_d.margin(), Some(1.0));
    assert_eq!(netted(&[]).netting().or(netted(&[0.0]).margin()), None, "no volume");
    assert!(std::panic::catch_unwind(|| netted(&[f64::NAN])).is_err());
}

#[test]
fn q1009_first_digits_by_benford() {
    for (digit, per_cent) in [(1, 30.103), (2, 17.609), (9, 4.576)] {
        assert_near(benford_share(digit).unwrap() * 100.0, per_cent, 1e-3);
    }
    assert_eq!((benford_share(0), benford_share(10)), (None, None));
    let sum: f64 = (1..=9).filter_map(benford_share).sum();
    assert_close(sum, 1.0, 1e-15);
}

/// Powers of two follow the law; sizes of one make pass for none.
#[test]
fn sizes_that_follow_the_law_and_sizes_that_do_not() {
    let mut powers = FirstDigits::default();
    (0..127).for_each(|power| powers.update(1 << power));
    assert_eq!(powers.counts().iter().sum::<u64>(), 127);
    assert!(powers.chi_squared().unwrap() < 3.0);
    let mut round = FirstDigits::default();
    (1..=90).for_each(|size| round.update(size * 1_000));
    assert_eq!(round.counts(), [11, 11, 11, 11, 11, 11, 11, 11, 2]);
    assert!(round.chi_squared().unwrap() > 15.507);
    let mut none = FirstDigits::default();
    none.update(0);
    assert_eq!(none.chi_squared(), None);
}

proptest! {
    #[test]
    fn first_digits_are_those_that_are_written(
        sizes in proptest::collection::vec(any::<u128>(), 1..50)
    ) {
        let mut digits = FirstDigits::default();
        sizes.iter().for_each(|size| digits.update(*size));
        let mut written = [0; 9];
        for size in sizes {
            let first = size.to_string().bytes().next().unwrap();
            if first != b'0' {
                written[usize::from(first - b'1')] += 1;
            }
        }
        prop_assert_eq!(digits.counts(), written);
    }

    /// The order of trades does not matter but for roundings, and neither do their directions.
    #[test]
    fn netting_is_its_batch_definition(
        amounts in proptest::collection::vec(-9.0..9.0_f64, 1..50)
    ) {
        let net: f64 = amounts.iter().sum();
        let gross: f64 = amounts.iter().map(|amount| amount.abs()).sum();
        let trades = netted(&amounts);
        prop_assert_eq!(trades.netting(), Some(1.0 - net.abs() / gross));
        let mean = gross / amounts.len() as f64;
        prop_assert!((trades.margin().unwrap() - net.abs() / mean).abs() < 1e-12);
        let turned: Vec<f64> = amounts.iter().map(|amount| -amount).collect();
        prop_assert_eq!(netted(&turned).netting(), trades.netting());
    }
}
