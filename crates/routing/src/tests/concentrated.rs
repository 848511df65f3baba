use proptest::prelude::*;
use tidemill_amm::concentrated::{Owner, Pool, PositionKey, sqrt_price_at_tick};
use tidemill_units::{Amount, FeePips, Liquidity, Side, Tick, TickRange};

use super::{DOWN, NOW, UP, check_best, pair, through, whole};
use crate::{Hop, best_trade};

/// A pool at a tick with liquidity between ticks, each in its range.
fn pool(tick: i32, positions: &[(i32, i32, u128)]) -> Pool {
    let mut pool = Pool::new(FeePips(3_000), 60).unwrap();
    pool.initialize(sqrt_price_at_tick(Tick(tick)).unwrap(), NOW).unwrap();
    for (lower, upper, liquidity) in positions {
        let range = TickRange { lower: Tick(*lower), upper: Tick(*upper) };
        let key = PositionKey { owner: Owner([1; 20]), range };
        pool.mint(key, Liquidity(*liquidity), NOW).unwrap();
    }
    pool
}

/// Liquidity ends on the way: the trade goes through three stretches of one pool and stops in the
/// middle of the last.
#[test]
fn a_trade_goes_through_stretches_of_liquidity() {
    let laid = [(-600, 600, 1_000_000), (-60, 60, 4_000_000), (-6_000, 6_000, 500_000)];
    let (low, high) = (pool(0, &laid), pool(2_400, &[(-6_000, 6_000, 2_000_000)]));
    let hops = [Hop::concentrated(&low, Side::Token1), Hop::concentrated(&high, Side::Token0)];
    let best = best_trade(&hops, Amount::MAX).unwrap();
    assert_eq!(best.crossings, [2, 0], "{best:?}");
    check_best(&hops, Some(&best), 1..200_000);
    let other_way = [Hop::concentrated(&low, Side::Token0), Hop::concentrated(&high, Side::Token1)];
    assert_eq!(best_trade(&other_way, Amount::MAX), None);
}

/// Where liquidity ends, so does the trade: there is nothing to buy behind it.
#[test]
fn a_trade_ends_with_the_liquidity() {
    let shallow = pool(0, &[(-60, 60, 1_000_000)]);
    let deep = pool(3_000, &[(-60_000, 60_000, 4_000_000_000)]);
    let hops = [Hop::concentrated(&shallow, Side::Token1), Hop::concentrated(&deep, Side::Token0)];
    let best = best_trade(&hops, Amount::MAX).unwrap();
    check_best(&hops, Some(&best), 1..20_000);
}

/// So little for so much liquidity that the prices before and after agree in twelve digits.
#[test]
fn all_of_a_small_wallet_goes_through_deep_liquidity() {
    let [low, high] =
        [0, 600].map(|tick| pool(tick, &[(-60_000, 60_000, 1_000_000_000_000_000_000_000)]));
    let hops = [Hop::concentrated(&low, Side::Token1), Hop::concentrated(&high, Side::Token0)];
    let best = best_trade(&hops, whole(1_000_000_000)).unwrap();
    assert_eq!(best.amount_in, whole(1_000_000_000));
    assert_eq!(best.profit, whole(55_471_916));
}

fn position() -> impl Strategy<Value = (i32, i32, u128)> {
    (-20..0_i32, 1..20_i32, 100_000..3_000_000_u128)
        .prop_map(|(lower, upper, liquidity)| (60 * lower, 60 * upper, liquidity))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_integer_earns_more_through_ranges(
        positions in proptest::array::uniform2(proptest::collection::vec(position(), 1..6)),
        ticks in proptest::array::uniform2(-59..60_i32),
        most in 1_u128..20_000,
    ) {
        let [one, other] = [0, 1].map(|place| pool(8 * ticks[place], &positions[place]));
        for (first, second) in [(&one, &other), (&other, &one)] {
            for input in [Side::Token0, Side::Token1] {
                let hops =
                    [Hop::concentrated(first, input), Hop::concentrated(second, input.other())];
                check_best(&hops, best_trade(&hops, whole(most)).as_ref(), 1..=most);
            }
        }
    }

    #[test]
    fn no_integer_earns_more_between_ranges_and_a_pair(
        positions in proptest::collection::vec(position(), 1..6),
        tick in -500..500_i32,
        reserves in proptest::array::uniform2(500_000_u128..600_000),
        most in 1_u128..20_000,
    ) {
        let (ranges, pair) = (pool(tick, &positions), pair(reserves[0], reserves[1], 3));
        for (input, back) in [(Side::Token0, UP), (Side::Token1, DOWN)] {
            let hops = [Hop::concentrated(&ranges, input), through(&pair, back)];
            check_best(&hops, best_trade(&hops, whole(most)).as_ref(), 1..=most);
            let there = through(&pair, input.into_other());
            let hops = [there, Hop::concentrated(&ranges, input.other())];
            check_best(&hops, best_trade(&hops, whole(most)).as_ref(), 1..=most);
        }
    }
}
