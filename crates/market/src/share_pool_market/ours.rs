//! Deposits and withdrawals of ours in the pool with us in it.

use tidemill_amm::constant_product::{Holder, Recipient};
use tidemill_amm::{Pool, PoolError};
use tidemill_model::PositionId;
use tidemill_units::{Amount, Amounts, Timestamp, TokenAmounts};

use crate::own_account::own_account;

/// What a withdrawal pays.
pub(super) struct Paid {
    /// For the shares.
    pub(super) tokens: TokenAmounts,
    /// Fees that were kept apart until now.
    pub(super) fees_apart: TokenAmounts,
}

/// Adds the tokens and returns the shares for them.
///
/// Errors: those of the pool; it is then as it was.
pub(super) fn deposit(
    pool: &mut Pool,
    id: PositionId,
    amounts: &TokenAmounts,
    now: Timestamp,
) -> Result<Amount, PoolError> {
    let Pool::Solidly(pool) = pool else {
        return pool.shares_mut().ok_or(PoolError::WrongTokenCount)?.deposit(amounts, now);
    };
    let mut after = pool.clone();
    after.give(amounts.two().ok_or(PoolError::WrongTokenCount)?)?;
    let shares = after.mint(holder(id), now)?;
    *pool = after;
    Ok(shares)
}

/// Burns the shares, and claims what they have coming where fees are kept apart.
///
/// Errors: those of the pool; it is then as it was.
pub(super) fn withdraw(
    pool: &mut Pool,
    id: PositionId,
    shares: Amount,
    now: Timestamp,
) -> Result<Paid, PoolError> {
    let Pool::Solidly(pool) = pool else {
        let pool = pool.shares_mut().ok_or(PoolError::WrongTokenCount)?;
        let tokens = pool.withdraw(shares, now)?;
        let fees_apart = TokenAmounts::zero(tokens.len()).ok_or(PoolError::WrongTokenCount)?;
        return Ok(Paid { tokens, fees_apart });
    };
    let mut after = pool.clone();
    after.transfer(holder(id), Holder::Pair, shares)?;
    let paid: Amounts = after.burn(Recipient::Outside, now)?;
    let claimed = after.claim_fees(holder(id))?;
    *pool = after;
    Ok(Paid { tokens: paid.into(), fees_apart: claimed.into() })
}

/// Claims what the shares have coming and gives them to the pool's gauge; returns what was claimed.
///
/// Errors: those of the pool, which is then as it was; `WrongTokenCount` where it keeps no fees
/// apart.
pub(super) fn stake(pool: &mut Pool, id: PositionId, shares: Amount) -> Result<Amounts, PoolError> {
    let Pool::Solidly(pool) = pool else { return Err(PoolError::WrongTokenCount) };
    let mut after = pool.clone();
    let claimed = after.claim_fees(holder(id))?;
    after.transfer(holder(id), GAUGE, shares)?;
    *pool = after;
    Ok(claimed)
}

/// Takes shares back from the pool's gauge; what they had coming meanwhile stays the gauge's.
///
/// Errors: as [`stake`].
pub(super) fn unstake(pool: &mut Pool, id: PositionId, shares: Amount) -> Result<(), PoolError> {
    let Pool::Solidly(pool) = pool else { return Err(PoolError::WrongTokenCount) };
    Ok(pool.transfer(GAUGE, holder(id), shares)?)
}

/// Our positions' place in the pool's gauge: an address that nobody has the key of.
const GAUGE: Holder = Holder::Account([0xfe; 20]);

/// Returns whom a position is held by where a pool pays each holder by itself.
fn holder(id: PositionId) -> Holder {
    Holder::Account(own_account(id))
}
