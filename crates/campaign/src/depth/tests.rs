use tidemill_amm::Pool;
use tidemill_amm::concentrated::{self, sqrt_price_at_tick};
use tidemill_units::{Amount, FeePips, Liquidity, Tick, TickRange, Timestamp, TokenIndex};

use super::Looked;
use crate::capture::tests::plan;
use crate::config::Placement;
use crate::number::from_amount;
use crate::position::add;

const LIQUIDITY: f64 = 1e15;

/// Liquidity at every price, at a price of four token1 for one token0.
fn looked(quote: u8) -> Looked {
    let mut pool = concentrated::Pool::new(FeePips(500), 10).unwrap();
    let price = sqrt_price_at_tick(Tick(13_863)).unwrap();
    pool.initialize(price, Timestamp(1)).unwrap();
    let everywhere = TickRange::full(10).unwrap();
    add(&mut pool, (0, everywhere), Liquidity(LIQUIDITY as u128), Timestamp(1)).unwrap();
    let quote = TokenIndex(quote);
    Looked { pool: Pool::Concentrated(Box::new(pool)), quote, now: Timestamp(1) }
}

#[track_caller]
fn check(amount: Amount, expected: f64) {
    let amount = from_amount(amount);
    assert!((amount / expected - 1.0).abs() < 1e-4, "{amount} is not {expected}");
}

#[test]
fn depth_is_what_moves_the_price_so_far() {
    // The root of the price is two: in token1, up is 2 L (sqrt(1.01) - 1) and the fee, down is
    // 2 L (1 - sqrt(0.99)).
    let (up, down) = (1.01_f64.sqrt() - 1.0, 1.0 - 0.99_f64.sqrt());
    let depth = looked(1).depth(0.01);
    check(depth.up, LIQUIDITY * 2.0 * up / 0.9995);
    check(depth.down, LIQUIDITY * 2.0 * down);
    // In token0 the other token is token1, and its price the inverse.
    let depth = looked(0).depth(0.01);
    check(depth.up, LIQUIDITY / 2.0 * up / 0.9995);
    check(depth.down, LIQUIDITY / 2.0 * down);
}

#[test]
fn impact_leaves_the_fee_out_and_cost_has_it() {
    // 2 L = 2e15 of token1 in reserve: 2e13 gets a part of 1 / 101 less.
    let impact = looked(1).impact(Amount::from_u64(20_000_000_000_000)).unwrap();
    assert!((impact.impact_bps - 1e4 / 101.0).abs() < 0.06, "{}", impact.impact_bps);
    assert!((impact.cost_bps - impact.impact_bps - 5.0 * 0.99).abs() < 0.06, "{impact:?}");
    assert_eq!(looked(1).impact(Amount::from_u128(1 << 127)), None);
}

#[test]
fn capital_is_minted_where_it_is_placed() {
    let whole = 4.0 * LIQUIDITY;
    let before = from_amount(looked(1).depth(0.01).up);
    for (placement, part) in [
        (Placement::Present, 0.5),
        (Placement::Full, 0.5),
        // As much again as at every price, for each of capital: 1 / (1 - 1 / sqrt(1.21)).
        (Placement::Band(0.21), 0.5 * 11.0),
    ] {
        let mut supply = plan(placement).supply;
        supply.wide_part = 0.0;
        let after = looked(1).with(whole / 2.0, whole, &supply).unwrap();
        let grown = from_amount(after.depth(0.01).up) / before - 1.0;
        assert!((grown / part - 1.0).abs() < 0.01, "{placement:?}: {grown}");
        let unchanged = looked(1).with(0.0, whole, &supply).unwrap();
        assert_eq!(unchanged.depth(0.01), looked(1).depth(0.01));
    }
    let supply = plan(Placement::Full).supply;
    assert!(looked(1).with(whole * 1e10, whole, &supply).is_err());
}
