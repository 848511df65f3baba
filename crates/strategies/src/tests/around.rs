//! Sizes and filters around a strategy, and the width that a pool's own measure gives.

use tidemill_units::Amounts;

use super::following::path;
use super::synthetic_tape::SyntheticTape;
use super::{FIXED, MILLION, amounts, asked, asked_by, without_amounts};
use crate::{
    BuildError, OptimalWidth, PoolFacts, Services, Size, SizeRule, StrategyConfig, StrategyKind,
    TrendFilter, TrendRule, VolatilityFilter,
};

/// A pool that is paid a fee in its first minute and goes to tick 100 after six, then to others.
fn paid(fee: u128, later: &[i32]) -> SyntheticTape {
    let mut tape = SyntheticTape::deep_at_tick(0);
    tape.skip_blocks(1);
    tape.flash(amounts(0, fee));
    tape.skip_blocks(29);
    tape.swap_to(100);
    for tick in later {
        tape.skip_blocks(5);
        tape.flash(Amounts::ZERO);
        tape.skip_blocks(25);
        tape.swap_to(*tick);
    }
    for _ in 0..5 {
        tape.skip_blocks(1);
        tape.flash(Amounts::ZERO);
    }
    tape
}

fn optimal() -> StrategyKind {
    StrategyKind::OptimalWidth(OptimalWidth {
        concentration_cost_daily: 0.005,
        warm_up_hours: 0.1,
        half_life_hours: 0.1,
        min_half_width_ticks: 60,
        ..OptimalWidth::default()
    })
}

/// Six minutes, in which 10^17 of token1 are paid as a fee on 10^21 of liquidity, and 0.3 % of a
/// swap to 1.0001^100: 1.1509e-4 for each unit, over twice the root of the price 5.7255e-5; a day
/// has 240 times as much, 0.0137410. 100 ticks in six minutes are a variance of 0.0239976 a day.
/// So the width is 2 * 0.005 / (4 * 0.0137410 - 0.0119988) = 0.2327471, whose ends are 1199.026
/// ticks from 100: -1099 and 1299, widened to the spacing.
#[test]
fn q301_the_best_width_follows_from_the_pools_own_fees_and_volatility() {
    let asked = asked(&optimal(), MILLION, paid(100_000_000_000_000_000, &[]).tape());
    assert_eq!(without_amounts(&asked)[0], "30: open -1140..1320", "{asked:?}");
}

#[test]
fn it_stays_out_where_fees_do_not_pay_for_the_loss() {
    assert!(asked(&optimal(), MILLION, paid(0, &[]).tape()).is_empty());
    // A price that moves on without fees, within the range: it leaves.
    let tape = paid(100_000_000_000_000_000, &[900]);
    let asked = asked(&optimal(), MILLION, tape.tape());
    assert_eq!(without_amounts(&asked), ["30: open -1140..1320", "60: close"], "{asked:?}");
}

fn sized(size: Size) -> StrategyConfig {
    StrategyConfig { size: Some(size), ..StrategyConfig::of(FIXED) }
}

#[test]
fn a_fixed_part_is_put_in_and_the_rest_is_kept() {
    let size = Size { part_bps: Some(2_500), ..Size::default() };
    let asked = asked_by(&sized(size), MILLION, path(10, &[0, 5, 9]).tape());
    assert_eq!(asked, ["0: open -600..600 with 250000 and 250000"]);
    // Of a wallet of one token a quarter is put in too, half of it swapped.
    let asked = asked_by(&sized(size), amounts(0, 2_000_000), path(10, &[0, 5, 9]).tape());
    let lines = without_amounts(&asked);
    assert_eq!(lines.len(), 2, "{asked:?}");
    assert!(asked[0].contains(": swap 250000 of Token1"), "{asked:?}");
    // What came out of the swap, and what was left of the half million.
    let (_, left) = asked[1].rsplit_once(" and ").expect("an amount");
    assert_eq!(left, "250000", "{asked:?}");
}

/// How much of token0 was swapped or put in.
fn put_in(asked: &[String]) -> u64 {
    let [swap, open] = asked else { panic!("{asked:?}") };
    let between = |line: &str, from: &str, to: &str| -> u64 {
        let (_, rest) = line.split_once(from).expect("an amount");
        rest.split_once(to).and_then(|(amount, _)| amount.parse().ok()).expect("a number")
    };
    between(swap, "30: swap ", " of Token0") + between(open, "open -600..600 with ", " and ")
}

/// The volatility of [`paid`] is 0.1549116 a day.
#[test]
fn a_volatility_target_puts_in_less_of_what_is_more_volatile() {
    let size = Size {
        rule: SizeRule::VolatilityTarget,
        target_sigma_daily: Some(0.031),
        half_life_hours: 0.1,
        warm_up_hours: 0.1,
        ..Size::default()
    };
    let asked = asked_by(&sized(size), MILLION, paid(0, &[]).tape());
    // 0.031 / 0.1549116 = 0.20011: 2001 basis points; nothing before that was measured.
    assert_eq!(put_in(&asked), 200_100, "{asked:?}");
    let more = Size { target_sigma_daily: Some(0.5), ..size };
    let asked = asked_by(&sized(more), MILLION, paid(0, &[]).tape());
    assert_eq!(put_in(&asked), 1_000_000, "{asked:?}");
}

#[test]
fn kelly_puts_in_by_what_is_earned_over_its_variance() {
    let size = Size {
        rule: SizeRule::Kelly,
        kelly_fraction: Some(0.2),
        half_life_hours: 0.1,
        warm_up_hours: 0.1,
        ..Size::default()
    };
    // Growth is 0.0137410 - 0.0239976 / 8 = 0.0107413, the variance a quarter of 0.0239976: a fifth
    // of 1.790408 is 0.358081.
    let tape = paid(100_000_000_000_000_000, &[]);
    let asked = asked_by(&sized(size), MILLION, tape.tape());
    assert_eq!(put_in(&asked), 358_000, "{asked:?}");
    // What loses is left alone.
    assert!(asked_by(&sized(size), MILLION, paid(0, &[]).tape()).is_empty());
}

fn trending(filter: TrendFilter) -> StrategyConfig {
    let filter = TrendFilter { candle_minutes: Some(2), ..filter };
    StrategyConfig { trend_filter: Some(filter), ..StrategyConfig::of(FIXED) }
}

/// Candles begin where the seconds since 1970 are a multiple of 120, 80 seconds before the first
/// block and then 40 after it: in blocks 4, 14, 24 and so on.
#[test]
fn it_is_out_while_the_averages_are_apart() {
    let filter = TrendFilter {
        fast: Some(1),
        slow: Some(2),
        threshold_ticks: Some(49),
        ..TrendFilter::default()
    };
    // Closes of 0, 0, 100, 100, 100: the averages are 50 apart after the third, and together after
    // the fourth. The third candle is that of block 25, at which the price is 100 first.
    let asked = asked_by(&trending(filter), MILLION, path(10, &[0, 0, 0, 100, 100, 100]).tape());
    let lines = without_amounts(&asked);
    // Each is known with the first event after it, in block 36 and in block 46.
    assert_eq!(lines, ["0: open -600..600", "36: close", "46: open -600..600"], "{asked:?}");
}

#[test]
fn it_is_out_while_the_price_is_out_of_its_channel() {
    let filter =
        TrendFilter { rule: TrendRule::Donchian, length: Some(2), ..TrendFilter::default() };
    // 200 is above the two candles before it, 0 and 10: out with the next candle. 190 then is not
    // below the middle of 10 and 200, 105; 20 is below that of 200 and 190, 195.
    let ticks = [0, 10, 200, 190, 20, 20, 20];
    let asked = asked_by(&trending(filter), MILLION, path(10, &ticks).tape());
    let closes: Vec<_> = asked.iter().filter(|line| line.contains("close")).collect();
    let opens: Vec<_> = asked.iter().filter(|line| line.contains("open")).collect();
    assert_eq!((closes.len(), opens.len()), (1, 1), "{asked:?}");
}

#[test]
fn it_is_out_while_fees_do_not_pay_for_the_volatility() {
    let filter = VolatilityFilter {
        warm_up_hours: 0.1,
        half_life_hours: 0.1,
        ..VolatilityFilter::default()
    };
    let around = StrategyConfig { volatility_filter: Some(filter), ..StrategyConfig::of(FIXED) };
    // With the fee, 0.1549 a day is below the break-even sqrt(8 * 0.0137410) = 0.3316; without, it
    // is above sqrt(8 * 0.0018) = 0.12.
    let with = asked_by(&around, MILLION, paid(100_000_000_000_000_000, &[]).tape());
    assert_eq!(without_amounts(&with), ["0: open -600..600"]);
    let without = asked_by(&around, MILLION, paid(0, &[]).tape());
    assert_eq!(without_amounts(&without), ["0: open -600..600", "30: close"]);
}

#[test]
fn what_does_not_fit_around_a_strategy_is_refused() {
    let facts = PoolFacts::Concentrated { tick_spacing: 60 };
    let refusal = |config: &StrategyConfig| match config.build(facts, Services::default()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{config:?} is refused"),
    };
    let hold = StrategyKind::Hold(crate::Hold {});
    let config = StrategyConfig { size: Some(Size::default()), ..StrategyConfig::of(hold) };
    assert!(refusal(&config).ends_with("hold does not"));
    let size = Size { kelly_fraction: Some(0.5), ..Size::default() };
    let expected = "size.kelly_fraction is 0.5; allowed is left out unless rule is `kelly`";
    assert_eq!(refusal(&sized(size)), expected);
    let filter = TrendFilter { feed: Some("btc".into()), ..TrendFilter::default() };
    let expected = "trend_filter.feed is btc; allowed is left out unless there is an interval";
    assert_eq!(refusal(&trending(TrendFilter { candle_minutes: None, ..filter })), expected);
    let ladder = StrategyKind::Ladder(crate::Ladder::default());
    let farm = Some(crate::FarmConfig::default());
    let config = StrategyConfig { farm, ..StrategyConfig::of(ladder) };
    let built = config.build(facts, Services::default()).map(drop);
    assert_eq!(built, Err(BuildError::FarmsOne { strategy: "ladder", positions: 6 }));
}
