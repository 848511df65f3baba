//! Ratios of the two tokens, by a rule or by where the price has been.

use super::following::path;
use super::{MILLION, asked, without_amounts};
use crate::{MeanReversion, RatioAllocation, RatioRule, ReversionModel, StrategyKind};

/// What was swapped, and for at least how much.
fn swaps(asked: &[String]) -> Vec<(u64, String, u64)> {
    let swap = |line: &String| {
        let words: Vec<_> = line.split(' ').collect();
        let [_, "swap", amount, "of", token, "for", least, "or", "more"] = words[..] else {
            panic!("{line}")
        };
        (amount.parse().expect("a number"), token.to_owned(), least.parse().expect("a number"))
    };
    asked.iter().map(swap).collect()
}

#[test]
fn a_constant_mix_swaps_back_to_its_part() {
    let kind = StrategyKind::RatioAllocation(RatioAllocation::default());
    // 1.0001^1000 makes token0 52.5 % of the wallet: within 5 %.
    assert!(asked(&kind, MILLION, path(10, &[0, 1_000]).tape()).is_empty());
    // 1.0001^3000 = 1.349839, the square of 1.161826: by each root rounded down, 1,349,837 of
    // 2,349,837 are token0, 174,919 too much, which are 150,555 by the first root and 129,584 of
    // it by the second. 0.3 % of them, 389, are the pool's; 129,195 are paid 174,392, of which half
    // a percent may slip: 173,520.
    let swapped = swaps(&asked(&kind, MILLION, path(10, &[0, 3_000]).tape()));
    assert_eq!(swapped, [(129_584, "Token0".to_owned(), 173_520)]);
}

#[test]
fn buying_low_holds_more_of_what_is_cheap() {
    let kind = StrategyKind::RatioAllocation(RatioAllocation {
        rule: RatioRule::BuyLow,
        band_half_width_ticks: Some(2_000),
        ..RatioAllocation::default()
    });
    // A thousand ticks up, a quarter of the way from all to nothing is left: 25 % of
    // 2,105,165.4, 526,291.4, so 578,874.1 of 1,105,165.4 are sold: 523,789 token0.
    let swapped = swaps(&asked(&kind, MILLION, path(10, &[0, 1_000]).tape()));
    let [(amount, token, _)] = &swapped[..] else { panic!("{swapped:?}") };
    assert!(amount.abs_diff(523_789) <= 1 && token == "Token0", "{swapped:?}");
    // Beyond the ends all is one token.
    let swapped = swaps(&asked(&kind, MILLION, path(10, &[0, 2_500]).tape()));
    assert_eq!((swapped.len(), swapped[0].0, swapped[0].1.as_str()), (1, 1_000_000, "Token0"));
    let swapped = swaps(&asked(&kind, MILLION, path(10, &[0, -2_500]).tape()));
    assert_eq!((swapped.len(), swapped[0].0, swapped[0].1.as_str()), (1, 1_000_000, "Token1"));
}

fn reversion(model: ReversionModel) -> StrategyKind {
    StrategyKind::MeanReversion(MeanReversion {
        model,
        window_samples: 4,
        sample_minutes: 2,
        entry_sigmas: 1.4,
        exit_sigmas: 0.0,
        max_half_life_minutes: None,
    })
}

#[test]
fn what_is_far_above_its_mean_is_sold_and_bought_back_at_it() {
    // A sample every ten blocks: 0, 0, 0, 100 have mean 25 and deviation 50, a score of 1.5.
    // 0, 0, 100, 100: 50 and 57.7, 0.87, so it stays. 0, 100, 100, 0: -0.87, so half is bought.
    let tape = path(10, &[0, 0, 0, 100, 100, 0]);
    let asked = asked(&reversion(ReversionModel::Bollinger), MILLION, tape.tape());
    let swapped = swaps(&asked);
    assert_eq!(swapped.len(), 2, "{asked:#?}");
    assert_eq!((swapped[0].0, swapped[0].1.as_str()), (1_000_000, "Token0"));
    assert_eq!(swapped[1].1, "Token1");
    // A million token0 became 1,000,000 * 0.997 * 1.010050 = 1,007,019: half of all 2,007,019.
    assert!(swapped[1].0.abs_diff(1_003_510) <= 2, "{swapped:?}");
    assert_eq!(without_amounts(&asked), ["30: swap", "50: swap"]);
}

#[test]
fn a_price_that_does_not_come_back_is_left_alone() {
    let tape = path(10, &[0, 10, 20, 40, 80, 160, 320, 1_000]);
    assert!(asked(&reversion(ReversionModel::Ou), MILLION, tape.tape()).is_empty());
    // The same price is far above its average.
    assert!(!asked(&reversion(ReversionModel::Bollinger), MILLION, tape.tape()).is_empty());
    // One that swings about a mean is fitted, and its newest sample is beyond the entry.
    let swings = path(10, &[0, 100, 90, -100, -60, 90, 60, -100, -80, 400]);
    let asked = asked(&reversion(ReversionModel::Ou), MILLION, swings.tape());
    assert!(asked.iter().all(|line| line.contains("swap")), "{asked:?}");
}
