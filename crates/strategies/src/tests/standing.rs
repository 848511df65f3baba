//! Strategies that never move.

use tidemill_units::Side;

use super::synthetic_tape::SyntheticTape;
use super::{FIXED, MILLION, amounts, asked, full};
use crate::{FullRange, Hold, PoolFacts, StrategyKind};

/// A deep pool from tick 37 to far away and back.
fn journey() -> SyntheticTape {
    let mut synthetic = SyntheticTape::deep_at_tick(37);
    for tick in [200, 5_000, -9_000, 37, 50_000] {
        synthetic.skip_blocks(20);
        synthetic.swap_to(tick);
        synthetic.skip_blocks(20);
        synthetic.swap_in(Side::Token0, 1);
    }
    synthetic
}

#[track_caller]
fn check(strategy: &StrategyKind, wallet: [u128; 2], expected: &[&str]) {
    let [amount0, amount1] = wallet;
    assert_eq!(asked(strategy, amounts(amount0, amount1), journey().tape()), expected);
}

#[test]
fn hold_never_acts() {
    for wallet in [[1_000_000, 1_000_000], [0, 5], [0, 0]] {
        check(&StrategyKind::Hold(Hold {}), wallet, &[]);
    }
}

#[test]
fn full_range_opens_once_over_all_ticks() {
    // At tick 37 a token0 is worth 1.0037 token1: that is near enough to half and half.
    let opened = format!("0: open {} with 1000000 and 1000000", full());
    check(&StrategyKind::FullRange(FullRange {}), [1_000_000, 1_000_000], &[&opened]);
    assert_eq!(full().to_string(), "-887220..887220");
}

#[test]
fn full_range_first_balances_a_wallet_of_one_token() {
    // Half of 2,000,000, a unit less by rounding, goes in. The pool had no liquidity at its very
    // first event, so the swap waits for the next one. 999,999 less 0.3 % are 996,999 token1, and
    // 993,317 token0 at 1.0001^37; half a percent less of those, 988,350, is accepted.
    let swap = "0: swap 999999 of Token1 for 988350 or more";
    let opened = format!("0: open {} with 993317 and 1000001", full());
    check(&StrategyKind::FullRange(FullRange {}), [0, 2_000_000], &[swap, &opened]);
}

#[test]
fn fixed_range_opens_once_around_the_first_tick_and_never_moves() {
    // 37 - 600 = -563 goes down to -600, 37 + 600 = 637 up to 660.
    let asked = asked(&FIXED, MILLION, journey().tape());
    let opened: Vec<_> = asked.iter().filter(|line| line.contains("open -600..660 ")).collect();
    assert_eq!(opened.len(), 1, "{asked:?}");
    assert_eq!(asked.last(), opened.last().copied(), "nothing after it");
    assert!(asked.len() <= 2, "at most one swap before it: {asked:?}");
}

#[test]
fn fixed_range_keeps_the_range_of_the_first_tick_while_it_balances_its_wallet() {
    let asked = asked(&FIXED, amounts(0, 2_000_000), journey().tape());
    let [swap, open] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(swap.starts_with("0: swap "), "{swap}");
    assert!(open.contains("open -600..660 "), "{open}");
}

#[test]
fn an_empty_wallet_asks_for_nothing() {
    for strategy in StrategyKind::defaults(Some(PoolFacts::Concentrated { tick_spacing: 60 })) {
        check(&strategy, [0, 0], &[]);
    }
}
