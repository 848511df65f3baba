//! What pools and programmes hold at a block, asked of a node: by calls to their own functions,
//! with nothing of ours on the chain.
//!
//! Everything is read at one block, named by its hash, and the hash is asked for again afterwards:
//! a reorganisation in between is an error, or another try, and never a state that no block had.
//! Costs are requests: [`AtBlock`] packs calls into Multicall3's where the chain has it, and into
//! JSON-RPC batches elsewhere.

mod abi;
mod accounts;
mod any_pool;
mod at_block;
mod balancer_gauge;
mod balancer_v1;
mod chain_reader;
mod composable_stable;
mod concentrated;
mod crypto_swap;
mod curve_gauge;
mod endpoint_reader;
mod error;
mod master_chef;
mod multicall;
mod pair;
mod pool;
#[cfg(test)]
mod scripted;
mod solidly;
mod stable_swap;
mod stable_swap_meta;
mod stable_swap_ng;
mod staking_rewards;
mod storage_words;
mod tape_start;
mod tick_words;
mod uniswap_v4;
mod v3_staker;
mod vote_escrow;
mod weighted;

pub use abi::{ContractCall, Words};
pub use any_pool::{PoolContract, read_pool};
pub use at_block::{AtBlock, BlockChoice, SnapshotBlock, read_agreed, read_at_block};
pub use balancer_gauge::{BalancerGaugeContract, balancer_gauge_state};
pub use balancer_v1::balancer_v1_state;
pub use chain_reader::{ChainReader, Reading, Said};
pub use composable_stable::{ComposableStablePool, composable_stable_state};
pub use concentrated::{ConcentratedPool, concentrated_state};
pub use crypto_swap::{CryptoSwapPool, crypto_swap_state};
pub use curve_gauge::{CurveGaugeContract, curve_gauge_state};
pub use endpoint_reader::EndpointReader;
pub use error::{AnswerFault, ReadError, SnapshotError};
pub use master_chef::{MasterChefContract, master_chef_state};
pub use multicall::MULTICALL3;
pub use pair::{PairPool, pair_state};
pub use pool::{PoolAtBlock, pool_at_block, vault_of};
pub use solidly::{SolidlyContract, SolidlyFee, solidly_state};
pub use stable_swap::{StableSwapPool, stable_swap_state};
pub use stable_swap_meta::{StableSwapMetaPool, stable_swap_meta_state};
pub use stable_swap_ng::{
    MetaNgBasePool, StableSwapNgPool, stable_swap_meta_ng_state, stable_swap_ng_state,
};
pub use staking_rewards::{StakingProgramme, staking_rewards_state};
pub use tape_start::{StartError, TickSums, ranges_of, tape_start};
pub use uniswap_v4::{UniswapV4Pool, uniswap_v4_state};
pub use v3_staker::{V3StakerContract, v3_staker_state};
pub use vote_escrow::{VoteEscrowContract, vote_escrow_state};
pub use weighted::{WeightedPool, weighted_state};
