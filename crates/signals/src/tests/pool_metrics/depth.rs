use std::collections::BTreeMap;

use proptest::prelude::*;
use tidemill_units::{Liquidity, SignedLiquidity, Tick, TickRange};

use crate::pool_metrics::{DepthError, LiquidityProfile, TickLiquidity};
use crate::tests::assert_close;
use crate::{ConcentratedPosition, sqrt_price_at_tick_f64};

fn net(tick: i32, net: i128) -> TickLiquidity {
    TickLiquidity { tick: Tick(tick), net: SignedLiquidity(net) }
}

/// The profile that positions make, by the sums that the contract keeps at each tick.
fn ticks_of(positions: &[(TickRange, u128)]) -> Vec<TickLiquidity> {
    let mut nets = BTreeMap::new();
    for (range, liquidity) in positions {
        *nets.entry(range.lower.0).or_insert(0) += *liquidity as i128;
        *nets.entry(range.upper.0).or_insert(0) -= *liquidity as i128;
    }
    nets.into_iter().map(|(tick, change)| net(tick, change)).collect()
}

fn active(positions: &[(TickRange, u128)], tick: Tick) -> Liquidity {
    let active = positions.iter().filter(|(range, _)| range.contains(tick));
    Liquidity(active.map(|(_, liquidity)| liquidity).sum())
}

/// At a price of one with liquidity L everywhere, to 1.21 it takes 0.1 L of token1 and gives
/// L (1 - 1/1.1) of token0.
#[test]
fn depth_of_a_constant_product_pool() {
    let pool = LiquidityProfile {
        sqrt_price: 1.0,
        tick: Tick(0),
        liquidity: Liquidity(1_000),
        ticks: &[],
    };
    let depth = pool.depth(0.21).unwrap();
    assert_close(depth.above.token1, 100.0, 1e-12);
    assert_close(depth.above.token0, 1_000.0 * (1.0 - 1.0 / 1.1), 1e-12);
    let root = 0.79_f64.sqrt();
    assert_close(depth.below.token1, 1_000.0 * (1.0 - root), 1e-12);
    assert_close(depth.below.token0, 1_000.0 * (1.0 / root - 1.0), 1e-12);
}

#[test]
fn a_boundary_at_the_price_is_below_it() {
    // 1,000 begin at tick 0, where the price is: active, and gone right below.
    let ticks = [net(0, 1_000), net(20_000, -1_000)];
    let pool = LiquidityProfile {
        sqrt_price: 1.0,
        tick: Tick(0),
        liquidity: Liquidity(1_000),
        ticks: &ticks,
    };
    let depth = pool.depth(0.1).unwrap();
    assert_close(depth.above.token1, 1_000.0 * (1.1_f64.sqrt() - 1.0), 1e-12);
    assert_eq!(depth.below.token1, 0.0);
}

#[test]
fn profiles_that_cannot_be_are_refused() {
    let pool = |ticks: &[TickLiquidity], sqrt_price: f64, share: f64| {
        LiquidityProfile { sqrt_price, tick: Tick(0), liquidity: Liquidity(10), ticks }.depth(share)
    };
    for (sqrt_price, share) in [(0.0, 0.1), (f64::NAN, 0.1), (1.0, 0.0), (1.0, 1.0)] {
        assert!(matches!(pool(&[], sqrt_price, share), Err(DepthError::Domain { .. })));
    }
    assert_eq!(pool(&[net(5, 1), net(5, 1)], 1.0, 0.1), Err(DepthError::Order(Tick(5))));
    assert_eq!(pool(&[net(5, -11)], 1.0, 0.1), Err(DepthError::Negative(Tick(5))));
    assert_eq!(pool(&[net(-5, 11)], 1.0, 0.1), Err(DepthError::Negative(Tick(-5))));
    assert!(pool(&[net(5_000, -11)], 1.0, 0.1).is_ok(), "beyond the depth");
    let error = DepthError::Order(Tick(5)).to_string();
    assert_eq!(error, "tick 5 is not above the one before it");
}

proptest! {
    /// From tick to tick it comes to what the positions hold less of at the far price. All terms
    /// are of one sign; the positions' own amounts are differences, so the bound is relative to
    /// the most they hold.
    #[test]
    fn it_is_the_sum_over_the_positions(
        ranges in proptest::collection::vec((-300..300_i32, 1..300_i32, 1..1_000_000_u128), 1..20),
        tick in -200..200_i32, within in 0.0..1.0_f64, share in 0.001..0.05_f64,
    ) {
        let positions: Vec<(TickRange, u128)> = ranges
            .into_iter()
            .map(|(lower, width, liquidity)| {
                (TickRange { lower: Tick(lower), upper: Tick(lower + width) }, liquidity)
            })
            .collect();
        let [low, high] = [tick, tick + 1].map(|tick| sqrt_price_at_tick_f64(Tick(tick)));
        let sqrt_price = low + within * (high - low);
        let ticks = ticks_of(&positions);
        let liquidity = active(&positions, Tick(tick));
        let pool = LiquidityProfile { sqrt_price, tick: Tick(tick), liquidity, ticks: &ticks };
        let depth = pool.depth(share).unwrap();
        let price = sqrt_price * sqrt_price;
        let held = |price: f64| {
            positions.iter().fold([0.0, 0.0], |sum, (range, liquidity)| {
                let liquidity = Liquidity(*liquidity);
                let position = ConcentratedPosition::from_ticks(liquidity, *range).unwrap();
                [sum[0] + position.token0(price), sum[1] + position.token1(price)]
            })
        };
        let most: f64 = positions.iter().map(|(_, liquidity)| *liquidity as f64).sum();
        for (side, to) in [(depth.above, 1.0 + share), (depth.below, 1.0 - share)] {
            let (now, then) = (held(price), held(price * to));
            prop_assert!((side.token0 - (now[0] - then[0]).abs()).abs() < 1e-12 * most);
            prop_assert!((side.token1 - (now[1] - then[1]).abs()).abs() < 1e-12 * most);
        }
    }
}
