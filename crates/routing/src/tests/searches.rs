use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedJoin, WeightedState};
use tidemill_amm::{Pool, SharePool};
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{DOWN, E12, E18, UP, check_best, pair, through, whole};
use crate::best_trade;

/// Two coins of 18 decimals, amplification 100, a fee of four basis points.
fn stable(balances: [u128; 2]) -> Pool {
    let a = 100 * Generation::V2.amplification_precision();
    let state = StableSwapState {
        generation: Generation::V2,
        balances: TokenAmounts::new(&balances.map(Amount::from_u128)).unwrap(),
        precisions: vec![1, 1],
        admin_balances: TokenAmounts::zero(2).unwrap(),
        total_supply: Amount::from_u128(balances.iter().sum()),
        initial_a: a,
        future_a: a,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        admin_fee: 0,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(2_000_000),
    };
    Pool::StableSwap(Box::new(StableSwap::new(&state).unwrap()))
}

/// Weights of 80 and 20 %, a fee of 0.1 %.
fn weighted(balances: [u128; 2]) -> Pool {
    let mut pool = Weighted::new(&WeightedState {
        build: WeightedBuild::September2022,
        balances: vec![Amount::ZERO; 2],
        decimals: vec![18; 2],
        weights: [8, 2].map(|tenths| U256::from(tenths * (E18 / 10))).to_vec(),
        rates: vec![None; 2],
        swap_fee: U256::from(E18 / 1_000),
        total_supply: Amount::ZERO,
        last_invariant: U256::ZERO,
        protocol_swap_fee: U256::ZERO,
        protocol_yield_fee: U256::ZERO,
        highest_rate_product: U256::ZERO,
    })
    .unwrap();
    let amounts = TokenAmounts::new(&balances.map(Amount::from_u128)).unwrap();
    pool.join(&WeightedJoin::Initial { amounts }).unwrap();
    assert_eq!(pool.balances(), amounts);
    Pool::Weighted(Box::new(pool))
}

fn check_against_pair(pool: &Pool, pair: &Pool) {
    let hops = [through(pair, DOWN), through(pool, UP)];
    let best = best_trade(&hops, Amount::MAX).unwrap();
    let around = best.amount_in.0.to::<u128>();
    let near = (9_900..10_100).map(|part| around / 10_000 * part);
    let far = (1..400).map(|part| around / 100 * part);
    check_best(&hops, Some(&best), near.chain(far));
    // What there is to pay with bounds a search, too.
    let most = around / 3;
    let bounded = best_trade(&hops, whole(most)).unwrap();
    assert!(bounded.amount_in <= whole(most), "{bounded:?}");
    check_best(&hops, Some(&bounded), (1..=100).map(|part| most / 100 * part).chain([most]));
    // The other way round every trade loses.
    assert_eq!(best_trade(&[through(pool, DOWN), through(pair, UP)], Amount::MAX), None);
}

#[test]
fn a_stable_pool_is_searched() {
    let pool = stable([1_500_000 * E18, 500_000 * E18]);
    check_against_pair(&pool, &pair(4_000_000 * E18, 4_100_000 * E18, 3));
}

#[test]
fn a_weighted_pool_is_searched() {
    // Four of token0 are as heavy as one of token1: a price of one.
    let pool = weighted([4_000 * E18, 1_000 * E18]);
    check_against_pair(&pool, &pair(2_000 * E18, 2_100 * E18, 3));
}

/// A unit of one token is worth 10^12 of the other's: most small inputs give nothing at all.
#[test]
fn a_search_finds_a_top_among_steps() {
    let (fine, coarse) = (weighted([4_000 * E18, 1_000 * E18]), 1_000 * E18 / E12);
    let pair = pair(1_050 * E18, coarse, 3);
    let other = super::pair(coarse, 1_000 * E18, 3);
    let hops = [through(&pair, DOWN), through(&other, DOWN), through(&fine, UP)];
    let best = best_trade(&hops, Amount::MAX);
    let around = best.as_ref().map_or(E18, |best| best.amount_in.0.to::<u128>());
    check_best(&hops, best.as_ref(), (1..400).map(|part| around / 100 * part));
}
