//! What pools and programmes hold at a block, asked of a node: by calls to their own functions,
//! with nothing of ours on the chain.
//!
//! Everything is read at one block, named by its hash, and the hash is asked for again afterwards:
//! a reorganisation in between is an error, or another try, and never a state that no block had.
//! Costs are requests: [`AtBlock`] packs calls into Multicall3's where the chain has it, and into
//! JSON-RPC batches elsewhere.

mod abi;
mod at_block;
mod balancer_v1;
mod chain_reader;
mod concentrated;
mod curve_gauge;
mod endpoint_reader;
mod error;
mod multicall;
mod pair;
mod stable_swap;
mod staking_rewards;
mod tape_start;
mod weighted;

pub use abi::{ContractCall, Words};
pub use at_block::{AtBlock, BlockChoice, SnapshotBlock, read_at_block};
pub use balancer_v1::balancer_v1_state;
pub use chain_reader::{ChainReader, Reading, Said};
pub use concentrated::{ConcentratedPool, concentrated_state};
pub use curve_gauge::{CurveGaugeContract, curve_gauge_state};
pub use endpoint_reader::EndpointReader;
pub use error::{AnswerFault, ReadError, SnapshotError};
pub use multicall::MULTICALL3;
pub use pair::{PairPool, pair_state};
pub use stable_swap::{StableSwapPool, stable_swap_state};
pub use staking_rewards::{StakingProgramme, staking_rewards_state};
pub use tape_start::{StartError, TickSums, ranges_of, tape_start};
pub use weighted::{WeightedPool, weighted_state};
