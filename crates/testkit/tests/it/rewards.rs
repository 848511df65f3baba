//! The reward programmes of `tidemill-rewards` beside the real contracts, or beside a second model
//! in big integers where no registry has their bytecode.

mod curve_gauges;
mod emission;
mod master_chef;
mod staked_week;
mod staking_rewards;
mod v3_staker;
mod vote_escrow;
