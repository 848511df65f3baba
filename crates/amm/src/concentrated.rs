//! The Uniswap v3 pool, whole, as the deployed v3-core 1.0.1 behaves.
//!
//! [`Pool`] holds what the contract stores. A swap is worked out first ([`Pool::stage_swap`]) and
//! made second ([`Pool::commit_swap`]), so that a replay can try, compare and only then change
//! anything.

mod error;
mod flash;
mod liquidity;
mod oracle;
mod pool;
mod position;
mod quote;
mod range_watch;
mod sqrt_price_math;
mod swap;
mod swap_step;
mod tick_math;
mod tick_table;

pub use error::PoolError;
pub use liquidity::{PositionWorth, amounts_for_liquidity, liquidity_for_amounts};
pub use oracle::{Cumulatives, Observation, Oracle};
pub use pool::{
    CumulativesInside, ParametersError, Pool, Snapshot, SnapshotError, SnapshotFailure,
    TickLiquidity,
};
pub use position::{Owner, Position, PositionKey};
pub use range_watch::RangeWatch;
pub use sqrt_price_math::{PriceSpan, Rounding, amount0_delta, amount1_delta};
pub use swap::{StagedSwap, StepObserver, SwapRequest, SwapResult, SwapStep};
pub use swap_step::{FeeRule, StepBounds, StepResult, SwapAmount, swap_step};
pub use tick_math::{sqrt_price_at_tick, tick_at_sqrt_price};
pub use tick_table::{Accumulators, TickInfo};

#[cfg(test)]
mod tests;
