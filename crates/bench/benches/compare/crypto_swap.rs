//! W10: `get_dy` of Curve's crypto pools, of two coins and of three.
//!
//! A pool is traded along, and asked at each state for the swap that comes next. Parameters are
//! near those of CRV-ETH, of tricrypto2 and of TricryptoUSDC. Ours checks every step against 256
//! bits, as the contracts do.

use curve_math::swap;
use tidemill_amm::SharePool;
use tidemill_amm::crypto_swap::{
    AGamma, CryptoGeneration, CryptoSwap, CryptoSwapParameters, CryptoSwapState, TwoCryptoBuild,
};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::Random;

/// States timed.
const STATES: usize = 256;
/// States compared.
const COMPARED: usize = 4096;
const WAD: u64 = 1_000_000_000_000_000_000;

/// One question to a pool, with all that the crate is asked it by.
#[derive(Clone)]
struct Question {
    pool: CryptoSwap,
    pair: TokenPair,
    amount_in: Amount,
    balances: Vec<U256>,
    precisions: Vec<U256>,
    price_scale: Vec<U256>,
    d: U256,
    a: U256,
    gamma: U256,
    fees: [U256; 3],
}

pub(crate) fn two_crypto() -> Result<Row, String> {
    let generation = CryptoGeneration::TwoCrypto(TwoCryptoBuild::Factory);
    row("two-crypto", generation, answer_of_two)
}

pub(crate) fn tricrypto2() -> Result<Row, String> {
    row("tricrypto2", CryptoGeneration::Tricrypto2, answer_of_three)
}

pub(crate) fn tricrypto_ng() -> Result<Row, String> {
    row("tricrypto-ng", CryptoGeneration::TricryptoNg, answer_of_ng)
}

fn row(
    name: &str,
    generation: CryptoGeneration,
    theirs: fn(&Question) -> Option<U256>,
) -> Result<Row, String> {
    let questions = questions(generation).map_err(|error| format!("{name}: {error}"))?;
    for question in &questions {
        let (one, other) = (ours(question), theirs(question));
        if one.is_none() || one != other {
            let Question { pair, amount_in, .. } = question;
            return Err(format!("{pair:?} {amount_in:?}: {one:?}, {other:?}"));
        }
    }
    let timed: Vec<_> = questions.into_iter().step_by(COMPARED / STATES).collect();
    Ok(Row {
        title: format!("crypto get_dy, {name}"),
        target: Target::Shown,
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(timed.clone(), ours)),
            (Contestant::CurveMath, circle(timed, theirs)),
        ],
        notes: Vec::new(),
    })
}

fn ours(question: &Question) -> Option<U256> {
    let Question { pool, pair, amount_in, .. } = question;
    Some(pool.get_dy(*pair, *amount_in, Timestamp(0)).ok()?.0)
}

fn answer_of_two(question: &Question) -> Option<U256> {
    let [mid_fee, out_fee, fee_gamma] = question.fees;
    swap::twocrypto_v1::get_amount_out(
        question.balances.as_slice().try_into().ok()?,
        question.precisions.as_slice().try_into().ok()?,
        question.price_scale[0],
        question.d,
        question.a,
        question.gamma,
        mid_fee,
        out_fee,
        fee_gamma,
        question.pair.input.place(),
        question.pair.output.place(),
        question.amount_in.0,
    )
}

fn answer_of_three(question: &Question) -> Option<U256> {
    let [mid_fee, out_fee, fee_gamma] = question.fees;
    swap::tricrypto_v1::get_amount_out(
        question.balances.as_slice().try_into().ok()?,
        question.precisions.as_slice().try_into().ok()?,
        question.price_scale.as_slice().try_into().ok()?,
        question.d,
        question.a,
        question.gamma,
        mid_fee,
        out_fee,
        fee_gamma,
        question.pair.input.place(),
        question.pair.output.place(),
        question.amount_in.0,
    )
}

fn answer_of_ng(question: &Question) -> Option<U256> {
    let [mid_fee, out_fee, fee_gamma] = question.fees;
    swap::tricrypto_ng::get_amount_out(
        question.balances.as_slice().try_into().ok()?,
        question.precisions.as_slice().try_into().ok()?,
        question.price_scale.as_slice().try_into().ok()?,
        question.d,
        question.a,
        question.gamma,
        mid_fee,
        out_fee,
        fee_gamma,
        question.pair.input.place(),
        question.pair.output.place(),
        question.amount_in.0,
    )
}

fn questions(generation: CryptoGeneration) -> Result<Vec<Question>, String> {
    let mut random = Random::seeded(8);
    let mut pool = funded(generation)?;
    let count = u32::try_from(generation.coins()).map_err(|error| error.to_string())?;
    let mut questions = Vec::with_capacity(COMPARED);
    let mut now = Timestamp(0);
    while questions.len() < COMPARED {
        now.0 += 12;
        let input = random.below(count);
        let output = (input + 1 + random.below(count - 1)) % count;
        let coin = |index: u32| TokenIndex(u8::try_from(index).unwrap_or_default());
        let pair = TokenPair { input: coin(input), output: coin(output) };
        let held = pool.balances().get(pair.input).ok_or("no such coin")?;
        let amount_in = Amount(random.below_wide(held.0 / U256::from(100)) + U256::ONE);
        questions.push(question(&pool, pair, amount_in));
        // A swap whose fee does not pay for the rounding is refused: the next is another.
        let _ = pool.exchange(pair, amount_in, now);
    }
    Ok(questions)
}

fn question(pool: &CryptoSwap, pair: TokenPair, amount_in: Amount) -> Question {
    let state = pool.state();
    let ten = U256::from(10);
    let parameters = state.parameters;
    Question {
        pool: *pool,
        pair,
        amount_in,
        balances: state.balances.as_slice().iter().map(|amount| amount.0).collect(),
        precisions: state.decimals.iter().map(|each| ten.pow(U256::from(18 - each))).collect(),
        price_scale: state.price_scale,
        d: state.invariant,
        a: U256::from(state.future_a_gamma.a),
        gamma: U256::from(state.future_a_gamma.gamma),
        fees: [parameters.mid_fee, parameters.out_fee, parameters.fee_gamma].map(U256::from),
    }
}

fn funded(generation: CryptoGeneration) -> Result<CryptoSwap, String> {
    let (shape, decimals, prices, balances) = match generation {
        CryptoGeneration::TwoCrypto(_) | CryptoGeneration::TwocryptoNg(_) => (
            AGamma { a: 400_000, gamma: 145_000_000_000_000 },
            vec![18, 18],
            vec![500_000_000_000_000],
            vec![10_000_u128 * u128::from(WAD), 20_000_000 * u128::from(WAD)],
        ),
        CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => (
            AGamma { a: 1_707_629, gamma: 11_809_167_828_997 },
            vec![6, 8, 18],
            vec![30_000 * u128::from(WAD), 2_000 * u128::from(WAD)],
            vec![30_000_000_000_000, 100_000_000_000, 15_000 * u128::from(WAD)],
        ),
    };
    let prices: Vec<_> = prices.into_iter().map(U256::from).collect();
    let none = TokenAmounts::zero(generation.coins()).ok_or("no coins")?;
    let mut pool = CryptoSwap::new(&CryptoSwapState {
        generation,
        decimals,
        balances: none,
        holdings: none,
        total_supply: Amount::ZERO,
        initial_a_gamma: shape,
        initial_a_gamma_time: Timestamp(0),
        future_a_gamma: shape,
        future_a_gamma_time: Timestamp(0),
        parameters: CryptoSwapParameters {
            mid_fee: 3_000_000,
            out_fee: 30_000_000,
            fee_gamma: 500_000_000_000_000,
            admin_fee: 5_000_000_000,
            allowed_extra_profit: 2_000_000_000_000,
            adjustment_step: 490_000_000_000_000,
            ma_time: 600,
        },
        price_scale: prices.clone(),
        price_oracle: prices.clone(),
        last_prices: prices,
        last_prices_timestamp: Timestamp(0),
        invariant: U256::ZERO,
        xcp_profit: U256::ZERO,
        xcp_profit_a: U256::from(WAD),
        virtual_price: U256::ZERO,
        not_adjusted: false,
        has_fee_receiver: true,
        last_admin_fee_claim_timestamp: Timestamp(0),
        admin_lp_virtual_balance: Amount::ZERO,
    })
    .map_err(|error| error.to_string())?;
    let amounts: Vec<_> = balances.into_iter().map(Amount::from_u128).collect();
    let amounts = TokenAmounts::new(&amounts).ok_or("no amounts")?;
    pool.add_liquidity(&amounts, Timestamp(0)).map_err(|error| error.to_string())?;
    Ok(pool)
}
