//! The reward programmes of `tidemill-rewards` beside the real contracts, or beside a second model
//! in big integers where no registry has their bytecode.

mod curve_gauges;
mod fee_distributor;
mod gauge_v5;
mod merkl;
mod merkle_claim;
mod token_admin;
mod vote_escrow;
