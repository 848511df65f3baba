mod curve;

use std::path::PathBuf;

use tidemill_amm::composable_stable::ComposableStableBuild;
use tidemill_amm::constant_product::PairParameters;
use tidemill_amm::crypto_swap::{CryptoGeneration, TwoCryptoBuild, TwocryptoNgBuild};
use tidemill_amm::stable_swap::Generation;
use tidemill_amm::weighted::WeightedBuild;
use tidemill_feed_evm::snapshot::{
    ComposableStablePool, ConcentratedPool, CryptoSwapPool, CurveGaugeContract, MasterChefContract,
    PairPool, PoolContract, SolidlyContract, SolidlyFee, StakingProgramme, UniswapV4Pool,
    VoteEscrowContract, WeightedPool,
};
use tidemill_model::Address;
use tidemill_rewards::staking_rewards::StakingRewardsBuild;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_units::FeePips;

use self::curve::Curve;
use super::programme::{Programme, read_accounts};
use crate::failure::Failure;

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contract {
    Pool(PoolContract),
    Programme(Programme),
}

/// What a contract is; no function of it tells.
#[derive(clap::Args)]
pub(super) struct Kind {
    /// Which contract it is
    #[arg(long, value_enum)]
    kind: Name,
    #[command(flatten)]
    curve: Curve,
    /// Of Solidly's pools: the fee compiled into them, in ten-thousandths
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pair_fee: Option<u32>,
    /// Of programmes: somebody who ever staked. Of Solidly's and Velodrome's pools: a holder to be
    /// told apart; all others are one
    #[arg(long, value_name = "ADDRESS")]
    account: Vec<Address>,
    /// A file of more such addresses, one a line
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Of a v4 pool, whose address is the manager's: its first token, zeros for the chain's coin
    #[arg(long, value_name = "ADDRESS")]
    token0: Option<Address>,
    /// Of a v4 pool: its second token
    #[arg(long, value_name = "ADDRESS")]
    token1: Option<Address>,
    /// Of a v4 pool: its fee
    #[arg(long, value_name = "PIPS", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    fee_pips: Option<u32>,
    /// Of a v4 pool: its tick spacing
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=32_767))]
    tick_spacing: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    #[value(name = "uniswap_v3")]
    UniswapV3,
    #[value(name = "pancake_v3")]
    PancakeV3,
    #[value(name = "slipstream")]
    Slipstream,
    /// Without a hook; needs --token0, --token1, --fee-pips and --tick-spacing
    #[value(name = "uniswap_v4")]
    UniswapV4,
    /// Uniswap v2 and SushiSwap: 0.3 %
    #[value(name = "uniswap_v2")]
    UniswapV2,
    /// PancakeSwap's first factory: 0.2 %
    #[value(name = "pancake_v1")]
    PancakeV1,
    /// PancakeSwap's second factory: 0.25 %
    #[value(name = "pancake_v2")]
    PancakeV2,
    /// Solidly and its first forks; needs --pair-fee
    #[value(name = "solidly")]
    Solidly,
    /// Velodrome v2 and Aerodrome
    #[value(name = "velodrome_v2")]
    VelodromeV2,
    #[value(name = "balancer_v1")]
    BalancerV1,
    /// Balancer's weighted pools of April 2021
    #[value(name = "weighted_2021_04")]
    Weighted202104,
    /// Balancer's weighted pools of September 2022
    #[value(name = "weighted_2022_09")]
    Weighted202209,
    /// Balancer's composable stable pools of September 2022
    #[value(name = "composable_stable_2022_09")]
    ComposableStable202209,
    /// Balancer's composable stable pools of November 2022
    #[value(name = "composable_stable_2022_11")]
    ComposableStable202211,
    /// Curve's sUSD pool and its contemporaries; needs --coins
    #[value(name = "stable_swap_v0")]
    StableSwapV0,
    /// Curve's 3pool form; needs --coins
    #[value(name = "stable_swap_v1")]
    StableSwapV1,
    /// Curve's later plain pools; needs --coins
    #[value(name = "stable_swap_v2")]
    StableSwapV2,
    /// Metapools of Curve's factory over the 3pool; needs --base-pool and --base-share-token
    #[value(name = "stable_swap_meta")]
    StableSwapMeta,
    /// Plain pools of stableswap-ng; needs --factory
    #[value(name = "stable_swap_ng")]
    StableSwapNg,
    /// Metapools of stableswap-ng; needs --factory, --base-pool and --base-kind
    #[value(name = "stable_swap_meta_ng")]
    StableSwapMetaNg,
    /// Curve's pools of EURS and EURT
    #[value(name = "twocrypto_eurt")]
    TwocryptoEurt,
    /// Curve's CRV-ETH pool
    #[value(name = "twocrypto_crv")]
    TwocryptoCrv,
    /// Curve's CVX-ETH pool
    #[value(name = "twocrypto_cvx")]
    TwocryptoCvx,
    /// Curve's EUROC pool
    #[value(name = "twocrypto_euroc")]
    TwocryptoEuroc,
    /// Pools of two coins of Curve's factory of 2022
    #[value(name = "twocrypto")]
    Twocrypto,
    #[value(name = "tricrypto2")]
    Tricrypto2,
    #[value(name = "tricrypto_ng")]
    TricryptoNg,
    #[value(name = "twocrypto_ng_v2.0.0")]
    TwocryptoNg200,
    #[value(name = "twocrypto_ng_v2.1.0")]
    TwocryptoNg210,
    /// Synthetix's StakingRewards
    #[value(name = "staking_rewards")]
    StakingRewards,
    /// Uniswap's build of StakingRewards
    #[value(name = "uniswap_staking_rewards")]
    UniswapStakingRewards,
    /// Curve's first gauge
    #[value(name = "curve_gauge")]
    CurveGauge,
    /// SushiSwap's MasterChef
    #[value(name = "master_chef")]
    MasterChef,
    /// Curve's escrow of votes
    #[value(name = "curve_vote_escrow")]
    CurveVoteEscrow,
    /// Balancer's escrow of votes
    #[value(name = "balancer_vote_escrow")]
    BalancerVoteEscrow,
    /// Refused: see docs/sources/json-rpc.md
    #[value(name = "v3_staker")]
    V3Staker,
    /// Refused: see docs/sources/json-rpc.md
    #[value(name = "balancer_gauge")]
    BalancerGauge,
}

impl Kind {
    /// What to read.
    pub(super) fn contract(&self, address: Address) -> Result<Contract, Failure> {
        let pool = Contract::Pool;
        let concentrated = |contract| pool(PoolContract::Concentrated(contract));
        let pair = |parameters| pool(PoolContract::Pair(PairPool { address, parameters }));
        let weighted = |build| pool(PoolContract::Weighted(WeightedPool { address, build }));
        let composable =
            |build| pool(PoolContract::ComposableStable(ComposableStablePool { address, build }));
        let crypto =
            |generation| pool(PoolContract::CryptoSwap(CryptoSwapPool { address, generation }));
        let two = |build| crypto(CryptoGeneration::TwoCrypto(build));
        let two_ng = |build| crypto(CryptoGeneration::TwocryptoNg(build));
        Ok(match self.kind {
            Name::UniswapV3 => concentrated(ConcentratedPool::UniswapV3(address)),
            Name::PancakeV3 => concentrated(ConcentratedPool::PancakeV3(address)),
            Name::Slipstream => concentrated(ConcentratedPool::Slipstream(address)),
            Name::UniswapV4 => pool(PoolContract::UniswapV4(self.managed(address)?)),
            Name::UniswapV2 => pair(PairParameters::UNISWAP),
            Name::PancakeV1 => pair(PairParameters::PANCAKE_V1),
            Name::PancakeV2 => pair(PairParameters::PANCAKE_V2),
            Name::Solidly => {
                let fee = told(self.pair_fee, "--pair-fee", "Solidly's pools do not tell it")?;
                self.solidly(address, SolidlyFee::Solidly(fee))?
            }
            Name::VelodromeV2 => self.solidly(address, SolidlyFee::Velodrome2)?,
            Name::BalancerV1 => pool(PoolContract::BalancerV1(address)),
            Name::Weighted202104 => weighted(WeightedBuild::April2021),
            Name::Weighted202209 => weighted(WeightedBuild::September2022),
            Name::ComposableStable202209 => composable(ComposableStableBuild::September2022),
            Name::ComposableStable202211 => composable(ComposableStableBuild::November2022),
            Name::StableSwapV0 => pool(self.curve.plain(address, Generation::V0)?),
            Name::StableSwapV1 => pool(self.curve.plain(address, Generation::V1)?),
            Name::StableSwapV2 => pool(self.curve.plain(address, Generation::V2)?),
            Name::StableSwapMeta => pool(self.curve.meta(address)?),
            Name::StableSwapNg => pool(self.curve.ng(address)?),
            Name::StableSwapMetaNg => pool(self.curve.meta_ng(address)?),
            Name::TwocryptoEurt => two(TwoCryptoBuild::Eurt),
            Name::TwocryptoCrv => two(TwoCryptoBuild::Crv),
            Name::TwocryptoCvx => two(TwoCryptoBuild::Cvx),
            Name::TwocryptoEuroc => two(TwoCryptoBuild::Euroc),
            Name::Twocrypto => two(TwoCryptoBuild::Factory),
            Name::Tricrypto2 => crypto(CryptoGeneration::Tricrypto2),
            Name::TricryptoNg => crypto(CryptoGeneration::TricryptoNg),
            Name::TwocryptoNg200 => two_ng(TwocryptoNgBuild::V2_0_0),
            Name::TwocryptoNg210 => two_ng(TwocryptoNgBuild::V2_1_0),
            Name::StakingRewards => self.staking(address, StakingRewardsBuild::Synthetix)?,
            Name::UniswapStakingRewards => self.staking(address, StakingRewardsBuild::Uniswap)?,
            Name::CurveGauge => self.gauge(address)?,
            Name::MasterChef => self.chef(address)?,
            Name::CurveVoteEscrow => self.escrow(address, EscrowParameters::CURVE)?,
            Name::BalancerVoteEscrow => self.escrow(address, EscrowParameters::BALANCER)?,
            Name::V3Staker => {
                untold("v3_staker", "every incentive and position, and who unstaked,")?
            }
            Name::BalancerGauge => untold("balancer_gauge", "allowances, admin and vault")?,
        })
    }

    fn staking(&self, address: Address, build: StakingRewardsBuild) -> Result<Contract, Failure> {
        let programme = StakingProgramme { address, build, stakers: self.accounts()? };
        Ok(Contract::Programme(Programme::StakingRewards(programme)))
    }

    fn gauge(&self, address: Address) -> Result<Contract, Failure> {
        let gauge = CurveGaugeContract { address, stakers: self.accounts()? };
        Ok(Contract::Programme(Programme::CurveGauge(gauge)))
    }

    fn chef(&self, address: Address) -> Result<Contract, Failure> {
        let chef = MasterChefContract { address, stakers: self.accounts()? };
        Ok(Contract::Programme(Programme::MasterChef(chef)))
    }

    fn escrow(&self, address: Address, parameters: EscrowParameters) -> Result<Contract, Failure> {
        let escrow = VoteEscrowContract { address, parameters, lockers: self.accounts()? };
        Ok(Contract::Programme(Programme::VoteEscrow(escrow)))
    }

    /// Everybody who was named.
    fn accounts(&self) -> Result<Vec<Address>, Failure> {
        let mut accounts = self.account.clone();
        if let Some(file) = &self.accounts {
            accounts.extend(read_accounts(file)?);
        }
        Ok(accounts)
    }

    fn solidly(&self, address: Address, fee: SolidlyFee) -> Result<Contract, Failure> {
        let accounts = self.accounts()?;
        let pool = SolidlyContract { address, fee, accounts };
        Ok(Contract::Pool(PoolContract::Solidly(pool)))
    }

    fn managed(&self, manager: Address) -> Result<UniswapV4Pool, Failure> {
        const KEY: &str = "a v4 pool's manager does not tell its key";
        let tokens = [told(self.token0, "--token0", KEY)?, told(self.token1, "--token1", KEY)?];
        if tokens[0] >= tokens[1] {
            return Err(Failure::input(
                "--token0 is not below --token1: no v4 pool has such a key",
            ));
        }
        let fee = FeePips(told(self.fee_pips, "--fee-pips", KEY)?);
        let tick_spacing = told(self.tick_spacing, "--tick-spacing", KEY)?;
        Ok(UniswapV4Pool { manager, tokens, fee, tick_spacing })
    }
}

/// Says that a programme cannot be read, and why.
fn untold(name: &str, what: &str) -> Result<Contract, Failure> {
    Err(Failure::input(format!(
        "{name}: its state is not read by this command: {what} would have to be told, which only \
         its logs say"
    )))
}

/// Returns what was given, or says what is missing and why it has to be.
fn told<T>(given: Option<T>, name: &str, why: &str) -> Result<T, Failure> {
    given.ok_or_else(|| Failure::input(format!("{name} is missing: {why}")))
}

#[cfg(test)]
mod tests;
