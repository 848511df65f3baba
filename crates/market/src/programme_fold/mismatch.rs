use tidemill_model::ProgrammeKind;
use tidemill_rewards::aerodrome::AerodromeError;
use tidemill_rewards::balancer_gauge::BalancerGaugeError;
use tidemill_rewards::crv_emission::CrvEmissionError;
use tidemill_rewards::curve_gauge::CurveGaugeError;
use tidemill_rewards::fee_distributor::FeeDistributorError;
use tidemill_rewards::gauge_controller::GaugeControllerError;
use tidemill_rewards::liquid_staking::LiquidError;
use tidemill_rewards::master_chef::MasterChefError;
use tidemill_rewards::merkl::MerklError;
use tidemill_rewards::merkle_claim::{CumulativeClaimError, MerkleClaimError};
use tidemill_rewards::staking_rewards::StakingRewardsError;
use tidemill_rewards::token_admin::TokenAdminError;
use tidemill_rewards::v3_staker::V3StakerError;
use tidemill_rewards::validator_staking::StakingError;
use tidemill_rewards::vote_escrow::VoteEscrowError;

/// How a recorded log of a reward programme differs from the programme's own answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgrammeMismatch {
    /// The programme refuses the call.
    #[error("the {event} reverts: {error}")]
    Reverts {
        /// The kind of event.
        event: &'static str,
        /// Why.
        error: ProgrammeError,
    },
    /// A number differs.
    #[error("the {event} gives {field} {computed}, recorded is {recorded}")]
    Value {
        /// The kind of event.
        event: &'static str,
        /// Which number.
        field: &'static str,
        /// The programme's.
        computed: String,
        /// The tape's.
        recorded: String,
    },
    /// A log that names what the programme does not have.
    #[error("the {event} names {field} {recorded}, which the programme does not have")]
    Unknown {
        /// The kind of event.
        event: &'static str,
        /// Which field.
        field: &'static str,
        /// What it says.
        recorded: String,
    },
    /// A field that this log must have here, or must not have.
    #[error("the {event} {problem}")]
    Fields {
        /// The kind of event.
        event: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A log of another programme.
    #[error("a {programme} has no {event} of a {of}")]
    OtherProgramme {
        /// The programme.
        programme: ProgrammeKind,
        /// The kind of event.
        event: &'static str,
        /// Whose log it is.
        of: ProgrammeKind,
    },
}

/// Why a programme refused what its contract did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgrammeError {
    /// A StakingRewards.
    #[error(transparent)]
    StakingRewards(#[from] StakingRewardsError),
    /// A MasterChef.
    #[error(transparent)]
    MasterChef(#[from] MasterChefError),
    /// A v3-staker.
    #[error(transparent)]
    V3Staker(#[from] V3StakerError),
    /// A vote escrow.
    #[error(transparent)]
    VoteEscrow(#[from] VoteEscrowError),
    /// A gauge controller.
    #[error(transparent)]
    GaugeController(#[from] GaugeControllerError),
    /// A gauge of Curve's, or the minter.
    #[error(transparent)]
    CurveGauge(#[from] CurveGaugeError),
    /// A gauge of Balancer's, or the minter.
    #[error(transparent)]
    BalancerGauge(#[from] BalancerGaugeError),
    /// Balancer's fee distributor.
    #[error(transparent)]
    FeeDistributor(#[from] FeeDistributorError),
    /// The admin of BAL.
    #[error(transparent)]
    TokenAdmin(#[from] TokenAdminError),
    /// Curve's token.
    #[error(transparent)]
    CrvEmission(#[from] CrvEmissionError),
    /// A merkle-distributor.
    #[error(transparent)]
    MerkleClaim(#[from] MerkleClaimError),
    /// Merkl's distributor.
    #[error(transparent)]
    CumulativeClaim(#[from] CumulativeClaimError),
    /// A Merkl campaign.
    #[error(transparent)]
    Merkl(#[from] MerklError),
    /// A pool of staked ether, a token with a reported rate, or a vault.
    #[error(transparent)]
    Liquid(#[from] LiquidError),
    /// A staking module.
    #[error(transparent)]
    ValidatorStaking(#[from] StakingError),
    /// A gauge of Aerodrome's or Slipstream's.
    #[error(transparent)]
    Aerodrome(#[from] AerodromeError),
}

/// One log being compared with what the programme answered.
#[derive(Clone, Copy)]
pub(super) struct Comparison {
    /// The kind of event.
    pub(super) event: &'static str,
}

impl Comparison {
    /// Names the call that a refusal is of.
    pub(super) fn reverts<E: Into<ProgrammeError>>(self) -> impl Fn(E) -> ProgrammeMismatch {
        move |error| ProgrammeMismatch::Reverts { event: self.event, error: error.into() }
    }

    pub(super) fn value<T: Copy + PartialEq + ToString>(
        self,
        field: &'static str,
        computed: T,
        recorded: T,
    ) -> Result<(), ProgrammeMismatch> {
        if computed == recorded {
            return Ok(());
        }
        Err(ProgrammeMismatch::Value {
            event: self.event,
            field,
            computed: computed.to_string(),
            recorded: recorded.to_string(),
        })
    }

    pub(super) fn unknown(
        self,
        field: &'static str,
        recorded: impl Copy + ToString,
    ) -> ProgrammeMismatch {
        ProgrammeMismatch::Unknown { event: self.event, field, recorded: recorded.to_string() }
    }

    pub(super) fn fields(self, problem: &'static str) -> ProgrammeMismatch {
        ProgrammeMismatch::Fields { event: self.event, problem }
    }
}
