use tidemill_amm::stable_swap::Generation;
use tidemill_feed_evm::snapshot::{
    MetaNgBasePool, PoolContract, StableSwapMetaPool, StableSwapNgPool, StableSwapPool,
};
use tidemill_model::Address;

use super::told;
use crate::failure::Failure;

/// What has to be told of Curve's pools.
#[derive(clap::Args)]
pub(super) struct Curve {
    /// Of Curve's plain pools: how many coins, 2 to 4
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=4))]
    coins: Option<u8>,
    /// Of Curve's plain pools: the share token, where it is not the pool itself
    #[arg(long, value_name = "ADDRESS")]
    share_token: Option<Address>,
    /// Of stableswap-ng: the factory that made the pool
    #[arg(long, value_name = "ADDRESS")]
    factory: Option<Address>,
    /// Of metapools: the base pool
    #[arg(long, value_name = "ADDRESS")]
    base_pool: Option<Address>,
    /// Of metapools: stable_swap_v0, stable_swap_v1, stable_swap_v2 or stable_swap_ng
    #[arg(long, value_enum, hide_possible_values = true)]
    base_kind: Option<BaseKind>,
    /// Of metapools over a plain pool: how many coins that has, 2 to 4
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=4))]
    base_coins: Option<u8>,
    /// Of metapools: the base pool's share token, where it is not the base pool itself
    #[arg(long, value_name = "ADDRESS")]
    base_share_token: Option<Address>,
    /// Of metapools over a pool of stableswap-ng: the factory that made the base pool
    #[arg(long, value_name = "ADDRESS")]
    base_factory: Option<Address>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum BaseKind {
    #[value(name = "stable_swap_v0")]
    V0,
    #[value(name = "stable_swap_v1")]
    V1,
    #[value(name = "stable_swap_v2")]
    V2,
    #[value(name = "stable_swap_ng")]
    Ng,
}

impl Curve {
    pub(super) fn plain(
        &self,
        address: Address,
        generation: Generation,
    ) -> Result<PoolContract, Failure> {
        let coins = told(self.coins, "--coins", "Curve's pools do not tell how many")?;
        let shares = self.share_token.unwrap_or(address);
        Ok(PoolContract::StableSwap(StableSwapPool { address, shares, coins, generation }))
    }

    /// Over the 3pool, whose three coins and separate share token are known.
    pub(super) fn meta(&self, address: Address) -> Result<PoolContract, Failure> {
        let base = told(self.base_pool, "--base-pool", "a metapool's state has the base pool's")?;
        let shares =
            told(self.base_share_token, "--base-share-token", "the 3pool does not tell it")?;
        let (coins, generation) = (3, Generation::V1);
        let base = StableSwapPool { address: base, shares, coins, generation };
        let pool = StableSwapMetaPool { address, base, is_before_factory: false };
        Ok(PoolContract::StableSwapMeta(pool))
    }

    pub(super) fn ng(&self, address: Address) -> Result<PoolContract, Failure> {
        Ok(PoolContract::StableSwapNg(self.of_factory(address)?))
    }

    pub(super) fn meta_ng(&self, address: Address) -> Result<PoolContract, Failure> {
        let pool = self.of_factory(address)?;
        let base = told(self.base_pool, "--base-pool", "a metapool's state has the base pool's")?;
        let kind = told(self.base_kind, "--base-kind", "no function of the base pool tells it")?;
        let plain = |generation| {
            let why = "Curve's pools do not tell how many";
            let coins = told(self.base_coins, "--base-coins", why)?;
            let shares = self.base_share_token.unwrap_or(base);
            Ok::<_, Failure>(MetaNgBasePool::Plain(StableSwapPool {
                address: base,
                shares,
                coins,
                generation,
            }))
        };
        let under = match kind {
            BaseKind::V0 => plain(Generation::V0)?,
            BaseKind::V1 => plain(Generation::V1)?,
            BaseKind::V2 => plain(Generation::V2)?,
            BaseKind::Ng => {
                let why = "it alone tells of what kinds the base pool's coins are";
                let factory = told(self.base_factory, "--base-factory", why)?;
                MetaNgBasePool::Ng(StableSwapNgPool { address: base, factory })
            }
        };
        Ok(PoolContract::StableSwapMetaNg(pool, under))
    }

    fn of_factory(&self, address: Address) -> Result<StableSwapNgPool, Failure> {
        let why = "it alone tells of what kinds the coins are";
        Ok(StableSwapNgPool { address, factory: told(self.factory, "--factory", why)? })
    }
}
