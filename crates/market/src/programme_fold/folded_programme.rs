use tidemill_model::ProgrammeKind;
use tidemill_rewards::aerodrome::{Aerodrome, ConcentratedGauge, Gauge};
use tidemill_rewards::liquid_staking::{LiquidStaking, RateToken, Vault};
use tidemill_rewards::master_chef::MasterChef;
use tidemill_rewards::merkle_claim::{CumulativeClaim, MerkleClaim};
use tidemill_rewards::staking_rewards::StakingRewards;
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_rewards::v3_staker::V3Staker;
use tidemill_rewards::validator_staking::Staking;
use tidemill_rewards::{BalancerGauges, CurveGauges, FeeDistribution, Programme, VoteEscrow};

use super::{AerodromeGaugeFold, ConcentratedGaugeFold, MerklFold, V3StakerFold};

/// The programmes that have logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoldedProgramme {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards(Box<StakingRewards>),
    /// SushiSwap's MasterChef.
    MasterChef(Box<MasterChef>),
    /// Uniswap's v3-staker.
    V3Staker(Box<V3StakerFold>),
    /// A vote escrow, Curve's or Balancer's.
    VoteEscrow(Box<VoteEscrow>),
    /// Curve's token, escrow, controller, minter and gauges as one system.
    CurveGauges(Box<CurveGauges>),
    /// Balancer's emission, escrow, controller, minter and gauges as one system.
    BalancerGauges(Box<BalancerGauges>),
    /// Balancer's escrow and fee distributor as one system.
    FeeDistribution(Box<FeeDistribution>),
    /// The emission of BAL.
    TokenAdmin(Box<TokenAdmin>),
    /// Uniswap's merkle-distributor.
    MerkleClaim(Box<MerkleClaim>),
    /// Aerodrome's escrow, voter, gauges, minter and distributor as one system.
    Aerodrome(Box<Aerodrome>),
    /// Merkl's distributor of cumulative rewards.
    CumulativeClaim(Box<CumulativeClaim>),
    /// A pool of staked ether with a rebasing token.
    LiquidStaking(Box<LiquidStaking>),
    /// A token of staked ether with a reported rate.
    RateToken(Box<RateToken>),
    /// A vault of one asset.
    Vault(Box<Vault>),
    /// Proof-of-stake delegation.
    ValidatorStaking(Box<Staking>),
    /// Slipstream's gauge.
    ConcentratedGauge(Box<ConcentratedGaugeFold>),
    /// Aerodrome's gauge of a pool of shares.
    AerodromeGauge(Box<AerodromeGaugeFold>),
    /// A Merkl campaign.
    Merkl(Box<MerklFold>),
}

/// A programme that has no logs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has no logs to execute")]
pub struct NoFold;

impl FoldedProgramme {
    /// Returns which programme it is.
    pub const fn kind(&self) -> ProgrammeKind {
        match self {
            Self::StakingRewards(_) => ProgrammeKind::StakingRewards,
            Self::MasterChef(_) => ProgrammeKind::MasterChef,
            Self::V3Staker(_) => ProgrammeKind::V3Staker,
            Self::VoteEscrow(_) => ProgrammeKind::VoteEscrow,
            Self::CurveGauges(_) => ProgrammeKind::CurveGauges,
            Self::BalancerGauges(_) => ProgrammeKind::BalancerGauges,
            Self::FeeDistribution(_) => ProgrammeKind::FeeDistribution,
            Self::TokenAdmin(_) => ProgrammeKind::TokenAdmin,
            Self::MerkleClaim(_) => ProgrammeKind::MerkleClaim,
            Self::Aerodrome(_) => ProgrammeKind::Aerodrome,
            Self::CumulativeClaim(_) => ProgrammeKind::CumulativeClaim,
            Self::LiquidStaking(_) => ProgrammeKind::LiquidStaking,
            Self::RateToken(_) => ProgrammeKind::RateToken,
            Self::Vault(_) => ProgrammeKind::Vault,
            Self::ValidatorStaking(_) => ProgrammeKind::ValidatorStaking,
            Self::ConcentratedGauge(_) => ProgrammeKind::ConcentratedGauge,
            Self::AerodromeGauge(_) => ProgrammeKind::AerodromeGauge,
            Self::Merkl(_) => ProgrammeKind::Merkl,
        }
    }
}

impl TryFrom<Programme> for FoldedProgramme {
    type Error = NoFold;

    fn try_from(programme: Programme) -> Result<Self, NoFold> {
        Ok(match programme {
            Programme::StakingRewards(model) => Self::StakingRewards(model),
            Programme::MasterChef(model) => Self::MasterChef(model),
            Programme::V3Staker(model) => Self::V3Staker(Box::new(V3StakerFold::new(*model))),
            Programme::VoteEscrow(model) => Self::VoteEscrow(model),
            Programme::CurveGauges(model) => Self::CurveGauges(model),
            Programme::BalancerGauges(model) => Self::BalancerGauges(model),
            Programme::FeeDistribution(model) => Self::FeeDistribution(model),
            Programme::TokenAdmin(model) => Self::TokenAdmin(model),
            Programme::MerkleClaim(model) => Self::MerkleClaim(model),
            Programme::Aerodrome(model) => Self::Aerodrome(model),
            Programme::ConcentratedGauge(gauge) => (*gauge).into(),
            Programme::AerodromeGauge(gauge) => (*gauge).into(),
            Programme::CumulativeClaim(model) => Self::CumulativeClaim(model),
            Programme::Merkl(model) => MerklFold::recorded(*model).into(),
            Programme::LiquidStaking(model) => Self::LiquidStaking(model),
            Programme::RateToken(model) => Self::RateToken(model),
            Programme::Vault(model) => Self::Vault(model),
            Programme::ValidatorStaking(model) => Self::ValidatorStaking(model),
            Programme::GaugeController(_)
            | Programme::CurveGauge(_)
            | Programme::BalancerGauge(_)
            | Programme::CrvEmission(_)
            | Programme::FeeDistributor(_)
            | Programme::Emission(_) => return Err(NoFold),
        })
    }
}

impl From<V3Staker> for FoldedProgramme {
    fn from(model: V3Staker) -> Self {
        Self::V3Staker(Box::new(V3StakerFold::new(model)))
    }
}

impl From<ConcentratedGauge> for FoldedProgramme {
    fn from(gauge: ConcentratedGauge) -> Self {
        ConcentratedGaugeFold::new(gauge, []).into()
    }
}

impl From<Gauge> for FoldedProgramme {
    fn from(gauge: Gauge) -> Self {
        AerodromeGaugeFold::new(gauge, []).into()
    }
}

/// Makes a programme of one kind one of any.
macro_rules! from {
    ($($kind:ident of $programme:ty;)+) => {$(
        impl From<$programme> for FoldedProgramme {
            fn from(programme: $programme) -> Self {
                Self::$kind(Box::new(programme))
            }
        }
    )+};
}

from! {
    StakingRewards of StakingRewards;
    MasterChef of MasterChef;
    VoteEscrow of VoteEscrow;
    CurveGauges of CurveGauges;
    BalancerGauges of BalancerGauges;
    Merkl of MerklFold;
    FeeDistribution of FeeDistribution;
    TokenAdmin of TokenAdmin;
    MerkleClaim of MerkleClaim;
    Aerodrome of Aerodrome;
    ConcentratedGauge of ConcentratedGaugeFold;
    AerodromeGauge of AerodromeGaugeFold;
}
