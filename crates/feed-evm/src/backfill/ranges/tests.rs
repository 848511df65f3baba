use super::{RangeLimit, Ranges};

const HALVE: RangeLimit = RangeLimit { suggested: None };

#[test]
fn a_refusal_halves_down_to_one_block() {
    let ranges = Ranges::new(2, 1_000);
    let mut blocks = ranges.width(0);
    let mut seen = Vec::new();
    while blocks > 1 {
        blocks = ranges.refused(0, 7, blocks, HALVE);
        seen.push(blocks);
    }
    assert_eq!(seen, [500, 250, 125, 62, 31, 15, 7, 3, 1]);
    assert_eq!((ranges.width(0), ranges.width(1)), (1, 1_000), "the other node's is its own");
}

#[test]
fn a_suggestion_is_taken_if_it_begins_there_and_is_less() {
    let ranges = Ranges::new(1, 1_000);
    let named = |suggested| RangeLimit { suggested: Some(suggested) };
    assert_eq!(ranges.refused(0, 100, 1_000, named((100, 899))), 800);
    assert_eq!(ranges.refused(0, 100, 800, named((0, 9))), 400, "of other blocks");
    assert_eq!(ranges.refused(0, 100, 400, named((100, 999))), 200, "more than was refused");
    assert_eq!(ranges.width(0), 200);
}

#[test]
fn answers_widen_up_to_the_most() {
    let ranges = Ranges::new(1, 1_000);
    ranges.refused(0, 0, 1_000, HALVE);
    ranges.answered(0, 499);
    assert_eq!(ranges.width(0), 500, "a narrower answer proves nothing");
    ranges.answered(0, 500);
    assert_eq!(ranges.width(0), 626);
    for _ in 0..9 {
        ranges.answered(0, ranges.width(0));
    }
    assert_eq!(ranges.width(0), 1_000);
}
