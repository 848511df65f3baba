//! The reward programmes of `tidemill-rewards` beside the real contracts, or beside a second model
//! in big integers where no registry has their bytecode.

mod aerodrome;
mod curve_gauges;
mod emission;
mod farmed_gauges;
mod farmed_week;
mod fee_distributor;
mod gauge_v5;
mod liquid_staking;
mod master_chef;
mod merkl;
mod merkle_claim;
mod node_snapshots;
mod programme_tapes;
mod staked_week;
mod staking_rewards;
mod token_admin;
mod v3_staker;
mod validator_staking;
mod vote_escrow;
