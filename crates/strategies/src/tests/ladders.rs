//! Several ranges side by side.

use super::following::path;
use super::synthetic_tape::SyntheticTape;
use super::{MILLION, amounts, asked, without_amounts};
use crate::{Ladder, LadderMove, LadderWeights, StrategyKind};

fn ladder(rungs_below: u32, rungs_above: u32) -> Ladder {
    Ladder { rungs_below, rungs_above, rung_ticks: 60, ..Ladder::default() }
}

#[track_caller]
fn check_opened(ladder: Ladder, wallet: [u128; 2], expected: &[&str]) {
    let [amount0, amount1] = wallet;
    let tape = SyntheticTape::deep_at_tick(0);
    let kind = StrategyKind::Ladder(ladder);
    assert_eq!(asked(&kind, amounts(amount0, amount1), tape.tape()), expected);
}

/// At tick 0 one token0 is worth one token1, and every rung is of one token.
#[test]
fn rungs_weigh_as_they_are_told() {
    check_opened(
        ladder(2, 2),
        [1_000_000; 2],
        &[
            "0: open -60..0 with 0 and 500000",
            "0: open -120..-60 with 0 and 500000",
            "0: open 0..60 with 500000 and 0",
            "0: open 60..120 with 500000 and 0",
        ],
    );
    // 3 : 2 : 1 of 600,000 each way.
    let linear = Ladder { weights: LadderWeights::Linear, ..ladder(3, 3) };
    check_opened(
        linear,
        [600_000; 2],
        &[
            "0: open -60..0 with 0 and 300000",
            "0: open -120..-60 with 0 and 200000",
            "0: open -180..-120 with 0 and 100000",
            "0: open 0..60 with 300000 and 0",
            "0: open 60..120 with 200000 and 0",
            "0: open 120..180 with 100000 and 0",
        ],
    );
    // 1 : 1/4 of a million: four and one fifths.
    let geometric = Ladder { weights: LadderWeights::Geometric, ratio: Some(0.25), ..ladder(2, 2) };
    check_opened(
        geometric,
        [1_000_000; 2],
        &[
            "0: open -60..0 with 0 and 800000",
            "0: open -120..-60 with 0 and 200000",
            "0: open 0..60 with 800000 and 0",
            "0: open 60..120 with 200000 and 0",
        ],
    );
}

#[test]
fn a_lopsided_ladder_first_swaps_to_what_its_sides_take() {
    // At tick 1 the wallet is worth 2,000,100, and each rung takes a quarter, 500,025. Of the one
    // around the price a sixtieth is below it: 8,346 token1. So 1,000,000 - 508,371 are swapped.
    let asked = asked(&StrategyKind::Ladder(ladder(1, 3)), MILLION, path(10, &[0, 1]).tape());
    assert!(asked[0].contains(": swap 491629 of Token1 for "), "{asked:?}");
    let lines = without_amounts(&asked);
    let opened: Vec<_> = lines[1..].iter().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(opened, ["open -60..0", "open 0..60", "open 60..120", "open 120..180"]);
}

#[test]
fn a_whole_ladder_moves_when_the_price_has_left_it() {
    let kind = StrategyKind::Ladder(ladder(2, 2));
    let asked = asked(&kind, MILLION, path(20, &[0, 119, 121]).tape());
    let expected = [
        "0: open -60..0",
        "0: open -120..-60",
        "0: open 0..60",
        "0: open 60..120",
        "35: close",
        "35: close",
        "35: close",
        "35: close",
        "35: swap",
        "36: open 60..120",
        "36: open 0..60",
        "36: open 120..180",
        "36: open 180..240",
    ];
    assert_eq!(without_amounts(&asked), expected, "{asked:#?}");
}

#[test]
fn a_ladder_moves_rung_by_rung() {
    let moves = LadderMove::Rung;
    let kind = StrategyKind::Ladder(Ladder { moves, ..ladder(2, 2) });
    // 59 is in the first rung above; 60 is in the next, so the lowest goes up; back at 1 the price
    // is in the first rung below the new base, and nothing moves.
    let asked = asked(&kind, MILLION, path(20, &[0, 59, 60, 1]).tape());
    let moved = ["35: close", "35: swap", "36: open 120..180"];
    assert_eq!(without_amounts(&asked)[4..], moved, "{asked:#?}");
}

#[test]
fn a_ladder_that_may_not_open_all_rungs_asks_again_in_an_hour_only() {
    // A wallet of one unit buys no liquidity: the order is rejected, the wallet stays.
    let tape = path(10, &[0, 1, 2, 3, 4, 5]);
    let asked = asked(&StrategyKind::Ladder(ladder(1, 1)), amounts(1, 1), tape.tape());
    assert!(asked.len() <= 2, "{asked:?}");
}
