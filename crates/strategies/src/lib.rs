//! The strategies, one file each, and the registry that builds them from their parameters.
//!
//! Every parameter has its unit in its name and an allowed range that its error states. Ticks are
//! used for widths because they are exact: one tick is a price ratio of 1.0001, about a basis
//! point.
//!
//! ```
//! use tidemill_strategies::{FixedRange, PoolFacts, StrategyKind};
//!
//! let pool = PoolFacts::Concentrated { tick_spacing: 60 };
//! let fixed = |half_width_ticks| StrategyKind::FixedRange(FixedRange { half_width_ticks });
//! assert!(fixed(600).build(pool).is_ok());
//! let error = fixed(59).build(pool).err();
//! let message = error.map(|error| error.to_string());
//! assert_eq!(message.as_deref(), Some("half_width_ticks is 59; allowed is 60 to 443636"));
//! ```

pub mod allocation;
mod balance;
pub mod compounding;
mod declared;
mod farm;
mod fixed_range;
mod full_range;
mod hedge;
mod hold;
mod keeper;
mod parameters;
mod pool_meter;
mod recentre;
mod registry;
mod sale;
mod stake;
mod volatility_range;
mod vote;

pub use farm::{ClaimRule, FarmConfig, FarmSetup, Proceeds, RoundGas};
pub use fixed_range::FixedRange;
pub use full_range::FullRange;
pub use hedge::{Cover, HedgeConfig, HedgeSetup};
pub use hold::Hold;
pub use parameters::{BuildError, ParameterError, bounded};
pub use recentre::Recentre;
pub use registry::{FeedNeed, PoolFacts, Services, StrategyConfig, StrategyKind};
pub use stake::{Stake, StakeSetup};
pub use volatility_range::VolatilityRange;
pub use vote::{Vote, VoteGas, VoteSetup};

#[cfg(test)]
mod tests;
