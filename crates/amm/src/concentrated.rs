//! The Uniswap v3 pool, whole, as the deployed v3-core 1.0.1 behaves, and its kin: PancakeSwap v3,
//! Slipstream, and Uniswap v4's pools without hooks.
//!
//! They are one [`Pool`] of one [`Build`] or another. Price, ticks and the walk over them are
//! common; how a fee is divided is a rule that the swap's loop is compiled with.
//!
//! [`Pool`] holds what the contract stores. A swap is worked out first ([`Pool::stage_swap`]) and
//! made second ([`Pool::commit_swap`]), so that a replay can try, compare and only then change
//! anything.

mod build;
mod error;
mod facts;
mod flash;
mod liquidity;
mod managed;
mod oracle;
mod pool;
mod position;
mod range_watch;
mod rules;
mod sqrt_price_math;
mod staking;
mod state;
mod swap;
mod swap_step;
mod tick_math;
mod tick_table;

pub use build::Build;
pub use error::PoolError;
pub use facts::FACTS;
pub use liquidity::{PositionWorth, amounts_for_liquidity, liquidity_for_amounts};
pub use managed::{LiquidityChange, SaltedKey, SaltedPosition};
pub use oracle::{Cumulatives, Observation, Oracle};
pub use pool::{
    CumulativesInside, ParametersError, Pool, Snapshot, SnapshotError, SnapshotFailure,
    TickLiquidity,
};
pub use position::{Owner, Position, PositionKey};
pub use range_watch::RangeWatch;
pub use sqrt_price_math::{PriceSpan, Rounding, amount0_delta, amount1_delta};
pub use staking::SlipstreamParameters;
pub use state::{ConcentratedState, TickState};
pub use swap::{StagedSwap, StepObserver, SwapRequest, SwapResult, SwapStep};
pub use swap_step::{FeeRule, StepBounds, StepResult, SwapAmount, swap_step};
pub use tick_math::{sqrt_price_at_tick, tick_at_sqrt_price};
pub use tick_table::{Accumulators, TickInfo};

#[cfg(test)]
mod tests;
