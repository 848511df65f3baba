//! What the logs of Balancer's pools stand for, where they say less than was asked.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a call that some kinds know is refused by all others, those to come included"
)]

use tidemill_amm::balancer_v1::{BPool, BPoolSwap, SwapExactIn, SwapExactOut};
use tidemill_amm::composable_stable::ComposableStableExit;
use tidemill_amm::{Pool, PoolError, SwapAmount, Trade};
use tidemill_model::LiquidityChange;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::call::{Answer, ShareCall, only_token};

/// Swaps, in a pool of Balancer v1 a token for itself too: its contract allows it and logs it,
/// though no trade is one.
pub(super) fn swap(pool: &mut Pool, trade: &Trade, at: Timestamp) -> Result<Answer, PoolError> {
    let amounts = match pool {
        Pool::BalancerV1(pool) if trade.pair.input == trade.pair.output => {
            let swap = swap_for_itself(pool, trade)?;
            [swap.amount_in, swap.amount_out]
        }
        _ => {
            let quote = pool.swap(trade, at)?;
            [quote.amount_in, quote.amount_out]
        }
    };
    Ok(swapped(pool, trade.pair, amounts))
}

fn swap_for_itself(pool: &mut BPool, trade: &Trade) -> Result<BPoolSwap, PoolError> {
    let (pair, max_price) = (trade.pair, U256::MAX);
    Ok(match trade.amount {
        SwapAmount::ExactIn(amount_in) => {
            let min_amount_out = Amount::ZERO;
            pool.swap_exact_amount_in(&SwapExactIn { pair, amount_in, min_amount_out, max_price })?
        }
        SwapAmount::ExactOut(amount_out) => {
            let max_amount_in = Amount::MAX;
            pool.swap_exact_amount_out(&SwapExactOut {
                pair,
                max_amount_in,
                amount_out,
                max_price,
            })?
        }
    })
}

fn swapped(pool: &Pool, pair: TokenPair, [amount_in, amount_out]: [Amount; 2]) -> Answer {
    let count = pool.token_count();
    let paid = TokenAmounts::of(count, pair.input, amount_in);
    let taken = TokenAmounts::of(count, pair.output, amount_out);
    Answer { paid, taken, ..Answer::default() }
}

/// Returns the exits of the second vault that could have paid this. Where no token moved, it may
/// have been for one token, of which there was too little.
pub(super) fn withdrawals(change: &LiquidityChange, pool: &Pool) -> Vec<ShareCall> {
    let mut calls = Vec::new();
    let Some(shares) = change.shares else { return asked(&change.amounts, pool).collect() };
    if let Pool::ComposableStable(pool) = pool
        && pool.state().in_recovery_mode
    {
        calls.push(ShareCall::WithdrawInRecovery(shares));
    }
    if let Some((token, _)) = only_token(&change.amounts) {
        calls.push(ShareCall::WithdrawOne(token, shares));
    }
    calls.push(ShareCall::Withdraw(shares));
    calls.extend(asked(&change.amounts, pool));
    if change.amounts.is_zero() {
        let tokens = change.amounts.iter().map(|(token, _)| token);
        calls.extend(tokens.map(|token| ShareCall::WithdrawOne(token, shares)));
    }
    calls
}

/// Returns the joins for exact shares in one token, where so few shares cost nothing of it.
pub(super) fn deposits_of_nothing(change: &LiquidityChange) -> Vec<ShareCall> {
    let Some(shares) = change.shares.filter(|_| change.amounts.is_zero()) else {
        return Vec::new();
    };
    let tokens = change.amounts.iter().map(|(token, _)| token);
    tokens.map(|token| ShareCall::DepositOneForShares(token, shares)).collect()
}

/// Returns the exits for exact amounts that pay this.
///
/// What is asked of a token with a rate is multiplied by it and what is paid divided by it, both
/// rounded down: a raw unit may get lost on the way, so that the log has one less than was asked.
fn asked(paid: &TokenAmounts, pool: &Pool) -> impl Iterator<Item = ShareCall> {
    let rated = rated(pool);
    let all = 1_usize.checked_shl(u32::try_from(rated.len()).unwrap_or(0)).unwrap_or(1);
    let paid = *paid;
    (0..all).map(move |lost| {
        let mut amounts = paid;
        let places = rated.iter().enumerate().filter(|(bit, _)| (lost >> bit) & 1 == 1);
        for (_, token) in places {
            if let Some(amount) = amounts.as_mut_slice().get_mut(token.place()) {
                *amount = amount.checked_add(Amount::from_u64(1)).unwrap_or(*amount);
            }
        }
        ShareCall::WithdrawExact(Box::new(amounts))
    })
}

/// Returns the tokens with a rate, at most [`TokenAmounts::MOST`].
fn rated(pool: &Pool) -> Vec<TokenIndex> {
    let has_rate: Vec<bool> = match pool {
        Pool::ComposableStable(pool) => pool.state().rates.iter().map(Option::is_some).collect(),
        Pool::Weighted(pool) => pool.state().rates.iter().map(Option::is_some).collect(),
        _ => Vec::new(),
    };
    let places = (0_u8..).zip(has_rate).take(TokenAmounts::MOST);
    places.filter(|(_, has_rate)| *has_rate).map(|(place, _)| TokenIndex(place)).collect()
}

pub(super) fn withdraw_in_recovery(
    pool: &mut Pool,
    shares: Amount,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let Pool::ComposableStable(pool) = pool else { return Err(PoolError::WrongTokenCount) };
    let change = pool.exit(&ComposableStableExit::Recovery { shares }, at)?;
    Ok(Answer::taken(change.amounts, change.shares))
}
