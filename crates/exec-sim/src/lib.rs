//! The simulated venue: a tape, and our orders filled against it.
//!
//! Fills come from the engine's own market, so there is one state of each pool. Deterministic: it
//! has no randomness and no clock. Where it is unrealistic, each model's page says so ([`models`]).
//!
//! ```
//! use tidemill_exec_sim::Inclusion;
//! use tidemill_units::BlockNumber;
//!
//! let one_block = Inclusion::default();
//! assert_eq!(one_block.due(BlockNumber(100)), BlockNumber(101));
//! ```

pub mod models;

mod feed_stream;
mod fill;
mod option_quotes;
mod simulated_exchange;
mod simulated_world;

pub use feed_stream::{FeedFault, FeedStream, SeenItem};
pub use models::exchange::{CommissionTier, CommissionTiers, ExchangeModel, UnorderedTiers};
pub use models::gas::{GasModel, ShareGas, VotingGas};
pub use models::inclusion::Inclusion;
pub use models::option::{OptionModel, Volatility};
pub use models::sale::SaleModel;
pub use simulated_exchange::SimulatedExchange;
pub use simulated_world::{Models, SimulatedWorld, SimulationError, TimedPrice};

#[cfg(test)]
mod tests;
