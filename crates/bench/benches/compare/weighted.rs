//! W9: what a Balancer weighted pool of the build of 2022 gives for an exact input, fee included.

use balancer_maths_rust::common::maths::mul_up_fixed;
use balancer_maths_rust::pools::weighted::weighted_math::compute_out_given_exact_in;
use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedState};
use tidemill_amm::{SwapAmount, Trade};
use tidemill_units::{Amount, TokenIndex, TokenPair, U256};

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random};

const ONE: u64 = 1_000_000_000_000_000_000;
const FEE: u64 = ONE / 1000 * 3;
const SWAP: Trade = Trade {
    pair: TokenPair { input: TokenIndex(0), output: TokenIndex(1) },
    amount: SwapAmount::ExactIn(Amount::ZERO),
};

/// A pool as both crates take it, and what is paid in.
#[derive(Clone)]
struct Input {
    pool: Weighted,
    balances: [U256; 2],
    weights: [U256; 2],
    amount: U256,
}

/// Two tokens of any weights from 1 % to 99 %, so that the shortcuts for 50/50 and 80/20 are rare,
/// and inputs of up to 30 % of the balance, uniform.
pub(crate) fn out_given_in() -> Result<Row, String> {
    let inputs = inputs()?;
    for input in &inputs {
        let (ours, theirs) = (ours(input), theirs(input));
        if ours.is_none() || ours != theirs {
            return Err(format!("{:?}: {ours:?}, {theirs:?}", input.pool.state()));
        }
    }
    Ok(Row {
        title: "weighted out given in".to_owned(),
        target: Target::TimesFaster(3.0),
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(inputs.clone(), ours)),
            (Contestant::BalancerMaths, circle(inputs, theirs)),
        ],
        notes: vec!["ours checks the vault's bounds and scales decimals too".to_owned()],
    })
}

fn ours(input: &Input) -> Option<U256> {
    let trade = Trade { amount: SwapAmount::ExactIn(Amount(input.amount)), ..SWAP };
    input.pool.quote_swap(&trade).ok().map(|quote| quote.amount_out.0)
}

fn theirs(input: &Input) -> Option<U256> {
    let fee = mul_up_fixed(&input.amount, &U256::from(FEE)).ok()?;
    let [balance_in, balance_out] = &input.balances;
    let [weight_in, weight_out] = &input.weights;
    let amount = input.amount - fee;
    compute_out_given_exact_in(balance_in, weight_in, balance_out, weight_out, &amount).ok()
}

fn inputs() -> Result<Vec<Input>, String> {
    let mut random = Random::seeded(9);
    let mut inputs = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let one = U256::from(ONE);
        let percent = one / U256::from(100);
        let weight = percent + random.of_bits(64) % (one - percent * U256::from(2));
        let weights = [weight, one - weight];
        // A million tokens or so.
        let balances = [random.of_bits(80), random.of_bits(80)];
        let amount = random.of_bits(80) % (balances[0] / U256::from(10) * U256::from(3));
        let state = WeightedState {
            build: WeightedBuild::September2022,
            balances: balances.map(Amount).to_vec(),
            decimals: vec![18; 2],
            weights: weights.to_vec(),
            rates: vec![None; 2],
            swap_fee: U256::from(FEE),
            total_supply: Amount(balances[0]),
            last_invariant: balances[0],
            protocol_swap_fee: U256::ZERO,
            protocol_yield_fee: U256::ZERO,
            highest_rate_product: U256::ZERO,
        };
        let pool = Weighted::new(&state).map_err(|error| error.to_string())?;
        inputs.push(Input { pool, balances, weights, amount });
    }
    Ok(inputs)
}
