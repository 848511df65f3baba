//! What the logs of a reward programme say, one file for each programme.
//!
//! Names and fields are those of the contracts' events. Where a contract logs nothing for a call
//! that matters, an entry from a call trace stands for it, and says so.

mod aerodrome;
mod aerodrome_gauge;
mod balancer_gauges;
mod concentrated_gauge;
mod cumulative_claim;
mod curve_gauges;
mod fee_distribution;
mod gauge_controller;
mod liquid_staking;
mod master_chef;
mod merkl;
mod merkle_claim;
mod rate_token;
mod staking_rewards;
mod token_admin;
mod v3_staker;
mod validator_staking;
mod vault;
mod vote_escrow;

use std::fmt;

pub use aerodrome::{AerodromeChoice, AerodromeLog, AerodromeVote};
pub use aerodrome_gauge::AerodromeGaugeLog;
pub use balancer_gauges::{BalancerGaugesLog, GaugeMint, GaugePayment};
pub use concentrated_gauge::ConcentratedGaugeLog;
pub use cumulative_claim::CumulativeClaimLog;
pub use curve_gauges::CurveGaugesLog;
pub use fee_distribution::{FeeCheckpoint, FeeClaim, FeeDistributionLog, FeePayment};
pub use gauge_controller::GaugeControllerLog;
pub use liquid_staking::LiquidStakingLog;
pub use master_chef::MasterChefLog;
pub use merkl::MerklLog;
pub use merkle_claim::MerkleClaimLog;
pub use rate_token::RateTokenLog;
pub use staking_rewards::StakingRewardsLog;
pub use token_admin::TokenAdminLog;
pub use v3_staker::V3StakerLog;
pub use validator_staking::ValidatorStakingLog;
pub use vault::VaultLog;
pub use vote_escrow::VoteEscrowLog;

/// Which reward programme; named as in the state files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProgrammeKind {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards,
    /// SushiSwap's MasterChef.
    MasterChef,
    /// Uniswap's v3-staker.
    V3Staker,
    /// A vote escrow, Curve's or Balancer's.
    VoteEscrow,
    /// Curve's token, escrow, controller, minter and gauges as one system.
    CurveGauges,
    /// Balancer's emission, escrow, controller, minter and gauges as one system.
    BalancerGauges,
    /// Balancer's escrow and fee distributor as one system.
    FeeDistribution,
    /// The emission of BAL.
    TokenAdmin,
    /// Uniswap's merkle-distributor.
    MerkleClaim,
    /// Aerodrome's escrow, voter, gauges, minter and distributor as one system.
    Aerodrome,
    /// Merkl's distributor of cumulative rewards.
    CumulativeClaim,
    /// A Merkl campaign.
    Merkl,
    /// A pool of staked ether with a rebasing token.
    LiquidStaking,
    /// A token of staked ether with a reported rate.
    RateToken,
    /// A vault of one asset.
    Vault,
    /// Proof-of-stake delegation.
    ValidatorStaking,
    /// Slipstream's gauge.
    ConcentratedGauge,
    /// Aerodrome's gauge of a pool of shares.
    AerodromeGauge,
}

/// One log of a reward programme, or one entry that stands for a call without any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgrammeLog {
    /// Of a StakingRewards.
    StakingRewards(StakingRewardsLog),
    /// Of a MasterChef.
    MasterChef(MasterChefLog),
    /// Of a v3-staker.
    V3Staker(V3StakerLog),
    /// Of a vote escrow.
    VoteEscrow(VoteEscrowLog),
    /// Of Curve's gauges and what they work with.
    CurveGauges(CurveGaugesLog),
    /// Of Balancer's gauges and what they work with.
    BalancerGauges(BalancerGaugesLog),
    /// Of Balancer's fee distributor or its escrow.
    FeeDistribution(FeeDistributionLog),
    /// Of the schedule of BAL.
    TokenAdmin(TokenAdminLog),
    /// Of a merkle-distributor.
    MerkleClaim(MerkleClaimLog),
    /// Of Aerodrome's system.
    Aerodrome(AerodromeLog),
    /// Of a Slipstream gauge.
    ConcentratedGauge(ConcentratedGaugeLog),
    /// Of an Aerodrome gauge.
    AerodromeGauge(AerodromeGaugeLog),
    /// Of Merkl's distributor.
    CumulativeClaim(CumulativeClaimLog),
    /// Of a Merkl campaign.
    Merkl(MerklLog),
    /// Of a pool of staked ether.
    LiquidStaking(Box<LiquidStakingLog>),
    /// Of a token with a reported rate.
    RateToken(RateTokenLog),
    /// Of a vault.
    Vault(VaultLog),
    /// Of a staking module.
    ValidatorStaking(ValidatorStakingLog),
}

impl ProgrammeKind {
    /// Every programme that has tapes.
    pub const ALL: [Self; 18] = [
        Self::StakingRewards,
        Self::MasterChef,
        Self::V3Staker,
        Self::VoteEscrow,
        Self::CurveGauges,
        Self::BalancerGauges,
        Self::FeeDistribution,
        Self::TokenAdmin,
        Self::MerkleClaim,
        Self::Aerodrome,
        Self::ConcentratedGauge,
        Self::AerodromeGauge,
        Self::CumulativeClaim,
        Self::Merkl,
        Self::LiquidStaking,
        Self::RateToken,
        Self::Vault,
        Self::ValidatorStaking,
    ];

    /// Returns the name as tapes and configurations write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StakingRewards => "staking_rewards",
            Self::MasterChef => "master_chef",
            Self::V3Staker => "v3_staker",
            Self::VoteEscrow => "vote_escrow",
            Self::CurveGauges => "curve_gauges",
            Self::BalancerGauges => "balancer_gauges",
            Self::FeeDistribution => "fee_distribution",
            Self::TokenAdmin => "token_admin",
            Self::MerkleClaim => "merkle_claim",
            Self::Aerodrome => "aerodrome",
            Self::CumulativeClaim => "cumulative_claim",
            Self::Merkl => "merkl",
            Self::LiquidStaking => "liquid_staking",
            Self::RateToken => "rate_token",
            Self::Vault => "vault",
            Self::ValidatorStaking => "validator_staking",
            Self::ConcentratedGauge => "concentrated_gauge",
            Self::AerodromeGauge => "aerodrome_gauge",
        }
    }

    /// Returns the programme of that name; `None` where tapes have none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for ProgrammeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl ProgrammeLog {
    /// Returns whose log it is.
    pub const fn programme(&self) -> ProgrammeKind {
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
            Self::ConcentratedGauge(_) => ProgrammeKind::ConcentratedGauge,
            Self::AerodromeGauge(_) => ProgrammeKind::AerodromeGauge,
            Self::CumulativeClaim(_) => ProgrammeKind::CumulativeClaim,
            Self::Merkl(_) => ProgrammeKind::Merkl,
            Self::LiquidStaking(_) => ProgrammeKind::LiquidStaking,
            Self::RateToken(_) => ProgrammeKind::RateToken,
            Self::Vault(_) => ProgrammeKind::Vault,
            Self::ValidatorStaking(_) => ProgrammeKind::ValidatorStaking,
        }
    }

    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::StakingRewards(log) => log.kind(),
            Self::MasterChef(log) => log.kind(),
            Self::V3Staker(log) => log.kind(),
            Self::VoteEscrow(log) => log.kind(),
            Self::CurveGauges(log) => log.kind(),
            Self::BalancerGauges(log) => log.kind(),
            Self::FeeDistribution(log) => log.kind(),
            Self::TokenAdmin(log) => log.kind(),
            Self::MerkleClaim(log) => log.kind(),
            Self::Aerodrome(log) => log.kind(),
            Self::ConcentratedGauge(log) => log.kind(),
            Self::AerodromeGauge(log) => log.kind(),
            Self::CumulativeClaim(log) => log.kind(),
            Self::Merkl(log) => log.kind(),
            Self::LiquidStaking(log) => log.kind(),
            Self::RateToken(log) => log.kind(),
            Self::Vault(log) => log.kind(),
            Self::ValidatorStaking(log) => log.kind(),
        }
    }

    /// Whether the contract logs nothing of this, so that it is from a call trace. Such an entry
    /// has the log index of the log after it.
    pub const fn is_from_trace(&self) -> bool {
        match self {
            Self::StakingRewards(log) => log.is_from_trace(),
            Self::MasterChef(log) => log.is_from_trace(),
            Self::VoteEscrow(log) => log.is_from_trace(),
            Self::CurveGauges(log) => log.is_from_trace(),
            Self::BalancerGauges(log) => log.is_from_trace(),
            Self::FeeDistribution(log) => log.is_from_trace(),
            Self::Aerodrome(log) => log.is_from_trace(),
            Self::ConcentratedGauge(log) => log.is_from_trace(),
            Self::AerodromeGauge(log) => log.is_from_trace(),
            Self::Merkl(log) => log.is_from_trace(),
            Self::V3Staker(_)
            | Self::TokenAdmin(_)
            | Self::MerkleClaim(_)
            | Self::CumulativeClaim(_)
            | Self::LiquidStaking(_)
            | Self::RateToken(_)
            | Self::Vault(_)
            | Self::ValidatorStaking(_) => false,
        }
    }
}
