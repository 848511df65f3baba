//! The law of a hedged position, `profit = fees - LVR - cost of the hedge`, by simulation: 4,000
//! paths of 288 steps, seed 20240105. The standard errors are those of the samples themselves; the
//! loss is about 24 a path, its law known to 0.01 by the meter and to 0.05 by the rate.
//!
//! A price moves as geometric Brownian motion without drift; at every step arbitrageurs bring the
//! pool, which is one position, to the edge of its fee around the price, and the hedge is put back
//! to what the position then holds, at the price and a commission. The random numbers are the fixed
//! generator's. Paths come in pairs, the second with all shocks turned round, which takes the price
//! risk out of the mean of a pair: a pair is one sample.

use tidemill_units::Side;

use super::assert_close;
use super::fixed_data::FixedRandom;
use crate::loss_versus_rebalancing::concentrated_rate;
use crate::{ConcentratedPosition, LvrMeter, NetYield, PriceMove, PriceRange, ReturnMoments};

const SEED: u64 = 20_240_105;
const PAIRS: usize = 2_000;
/// Five minutes, for a day.
const STEPS: usize = 288;
const SIGMA_DAILY: f64 = 0.05;
const FEE: f64 = 0.000_5;
const COMMISSION: f64 = 0.000_2;
const START: f64 = 2_000.0;
/// How many standard errors the mean of a law may be away from zero: 1 in 16,000 by chance.
const ERRORS: f64 = 4.0;

/// One path's books, in the quote.
#[derive(Clone, Copy, Default)]
struct Books {
    /// What the position and its fees came to, less what it was worth at the start.
    unhedged: f64,
    /// What the short came to, before commissions.
    hedge: f64,
    commissions: f64,
    fees: f64,
    /// The closed form's rate, added up along the price.
    lvr_by_rate: f64,
    /// The rebalancing portfolio less the position, along the price.
    lvr_by_meter: f64,
    /// What the position is worth more, at the end, than one that had followed the price all the
    /// way; it waits at the edge of the fee.
    behind: f64,
}

fn position() -> ConcentratedPosition {
    let range = PriceRange { lower: 1_900.0, upper: 2_100.0 };
    ConcentratedPosition::new(1_000.0, range).unwrap()
}

/// What a position at a pool's price is worth at the market's.
fn worth(position: &ConcentratedPosition, pool: f64, market: f64) -> f64 {
    position.token0(pool) * market + position.token1(pool)
}

fn walk(shocks: &[f64], sign: f64) -> Books {
    let position = position();
    let deviation = SIGMA_DAILY / (STEPS as f64).sqrt();
    let half_spread = -libm::log1p(-FEE);
    let (mut market, mut pool) = (START, START);
    let (mut meter, mut books) = (LvrMeter::new(position, Side::Token1), Books::default());
    let mut short = position.token0(pool);
    books.commissions = COMMISSION * short * market;
    for shock in shocks {
        let rate = concentrated_rate(&position, market, SIGMA_DAILY) / STEPS as f64;
        books.lvr_by_rate += rate * position.value(market);
        let next = market * libm::exp(deviation * (sign * shock - deviation / 2.0));
        meter.moved(market.sqrt(), next.sqrt());
        books.hedge -= short * (next - market);
        market = next;
        let edges = [-half_spread, half_spread].map(|edge| market * libm::exp(edge));
        let to = pool.clamp(edges[0], edges[1]);
        let paid = position.input_of_move(PriceMove { from: pool, to }, FEE);
        books.fees += match paid.token {
            Side::Token0 => paid.fee * market,
            Side::Token1 => paid.fee,
        };
        pool = to;
        let held = position.token0(pool);
        books.commissions += COMMISSION * (held - short).abs() * market;
        short = held;
    }
    let start = position.value(START);
    books.unhedged = worth(&position, pool, market) + books.fees - start;
    books.lvr_by_meter = meter.total();
    books.behind = worth(&position, pool, market) - position.value(market);
    books
}

/// The mean over the pairs, and its standard error.
#[derive(Clone, Copy, Debug)]
struct Sampled {
    mean: f64,
    error: f64,
}

fn sampled(paths: &[[Books; 2]], of: impl Fn(&Books) -> f64) -> Sampled {
    let means: ReturnMoments =
        paths.iter().map(|[one, other]| (of(one) + of(other)) / 2.0).collect();
    let error = means.sample_deviation().unwrap() / (paths.len() as f64).sqrt();
    Sampled { mean: means.mean().unwrap(), error }
}

fn simulated(seed: u64) -> Vec<[Books; 2]> {
    let mut random = FixedRandom::new(seed);
    let mut pair = || {
        let shocks: Vec<f64> = (0..STEPS).map(|_| random.normal()).collect();
        [1.0, -1.0].map(|sign| walk(&shocks, sign))
    };
    (0..PAIRS).map(|_| pair()).collect()
}

/// With the meter along the path the law holds at every step, so that only the price's own noise
/// on what the pool lags behind is left; with the rate, that of the realised variance too. Without
/// any one of its three terms it would be off by more than ten times what is allowed.
#[test]
fn a_hedged_position_earns_fees_less_lvr_less_the_cost_of_the_hedge() {
    let paths = simulated(SEED);
    let profit = |it: &Books| it.unhedged + it.hedge - it.commissions - it.behind;
    let law = |it: &Books, loss| {
        NetYield { fees: it.fees, loss, hedge: it.commissions, ..NetYield::default() }.net()
    };
    let by_meter = sampled(&paths, |it| profit(it) - law(it, it.lvr_by_meter));
    assert!(by_meter.mean.abs() < ERRORS * by_meter.error, "{by_meter:?}");
    let by_rate = sampled(&paths, |it| profit(it) - law(it, it.lvr_by_rate));
    assert!(by_rate.mean.abs() < ERRORS * by_rate.error, "{by_rate:?}");
    let terms: [fn(&Books) -> f64; 3] = [|it| it.fees, |it| it.lvr_by_rate, |it| it.commissions];
    for term in terms {
        let term = sampled(&paths, term);
        assert!(term.mean > 10.0 * ERRORS * by_meter.error, "{term:?} against {by_meter:?}");
    }
    let behind = sampled(&paths, |it| it.behind);
    assert!(0.0 < behind.mean && behind.mean < by_meter.error, "it hardly matters: {behind:?}");
}

/// The hedge has no expectation of its own: without it the mean is the same, and the spread of the
/// paths many times wider.
#[test]
fn without_the_hedge_only_the_spread_is_another() {
    let paths = simulated(SEED);
    let hedge = sampled(&paths, |it| it.hedge);
    assert!(hedge.mean.abs() < ERRORS * hedge.error, "{hedge:?}");
    let unhedged = sampled(&paths, |it| it.unhedged - it.behind - (it.fees - it.lvr_by_rate));
    assert!(unhedged.mean.abs() < ERRORS * unhedged.error, "{unhedged:?}");
    let lvr = sampled(&paths, |it| it.lvr_by_rate);
    assert!(lvr.mean > 5.0 * ERRORS * unhedged.error, "{lvr:?} against {unhedged:?}");
    let spread = |of: fn(&Books) -> f64| {
        let all: ReturnMoments = paths.iter().flatten().map(of).collect();
        all.sample_deviation().unwrap()
    };
    assert!(spread(|it| it.unhedged) > 5.0 * spread(|it| it.unhedged + it.hedge));
}

/// The same without chance: the lognormal law's mean of the position's value falls by its mean of
/// the loss rate, added up over the time. The midpoint rule over 20 deviations in 4,000 steps, and
/// over the day in 100, leaves an error of about a ten thousandth.
#[test]
fn the_mean_value_falls_by_the_mean_loss() {
    let position = position();
    let mean_at = |days: f64, of: &dyn Fn(f64) -> f64| {
        let deviation = SIGMA_DAILY * days.sqrt();
        let width = 20.0 / 4_000.0;
        let at = |step: i32| {
            let z = -10.0 + (f64::from(step) + 0.5) * width;
            let density = libm::exp(-z * z / 2.0) / std::f64::consts::TAU.sqrt();
            density * width * of(START * libm::exp(deviation * (z - deviation / 2.0)))
        };
        (0..4_000).map(at).sum::<f64>()
    };
    let rate =
        |price: f64| concentrated_rate(&position, price, SIGMA_DAILY) * position.value(price);
    let lost: f64 =
        (0..100).map(|step| mean_at((f64::from(step) + 0.5) / 100.0, &rate) / 100.0).sum();
    let fallen = position.value(START) - mean_at(1.0, &|price| position.value(price));
    assert_close(fallen, lost, 1e-3);
}
