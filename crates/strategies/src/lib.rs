//! The strategies, one file each, and the registry that builds them from their parameters.
//!
//! Every parameter has its unit in its name and an allowed range that its error states. Ticks are
//! used for widths because they are exact: one tick is a price ratio of 1.0001, about a basis
//! point.

mod balance;
mod fixed_range;
mod full_range;
mod hold;
mod keeper;
mod parameters;
mod recentre;
mod registry;
mod volatility_range;

pub use parameters::{ParameterError, bounded};
pub use registry::{PoolFacts, StrategyConfig, StrategyKind};

#[cfg(test)]
mod tests;
