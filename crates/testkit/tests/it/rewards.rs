//! The reward programmes of `tidemill-rewards` beside the real contracts, or beside a second model
//! in big integers where no registry has their bytecode.

mod liquid_staking;
mod validator_staking;
