//! What the logs of a pair stand for, Uniswap v2's or Solidly's. A pair takes what was given to it
//! before a call for part of what the call paid, and its logs count it so.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a call that some kinds know is refused by all others, those to come included"
)]

use tidemill_amm::constant_product::{Holder, Pair, PairSwap, Recipient};
use tidemill_amm::{Pool, PoolError};
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts};

use super::Answer;

/// Who gets the protocol's share where a log does not say: the pair asks only whether anybody does.
const FEE_RECEIVER: [u8; 20] = [0xfe; 20];

pub(super) fn is_pair(pool: &Pool) -> bool {
    matches!(pool, Pool::ConstantProduct(_) | Pool::Solidly(_))
}

pub(super) fn amounts(amounts: &TokenAmounts) -> Result<Amounts, PoolError> {
    match *amounts.as_slice() {
        [amount0, amount1] => Ok(Amounts { amount0, amount1 }),
        _ => Err(PoolError::WrongTokenCount),
    }
}

fn list(amounts: Amounts) -> TokenAmounts {
    TokenAmounts::from_array([amounts.amount0, amounts.amount1])
}

/// What a pair holds, and its reserves.
pub(crate) fn held(pool: &Pool) -> Result<(Amounts, Amounts), PoolError> {
    match pool {
        Pool::ConstantProduct(pool) => Ok((pool.holdings(), pool.reserves().amounts)),
        Pool::Solidly(pool) => Ok((pool.holdings(), pool.reserves().amounts)),
        _ => Err(PoolError::WrongTokenCount),
    }
}

/// What was given to a pair since its last call.
fn given(pool: &Pool) -> Result<Amounts, PoolError> {
    let (held, reserves) = held(pool)?;
    let beyond = |held: Amount, reserve: Amount| held.checked_sub(reserve).unwrap_or_default();
    Ok(Amounts {
        amount0: beyond(held.amount0, reserves.amount0),
        amount1: beyond(held.amount1, reserves.amount1),
    })
}

/// What a pair has still to be given for it to hold this much beyond its reserves.
fn still_to_pay(pool: &Pool, recorded: Amounts) -> Result<Amounts, PoolError> {
    let given = given(pool)?;
    let left = |recorded: Amount, given: Amount| recorded.checked_sub(given).unwrap_or_default();
    Ok(Amounts {
        amount0: left(recorded.amount0, given.amount0),
        amount1: left(recorded.amount1, given.amount1),
    })
}

/// What the log of a swap will say: what was given before counts as paid.
pub(super) fn foretell(pool: &Pool, paid: Amounts, taken: Amounts) -> Result<Answer, PoolError> {
    let given = given(pool)?;
    let came_in = Amounts {
        amount0: paid.amount0.max(given.amount0),
        amount1: paid.amount1.max(given.amount1),
    };
    let (paid, taken) = (Some(list(came_in)), Some(list(taken)));
    Ok(Answer { paid, taken, ..Answer::default() })
}

pub(super) fn swap(
    pool: &mut Pool,
    paid: Amounts,
    taken: Amounts,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let paid = still_to_pay(pool, paid)?;
    let swap = PairSwap { out: taken, to: Recipient::Outside, paid };
    let came_in = match pool {
        Pool::ConstantProduct(pool) => pool.swap(swap, at)?,
        Pool::Solidly(pool) => pool.swap(swap, at)?,
        _ => return Err(PoolError::WrongTokenCount),
    };
    let (paid, taken) = (Some(list(came_in)), Some(list(taken)));
    Ok(Answer { paid, taken, ..Answer::default() })
}

pub(super) fn deposit(
    pool: &mut Pool,
    recorded: &TokenAmounts,
    at: Timestamp,
) -> Result<Amount, PoolError> {
    let paid = still_to_pay(pool, amounts(recorded)?)?;
    give(pool, paid)?;
    match pool {
        Pool::ConstantProduct(pool) => Ok(pool.mint(Holder::Others, at)?),
        Pool::Solidly(pool) => Ok(pool.mint(Holder::Others, at)?),
        _ => Err(PoolError::WrongTokenCount),
    }
}

/// Burns shares. The log does not say whose they were: those that wait in the pair come first, then
/// others', and what these lack is taken of holders that are told apart, the protocol among them.
pub(super) fn withdraw(
    pair: &mut Pair,
    shares: Amount,
    at: Timestamp,
) -> Result<TokenAmounts, PoolError> {
    let beyond = |all: Amount, part: Amount| all.checked_sub(part).unwrap_or_default();
    let sent = beyond(shares, pair.shares_of(Holder::Pair));
    let mut missing = beyond(sent, pair.shares_of(Holder::Others));
    if !missing.is_zero() {
        let named = pair.state().shares;
        for holder in named.into_keys().map(Holder::Account) {
            let taken = missing.min(pair.shares_of(holder));
            pair.transfer(holder, Holder::Others, taken)?;
            missing = beyond(missing, taken);
        }
    }
    pair.transfer(Holder::Others, Holder::Pair, sent)?;
    Ok(list(pair.burn(Recipient::Outside, at)?))
}

pub(super) fn give(pool: &mut Pool, amounts: Amounts) -> Result<(), PoolError> {
    match pool {
        Pool::ConstantProduct(pool) => pool.give(amounts)?,
        Pool::Solidly(pool) => pool.give(amounts)?,
        _ => return Err(PoolError::WrongTokenCount),
    }
    Ok(())
}

pub(super) fn skim(pool: &mut Pool) -> Result<Answer, PoolError> {
    let taken = match pool {
        Pool::ConstantProduct(pool) => pool.skim(Recipient::Outside)?,
        Pool::Solidly(pool) => pool.skim(Recipient::Outside)?,
        _ => return Err(PoolError::WrongTokenCount),
    };
    Ok(Answer { taken: Some(list(taken)), ..Answer::default() })
}

/// The log follows every call; only where the reserves are not yet these was there a `sync`.
pub(super) fn sync(
    pool: &mut Pool,
    balances: &TokenAmounts,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let balances = amounts(balances)?;
    let (held, reserves) = held(pool)?;
    if reserves != balances {
        give(pool, balances.checked_sub(held).unwrap_or_default())?;
        match pool {
            Pool::ConstantProduct(pool) => pool.sync(at)?,
            Pool::Solidly(pool) => pool.sync(at)?,
            _ => return Err(PoolError::WrongTokenCount),
        }
    }
    Ok(Answer::default())
}

/// Pays fees to somebody whom the state does not tell apart.
pub(super) fn claim_fees(pool: &mut Pool, claimed: &TokenAmounts) -> Result<Answer, PoolError> {
    let Pool::Solidly(pool) = pool else { return Err(PoolError::WrongTokenCount) };
    pool.claim_of_others(amounts(claimed)?)?;
    Ok(Answer { taken: Some(*claimed), ..Answer::default() })
}

pub(super) fn set_protocol_fee(pair: &mut Pair, is_on: Option<bool>) {
    if let Some(is_on) = is_on {
        pair.set_fee_to(is_on.then_some(FEE_RECEIVER));
    }
}
