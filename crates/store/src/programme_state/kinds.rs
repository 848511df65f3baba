//! The kinds of programmes: one arm each for the name, the state and the programme itself.

use tidemill_rewards::Programme;
use tidemill_rewards::aerodrome::{AerodromeState, ConcentratedGaugeState, GaugeState};
use tidemill_rewards::balancer_gauge::BalancerGaugeState;
use tidemill_rewards::balancer_gauges::BalancerGaugesState;
use tidemill_rewards::crv_emission::CrvEmission;
use tidemill_rewards::curve_gauge::CurveGaugeState;
use tidemill_rewards::curve_gauges::CurveGaugesState;
use tidemill_rewards::emission::EmissionState;
use tidemill_rewards::fee_distribution::FeeDistributionState;
use tidemill_rewards::fee_distributor::FeeDistributorState;
use tidemill_rewards::gauge_controller::GaugeControllerState;
use tidemill_rewards::liquid_staking::{LiquidStakingState, RateToken, Vault};
use tidemill_rewards::master_chef::MasterChefState;
use tidemill_rewards::merkl::MerklState;
use tidemill_rewards::merkle_claim::{CumulativeClaimState, MerkleClaimState};
use tidemill_rewards::staking_rewards::StakingRewardsState;
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_rewards::v3_staker::V3StakerState;
use tidemill_rewards::validator_staking::StakingState;
use tidemill_rewards::vote_escrow::VoteEscrowState;

use super::refusal::Refusal;
use super::value::Record as _;
use super::{Resumable, checked};
use crate::pool_state::{FieldFault, Fields, Object, Value};

/// Everything that determines what a reward programme does, of whatever kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgrammeState {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards(Box<StakingRewardsState>),
    /// SushiSwap's MasterChef.
    MasterChef(Box<MasterChefState>),
    /// Uniswap's v3-staker.
    V3Staker(Box<V3StakerState>),
    /// A vote escrow, Curve's or Balancer's.
    VoteEscrow(Box<VoteEscrowState>),
    /// A gauge controller, Curve's or Balancer's.
    GaugeController(Box<GaugeControllerState>),
    /// A Curve liquidity gauge by itself.
    CurveGauge(Box<CurveGaugeState>),
    /// Curve's token, escrow, controller, minter and gauges as one system.
    CurveGauges(Box<CurveGaugesState>),
    /// A Balancer liquidity gauge by itself.
    BalancerGauge(Box<BalancerGaugeState>),
    /// Balancer's emission, escrow, controller, minter and gauges as one system.
    BalancerGauges(Box<BalancerGaugesState>),
    /// The emission of Curve's token.
    CrvEmission(Box<CrvEmission>),
    /// The emission of BAL.
    TokenAdmin(Box<TokenAdmin>),
    /// Balancer's fee distributor, beside its escrow.
    FeeDistributor(Box<FeeDistributorState>),
    /// Balancer's escrow and fee distributor as one system.
    FeeDistribution(Box<FeeDistributionState>),
    /// Aerodrome's locks, votes, gauges and emission as one system.
    Aerodrome(Box<AerodromeState>),
    /// Slipstream's gauge.
    ConcentratedGauge(Box<ConcentratedGaugeState>),
    /// Aerodrome's gauge of a pool of shares, by itself.
    AerodromeGauge(Box<GaugeState>),
    /// A Merkl campaign.
    Merkl(Box<MerklState>),
    /// Uniswap's merkle-distributor.
    MerkleClaim(Box<MerkleClaimState>),
    /// Merkl's distributor.
    CumulativeClaim(Box<CumulativeClaimState>),
    /// An emission schedule.
    Emission(Box<EmissionState>),
    /// Proof-of-stake delegation.
    ValidatorStaking(Box<StakingState>),
    /// A pool of staked ether with a rebasing token.
    LiquidStaking(Box<LiquidStakingState>),
    /// A token of staked ether with a reported rate.
    RateToken(Box<RateToken>),
    /// A vault of one asset.
    Vault(Box<Vault>),
}

/// The kinds there are, for messages.
pub(super) const NAMES: &str = "one of staking_rewards, master_chef, v3_staker, vote_escrow, \
     gauge_controller, curve_gauge, curve_gauges, balancer_gauge, balancer_gauges, crv_emission, \
     token_admin, fee_distributor, fee_distribution, aerodrome, concentrated_gauge, \
     aerodrome_gauge, merkl, merkle_claim, cumulative_claim, emission, validator_staking, \
     liquid_staking, rate_token, vault";

impl ProgrammeState {
    /// The names of all kinds, as states have them in `kind`.
    pub const KINDS: &[&str] = &[
        "staking_rewards",
        "master_chef",
        "v3_staker",
        "vote_escrow",
        "gauge_controller",
        "curve_gauge",
        "curve_gauges",
        "balancer_gauge",
        "balancer_gauges",
        "crv_emission",
        "token_admin",
        "fee_distributor",
        "fee_distribution",
        "aerodrome",
        "concentrated_gauge",
        "aerodrome_gauge",
        "merkl",
        "merkle_claim",
        "cumulative_claim",
        "emission",
        "validator_staking",
        "liquid_staking",
        "rate_token",
        "vault",
    ];

    /// Returns the name of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StakingRewards(_) => "staking_rewards",
            Self::MasterChef(_) => "master_chef",
            Self::V3Staker(_) => "v3_staker",
            Self::VoteEscrow(_) => "vote_escrow",
            Self::GaugeController(_) => "gauge_controller",
            Self::CurveGauge(_) => "curve_gauge",
            Self::CurveGauges(_) => "curve_gauges",
            Self::BalancerGauge(_) => "balancer_gauge",
            Self::BalancerGauges(_) => "balancer_gauges",
            Self::CrvEmission(_) => "crv_emission",
            Self::TokenAdmin(_) => "token_admin",
            Self::FeeDistributor(_) => "fee_distributor",
            Self::FeeDistribution(_) => "fee_distribution",
            Self::Aerodrome(_) => "aerodrome",
            Self::ConcentratedGauge(_) => "concentrated_gauge",
            Self::AerodromeGauge(_) => "aerodrome_gauge",
            Self::Merkl(_) => "merkl",
            Self::MerkleClaim(_) => "merkle_claim",
            Self::CumulativeClaim(_) => "cumulative_claim",
            Self::Emission(_) => "emission",
            Self::ValidatorStaking(_) => "validator_staking",
            Self::LiquidStaking(_) => "liquid_staking",
            Self::RateToken(_) => "rate_token",
            Self::Vault(_) => "vault",
        }
    }

    /// Reads the fields of a kind; `None` for a name that no kind has.
    pub(super) fn read_kind(
        kind: &str,
        value: &Value<'_>,
        fields: Fields<'_>,
    ) -> Result<Option<Self>, FieldFault> {
        Ok(Some(match kind {
            "staking_rewards" => Self::StakingRewards(checked(value, fields)?),
            "master_chef" => Self::MasterChef(checked(value, fields)?),
            "v3_staker" => Self::V3Staker(checked(value, fields)?),
            "vote_escrow" => Self::VoteEscrow(checked(value, fields)?),
            "gauge_controller" => Self::GaugeController(checked(value, fields)?),
            "curve_gauge" => Self::CurveGauge(checked(value, fields)?),
            "curve_gauges" => Self::CurveGauges(checked(value, fields)?),
            "balancer_gauge" => Self::BalancerGauge(checked(value, fields)?),
            "balancer_gauges" => Self::BalancerGauges(checked(value, fields)?),
            "crv_emission" => Self::CrvEmission(checked(value, fields)?),
            "token_admin" => Self::TokenAdmin(checked(value, fields)?),
            "fee_distributor" => Self::FeeDistributor(checked(value, fields)?),
            "fee_distribution" => Self::FeeDistribution(checked(value, fields)?),
            "aerodrome" => Self::Aerodrome(checked(value, fields)?),
            "concentrated_gauge" => Self::ConcentratedGauge(checked(value, fields)?),
            "aerodrome_gauge" => Self::AerodromeGauge(checked(value, fields)?),
            "merkl" => Self::Merkl(checked(value, fields)?),
            "merkle_claim" => Self::MerkleClaim(checked(value, fields)?),
            "cumulative_claim" => Self::CumulativeClaim(checked(value, fields)?),
            "emission" => Self::Emission(checked(value, fields)?),
            "validator_staking" => Self::ValidatorStaking(checked(value, fields)?),
            "liquid_staking" => Self::LiquidStaking(checked(value, fields)?),
            "rate_token" => Self::RateToken(checked(value, fields)?),
            "vault" => Self::Vault(checked(value, fields)?),
            _ => return Ok(None),
        }))
    }

    pub(super) fn write_fields(&self, fields: &mut Object) {
        match self {
            Self::StakingRewards(state) => state.write_fields(fields),
            Self::MasterChef(state) => state.write_fields(fields),
            Self::V3Staker(state) => state.write_fields(fields),
            Self::VoteEscrow(state) => state.write_fields(fields),
            Self::GaugeController(state) => state.write_fields(fields),
            Self::CurveGauge(state) => state.write_fields(fields),
            Self::CurveGauges(state) => state.write_fields(fields),
            Self::BalancerGauge(state) => state.write_fields(fields),
            Self::BalancerGauges(state) => state.write_fields(fields),
            Self::CrvEmission(state) => state.write_fields(fields),
            Self::TokenAdmin(state) => state.write_fields(fields),
            Self::FeeDistributor(state) => state.write_fields(fields),
            Self::FeeDistribution(state) => state.write_fields(fields),
            Self::Aerodrome(state) => state.write_fields(fields),
            Self::ConcentratedGauge(state) => state.write_fields(fields),
            Self::AerodromeGauge(state) => state.write_fields(fields),
            Self::Merkl(state) => state.write_fields(fields),
            Self::MerkleClaim(state) => state.write_fields(fields),
            Self::CumulativeClaim(state) => state.write_fields(fields),
            Self::Emission(state) => state.write_fields(fields),
            Self::ValidatorStaking(state) => state.write_fields(fields),
            Self::LiquidStaking(state) => state.write_fields(fields),
            Self::RateToken(state) => state.write_fields(fields),
            Self::Vault(state) => state.write_fields(fields),
        }
    }

    pub(super) fn programme(&self) -> Result<Programme, Refusal> {
        match self {
            Self::StakingRewards(state) => resumed(&**state).map(Programme::StakingRewards),
            Self::MasterChef(state) => resumed(&**state).map(Programme::MasterChef),
            Self::V3Staker(state) => resumed(&**state).map(Programme::V3Staker),
            Self::VoteEscrow(state) => resumed(&**state).map(Programme::VoteEscrow),
            Self::GaugeController(state) => resumed(&**state).map(Programme::GaugeController),
            Self::CurveGauge(state) => resumed(&**state).map(Programme::CurveGauge),
            Self::CurveGauges(state) => resumed(&**state).map(Programme::CurveGauges),
            Self::BalancerGauge(state) => resumed(&**state).map(Programme::BalancerGauge),
            Self::BalancerGauges(state) => resumed(&**state).map(Programme::BalancerGauges),
            Self::CrvEmission(state) => resumed(&**state).map(Programme::CrvEmission),
            Self::TokenAdmin(state) => resumed(&**state).map(Programme::TokenAdmin),
            Self::FeeDistributor(state) => resumed(&**state).map(Programme::FeeDistributor),
            Self::FeeDistribution(state) => resumed(&**state).map(Programme::FeeDistribution),
            Self::Aerodrome(state) => resumed(&**state).map(Programme::Aerodrome),
            Self::ConcentratedGauge(state) => resumed(&**state).map(Programme::ConcentratedGauge),
            Self::AerodromeGauge(state) => resumed(&**state).map(Programme::AerodromeGauge),
            Self::Merkl(state) => resumed(&**state).map(Programme::Merkl),
            Self::MerkleClaim(state) => resumed(&**state).map(Programme::MerkleClaim),
            Self::CumulativeClaim(state) => resumed(&**state).map(Programme::CumulativeClaim),
            Self::Emission(state) => resumed(&**state).map(Programme::Emission),
            Self::ValidatorStaking(state) => resumed(&**state).map(Programme::ValidatorStaking),
            Self::LiquidStaking(state) => resumed(&**state).map(Programme::LiquidStaking),
            Self::RateToken(state) => resumed(&**state).map(Programme::RateToken),
            Self::Vault(state) => resumed(&**state).map(Programme::Vault),
        }
    }
}

impl From<&Programme> for ProgrammeState {
    fn from(programme: &Programme) -> Self {
        match programme {
            Programme::StakingRewards(programme) => programme.state().into(),
            Programme::MasterChef(programme) => programme.state().into(),
            Programme::V3Staker(programme) => programme.state().into(),
            Programme::VoteEscrow(programme) => programme.state().into(),
            Programme::GaugeController(programme) => programme.state().into(),
            Programme::CurveGauge(programme) => programme.state().into(),
            Programme::CurveGauges(programme) => programme.state().into(),
            Programme::BalancerGauge(programme) => programme.state().into(),
            Programme::BalancerGauges(programme) => programme.state().into(),
            Programme::CrvEmission(programme) => (**programme).into(),
            Programme::TokenAdmin(programme) => (**programme).into(),
            Programme::FeeDistributor(programme) => programme.state().into(),
            Programme::FeeDistribution(programme) => programme.state().into(),
            Programme::Aerodrome(programme) => programme.state().into(),
            Programme::ConcentratedGauge(programme) => programme.state().into(),
            Programme::AerodromeGauge(programme) => programme.state().into(),
            Programme::Merkl(programme) => programme.state().into(),
            Programme::MerkleClaim(programme) => programme.state().into(),
            Programme::CumulativeClaim(programme) => programme.state().into(),
            Programme::Emission(programme) => programme.state().clone().into(),
            Programme::ValidatorStaking(programme) => programme.state().into(),
            Programme::LiquidStaking(programme) => programme.state().into(),
            Programme::RateToken(programme) => (**programme).clone().into(),
            Programme::Vault(programme) => (**programme).clone().into(),
        }
    }
}

fn resumed<T: Resumable>(state: &T) -> Result<Box<T::Programme>, Refusal> {
    state.resume().map(Box::new).map_err(|error| state.refusal(&error))
}

/// Makes a state of one kind one of any.
macro_rules! from {
    ($($kind:ident of $state:ty;)+) => {$(
        impl From<$state> for ProgrammeState {
            fn from(state: $state) -> Self {
                Self::$kind(Box::new(state))
            }
        }
    )+};
}

from! {
    StakingRewards of StakingRewardsState;
    MasterChef of MasterChefState;
    V3Staker of V3StakerState;
    VoteEscrow of VoteEscrowState;
    GaugeController of GaugeControllerState;
    CurveGauge of CurveGaugeState;
    CurveGauges of CurveGaugesState;
    BalancerGauge of BalancerGaugeState;
    BalancerGauges of BalancerGaugesState;
    CrvEmission of CrvEmission;
    TokenAdmin of TokenAdmin;
    FeeDistributor of FeeDistributorState;
    FeeDistribution of FeeDistributionState;
    Aerodrome of AerodromeState;
    ConcentratedGauge of ConcentratedGaugeState;
    AerodromeGauge of GaugeState;
    Merkl of MerklState;
    MerkleClaim of MerkleClaimState;
    CumulativeClaim of CumulativeClaimState;
    Emission of EmissionState;
    ValidatorStaking of StakingState;
    LiquidStaking of LiquidStakingState;
    RateToken of RateToken;
    Vault of Vault;
}
