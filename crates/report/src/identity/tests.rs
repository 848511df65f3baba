use tidemill_units::SignedAmount;

use crate::{Identity, synthetic};

fn raw(value: i128) -> SignedAmount {
    SignedAmount::from_i128(value)
}

#[test]
fn every_synthetic_strategy_adds_up() {
    for strategy in &synthetic::tear_sheet().strategies {
        let identity = Identity::of(strategy);
        assert_eq!(identity.difference(), Some(SignedAmount::ZERO), "{}", strategy.name);
        assert!(identity.holds(), "{}", strategy.name);
    }
}

#[test]
fn one_raw_unit_off_does_not_hold() {
    let exact = Identity {
        fees: raw(10),
        rewards: raw(2),
        il: raw(-5),
        swap_cost: raw(3),
        gas: raw(4),
        funding: raw(0),
        hedge: raw(0),
        net: raw(10),
        reported_difference: raw(0),
    };
    assert!(exact.holds());
    let off = Identity { net: raw(11), ..exact };
    assert!(!off.holds());
    assert_eq!(off.difference(), Some(raw(-1)));
    assert!(!Identity { rewards: raw(3), ..exact }.holds(), "a reward is a part of the sum");
    assert!(!Identity { reported_difference: raw(1), ..exact }.holds());
}

#[test]
fn a_sum_out_of_range_does_not_hold() {
    let identity = Identity {
        fees: SignedAmount::MIN,
        rewards: raw(0),
        il: SignedAmount::MAX,
        swap_cost: raw(0),
        gas: raw(0),
        funding: raw(0),
        hedge: raw(0),
        net: raw(0),
        reported_difference: raw(0),
    };
    assert_eq!(identity.attributed(), None);
    assert!(!identity.holds());
}
