//! Uniswap's v3-staker 1.0.2: rewards for the time that liquidity spends in range.
//!
//! An incentive pays its reward evenly over its time. A position's part of a second is its part of
//! all the pool's liquidity in range, staked or not; what nobody staked has earned goes back to the
//! refundee. Positions are tokens of the position manager, deposited here, and a deposit is staked
//! in as many incentives of its pool as its owner likes.
//!
//! Of pools and of the position manager the staker needs little, which it asks a [`PoolReader`]
//! for; a concentrated pool of `tidemill-amm` answers it with `snapshot_cumulatives_inside`.

mod error;
mod facts;
mod key;
mod pool_reader;
mod reward_math;
mod staker;
mod state;

pub use error::V3StakerError;
pub use facts::FACTS;
pub use key::{IncentiveKey, TokenId};
pub use pool_reader::{ManagedPosition, PoolReader};
pub use reward_math::{RewardInputs, StakeReward, reward_amount};
pub use staker::{DepositCall, IncentiveInfo, Payment, StakeCall, Unstaked, V3Staker};
pub use state::{
    DepositState, IncentiveState, RewardState, StakeState, V3StakerState, V3StakerStateError,
};

#[cfg(test)]
mod tests;
