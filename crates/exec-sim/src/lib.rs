//! The simulated venue: a tape, and our orders filled against it.
//!
//! Fills come from the engine's own market, so there is one state of each pool. Deterministic: it
//! has no randomness and no clock. Where it is unrealistic, each model's page says so ([`models`]).

pub mod models;

mod fill;
mod simulated_world;

pub use models::gas::GasModel;
pub use models::inclusion::Inclusion;
pub use simulated_world::{SimulatedWorld, SimulationError};
