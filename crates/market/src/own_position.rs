//! A position of ours in a pool, in the calls that the pool's build has for it.

use tidemill_amm::concentrated::{
    Build, LiquidityChange, Owner, Pool, PoolError, PositionKey, PositionWorth, SaltedKey,
};
use tidemill_units::{Amounts, Liquidity, SignedLiquidity, Timestamp};

fn salted(key: PositionKey) -> SaltedKey {
    SaltedKey { owner: key.owner, range: key.range, salt: [0; 32] }
}

fn added(liquidity: Liquidity) -> Result<SignedLiquidity, PoolError> {
    let delta = SignedLiquidity::positive(liquidity).filter(|delta| delta.0 > 0);
    delta.ok_or(PoolError::LiquidityOutOfRange)
}

fn sizes(change: &LiquidityChange) -> Amounts {
    let LiquidityChange { principal, .. } = change;
    Amounts { amount0: principal.amount0.magnitude(), amount1: principal.amount1.magnitude() }
}

/// Returns what a position would cost.
pub(crate) fn quote(
    pool: &Pool,
    key: PositionKey,
    liquidity: Liquidity,
) -> Result<Amounts, PoolError> {
    if pool.build() == Build::UniswapV4 {
        let change = pool.quote_modify_liquidity(salted(key), added(liquidity)?);
        return change.map(|change| sizes(&change));
    }
    pool.quote_mint(key, liquidity)
}

/// Puts a position into a pool; returns what it cost.
pub(crate) fn open(
    pool: &mut Pool,
    key: PositionKey,
    liquidity: Liquidity,
    now: Timestamp,
) -> Result<Amounts, PoolError> {
    if pool.build() == Build::UniswapV4 {
        let change = pool.modify_liquidity(salted(key), added(liquidity)?);
        return change.map(|change| sizes(&change));
    }
    pool.mint(key, liquidity, now)
}

fn removed(pool: &Pool, key: PositionKey) -> Result<SignedLiquidity, PoolError> {
    let held = pool.salted_position(&salted(key)).liquidity;
    SignedLiquidity::negative(held).ok_or(PoolError::LiquidityOutOfRange)
}

/// Returns what a position would be paid if it were closed now.
pub(crate) fn worth(pool: &Pool, key: PositionKey) -> Result<PositionWorth, PoolError> {
    if pool.build() == Build::UniswapV4 {
        let change = pool.quote_modify_liquidity(salted(key), removed(pool, key)?)?;
        return Ok(PositionWorth { principal: sizes(&change), fees: change.fees });
    }
    pool.worth(key)
}

/// Takes a position out of a pool with all that it is paid: v4 pays fees with the liquidity, the
/// others when they are collected.
pub(crate) fn close(
    pool: &mut Pool,
    key: PositionKey,
    liquidity: Liquidity,
    now: Timestamp,
) -> Result<(), PoolError> {
    if pool.build() == Build::UniswapV4 {
        let delta = SignedLiquidity::negative(liquidity).ok_or(PoolError::LiquidityOutOfRange)?;
        return pool.modify_liquidity(salted(key), delta).map(drop);
    }
    pool.burn(key, liquidity, now)?;
    pool.collect(key, [u128::MAX; 2]).map(drop)
}

/// The key of a position that is only quoted.
pub(crate) fn nobody(range: tidemill_units::TickRange) -> PositionKey {
    PositionKey { owner: Owner([0xff; 20]), range }
}
