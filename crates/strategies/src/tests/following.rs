//! Strategies that move with the price.

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market};
use tidemill_model::AssetId;
use tidemill_strategy::{Strategy, View};
use tidemill_units::{BlockNumber, Side};

use super::synthetic_tape::{FIRST_BLOCK, POOL, SyntheticTape, chain_events};
use super::{MILLION, VALUATION, asked, recentre, without_amounts};
use crate::volatility_range::VolatilityRangeDecider;
use crate::{Recentre, RecentreReset, StrategyKind, VolatilityRange};

/// A deep pool that stands at each of these ticks for some blocks: long enough to close, swap and
/// open, each in a block of its own.
pub(super) fn path(blocks_apart: u64, ticks: &[i32]) -> SyntheticTape {
    let mut synthetic = SyntheticTape::deep_at_tick(ticks[0]);
    for tick in &ticks[1..] {
        synthetic.skip_blocks(blocks_apart - 5);
        synthetic.swap_to(*tick);
        for _ in 0..5 {
            synthetic.skip_blocks(1);
            // One unit is all fee: the price stays.
            synthetic.swap_in(Side::Token0, 1);
        }
    }
    synthetic
}

/// The ranges that a strategy opened, in order.
fn opened(strategy: &StrategyKind, synthetic: &SyntheticTape) -> Vec<String> {
    let asked = asked(strategy, MILLION, synthetic.tape());
    let range = |line: &String| {
        let (_, rest) = line.split_once("open ")?;
        rest.split_once(' ').map(|(range, _)| range.to_owned())
    };
    asked.iter().filter_map(range).collect()
}

#[test]
fn q302_recentre_follows_the_path_with_three_moves() {
    let kind = recentre(60, 10);
    let synthetic = path(10, &[0, 5, 11, 9, -2, -13]);
    // Around 0, 11, -2 and -13, widened to the spacing of 60.
    assert_eq!(opened(&kind, &synthetic), ["-60..60", "-60..120", "-120..60", "-120..60"]);
    let asked = asked(&kind, MILLION, synthetic.tape());
    let moves = asked.iter().filter(|line| line.ends_with("close")).count();
    assert_eq!(moves, 3);
}

#[test]
fn recentre_closes_swaps_and_opens_each_after_the_one_before() {
    let kind = recentre(60, 60);
    let asked = asked(&kind, MILLION, path(20, &[0, 60, 61, 300]).tape());
    // 60 is the threshold itself, 61 is beyond it: block 35 is the first at 61, and each answer
    // comes on the end of the order before, when that is known.
    let expected = [
        "0: open -60..60",
        "35: close",
        "35: swap",
        "36: open 0..180",
        "55: close",
        "55: swap",
        "56: open 240..360",
    ];
    assert_eq!(without_amounts(&asked), expected, "{asked:#?}");
}

#[test]
fn recentre_with_a_small_threshold_moves_while_still_in_range() {
    let early = recentre(600, 100);
    let synthetic = path(10, &[0, 100, 101, 201, 202]);
    assert_eq!(opened(&early, &synthetic), ["-600..600", "-540..720", "-420..840"]);
}

fn volatility(sigmas: f64, bounds: [i32; 2]) -> StrategyKind {
    let [min_half_width_ticks, max_half_width_ticks] = bounds;
    StrategyKind::VolatilityRange(VolatilityRange {
        sigmas,
        horizon_days: 1.0,
        half_life_hours: 0.1,
        sample_minutes: 5,
        min_half_width_ticks,
        max_half_width_ticks,
    })
}

#[test]
fn the_width_is_so_many_standard_deviations() {
    // 100 ticks in 25 blocks of 12 seconds are 100 sqrt(288) = 1697.06 a day; twice that is 3394
    // each way from 100: -3294 and 3494, widened to the spacing.
    let synthetic = path(30, &[0, 100]);
    assert_eq!(opened(&volatility(2.0, [60, 99_999]), &synthetic), ["-60..60", "-3300..3540"]);
    // Half a standard deviation: 848, so -748 and 948.
    assert_eq!(opened(&volatility(0.5, [60, 99_999]), &synthetic), ["-60..60", "-780..960"]);
}

#[test]
fn the_width_is_for_the_horizon() {
    let quarter_day = StrategyKind::VolatilityRange(VolatilityRange {
        sigmas: 2.0,
        horizon_days: 0.25,
        half_life_hours: 24.0,
        sample_minutes: 5,
        min_half_width_ticks: 60,
        max_half_width_ticks: 99_999,
    });
    // The square root of a quarter is a half: 1697 each way from 100, -1597 and 1797.
    assert_eq!(opened(&quarter_day, &path(30, &[0, 100])), ["-60..60", "-1620..1800"]);
}

#[test]
fn the_width_stays_within_its_bounds() {
    let synthetic = path(30, &[0, 100]);
    assert_eq!(opened(&volatility(2.0, [60, 1_000]), &synthetic), ["-60..60", "-900..1140"]);
    // 250 ticks in 7,200 blocks are 250 a day: 0.1 of it is below the least.
    let calm = path(7_205, &[0, 250]);
    assert_eq!(opened(&volatility(0.1, [200, 1_000]), &calm), ["-240..240", "0..480"]);
}

#[test]
fn recent_returns_weigh_more() {
    // Two returns, 100 and then -300 ticks in 360 seconds each: one half-life of 0.1 hours apart.
    // The variance is (100^2 / 2 + 300^2) / (1 + 1/2) = 63,333 per 360 seconds; its root is 251.66,
    // times sqrt(240) 3898.7 a day, and 0.1 of it 389 each way from -200: -589 and 189.
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.skip_blocks(5);
    for tick in [100, -200] {
        synthetic.skip_blocks(25);
        synthetic.swap_to(tick);
        for _ in 0..5 {
            synthetic.skip_blocks(1);
            synthetic.swap_in(Side::Token0, 1);
        }
    }
    // After the first return alone: 0.1 of 100 sqrt(240) = 154 each way from 100, -54 and 254.
    assert_eq!(
        opened(&volatility(0.1, [60, 99_999]), &synthetic),
        ["-60..60", "-60..300", "-600..240"]
    );
}

#[test]
fn the_price_between_two_samples_does_not_count() {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    for (later, tick) in [(1, 30), (1, -30), (1, 50), (22, 100)] {
        synthetic.skip_blocks(later);
        synthetic.swap_to(tick);
    }
    for _ in 0..4 {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token0, 1);
    }
    assert_eq!(opened(&volatility(2.0, [60, 99_999]), &synthetic), ["-60..60", "-3300..3540"]);
}

#[test]
fn a_price_in_range_moves_nothing() {
    let synthetic = path(30, &[0, 59, -60, 59]);
    assert_eq!(opened(&volatility(2.0, [60, 99_999]), &synthetic), ["-60..60"]);
}

/// The markets that a strategy sees one after another, and from where on blocks were taken back.
fn volatility_after(seen: &[(&Market, Option<u64>)]) -> String {
    let width = VolatilityRange {
        sigmas: 1.0,
        horizon_days: 1.0,
        half_life_hours: 1.0,
        sample_minutes: 5,
        min_half_width_ticks: 60,
        max_half_width_ticks: 6_000,
    };
    let (mut strategy, mut ledger) = (VolatilityRangeDecider::new(width), Ledger::default());
    ledger.add_pool(POOL, PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2)));
    for (market, reverted) in seen {
        let view = View::new(market, &ledger, VALUATION).expect("the pool");
        let reverted = reverted.map(|later| BlockNumber(FIRST_BLOCK + later));
        assert!(strategy.decide(&view.with_reverted(reverted)).is_empty(), "nothing to invest");
    }
    format!("{strategy:?}")
}

#[test]
fn a_price_in_a_block_that_was_taken_back_is_no_sample() {
    let market = |later: u64, tick: i32| {
        let mut synthetic = SyntheticTape::deep_at_tick(0);
        synthetic.skip_blocks(later);
        synthetic.swap_to(tick);
        let mut market = Market::new(Footprint::PriceTaker);
        market.add_pool(synthetic.tape()).expect("a tape");
        for event in chain_events(synthetic.tape()) {
            market.apply(&event).expect("it reproduces");
        }
        market
    };
    let (high, low, later) = (market(9, 1_000), market(9, 10), market(40, 12));
    let without = volatility_after(&[(&low, None), (&later, None)]);
    let taken_back = volatility_after(&[(&high, None), (&low, Some(9)), (&later, None)]);
    assert_eq!(taken_back, without);
    let above = volatility_after(&[(&high, None), (&low, Some(10)), (&later, None)]);
    assert_ne!(above, without, "a block above the sample's takes nothing from it");
}

#[test]
fn q302_an_exit_reset_is_a_tau_reset_at_the_half_width() {
    let exit =
        StrategyKind::Recentre(Recentre { half_width_ticks: 60, reset: RecentreReset::Exit });
    let synthetic = path(20, &[0, 60, 61, 300]);
    let by_exit = asked(&exit, MILLION, synthetic.tape());
    assert_eq!(by_exit, asked(&recentre(60, 60), MILLION, synthetic.tape()));
    assert_eq!(by_exit.iter().filter(|line| line.ends_with("close")).count(), 2);
}
