//! What the logs of a v2 pair stand for. A pair takes what was given to it before a call for part
//! of what the call paid, and its logs count it so.

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

pub(super) fn of(pool: &mut Pool) -> Result<&mut Pair, PoolError> {
    match pool {
        Pool::ConstantProduct(pool) => Ok(pool),
        _ => Err(PoolError::WrongTokenCount),
    }
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

/// What a pair has still to be given for it to hold this much beyond its reserves.
fn still_to_pay(pair: &Pair, recorded: Amounts) -> Amounts {
    let (held, reserves) = (pair.holdings(), pair.reserves().amounts);
    let left = |recorded: Amount, held: Amount, reserve: Amount| {
        let given = held.checked_sub(reserve).unwrap_or_default();
        recorded.checked_sub(given).unwrap_or_default()
    };
    Amounts {
        amount0: left(recorded.amount0, held.amount0, reserves.amount0),
        amount1: left(recorded.amount1, held.amount1, reserves.amount1),
    }
}

pub(super) fn swap(
    pair: &mut Pair,
    paid: Amounts,
    taken: Amounts,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let paid = still_to_pay(pair, paid);
    let came_in = pair.swap(PairSwap { out: taken, to: Recipient::Outside, paid }, at)?;
    let (paid, taken) = (Some(list(came_in)), Some(list(taken)));
    Ok(Answer { paid, taken, ..Answer::default() })
}

pub(super) fn deposit(
    pair: &mut Pair,
    recorded: &TokenAmounts,
    at: Timestamp,
) -> Result<Amount, PoolError> {
    pair.give(still_to_pay(pair, amounts(recorded)?))?;
    Ok(pair.mint(Holder::Others, at)?)
}

pub(super) fn skim(pair: &mut Pair) -> Result<Answer, PoolError> {
    let taken = pair.skim(Recipient::Outside)?;
    Ok(Answer { taken: Some(list(taken)), ..Answer::default() })
}

/// The log follows every call; only where the reserves are not yet these was there a `sync`.
pub(super) fn sync(
    pair: &mut Pair,
    balances: &TokenAmounts,
    at: Timestamp,
) -> Result<Answer, PoolError> {
    let balances = amounts(balances)?;
    if pair.reserves().amounts != balances {
        let given = balances.checked_sub(pair.holdings()).unwrap_or_default();
        pair.give(given)?;
        pair.sync(at)?;
    }
    Ok(Answer::default())
}

pub(super) fn set_protocol_fee(pair: &mut Pair, is_on: Option<bool>) {
    if let Some(is_on) = is_on {
        pair.set_fee_to(is_on.then_some(FEE_RECEIVER));
    }
}
