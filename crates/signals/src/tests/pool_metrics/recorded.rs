//! The recorded WETH/ENS pool of Uniswap v3, every event of it from its creation on.

use std::path::Path;

use tidemill_units::{Liquidity, SignedLiquidity, SqrtPrice, Tick, TickRange, U256};

use crate::pool_metrics::DepthMeter;
use crate::{sqrt_price_at_tick_f64, sqrt_price_to_f64};

/// `initial_sqrt_price_x96` of the set's `pool.json`.
const INITIAL: u128 = 2_505_290_050_365_003_892_876_723_467;
/// What the fee of 0.3 % leaves of an input.
const KEPT: f64 = 0.997;

/// The rows as text by the name of their column; `None`, said aloud, where there is no such data.
fn rows() -> Option<Vec<impl Fn(&str) -> String>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("TIDEMILL_DATA").map_or_else(beside, Into::into);
    let path = folder.join("univ3-ens-weth-3000-genesis/events.csv");
    if !path.exists() {
        println!("skipped: no recorded data at {}", path.display());
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let split = |row: &str| row.split(',').map(str::to_owned).collect::<Vec<String>>();
    let header = split(text.lines().next().unwrap());
    let named = |row: &str| {
        let (header, cells) = (header.clone(), split(row));
        move |name: &str| {
            let place = header.iter().position(|column| column == name).unwrap();
            cells[place].clone()
        }
    };
    Some(text.lines().skip(1).map(named).collect())
}

/// The lowest tick whose price a root is not below, away from the boundaries.
fn tick_of(sqrt_price: f64) -> Tick {
    let tick = (2.0 * libm::log(sqrt_price) / libm::log(1.000_1)).floor() as i32;
    assert!(sqrt_price_at_tick_f64(Tick(tick)) < sqrt_price);
    Tick(tick)
}

/// The meter has the liquidity that the pool says it has after each of 63 swaps, through a price
/// that fell to nothing and came back; and the depth to where a swap went is what it paid, less the
/// fee, and what it got, for the 59 that moved the price by less than its whole.
#[test]
fn depth_of_a_recorded_pool_is_what_its_swaps_paid_and_got() {
    let Some(rows) = rows() else { return };
    let root = |x96: U256| sqrt_price_to_f64(SqrtPrice::from_x96(x96).unwrap());
    let mut price = root(U256::from(INITIAL));
    let mut meter = DepthMeter::new(price, tick_of(price));
    let (mut swaps, mut compared) = (0, 0);
    for row in rows {
        let tick = |name| Tick(row(name).parse().unwrap());
        if row("event") != "Swap" {
            let range = TickRange { lower: tick("tick_lower"), upper: tick("tick_upper") };
            let size: i128 = row("liquidity_delta_abs").parse().unwrap();
            let sign = if row("event") == "Mint" { 1 } else { -1 };
            meter.liquidity_changed(range, SignedLiquidity(sign * size)).unwrap();
            continue;
        }
        let to = root(row("sqrt_price_x96_after").parse().unwrap());
        let share = (to / price) * (to / price) - 1.0;
        let amounts = ["amount0", "amount1"].map(|name| row(name).parse::<f64>().unwrap());
        if 0.0 < share.abs() && share.abs() < 1.0 {
            let depth = meter.depth(share.abs()).unwrap();
            let side = if share > 0.0 { depth.above } else { depth.below };
            for (found, told) in [side.token0, side.token1].into_iter().zip(amounts) {
                let expected = if told > 0.0 { told * KEPT } else { -told };
                assert!((found / expected - 1.0).abs() < 1e-11, "{found} {expected}");
            }
            compared += 1;
        }
        meter.moved(to, tick("tick_after")).unwrap();
        let told: u128 = row("liquidity_after").parse().unwrap();
        assert_eq!(meter.profile().liquidity, Liquidity(told));
        (price, swaps) = (to, swaps + 1);
    }
    assert_eq!((swaps, compared), (63, 59));
}
