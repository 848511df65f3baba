//! Whose pool it is, and what the builds allow.

use tidemill_units::{FeePips, Liquidity, Tick};

use super::pool::ParametersError;
use super::swap_step::FeeRule;

/// Whose contract a pool is. All share price, ticks and positions; they differ in how fees are
/// divided and in what may be asked of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Build {
    /// Uniswap v3-core 1.0.1. The protocol takes one n-th of the fees.
    #[default]
    UniswapV3,
    /// PancakeSwap v3-core 1.0.2. The protocol takes so many 10,000ths of the fees.
    PancakeV3,
    /// Velodrome's and Aerodrome's Slipstream `CLPool`. Staked liquidity earns no fees: its gauge
    /// does, and an extra share of what the rest earns.
    Slipstream,
    /// A pool of Uniswap v4's `PoolManager` (v4-core 1.0.2) without a hook. The protocol takes a
    /// fee of its own beside the providers', and a position's fees are paid when it is changed.
    UniswapV4,
}

/// The highest fee that a Slipstream factory accepts for a tick spacing.
const SLIPSTREAM_MOST_FEE: FeePips = FeePips(100_000);
/// The bit of a v4 pool key's fee that stands for a dynamic fee.
const DYNAMIC_FEE_FLAG: u32 = 0x80_0000;

impl Build {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::UniswapV3, Self::PancakeV3, Self::Slipstream, Self::UniswapV4];

    /// Returns its name in state files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UniswapV3 => "uniswap_v3",
            Self::PancakeV3 => "pancake_v3",
            Self::Slipstream => "slipstream",
            Self::UniswapV4 => "uniswap_v4",
        }
    }

    /// Returns the build with that name in state files.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|build| build.name() == name)
    }

    /// Returns the highest tick spacing, below the contracts' own bound.
    pub const fn most_tick_spacing(self) -> i32 {
        match self {
            Self::UniswapV3 | Self::PancakeV3 | Self::Slipstream => 16_383,
            Self::UniswapV4 => 32_767,
        }
    }

    /// Whether the protocol's shares are within the contract's bounds: for Uniswap v3, 0 or one
    /// 4th to 10th; for Pancake, 0 or 1,000 to 4,000 of 10,000; for Uniswap v4, up to 1,000 pips;
    /// Slipstream has none.
    pub fn accepts_shares(self, shares: [u16; 2]) -> bool {
        shares.into_iter().all(|share| match self {
            Self::UniswapV3 => matches!(share, 0 | 4..=10),
            Self::PancakeV3 => matches!(share, 0 | 1_000..=4_000),
            Self::Slipstream => share == 0,
            Self::UniswapV4 => share <= 1_000,
        })
    }

    /// Prepares a fee that the build allows.
    pub(super) fn fee_rule(self, fee: FeePips) -> Result<FeeRule, ParametersError> {
        match self {
            Self::UniswapV3 | Self::PancakeV3 => FeeRule::new(fee),
            Self::Slipstream if fee > SLIPSTREAM_MOST_FEE => {
                return Err(ParametersError::FeeAbove { fee, most: SLIPSTREAM_MOST_FEE });
            }
            Self::Slipstream => FeeRule::new(fee),
            Self::UniswapV4 if fee.0 & DYNAMIC_FEE_FLAG != 0 => {
                return Err(ParametersError::DynamicFee);
            }
            Self::UniswapV4 => {
                let above = ParametersError::FeeAbove { fee, most: FeePips::ONE };
                return FeeRule::up_to_whole(fee).ok_or(above);
            }
        }
        .ok_or(ParametersError::Fee(fee))
    }

    /// The share of 2^128 - 1 that each possible tick gets: v3's
    /// `Tick.tickSpacingToMaxLiquidityPerTick`, and v4's of `Pool.sol`, which counts one tick more
    /// below zero where the spacing does not divide the lowest.
    pub(super) fn max_liquidity_per_tick(self, spacing: i32) -> Result<Liquidity, ParametersError> {
        let most = self.most_tick_spacing();
        let share = || {
            let above = u128::try_from(Tick::MAX.0.checked_div(spacing)?).ok()?;
            let mut count = above.checked_mul(2)?.checked_add(1)?;
            if self == Self::UniswapV4 && Tick::MIN.0.checked_rem(spacing)? != 0 {
                count = count.checked_add(1)?;
            }
            u128::MAX.checked_div(count).map(Liquidity)
        };
        let found = if (1..=most).contains(&spacing) { share() } else { None };
        found.ok_or(match self {
            Self::UniswapV4 => ParametersError::TickSpacingAbove { spacing, most },
            Self::UniswapV3 | Self::PancakeV3 | Self::Slipstream => {
                ParametersError::TickSpacing(spacing)
            }
        })
    }
}
