use tidemill_units::Tick;

use crate::{Reset, TauReset};

#[test]
fn q302_resets_of_a_path() {
    let mut rule = TauReset::new(Tick(0), 10);
    let resets: Vec<_> =
        [0, 5, 11, 9, -2, -13].into_iter().filter_map(|tick| rule.update(Tick(tick))).collect();
    let reset = |from, to| Reset { from: Tick(from), to: Tick(to) };
    assert_eq!(resets, [reset(0, 11), reset(11, -2), reset(-2, -13)]);
    assert_eq!(rule.centre(), Tick(-13));
}

#[test]
fn tau_itself_is_near_enough_and_looking_changes_nothing() {
    let mut rule = TauReset::new(Tick(100), 10);
    for tick in [90, 110] {
        assert!(!rule.is_beyond(Tick(tick)));
        assert_eq!(rule.update(Tick(tick)), None);
    }
    for tick in [89, 111, i32::MIN, i32::MAX] {
        assert!(rule.is_beyond(Tick(tick)));
    }
    assert_eq!(rule, TauReset::new(Tick(100), 10));
}
