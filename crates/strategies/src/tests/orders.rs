//! Ranges of one token that are withdrawn when the price has crossed them.

use super::following::path;
use super::{MILLION, amounts, asked, without_amounts};
use crate::{LimitRange, LimitSide, LimitThen, StrategyKind};

fn limit(side: LimitSide, rungs: u32, then: LimitThen) -> StrategyKind {
    let offset_ticks = 100;
    StrategyKind::LimitRange(LimitRange { side, rungs, offset_ticks, width_ticks: 200, then })
}

#[test]
fn orders_are_set_at_their_distance_and_of_one_token() {
    // From 100 ticks away on, the next multiple of 60; 200 wide is 240.
    let asked = asked(&limit(LimitSide::Both, 2, LimitThen::Rearm), MILLION, path(10, &[0]).tape());
    let expected = [
        "0: open 120..360 with 500000 and 0",
        "0: open 360..600 with 500000 and 0",
        "0: open -360..-120 with 0 and 500000",
        "0: open -600..-360 with 0 and 500000",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn a_filled_order_is_withdrawn_and_armed_the_other_way() {
    let kind = limit(LimitSide::Above, 1, LimitThen::Rearm);
    // 359 is in the order, 360 above it. Armed at 360: 100 below that is 260, down to 240.
    let asked = asked(&kind, amounts(1_000_000, 0), path(20, &[0, 359, 360, 100]).tape());
    let lines = without_amounts(&asked);
    assert_eq!(lines[..3], ["0: open 120..360", "35: close", "35: open 0..240"], "{asked:#?}");
    // Sold at the geometric mean of the ends, 1.0001^240, and paid 0.3 % of what came in on top:
    // 1,000,000 * 1.024288 / 0.997 = 1,027,371.
    let (_, bought) = asked[2].rsplit_once(" and ").expect("an amount");
    let bought: u64 = bought.parse().expect("a number");
    assert!(bought.abs_diff(1_027_371) <= 2, "{bought}");
    // The price is back at 100, in the order that buys: it is not filled before it is below 0.
    assert_eq!(lines.len(), 3, "{asked:#?}");
}

#[test]
fn what_was_sold_and_is_kept_is_kept() {
    let kind = limit(LimitSide::Above, 2, LimitThen::Keep);
    let asked = asked(&kind, MILLION, path(20, &[0, 360, 0, 600, 0]).tape());
    let expected = ["0: open 120..360", "0: open 360..600", "15: close", "55: close"];
    assert_eq!(without_amounts(&asked), expected, "{asked:#?}");
}

#[test]
fn a_side_without_a_token_has_no_orders() {
    let kind = limit(LimitSide::Both, 1, LimitThen::Rearm);
    let asked = asked(&kind, amounts(0, 1_000), path(10, &[0, 5]).tape());
    assert_eq!(asked, ["0: open -360..-120 with 0 and 1000"]);
}
