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
    /// Aerodrome's locks, votes, gauges, rewards and emission.
    Aerodrome(AerodromeContracts),
    /// Slipstream's gauge.
    ConcentratedGauge(ConcentratedGaugeContracts),
    /// Merkl's distributor.
    CumulativeClaim {
        /// The contract. Its tokens are those that are transferred to it.
        distributor: Address,
    },
    /// Lido's pool of staked ether.
    LiquidStaking(LiquidStakingContracts),
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

/// Aerodrome's contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AerodromeContracts {
    /// The token that is locked and emitted.
    pub token: Address,
    /// The vote escrow.
    pub escrow: Address,
    /// The voter.
    pub voter: Address,
    /// The minter.
    pub minter: Address,
    /// The distributor of rebases.
    pub distributor: Address,
    /// The gauges in the order of the voter's `pools`, those that the logs create included.
    pub gauges: Vec<AerodromeGaugeContracts>,
    /// The managed locks, likewise.
    pub managed: Vec<ManagedLockContracts>,
}

/// A gauge of Aerodrome's voter and what belongs to it, as `GaugeCreated` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AerodromeGaugeContracts {
    /// The pool.
    pub pool: Address,
    /// The gauge.
    pub gauge: Address,
    /// What the pool's fees go to.
    pub fees_reward: Address,
    /// What bribes go to.
    pub bribe_reward: Address,
    /// The pool's tokens; none where it pays no fees.
    pub tokens: Option<[Address; 2]>,
    /// Whether it is Slipstream's, which has a tape of its own.
    pub is_elsewhere: bool,
}

/// The rewards of a managed lock, as `CreateManaged` names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedLockContracts {
    /// The managed lock.
    pub m_token_id: u64,
    /// What it earns for those locked in it.
    pub locked_reward: Address,
    /// What its manager pays out.
    pub free_reward: Address,
}

/// Slipstream's gauge and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcentratedGaugeContracts {
    /// The gauge.
    pub gauge: Address,
    /// The pool's tokens.
    pub tokens: [Address; 2],
    /// What is emitted.
    pub reward_token: Address,
    /// The position manager.
    pub position_manager: Address,
    /// The reward contract of its votes that the pool's fees go to.
    pub pool_fees_reward: Address,
    /// Where what its factory caps goes to, if it does.
    pub redistributor: Option<Address>,
}

/// The contracts of Lido's pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiquidStakingContracts {
    /// The pool, which is the rebasing token.
    pub token: Address,
    /// Its wrapper.
    pub wrapper: Address,
    /// The queue of withdrawals.
    pub queue: Address,
    /// Where shares are sent to be burned.
    pub burner: Address,
    /// Where reports are submitted.
    pub oracle: Address,
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
            Self::Aerodrome(_) => ProgrammeKind::Aerodrome,
            Self::ConcentratedGauge(_) => ProgrammeKind::ConcentratedGauge,
            Self::CumulativeClaim { .. } => ProgrammeKind::CumulativeClaim,
            Self::LiquidStaking(_) => ProgrammeKind::LiquidStaking,
            Self::RateToken { .. } => ProgrammeKind::RateToken,
            Self::Vault { .. } => ProgrammeKind::Vault,
        }
    }
}
