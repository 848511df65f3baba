//! W8: what an exchange in a stableswap-ng pool of four coins gives, dynamic fee included.

use curve_math::Pool;
use tidemill_amm::stable_swap_ng::{StableSwapNg, StableSwapNgError, StableSwapNgState};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random};

const POOLS: usize = 64;
/// Decimals of the coins.
const DECIMALS: [u64; 4] = [18, 6, 6, 18];
const WAD: u64 = 1_000_000_000_000_000_000;
const AT: Timestamp = Timestamp(1_700_000_000);

/// A trade in one of the pools.
#[derive(Clone, Copy)]
struct Query {
    pool: usize,
    pair: TokenPair,
    amount_in: Amount,
}

/// `get_dy` over pools from a million to a hundred million of each coin, up to a hundred times
/// apart, of which the last coin has a rate, and trades of up to a tenth of what the pool has.
pub(crate) fn four_coins() -> Result<Row, String> {
    let mut random = Random::seeded(9);
    let pools = (0..POOLS).map(|_| pool(&mut random)).collect::<Result<Vec<_>, _>>()?;
    let published: Vec<_> = pools.iter().map(|pool| publish(&pool.state())).collect();
    let queries: Vec<_> = (0..COUNT).map(|_| query(&mut random, &pools)).collect();
    for query in &queries {
        let ours = ask(&pools, query).ok();
        let theirs = ask_published(&published, query).map(Amount);
        if ours.is_none() || ours != theirs {
            let state = pools[query.pool].state();
            return Err(format!("{state:?}, {query:?}: {ours:?}, {theirs:?}", query = query.pair));
        }
    }
    Ok(Row {
        title: "stableswap-ng get_dy, 4 coins".to_owned(),
        target: Target::Shown,
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(queries.clone(), move |query| ask(&pools, query))),
            (Contestant::CurveMath, circle(queries, move |query| ask_published(&published, query))),
        ],
        notes: Vec::new(),
    })
}

fn ask(pools: &[StableSwapNg], query: &Query) -> Result<Amount, StableSwapNgError> {
    pools[query.pool].get_dy(query.pair, query.amount_in, AT)
}

fn ask_published(pools: &[Pool], query: &Query) -> Option<U256> {
    let TokenPair { input, output } = query.pair;
    pools[query.pool].get_amount_out(input.place(), output.place(), query.amount_in.0)
}

fn pool(random: &mut Random) -> Result<StableSwapNg, String> {
    let ten = U256::from(10);
    let balances = DECIMALS.map(|decimals| {
        let coins = U256::from(10_u64.pow(6) + u64::from(random.below(99_000_000)));
        Amount(coins * ten.pow(U256::from(decimals)))
    });
    let mut rates = DECIMALS.map(|decimals| Amount(ten.pow(U256::from(36 - decimals))));
    rates[3] = Amount(U256::from(WAD + u64::from(random.below(u32::MAX)) * 50_000_000));
    let list = |amounts: &[Amount]| TokenAmounts::new(amounts).ok_or("four coins");
    let prices = list(&[Amount(U256::from(WAD)); 3])?;
    let a = [10_000, 20_000, 50_000, 200_000][random.below(4) as usize];
    let state = StableSwapNgState {
        asset_types: vec![0, 0, 0, 1],
        stored_rates: list(&rates)?,
        token_balances: list(&balances)?,
        stored_balances: list(&balances)?,
        admin_balances: TokenAmounts::zero(4).ok_or("four coins")?,
        total_supply: Amount(U256::from(WAD) * U256::from(1_000_000)),
        initial_a: a,
        future_a: a,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        offpeg_fee_multiplier: U256::from(20_000_000_000_u64),
        admin_fee: 5_000_000_000,
        ma_exp_time: U256::from(866),
        d_ma_time: U256::from(62_324),
        last_prices: prices,
        ema_prices: prices,
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: AT,
        ma_last_time_d: AT,
    };
    StableSwapNg::new(&state).map_err(|error| error.to_string())
}

fn publish(state: &StableSwapNgState) -> Pool {
    let raw = |amounts: &TokenAmounts| amounts.as_slice().iter().map(|amount| amount.0).collect();
    Pool::StableSwapNG {
        balances: raw(&state.stored_balances),
        rates: raw(&state.stored_rates),
        amp: U256::from(state.initial_a),
        fee: U256::from(state.fee),
        offpeg_fee_multiplier: state.offpeg_fee_multiplier,
    }
}

fn query(random: &mut Random, pools: &[StableSwapNg]) -> Query {
    let pool = random.below(POOLS as u32) as usize;
    let input = random.below(4) as u8;
    let output = (input + 1 + random.below(3) as u8) % 4;
    let held = pools[pool].state().stored_balances.as_slice()[usize::from(input)].0;
    let amount_in = Amount(random.below_wide(held / U256::from(10)) + U256::from(10_000_000));
    let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
    Query { pool, pair, amount_in }
}
