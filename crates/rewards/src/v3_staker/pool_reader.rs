use tidemill_units::{Liquidity, TickRange, U256};

use super::TokenId;
use crate::Account;

/// What the staker reads of other contracts, all of it as it is at the operation's time.
///
/// It is asked only where the contract would ask, so that an operation refused before does not need
/// an answer.
pub trait PoolReader {
    /// Returns what the position manager says of a token; `None` where it has none of that number
    /// (v3-periphery `NonfungiblePositionManager.positions`).
    fn position(&self, token_id: TokenId) -> Option<ManagedPosition>;

    /// Returns the seconds per liquidity that a pool gathered while its price was inside a range,
    /// Q32.128 and wrapping at 2^160; `None` where the pool refuses, as it does for a range whose
    /// ends nobody has liquidity at (v3-core `UniswapV3Pool.snapshotCumulativesInside`).
    fn seconds_per_liquidity_inside(&self, pool: Account, range: TickRange) -> Option<U256>;
}

/// What the staker wants to know of a token of the position manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPosition {
    /// The pool it is in, as the staker works its address out of tokens and fee.
    pub pool: Account,
    /// Its ticks.
    pub range: TickRange,
    /// Its liquidity now.
    pub liquidity: Liquidity,
}
