use tidemill_units::{FeePips, Liquidity};

use crate::{Address, Bytes32};

/// Whose contract a concentrated pool is, and what it starts with that only such a pool has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolBuild {
    /// Uniswap v3. The protocol's share at the start counts as none.
    #[default]
    UniswapV3,
    /// PancakeSwap v3.
    PancakeV3 {
        /// The protocol's share of each token's fees at the snapshot, in 10,000ths; of a tape from
        /// creation zero, since `initialize` sets them.
        fee_protocol: [u16; 2],
    },
    /// Velodrome's and Aerodrome's Slipstream.
    Slipstream {
        /// What the gauge takes of the fees of liquidity that is not staked, at the start.
        unstaked_fee: FeePips,
        /// Whose positions are staked; zeros while there is none.
        gauge: Address,
        /// From whose positions liquidity is staked.
        position_manager: Address,
        /// The staked liquidity in range at the start.
        staked_liquidity: Liquidity,
    },
    /// A pool of Uniswap v4's manager, without a hook.
    UniswapV4 {
        /// What the manager calls the pool.
        pool_id: Bytes32,
        /// The protocol's fee on each token paid in at the snapshot, in pips; of a tape from
        /// creation zero, as every pool begins.
        protocol_fee: [u16; 2],
    },
}

impl PoolBuild {
    /// Returns its name, as tapes and state files write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UniswapV3 => "uniswap_v3",
            Self::PancakeV3 { .. } => "pancake_v3",
            Self::Slipstream { .. } => "slipstream",
            Self::UniswapV4 { .. } => "uniswap_v4",
        }
    }
}
