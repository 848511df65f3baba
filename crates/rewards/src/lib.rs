//! Reward programmes, one file each: accrual, claims and votes, equal to the deployed contracts to
//! the unit.
//!
//! Knows no token symbol, chain, event or clock: time and block come in as arguments, payment is
//! the caller's. Every revert of a contract is a variant of a typed error, and an operation that
//! fails leaves the state as it was. The proof is in `testkit`, which runs the real bytecode beside
//! it.
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod account;
pub mod aerodrome;
pub mod balancer_gauge;
pub mod balancer_gauges;
pub mod crv_emission;
pub mod curve_gauge;
pub mod curve_gauges;
pub mod emission;
pub mod fee_distribution;
pub mod fee_distributor;
pub mod gauge_controller;
mod gauge_integral;
pub mod liquid_staking;
pub mod master_chef;
pub mod merkl;
pub mod merkle_claim;
mod moment;
mod programme;
mod programmes;
pub mod staking_rewards;
mod state_error;
pub mod token_admin;
pub mod v3_staker;
pub mod validator_staking;
pub mod vote_escrow;
mod week;
mod working_balance;

pub use account::Account;
pub use balancer_gauges::BalancerGauges;
pub use curve_gauges::CurveGauges;
pub use fee_distribution::FeeDistribution;
pub use moment::Moment;
pub use programme::Programme;
pub use programmes::programmes;
pub use state_error::{Field, StateError};
pub use tidemill_units::facts::{Contract, GasFigure, KindFacts, Proof, Quirk};
pub use vote_escrow::VoteEscrow;
pub use week::WEEK;
