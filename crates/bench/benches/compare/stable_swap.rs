//! W8: what an exchange in a StableSwap pool of four coins gives, with the rounding of the first
//! generation.

use curve_math::Pool;
use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random};

const POOLS: usize = 64;
const PRECISIONS: [u64; 4] = [1, 1_000_000_000_000, 1_000_000_000_000, 1];
const AT: Timestamp = Timestamp(1_600_000_000);

/// A trade in one of the pools.
#[derive(Clone, Copy)]
struct Query {
    pool: usize,
    pair: TokenPair,
    amount_in: Amount,
}

/// `get_dy` over pools from a million to a hundred million of each coin, up to a hundred times
/// apart, and trades of up to a tenth of what the pool has.
pub(crate) fn four_coins() -> Result<Row, String> {
    let mut random = Random::seeded(8);
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
        title: "StableSwap get_dy, 4 coins".to_owned(),
        target: Target::TimesFaster(3.0),
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(queries.clone(), move |query| ask(&pools, query))),
            (Contestant::CurveMath, circle(queries, move |query| ask_published(&published, query))),
        ],
        notes: Vec::new(),
    })
}

fn ask(
    pools: &[StableSwap],
    query: &Query,
) -> Result<Amount, tidemill_amm::stable_swap::StableSwapError> {
    pools[query.pool].get_dy(query.pair, query.amount_in, AT)
}

fn ask_published(pools: &[Pool], query: &Query) -> Option<U256> {
    let TokenPair { input, output } = query.pair;
    pools[query.pool].get_amount_out(input.place(), output.place(), query.amount_in.0)
}

fn pool(random: &mut Random) -> Result<StableSwap, String> {
    let balances = PRECISIONS.map(|precision| {
        // 10^24 to 10^26 in scaled units.
        let scaled = U256::from(10_u64.pow(6) + u64::from(random.below(99_000_000)));
        Amount(scaled * U256::from(10_u64.pow(18)) / U256::from(precision))
    });
    let state = StableSwapState {
        generation: Generation::V0,
        balances: TokenAmounts::new(&balances).ok_or("four coins")?,
        precisions: PRECISIONS.to_vec(),
        admin_balances: TokenAmounts::zero(4).ok_or("four coins")?,
        total_supply: Amount(U256::from(10_u64.pow(18)) * U256::from(1_000_000)),
        initial_a: [100, 256, 500, 2_000][random.below(4) as usize],
        future_a: 0,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    };
    StableSwap::new(&state).map_err(|error| error.to_string())
}

fn publish(state: &StableSwapState) -> Pool {
    let unit = U256::from(10_u64.pow(18));
    Pool::StableSwapV0 {
        balances: state.balances.as_slice().iter().map(|balance| balance.0).collect(),
        rates: state.precisions.iter().map(|precision| U256::from(*precision) * unit).collect(),
        amp: U256::from(state.initial_a),
        fee: U256::from(state.fee),
    }
}

fn query(random: &mut Random, pools: &[StableSwap]) -> Query {
    let pool = random.below(POOLS as u32) as usize;
    let input = random.below(4) as u8;
    let output = (input + 1 + random.below(3) as u8) % 4;
    let held = pools[pool].balances().as_slice()[usize::from(input)].0;
    let amount_in = Amount(random.below_wide(held / U256::from(10)) + U256::from(10_000_000));
    let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
    Query { pool, pair, amount_in }
}
