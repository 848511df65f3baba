use tidemill_model::{Address, Bytes32};

use crate::RawLog;

/// Whose logs tell of a pool of shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareContracts {
    /// A pair of Uniswap v2 or a fork of it, or of Solidly, Velodrome or Aerodrome.
    Pair {
        /// The pair, which is its share token too.
        pair: Address,
        /// Its tokens; their transfers tell of gifts and of `skim`, where they are among the logs.
        tokens: [Address; 2],
    },
    /// A pool of Balancer v1.
    BalancerV1 {
        /// The pool, which is its share token too.
        pool: Address,
        /// Its tokens, 2 to 8, in the order of the pool's state.
        tokens: Vec<Address>,
    },
    /// A weighted or composable stable pool of Balancer v2.
    Vault {
        /// The vault.
        vault: Address,
        /// The pool, which is its share token too.
        pool: Address,
        /// What the vault calls it.
        pool_id: Bytes32,
        /// Its tokens, 2 to 8, in the vault's order, its own shares left out.
        tokens: Vec<Address>,
    },
    /// A pool of Curve that is no metapool.
    Curve(CurveContracts),
    /// A metapool of Curve, beside its base pool.
    Metapool {
        /// The metapool; its coins are the meta coin and the base pool's shares.
        pool: CurveContracts,
        /// The base pool.
        base: CurveContracts,
    },
}

/// A pool of Curve and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveContracts {
    /// The pool.
    pub pool: Address,
    /// Its share token; since the factories, the pool itself.
    pub shares: Address,
    /// Its coins, 2 to 8, in the pool's order.
    pub coins: Vec<Address>,
    /// How it writes its logs.
    pub logs: CurveLogs,
}

/// How a pool of Curve writes its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveLogs {
    /// The first generations of StableSwap and the factory's metapools: lists of as many amounts as
    /// there are coins.
    StableSwap,
    /// stableswap-ng, plain or meta: lists of any length.
    StableSwapNg,
    /// Two-crypto and tricrypto2.
    Crypto,
    /// tricrypto-ng and twocrypto-ng.
    CryptoNg,
}

impl ShareContracts {
    /// Whether logs of several contracts are needed, so that each has to name its own.
    pub(super) fn are_several(&self) -> bool {
        matches!(self, Self::Vault { .. } | Self::Metapool { .. })
    }

    /// Whether a log may tell of the pool. A log without an address is taken for one of the pool's
    /// own contract, since files of one contract leave it out.
    pub(super) fn concern(&self, log: &RawLog) -> bool {
        let Some(address) = log.address else { return true };
        match self {
            Self::Pair { pair, tokens } => address == *pair || tokens.contains(&address),
            Self::BalancerV1 { pool, .. } => address == *pool,
            Self::Vault { vault, pool, .. } => address == *vault || address == *pool,
            Self::Curve(pool) => pool.concern(address),
            Self::Metapool { pool, base } => pool.concern(address) || base.concern(address),
        }
    }
}

impl CurveContracts {
    pub(super) fn concern(&self, address: Address) -> bool {
        address == self.pool || address == self.shares || self.coins.contains(&address)
    }
}
