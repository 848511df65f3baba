use tidemill_model::{Address, ProgrammeKind};

/// Whose logs tell of a reward programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgrammeContracts {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards {
        /// The contract.
        contract: Address,
        /// What is staked.
        staking_token: Address,
        /// What is paid.
        reward_token: Address,
    },
    /// SushiSwap's MasterChef.
    MasterChef {
        /// The contract.
        chef: Address,
        /// What is paid.
        reward_token: Address,
        /// What is staked.
        tokens: Vec<Address>,
    },
    /// Uniswap's v3-staker.
    V3Staker {
        /// The contract.
        staker: Address,
    },
    /// A vote escrow, Curve's or Balancer's.
    VoteEscrow {
        /// The contract.
        escrow: Address,
    },
    /// The schedule of BAL.
    TokenAdmin {
        /// The contract.
        admin: Address,
    },
    /// Uniswap's merkle-distributor.
    MerkleClaim {
        /// The contract.
        distributor: Address,
        /// What is paid.
        token: Address,
    },
    /// Curve's system of gauges.
    CurveGauges(CurveGaugesContracts),
    /// Balancer's system of gauges.
    BalancerGauges(BalancerGaugesContracts),
    /// Balancer's fee distributor.
    FeeDistribution(FeeContracts),
    /// Aerodrome's gauge of a pool of shares.
    AerodromeGauge {
        /// The gauge.
        gauge: Address,
        /// The reward contract of its votes that the pool's fees go to.
        pool_fees_reward: Address,
    },
    /// rETH and where it learns its rate.
    RateToken {
        /// The token.
        token: Address,
        /// Where ether is deposited.
        deposit_pool: Address,
        /// The network's balances.
        balances: Address,
    },
    /// A vault of one asset.
    Vault {
        /// The vault.
        vault: Address,
        /// Its asset.
        asset: Address,
    },
}

/// The contracts of Curve's system of gauges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveGaugesContracts {
    /// CRV.
    pub token: Address,
    /// The vote escrow.
    pub escrow: Address,
    /// The gauge controller.
    pub controller: Address,
    /// The minter.
    pub minter: Address,
    /// The gauges.
    pub gauges: Vec<Address>,
}

/// The contracts of Balancer's system of gauges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerGaugesContracts {
    /// BAL.
    pub token: Address,
    /// Its schedule.
    pub token_admin: Address,
    /// The vote escrow.
    pub escrow: Address,
    /// The gauge controller.
    pub controller: Address,
    /// The minter.
    pub minter: Address,
    /// The factory of gauges.
    pub factory: Address,
    /// The gauges.
    pub gauges: Vec<Address>,
    /// What new gauges' code says who may kill them.
    pub admin: Address,
    /// What new gauges' code says their vault is.
    pub vault: Address,
}

/// The contracts of a fee distributor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeContracts {
    /// The distributor.
    pub distributor: Address,
    /// The vote escrow.
    pub escrow: Address,
    /// What it pays.
    pub tokens: Vec<Address>,
}

impl ProgrammeContracts {
    /// Returns which programme it is.
    pub const fn kind(&self) -> ProgrammeKind {
        match self {
            Self::StakingRewards { .. } => ProgrammeKind::StakingRewards,
            Self::MasterChef { .. } => ProgrammeKind::MasterChef,
            Self::V3Staker { .. } => ProgrammeKind::V3Staker,
            Self::VoteEscrow { .. } => ProgrammeKind::VoteEscrow,
            Self::TokenAdmin { .. } => ProgrammeKind::TokenAdmin,
            Self::MerkleClaim { .. } => ProgrammeKind::MerkleClaim,
            Self::CurveGauges(_) => ProgrammeKind::CurveGauges,
            Self::BalancerGauges(_) => ProgrammeKind::BalancerGauges,
            Self::FeeDistribution(_) => ProgrammeKind::FeeDistribution,
            Self::AerodromeGauge { .. } => ProgrammeKind::AerodromeGauge,
            Self::RateToken { .. } => ProgrammeKind::RateToken,
            Self::Vault { .. } => ProgrammeKind::Vault,
        }
    }
}
