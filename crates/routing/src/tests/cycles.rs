use proptest::prelude::*;
use tidemill_units::Amount;

use super::{DOWN, E12, E18, UP, check_best, check_close, pair, price, through, whole};
use crate::{best_trade, executed};

#[test]
fn q201_two_pools_that_disagree() {
    // Token0 is X in both: 2,000,000 X to 1,000 Y, and 2,000,000 X to 950 Y.
    let (first, second) =
        (pair(2_000_000 * E18, 1_000 * E18, 3), pair(2_000_000 * E18, 950 * E18, 3));
    let hops = [through(&first, DOWN), through(&second, UP)];
    let best = best_trade(&hops, Amount::MAX).unwrap();
    check_close(best.amount_in, 1e18, 22_414.852_340_744_634);
    check_close(best.profit, 1e18, 513.309_466_244_231);
    assert_eq!(best_trade(&[through(&second, DOWN), through(&first, UP)], Amount::MAX), None);
}

#[test]
fn q201i_the_same_in_integers() {
    let (first, second) =
        (pair(2_000_000 * E12, 1_000 * E18, 3), pair(2_000_000 * E12, 950 * E18, 3));
    let hops = [through(&first, DOWN), through(&second, UP)];
    let at = executed(&hops, whole(22_414_852_340_744_634)).unwrap();
    assert_eq!(at.profit, whole(513_309_466_244_235));
    let best = best_trade(&hops, Amount::MAX).unwrap();
    let off = best.amount_in.0.abs_diff(at.amount_in.0);
    assert!(off < tidemill_units::U256::from(1_000_000_000_u64), "{} is too far", best.amount_in);
    // The top is flat: what a nearby input earns differs by rounding alone.
    assert!(best.profit.0.abs_diff(at.profit.0) <= tidemill_units::U256::from(2_u8), "{best:?}");
}

#[test]
fn q203_a_pool_against_a_price() {
    let pool = pair(1_000 * E18, 2_000_000 * E18, 3);
    let best = best_trade(&[through(&pool, UP), price(2_100, 1)], Amount::MAX).unwrap();
    check_close(best.amount_in, 1e18, 46_453.118_288_230);
    check_close(best.amounts[0], 1e18, 22.632_775_023_468);
    check_close(best.profit, 1e18, 1_075.709_261_052);
}

#[test]
fn q204_a_pool_against_a_price_without_fee() {
    let pool = pair(E18, E18, 0);
    let best = best_trade(&[through(&pool, UP), price(2, 1)], Amount::MAX).unwrap();
    check_close(best.amount_in, 1e18, 2_f64.sqrt() - 1.0);
    check_close(best.amounts[0], 1e18, 1.0 - 0.5_f64.sqrt());
}

/// With both tokens worth one, all that is gained is best kept in the token that is paid into the
/// deep pool.
#[test]
fn q209_a_deep_pool_and_a_shallow_one() {
    let (deep, shallow) =
        (pair(1_000_000 * E18, 1_000_000 * E18, 0), pair(1_000 * E18, 2_000 * E18, 0));
    let ways = [
        [through(&deep, UP), through(&shallow, DOWN)],
        [through(&shallow, DOWN), through(&deep, UP)],
    ];
    let profits = ways.map(|hops| best_trade(&hops, Amount::MAX).unwrap().profit);
    check_close(*profits.iter().max().unwrap(), 1e18, 171.401_473_781);
    assert!(profits[0] > profits[1]);
}

#[test]
fn q211_three_pools_in_a_circle() {
    let deep = 1_000_000 * E18;
    let pools = [(100, 200), (100, 150), (100, 34)];
    let pools = pools.map(|(paid, taken)| pair(deep * paid, deep * taken, 3));
    let hops = [0, 1, 2].map(|place| through(&pools[place], DOWN));
    let rate: f64 = hops.iter().map(|hop| hop.best_rate().unwrap()).product();
    assert!((rate / 1.010_847_512_46 - 1.0).abs() < 1e-11, "{rate}");
    assert!((-rate.ln() / -0.010_789_100_235_784 - 1.0).abs() < 1e-10, "{rate}");
    let best = best_trade(&hops, Amount::MAX).unwrap();
    assert!(!best.profit.is_zero());
    check_best(&hops, Some(&best), (1..400).map(|part| part * deep / 1_000));
}

#[test]
fn what_there_is_to_pay_with_bounds_the_trade() {
    let (first, second) = (pair(2_000_000, 1_000_000, 3), pair(2_000_000, 900_000, 3));
    let hops = [through(&first, DOWN), through(&second, UP)];
    let best = best_trade(&hops, whole(700)).unwrap();
    assert_eq!(best.amount_in, whole(700));
    assert_eq!(best_trade(&hops, Amount::ZERO), None);
    assert_eq!(best_trade(&[], whole(700)), None);
    // Ever better at one price: all there is.
    let best = best_trade(&[price(3, 2), price(1, 1)], whole(1_000)).unwrap();
    assert_eq!((best.amount_in, best.profit), (whole(1_000), whole(500)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No integer of all that there are earns more, but for rounding.
    #[test]
    fn no_integer_earns_more_between_two_pairs(
        reserves in proptest::array::uniform4(2_000_u128..200_000),
        fees in proptest::array::uniform2(0_u32..10),
        most in 1_u128..40_000,
    ) {
        let [a, b, c, d] = reserves;
        let (first, second) = (pair(a, b, fees[0]), pair(c, d, fees[1]));
        for (out, back) in [(DOWN, UP), (UP, DOWN)] {
            let hops = [through(&first, out), through(&second, back)];
            check_best(&hops, best_trade(&hops, whole(most)).as_ref(), 1..=most);
        }
    }

    /// Amounts as chains have them: no input around the best, near or far, earns more.
    #[test]
    fn no_other_input_earns_more_of_real_sizes(
        reserves in proptest::array::uniform2((1e9..1e15_f64, 1e20..1e26_f64)),
        off in 0.95..1.05_f64,
        parts in proptest::collection::vec(1_u128..20_000, 40),
    ) {
        let [(a, b), (c, _)] = reserves.map(|(a, b)| (a as u128, b as u128));
        let d = (c as f64 * b as f64 / a as f64 * off) as u128;
        let (first, second) = (pair(a, b, 3), pair(c, d, 3));
        for hops in [
            [through(&first, DOWN), through(&second, UP)],
            [through(&second, UP), through(&first, DOWN)],
            [through(&first, UP), through(&second, DOWN)],
        ] {
            let best = best_trade(&hops, Amount::MAX);
            let around = best.as_ref().map_or(E12, |best| best.amount_in.0.to::<u128>());
            let inputs = parts.iter().map(|part| around * part / 10_000);
            check_best(&hops, best.as_ref(), inputs);
        }
    }
}
