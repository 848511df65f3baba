use tidemill_amm::concentrated::{Pool, PoolError, SwapRequest, SwapResult};
use tidemill_units::{Amounts, Liquidity, TickRange, Timestamp};

use crate::own_position;

/// What liquidity that is in a pool for one swap paid and was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JustInTime {
    /// Paid in, rounded up.
    pub deposited: Amounts,
    /// Paid out for the liquidity, rounded down.
    pub withdrawn: Amounts,
    /// Paid out as fees, rounded down.
    pub fees: Amounts,
    /// What the swap did with the liquidity in the pool.
    pub swap: SwapResult,
}

/// Puts liquidity into a copy of a pool right before a swap and takes it out right after, with its
/// fees: a mint, the swap, a burn and a collect in one block.
///
/// Errors: those of [`Pool::mint`] and of [`Pool::swap`].
pub fn just_in_time(
    pool: &Pool,
    (range, liquidity): (TickRange, Liquidity),
    request: SwapRequest,
    now: Timestamp,
) -> Result<JustInTime, PoolError> {
    let mut pool = pool.clone();
    let key = own_position::nobody(range);
    let deposited = own_position::open(&mut pool, key, liquidity, now)?;
    let swap = pool.swap(request, now)?;
    let worth = own_position::worth(&pool, key)?;
    own_position::close(&mut pool, key, liquidity, now)?;
    Ok(JustInTime { deposited, withdrawn: worth.principal, fees: worth.fees, swap })
}
