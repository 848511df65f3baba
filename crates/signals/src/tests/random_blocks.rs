use tidemill_units::Side;

use super::assert_close;
use super::fixed_data::FixedRandom;
use crate::loss_versus_rebalancing::constant_product_rate;
use crate::{ConcentratedPosition, DiscreteBlocks, PriceMove, PriceRange};

const BLOCKS: u32 = 4_000_000;

/// What a block does to a pool, on average.
struct PerBlock {
    /// Fraction of blocks that trade.
    trades: f64,
    /// Profit of the arbitrageurs after fees, over the pool's value.
    profit: f64,
    /// Fees they pay, over the pool's value.
    fees: f64,
}

/// Lets a market price wander and brings a pool to the edge of its band at every block. The unit of
/// value is the market price of the moment, so only the distance between the two prices is
/// followed.
fn simulate(
    setting: DiscreteBlocks,
    mut time_to_block: impl FnMut() -> f64,
    seed: u64,
) -> PerBlock {
    let everywhere = PriceRange { lower: 0.0, upper: f64::INFINITY };
    let pool = ConcentratedPosition::new(1.0, everywhere).unwrap();
    let mut random = FixedRandom::new(seed);
    let fee = -libm::expm1(-setting.half_spread);
    let (mut apart, mut trades, mut profit, mut fees) = (0.0_f64, 0_u32, 0.0, 0.0);
    for _ in 0..BLOCKS {
        apart += setting.sigma * time_to_block().sqrt() * random.normal();
        if apart.abs() <= setting.half_spread {
            continue;
        }
        let edge = setting.half_spread.copysign(apart);
        let prices = PriceMove { from: libm::exp(-apart), to: libm::exp(-edge) };
        let paid = pool.input_of_move(prices, fee);
        let received = match paid.token {
            Side::Token0 => pool.token1(prices.from) - pool.token1(prices.to),
            Side::Token1 => pool.token0(prices.from) - pool.token0(prices.to),
        };
        // At a market price of one the tokens are worth the same.
        let value = pool.token0(prices.from) + pool.token1(prices.from);
        profit += (received - paid.gross()) / value;
        fees += paid.fee / value;
        trades += 1;
        apart = edge;
    }
    let blocks = f64::from(BLOCKS);
    PerBlock { trades: f64::from(trades) / blocks, profit: profit / blocks, fees: fees / blocks }
}

fn two_minutes() -> DiscreteBlocks {
    DiscreteBlocks { sigma: 0.05, half_spread: 0.003, interval: 120.0 / 86_400.0 }
}

#[test]
fn q111_profit_and_fees_of_arbitrage_add_up_to_the_loss_in_simulation() {
    let setting = two_minutes();
    let mut arrivals = FixedRandom::new(271_828);
    let interval = setting.interval;
    let seen = simulate(setting, || interval * arrivals.exponential(), 314_159);
    assert_close(seen.trades, setting.trade_probability(), 0.01);
    assert_close(seen.profit / interval, setting.arbitrage_rate_poisson().unwrap(), 0.01);
    let both = (seen.profit + seen.fees) / interval;
    assert_close(both, constant_product_rate(setting.sigma), 0.01);
}

#[test]
fn q112_blocks_at_equal_intervals_in_simulation() {
    let setting = two_minutes();
    let seen = simulate(setting, || setting.interval, 161_803);
    let expected = setting.arbitrage_rate_constant_interval();
    assert_close(seen.profit / setting.interval, expected, 0.01);
    let both = (seen.profit + seen.fees) / setting.interval;
    assert_close(both, constant_product_rate(setting.sigma), 0.01);
}
