use tidemill_amm::constant_product::PairParameters;
use tidemill_amm::stable_swap::Generation;
use tidemill_amm::weighted::WeightedBuild;
use tidemill_feed_evm::snapshot::{
    ConcentratedPool, PairPool, PoolContract, StableSwapPool, WeightedPool,
};
use tidemill_model::Address;

use crate::failure::Failure;

/// What a pool's contract is; no function of it tells.
#[derive(clap::Args)]
pub(super) struct Kind {
    /// Which contract it is
    #[arg(long, value_enum)]
    kind: Name,
    /// Of Curve's pools: how many coins, 2 to 4
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=4))]
    coins: Option<u8>,
    /// Of Curve's pools: the share token, where it is not the pool itself
    #[arg(long, value_name = "ADDRESS")]
    share_token: Option<Address>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    #[value(name = "uniswap_v3")]
    UniswapV3,
    #[value(name = "pancake_v3")]
    PancakeV3,
    #[value(name = "slipstream")]
    Slipstream,
    /// Uniswap v2 and SushiSwap: 0.3 %
    #[value(name = "uniswap_v2")]
    UniswapV2,
    /// PancakeSwap's first factory: 0.2 %
    #[value(name = "pancake_v1")]
    PancakeV1,
    /// PancakeSwap's second factory: 0.25 %
    #[value(name = "pancake_v2")]
    PancakeV2,
    #[value(name = "balancer_v1")]
    BalancerV1,
    /// Balancer's weighted pools of April 2021
    #[value(name = "weighted_2021_04")]
    Weighted202104,
    /// Balancer's weighted pools of September 2022
    #[value(name = "weighted_2022_09")]
    Weighted202209,
    /// Curve's sUSD pool and its contemporaries
    #[value(name = "stable_swap_v0")]
    StableSwapV0,
    /// Curve's 3pool form
    #[value(name = "stable_swap_v1")]
    StableSwapV1,
    /// Curve's later plain pools
    #[value(name = "stable_swap_v2")]
    StableSwapV2,
}

impl Kind {
    /// What to read.
    pub(super) fn contract(&self, address: Address) -> Result<PoolContract, Failure> {
        let pair = |parameters| PoolContract::Pair(PairPool { address, parameters });
        let weighted = |build| PoolContract::Weighted(WeightedPool { address, build });
        Ok(match self.kind {
            Name::UniswapV3 => PoolContract::Concentrated(ConcentratedPool::UniswapV3(address)),
            Name::PancakeV3 => PoolContract::Concentrated(ConcentratedPool::PancakeV3(address)),
            Name::Slipstream => PoolContract::Concentrated(ConcentratedPool::Slipstream(address)),
            Name::UniswapV2 => pair(PairParameters::UNISWAP),
            Name::PancakeV1 => pair(PairParameters::PANCAKE_V1),
            Name::PancakeV2 => pair(PairParameters::PANCAKE_V2),
            Name::BalancerV1 => PoolContract::BalancerV1(address),
            Name::Weighted202104 => weighted(WeightedBuild::April2021),
            Name::Weighted202209 => weighted(WeightedBuild::September2022),
            Name::StableSwapV0 => self.stable_swap(address, Generation::V0)?,
            Name::StableSwapV1 => self.stable_swap(address, Generation::V1)?,
            Name::StableSwapV2 => self.stable_swap(address, Generation::V2)?,
        })
    }

    fn stable_swap(
        &self,
        address: Address,
        generation: Generation,
    ) -> Result<PoolContract, Failure> {
        let missing = || Failure::input("--coins is missing: Curve's pools do not tell how many");
        let coins = self.coins.ok_or_else(missing)?;
        let shares = self.share_token.unwrap_or(address);
        Ok(PoolContract::StableSwap(StableSwapPool { address, shares, coins, generation }))
    }
}
