//! The strategies, one file each, and the registry that builds them from their parameters.
//!
//! Every parameter has its unit in its name and an allowed range that its error states. Ticks are
//! used for widths because they are exact: one tick is a price ratio of 1.0001, about a basis
//! point.
//!
//! ```
//! use tidemill_strategies::{PoolFacts, StrategyKind};
//!
//! let pool = PoolFacts::Concentrated { tick_spacing: 60 };
//! assert!(StrategyKind::FixedRange { half_width_ticks: 600 }.build(pool).is_ok());
//! let error = StrategyKind::FixedRange { half_width_ticks: 59 }.build(pool).err();
//! let message = error.map(|error| error.to_string());
//! assert_eq!(message.as_deref(), Some("half_width_ticks is 59; allowed is 60 to 443636"));
//! ```

pub mod allocation;
mod balance;
pub mod compounding;
mod farm;
mod fixed_range;
mod full_range;
mod hedge;
mod hold;
mod keeper;
mod parameters;
mod recentre;
mod registry;
mod sale;
mod stake;
mod volatility_range;
mod vote;

pub use farm::{ClaimRule, FarmConfig, FarmSetup, Proceeds, RoundGas};
pub use hedge::{Cover, HedgeConfig, HedgeSetup};
pub use parameters::{BuildError, ParameterError, bounded};
pub use registry::{FeedNeed, PoolFacts, Services, StrategyConfig, StrategyKind};
pub use stake::StakeSetup;
pub use vote::{VoteGas, VoteSetup};

#[cfg(test)]
mod tests;
