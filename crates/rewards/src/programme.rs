use crate::aerodrome::{Aerodrome, ConcentratedGauge, Gauge};
use crate::balancer_gauge::BalancerGauge;
use crate::balancer_gauges::BalancerGauges;
use crate::crv_emission::CrvEmission;
use crate::curve_gauge::CurveGauge;
use crate::curve_gauges::CurveGauges;
use crate::emission::Emission;
use crate::fee_distribution::FeeDistribution;
use crate::fee_distributor::FeeDistributor;
use crate::gauge_controller::GaugeController;
use crate::liquid_staking::{LiquidStaking, RateToken, Vault};
use crate::master_chef::MasterChef;
use crate::merkl::Merkl;
use crate::merkle_claim::{CumulativeClaim, MerkleClaim};
use crate::staking_rewards::StakingRewards;
use crate::token_admin::TokenAdmin;
use crate::v3_staker::V3Staker;
use crate::validator_staking::Staking;
use crate::vote_escrow::VoteEscrow;

/// A reward programme of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programme {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards(Box<StakingRewards>),
    /// SushiSwap's MasterChef.
    MasterChef(Box<MasterChef>),
    /// Uniswap's v3-staker.
    V3Staker(Box<V3Staker>),
    /// A vote escrow, Curve's or Balancer's.
    VoteEscrow(Box<VoteEscrow>),
    /// A gauge controller, Curve's or Balancer's.
    GaugeController(Box<GaugeController>),
    /// A Curve liquidity gauge by itself.
    CurveGauge(Box<CurveGauge>),
    /// Curve's token, escrow, controller, minter and gauges as one system.
    CurveGauges(Box<CurveGauges>),
    /// A Balancer liquidity gauge by itself.
    BalancerGauge(Box<BalancerGauge>),
    /// Balancer's emission, escrow, controller, minter and gauges as one system.
    BalancerGauges(Box<BalancerGauges>),
    /// The emission of Curve's token.
    CrvEmission(Box<CrvEmission>),
    /// The emission of BAL.
    TokenAdmin(Box<TokenAdmin>),
    /// Balancer's fee distributor, beside its escrow.
    FeeDistributor(Box<FeeDistributor>),
    /// Balancer's escrow and fee distributor as one system.
    FeeDistribution(Box<FeeDistribution>),
    /// Aerodrome's locks, votes, gauges and emission as one system.
    Aerodrome(Box<Aerodrome>),
    /// Slipstream's gauge.
    ConcentratedGauge(Box<ConcentratedGauge>),
    /// Aerodrome's gauge of a pool of shares, by itself.
    AerodromeGauge(Box<Gauge>),
    /// A Merkl campaign.
    Merkl(Box<Merkl>),
    /// Uniswap's merkle-distributor.
    MerkleClaim(Box<MerkleClaim>),
    /// Merkl's distributor.
    CumulativeClaim(Box<CumulativeClaim>),
    /// An emission schedule.
    Emission(Box<Emission>),
    /// Proof-of-stake delegation.
    ValidatorStaking(Box<Staking>),
    /// A pool of staked ether with a rebasing token.
    LiquidStaking(Box<LiquidStaking>),
    /// A token of staked ether with a reported rate.
    RateToken(Box<RateToken>),
    /// A vault of one asset.
    Vault(Box<Vault>),
}
