//! The law of a position that is covered by options, `profit = fees - LVR - what the options cost`,
//! by simulation: 1,000 pairs of paths of a week, 672 steps each, seed 20240108, as for the
//! position that is hedged by a future.
//!
//! Options are bought once, at Black's prices, and held to their end. What they cost is their
//! premium less what they pay; where the premium is fair that is nothing in the mean, and what is
//! left is fees less loss versus rebalancing, whatever the price does.

use super::fixed_data::FixedRandom;
use crate::loss_versus_rebalancing::concentrated_rate;
use crate::options::{OptionKind, OptionTerms, covering_quantities};
use crate::{ConcentratedPosition, PriceMove, PriceRange, ReturnMoments};
use tidemill_units::Side;

const SEED: u64 = 20_240_108;
const PAIRS: usize = 1_000;
const DAYS: f64 = 7.0;
/// A quarter of an hour.
const STEPS: usize = 672;
const SIGMA_DAILY: f64 = 0.04;
const FEE: f64 = 0.000_5;
const START: f64 = 2_000.0;
const STRIKES: [f64; 6] = [1_700.0, 1_800.0, 1_900.0, 2_000.0, 2_150.0, 2_300.0];
/// How many standard errors the mean of a law may be away from zero: 1 in 16,000 by chance.
const ERRORS: f64 = 4.0;

fn position() -> ConcentratedPosition {
    let range = PriceRange { lower: 1_700.0, upper: 2_300.0 };
    ConcentratedPosition::new(1_000.0, range).unwrap()
}

/// The options that cover the position: puts, and from a strike on calls.
fn options(calls_from: f64) -> Vec<(OptionTerms, f64)> {
    let quantities = covering_quantities(&position(), &STRIKES);
    let terms = |strike: f64| OptionTerms {
        kind: if strike < calls_from { OptionKind::Put } else { OptionKind::Call },
        price: START,
        strike,
        years: DAYS / 365.0,
        rate: 0.0,
        sigma: SIGMA_DAILY * 365_f64.sqrt(),
    };
    STRIKES.into_iter().map(terms).zip(quantities).collect()
}

fn worth(options: &[(OptionTerms, f64)]) -> f64 {
    options.iter().map(|(terms, quantity)| quantity * terms.black_76()).sum()
}

/// What options are worth when they end at a price.
fn paid(options: &[(OptionTerms, f64)], price: f64) -> f64 {
    let ended = |terms: &OptionTerms| OptionTerms { price, years: 0.0, ..*terms }.black_76();
    options.iter().map(|(terms, quantity)| quantity * ended(terms)).sum()
}

/// One path's books, in the quote.
#[derive(Clone, Copy, Default)]
struct Books {
    fees: f64,
    /// The closed form's rate, added up along the price.
    lvr: f64,
    /// What the position is worth more than at the start, had it followed the price all the way.
    gain: f64,
    end: f64,
}

fn walk(shocks: &[f64], sign: f64) -> Books {
    let position = position();
    let days = DAYS / STEPS as f64;
    let deviation = SIGMA_DAILY * days.sqrt();
    let half_spread = -libm::log1p(-FEE);
    let (mut market, mut pool) = (START, START);
    let mut books = Books::default();
    for shock in shocks {
        let rate = concentrated_rate(&position, market, SIGMA_DAILY);
        books.lvr += rate * position.value(market) * days;
        market *= libm::exp(deviation * (sign * shock - deviation / 2.0));
        let edges = [-half_spread, half_spread].map(|edge| market * libm::exp(edge));
        let to = pool.clamp(edges[0], edges[1]);
        let paid = position.input_of_move(PriceMove { from: pool, to }, FEE);
        books.fees += match paid.token {
            Side::Token0 => paid.fee * market,
            Side::Token1 => paid.fee,
        };
        pool = to;
    }
    books.gain = position.value(market) - position.value(START);
    books.end = market;
    books
}

fn simulated() -> Vec<[Books; 2]> {
    let mut random = FixedRandom::new(SEED);
    let mut pair = || {
        let shocks: Vec<f64> = (0..STEPS).map(|_| random.normal()).collect();
        [1.0, -1.0].map(|sign| walk(&shocks, sign))
    };
    (0..PAIRS).map(|_| pair()).collect()
}

/// The mean over the pairs, and its standard error.
fn sampled(paths: &[[Books; 2]], of: impl Fn(&Books) -> f64) -> [f64; 2] {
    let means: ReturnMoments =
        paths.iter().map(|[one, other]| f64::midpoint(of(one), of(other))).collect();
    [means.mean().unwrap(), means.sample_deviation().unwrap() / (paths.len() as f64).sqrt()]
}

fn deviation(paths: &[[Books; 2]], of: impl Fn(&Books) -> f64) -> f64 {
    let all: ReturnMoments = paths.iter().flatten().map(of).collect();
    all.sample_deviation().unwrap()
}

#[test]
fn a_covered_position_earns_fees_less_lvr_less_what_the_options_cost() {
    let paths = simulated();
    for calls_from in [f64::INFINITY, START] {
        let bought = options(calls_from);
        let premium = worth(&bought);
        // Fair options cost nothing in the mean.
        let [cost, error] = sampled(&paths, |it| premium - paid(&bought, it.end));
        assert!(cost.abs() < ERRORS * error, "{cost} {error}");
        let profit = |it: &Books| it.fees + it.gain + paid(&bought, it.end) - premium;
        let [off, error] = sampled(&paths, |it| profit(it) - (it.fees - it.lvr));
        assert!(off.abs() < ERRORS * error, "{off} {error}");
        // At ten points of volatility more the mean is lower by what they are dearer, to the last.
        let dearer: Vec<_> = bought
            .iter()
            .map(|(terms, quantity)| {
                (OptionTerms { sigma: terms.sigma + 0.1, ..*terms }, *quantity)
            })
            .collect();
        let more = worth(&dearer) - premium;
        let dear = |it: &Books| it.fees + it.gain + paid(&bought, it.end) - worth(&dearer);
        let [low, error] = sampled(&paths, |it| dear(it) - (it.fees - it.lvr));
        assert!((low + more).abs() < ERRORS * error && more > 2.0 * ERRORS * error, "{low} {more}");
        let [lvr, _] = sampled(&paths, |it| it.lvr);
        assert!(lvr > 2.0 * ERRORS * error, "the law would not hold without it: {lvr} {error}");
    }
}

/// Puts alone leave nothing of the price but what the fees make of its way; with calls above, what
/// is left is the line of what was held at the start, which a short of as much takes out.
#[test]
fn what_is_covered_varies_less() {
    let paths = simulated();
    let bare = deviation(&paths, |it| it.fees + it.gain);
    let puts = options(f64::INFINITY);
    let covered = deviation(&paths, |it| it.fees + it.gain + paid(&puts, it.end));
    assert!(covered < bare / 5.0, "{covered} of {bare}");
    let both = options(START);
    let held = position().delta(START);
    let short = |it: &Books| -held * (it.end - START);
    let bent = deviation(&paths, |it| it.fees + it.gain + short(it));
    let straight = deviation(&paths, |it| it.fees + it.gain + short(it) + paid(&both, it.end));
    assert!(straight < bent, "{straight} of {bent}");
}

/// A covered position never ends below its floor: at the last strike's value, whatever the path.
#[test]
fn what_is_covered_by_puts_has_a_floor() {
    let puts = options(f64::INFINITY);
    let floor = position().value(STRIKES[STRIKES.len() - 1]);
    for path in simulated().iter().flatten() {
        let end = position().value(path.end) + paid(&puts, path.end);
        assert!(end >= floor - 1e-9, "{end} at {}", path.end);
    }
}
