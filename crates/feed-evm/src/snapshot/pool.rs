use tidemill_amm::Pool;
use tidemill_amm::stable_swap::Generation;
use tidemill_model::Address;
use tidemill_units::{TokenAmounts, U256};

use super::abi::ContractCall;
use super::any_pool::{PoolContract, read_pool};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::stable_swap::StableSwapPool;
use super::stable_swap_ng::MetaNgBasePool;

/// A pool as it was, and its tokens in its own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolAtBlock {
    /// The pool.
    pub pool: Pool,
    /// Its tokens; of a metapool, the base pool's share is one.
    pub tokens: Vec<Address>,
    /// Of a metapool, the base pool's tokens in that pool's order; of others none.
    pub base_tokens: Vec<Address>,
}

/// Reads a pool of any kind and which tokens it has.
///
/// Errors: those of the kind's own function.
pub async fn pool_at_block(
    at: &AtBlock<'_>,
    contract: &PoolContract,
) -> Result<PoolAtBlock, SnapshotError> {
    let pool = read_pool(at, contract).await?;
    let tokens = match contract {
        PoolContract::Concentrated(pool) => both(at, pool.address()).await,
        PoolContract::UniswapV4(pool) => Ok(pool.tokens.to_vec()),
        PoolContract::Pair(pair) => both(at, pair.address).await,
        PoolContract::Solidly(pair) => both(at, pair.address).await,
        PoolContract::BalancerV1(pool) => {
            let listed = at.call(&ContractCall::new(*pool, "getCurrentTokens()", &[])).await?;
            listed.addresses(0, TokenAmounts::MOST)
        }
        PoolContract::Weighted(pool) => in_vault(at, pool.address).await,
        PoolContract::ComposableStable(pool) => in_vault(at, pool.address).await,
        PoolContract::StableSwap(pool) => of_plain(at, pool).await,
        PoolContract::StableSwapMeta(meta) => indexed(at, meta.address, &pool).await,
        PoolContract::StableSwapNg(ng) => indexed(at, ng.address, &pool).await,
        PoolContract::StableSwapMetaNg(ng, _) => indexed(at, ng.address, &pool).await,
        PoolContract::CryptoSwap(crypto) => indexed(at, crypto.address, &pool).await,
    };
    let base_tokens = match (contract, &pool) {
        (PoolContract::StableSwapMeta(meta), _) => of_plain(at, &meta.base).await?,
        (PoolContract::StableSwapMetaNg(_, MetaNgBasePool::Plain(base)), _) => {
            of_plain(at, base).await?
        }
        (
            PoolContract::StableSwapMetaNg(_, MetaNgBasePool::Ng(base)),
            Pool::StableSwapMetaNg(meta),
        ) => coins(at, (base.address, "coins(uint256)"), meta.base().count()).await?,
        _ => Vec::new(),
    };
    Ok(PoolAtBlock { tokens: tokens?, base_tokens, pool })
}

/// The coins of one of Curve's plain pools of the first generations.
async fn of_plain(at: &AtBlock<'_>, pool: &StableSwapPool) -> Result<Vec<Address>, SnapshotError> {
    let signature = match pool.generation {
        Generation::V0 => "coins(int128)",
        Generation::V1 | Generation::V2 => "coins(uint256)",
    };
    coins(at, (pool.address, signature), usize::from(pool.coins)).await
}

/// Both tokens of a pool that has two.
async fn both(at: &AtBlock<'_>, pool: Address) -> Result<Vec<Address>, SnapshotError> {
    let calls = ["token0()", "token1()"].map(|signature| ContractCall::new(pool, signature, &[]));
    let answers = at.calls(&calls).await?;
    answers.iter().map(|answer| answer.address(0)).collect()
}

/// Returns the vault of a pool of Balancer v2, and what the vault calls the pool.
///
/// Errors: `Reverted` and `Answer` for another contract.
pub async fn vault_of(at: &AtBlock<'_>, pool: Address) -> Result<(Address, U256), SnapshotError> {
    let plain = |signature| ContractCall::new(pool, signature, &[]);
    let answers = at.calls(&[plain("getVault()"), plain("getPoolId()")]).await?;
    let [vault, id] = answers.as_slice() else {
        return Err(plain("getVault()").reverted("no answer".to_owned()));
    };
    Ok((vault.address(0)?, id.word(0)?))
}

/// What Balancer's vault holds for a pool, the pool's own share left out.
async fn in_vault(at: &AtBlock<'_>, pool: Address) -> Result<Vec<Address>, SnapshotError> {
    let (vault, id) = vault_of(at, pool).await?;
    let held = at.call(&ContractCall::new(vault, "getPoolTokens(bytes32)", &[id])).await?;
    let most = TokenAmounts::MOST.saturating_add(1);
    Ok(held.addresses(0, most)?.into_iter().filter(|token| *token != pool).collect())
}

/// The coins of one of Curve's later pools.
async fn indexed(
    at: &AtBlock<'_>,
    address: Address,
    pool: &Pool,
) -> Result<Vec<Address>, SnapshotError> {
    coins(at, (address, "coins(uint256)"), pool.token_count()).await
}

async fn coins(
    at: &AtBlock<'_>,
    (pool, signature): (Address, &'static str),
    count: usize,
) -> Result<Vec<Address>, SnapshotError> {
    let places = (0_u64..).take(count);
    let calls: Vec<_> =
        places.map(|place| ContractCall::new(pool, signature, &[U256::from(place)])).collect();
    let answers = at.calls(&calls).await?;
    answers.iter().map(|answer| answer.address(0)).collect()
}
