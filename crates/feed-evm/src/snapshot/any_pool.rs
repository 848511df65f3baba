use tidemill_amm::Pool;
use tidemill_amm::balancer_v1::BPool;
use tidemill_amm::composable_stable::ComposableStable;
use tidemill_amm::concentrated;
use tidemill_amm::constant_product::Pair;
use tidemill_amm::crypto_swap::CryptoSwap;
use tidemill_amm::solidly::SolidlyPool;
use tidemill_amm::stable_swap::StableSwap;
use tidemill_amm::stable_swap_meta::StableSwapMeta;
use tidemill_amm::stable_swap_meta_ng::StableSwapMetaNg;
use tidemill_amm::stable_swap_ng::StableSwapNg;
use tidemill_amm::weighted::Weighted;
use tidemill_model::Address;

use super::at_block::AtBlock;
use super::balancer_v1::balancer_v1_state;
use super::composable_stable::{ComposableStablePool, composable_stable_state};
use super::concentrated::{ConcentratedPool, concentrated_state};
use super::crypto_swap::{CryptoSwapPool, crypto_swap_state};
use super::error::SnapshotError;
use super::pair::{PairPool, pair_state};
use super::solidly::{SolidlyContract, solidly_state};
use super::stable_swap::{StableSwapPool, stable_swap_state};
use super::stable_swap_meta::{StableSwapMetaPool, stable_swap_meta_state};
use super::stable_swap_ng::{
    MetaNgBasePool, StableSwapNgPool, stable_swap_meta_ng_state, stable_swap_ng_state,
};
use super::uniswap_v4::{UniswapV4Pool, uniswap_v4_state};
use super::weighted::{WeightedPool, weighted_state};

/// A pool of any kind, with what has to be told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolContract {
    /// Uniswap v3, PancakeSwap v3 or Slipstream.
    Concentrated(ConcentratedPool),
    /// Uniswap v4, without a hook.
    UniswapV4(UniswapV4Pool),
    /// Uniswap v2 or a fork of it.
    Pair(PairPool),
    /// Solidly, Velodrome v2, Aerodrome.
    Solidly(SolidlyContract),
    /// Balancer v1.
    BalancerV1(Address),
    /// Balancer v2, weighted.
    Weighted(WeightedPool),
    /// Balancer v2, composable stable.
    ComposableStable(ComposableStablePool),
    /// Curve's plain pools of the first generations.
    StableSwap(StableSwapPool),
    /// Curve's metapools over the 3pool.
    StableSwapMeta(StableSwapMetaPool),
    /// Curve's plain pools of the new generation.
    StableSwapNg(StableSwapNgPool),
    /// Curve's metapools of the new generation, with the base pool.
    StableSwapMetaNg(StableSwapNgPool, MetaNgBasePool),
    /// Curve's crypto pools.
    CryptoSwap(CryptoSwapPool),
}

/// Reads a pool of any kind.
///
/// Errors: those of the kind's own reader.
pub async fn read_pool(at: &AtBlock<'_>, pool: &PoolContract) -> Result<Pool, SnapshotError> {
    Ok(match pool {
        PoolContract::Concentrated(pool) => {
            let state = concentrated_state(at, *pool).await?;
            Pool::Concentrated(Box::new(concentrated_pool(at, &state)?))
        }
        PoolContract::UniswapV4(pool) => {
            let state = uniswap_v4_state(at, *pool).await?;
            Pool::Concentrated(Box::new(concentrated_pool(at, &state)?))
        }
        PoolContract::Pair(pool) => {
            Pool::ConstantProduct(Box::new(Pair::new(&pair_state(at, *pool).await?)?))
        }
        PoolContract::Solidly(pool) => {
            Pool::Solidly(Box::new(SolidlyPool::new(&solidly_state(at, pool).await?)?))
        }
        PoolContract::BalancerV1(pool) => {
            Pool::BalancerV1(Box::new(BPool::new(&balancer_v1_state(at, *pool).await?)?))
        }
        PoolContract::Weighted(pool) => {
            Pool::Weighted(Box::new(Weighted::new(&weighted_state(at, *pool).await?)?))
        }
        PoolContract::ComposableStable(pool) => {
            let state = composable_stable_state(at, *pool).await?;
            Pool::ComposableStable(Box::new(ComposableStable::new(&state)?))
        }
        PoolContract::StableSwap(pool) => {
            Pool::StableSwap(Box::new(StableSwap::new(&stable_swap_state(at, *pool).await?)?))
        }
        PoolContract::StableSwapMeta(pool) => {
            let state = stable_swap_meta_state(at, *pool).await?;
            Pool::StableSwapMeta(Box::new(StableSwapMeta::new(&state)?))
        }
        PoolContract::StableSwapNg(pool) => {
            let state = stable_swap_ng_state(at, *pool).await?;
            Pool::StableSwapNg(Box::new(StableSwapNg::new(&state)?))
        }
        PoolContract::StableSwapMetaNg(pool, base) => {
            let state = stable_swap_meta_ng_state(at, *pool, *base).await?;
            Pool::StableSwapMetaNg(Box::new(StableSwapMetaNg::new(&state)?))
        }
        PoolContract::CryptoSwap(pool) => {
            Pool::CryptoSwap(Box::new(CryptoSwap::new(&crypto_swap_state(at, *pool).await?)?))
        }
    })
}

fn concentrated_pool(
    at: &AtBlock<'_>,
    state: &concentrated::ConcentratedState,
) -> Result<concentrated::Pool, SnapshotError> {
    Ok(concentrated::Pool::from_state(state, at.block().time)?)
}
