use thiserror::Error;

use crate::balancer_v1::BPoolError;
use crate::composable_stable::ComposableStableError;
use crate::constant_product::{PairError, QuoteError};
use crate::crypto_swap::CryptoSwapError;
use crate::solidly::SolidlyError;
use crate::stable_swap::StableSwapError;
use crate::stable_swap_meta::StableSwapMetaError;
use crate::stable_swap_meta_ng::StableSwapMetaNgError;
use crate::stable_swap_ng::StableSwapNgError;
use crate::weighted::WeightedError;
use crate::{StateError, concentrated};

/// Why a pool, whatever its kind, refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PoolError {
    /// The trade names a token that the pool does not have, or one token twice.
    #[error("a trade is between two different tokens of the pool")]
    NoSuchPair,
    /// The amounts are not one for each of the pool's tokens.
    #[error("an amount is needed of each of the pool's tokens, and of no other")]
    WrongTokenCount,
    /// No input, however large, buys this output.
    #[error("the pool cannot pay out that much")]
    OutputOutOfReach,
    /// A metapool's price to a coin below it is zero, or passes 256 bits.
    #[error("the pool has no price between these tokens")]
    NoPrice,
    /// A state that no pool of the kind can have.
    #[error(transparent)]
    State(#[from] StateError),
    /// A concentrated pool.
    #[error(transparent)]
    Concentrated(#[from] concentrated::PoolError),
    /// A constant-product pair.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// A quote of a constant-product pair.
    #[error(transparent)]
    PairQuote(#[from] QuoteError),
    /// A Balancer v1 pool.
    #[error(transparent)]
    BalancerV1(#[from] BPoolError),
    /// A Balancer composable stable pool.
    #[error(transparent)]
    ComposableStable(#[from] ComposableStableError),
    /// A Curve crypto pool.
    #[error(transparent)]
    CryptoSwap(#[from] CryptoSwapError),
    /// A Solidly pool.
    #[error(transparent)]
    Solidly(#[from] SolidlyError),
    /// A Curve StableSwap pool.
    #[error(transparent)]
    StableSwap(#[from] StableSwapError),
    /// A Curve metapool.
    #[error(transparent)]
    StableSwapMeta(#[from] StableSwapMetaError),
    /// A Curve metapool of stableswap-ng.
    #[error(transparent)]
    StableSwapMetaNg(#[from] StableSwapMetaNgError),
    /// A Curve stableswap-ng pool.
    #[error(transparent)]
    StableSwapNg(#[from] StableSwapNgError),
    /// A Balancer weighted pool.
    #[error(transparent)]
    Weighted(#[from] WeightedError),
}
