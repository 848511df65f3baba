use std::collections::BTreeMap;

use proptest::prelude::*;
use tidemill_units::{Liquidity, SignedLiquidity, Tick, TickRange};

use crate::pool_metrics::{DepthError, DepthMeter, LiquidityProfile, TickLiquidity};
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

#[test]
fn changes_that_cannot_be_leave_the_meter_as_it_was() {
    let mut meter = DepthMeter::new(1.0, Tick(0));
    let range = |lower, upper| TickRange { lower: Tick(lower), upper: Tick(upper) };
    meter.liquidity_changed(range(-10, 10), SignedLiquidity(5)).unwrap();
    meter.liquidity_changed(range(20, 30), SignedLiquidity(7)).unwrap();
    // A position that was never there: found out once the price gets to it.
    meter.liquidity_changed(range(40, 50), SignedLiquidity(-1)).unwrap();
    let before = meter.clone();
    let mut refused = |range, change| {
        let change = meter.liquidity_changed(range, SignedLiquidity(change));
        change.expect_err("it cannot be")
    };
    assert_eq!(refused(range(10, 10), 1), DepthError::Order(Tick(10)));
    assert_eq!(refused(range(-10, 10), -6), DepthError::Negative(Tick(-10)));
    assert_eq!(refused(range(20, 30), i128::MAX), DepthError::TooMuch(Tick(20)));
    assert_eq!(refused(range(60, 70), i128::MIN), DepthError::TooMuch(Tick(70)));
    assert_eq!(meter.moved(1.1, Tick(45)), Err(DepthError::Negative(Tick(40))));
    assert_eq!(meter, before);
    meter.moved(1.001, Tick(25)).unwrap();
    assert_eq!(meter.profile().liquidity, Liquidity(7));
    meter.moved(0.99, Tick(-200)).unwrap();
    assert_eq!(meter.profile().liquidity, Liquidity(0));
}

proptest! {
    /// Positions that come and go while the price moves leave the profile of those that are there:
    /// integers, and so the depth of it to the bit.
    #[test]
    fn a_meter_says_what_its_positions_alone_say(
        events in proptest::collection::vec(
            (-300..300_i32, 1..300_i32, 1..1_000_000_u128, 0..4_u8), 1..60
        ),
    ) {
        let mut meter = DepthMeter::new(1.0, Tick(0));
        let (mut positions, mut tick, mut sqrt_price) = (Vec::new(), Tick(0), 1.0);
        for (lower, width, liquidity, what) in events {
            let range = TickRange { lower: Tick(lower), upper: Tick(lower + width) };
            if what == 0 {
                tick = Tick(lower);
                sqrt_price = sqrt_price_at_tick_f64(tick);
                meter.moved(sqrt_price, tick).unwrap();
            } else if what == 1 && !positions.is_empty() {
                let place = width as usize % positions.len();
                let (range, liquidity): (TickRange, u128) = positions.remove(place);
                meter.liquidity_changed(range, SignedLiquidity(-(liquidity as i128))).unwrap();
            } else {
                positions.push((range, liquidity));
                meter.liquidity_changed(range, SignedLiquidity(liquidity as i128)).unwrap();
            }
            let mut ticks = ticks_of(&positions);
            ticks.retain(|it| it.net.0 != 0);
            let liquidity = active(&positions, tick);
            let alone = LiquidityProfile { sqrt_price, tick, liquidity, ticks: &ticks };
            prop_assert_eq!(meter.profile(), alone);
            prop_assert_eq!(meter.depth(0.01), alone.depth(0.01));
        }
    }

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
