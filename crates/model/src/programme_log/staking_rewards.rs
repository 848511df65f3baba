use tidemill_units::{Amount, U256};

use crate::Address;

/// What happened to a StakingRewards. `exit` writes two logs, [`Withdrawn`](Self::Withdrawn) and
/// then [`RewardPaid`](Self::RewardPaid).
///
/// Source: `StakingRewards.sol` of `@uniswap/liquidity-staker` 1.0.2 and of `synthetix` 2.102.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakingRewardsLog {
    /// `Staked`.
    Staked {
        /// Who staked.
        user: Address,
        /// How much.
        amount: Amount,
    },
    /// `Withdrawn`.
    Withdrawn {
        /// Whose stake it was.
        user: Address,
        /// How much of it was given back.
        amount: Amount,
    },
    /// `RewardPaid`.
    RewardPaid {
        /// Who was paid.
        user: Address,
        /// All that it had earned.
        reward: Amount,
    },
    /// `RewardAdded`: a period starts, or is stretched.
    RewardAdded {
        /// What was notified.
        reward: Amount,
    },
    /// `Transfer` of the reward token to the contract that is no stake.
    Funded {
        /// How much.
        amount: Amount,
    },
    /// From a call trace: a `getReward` that had nothing to pay and logs nothing, but shares the
    /// stream out, which rounds it.
    Checkpointed {
        /// Who called.
        user: Address,
    },
    /// `RewardsDurationUpdated` (Synthetix).
    RewardsDurationUpdated {
        /// Seconds of later periods.
        new_duration: U256,
    },
    /// `PauseChanged` (Synthetix).
    PauseChanged {
        /// Whether staking is stopped.
        is_paused: bool,
    },
    /// `Recovered`, of the reward token (Synthetix).
    Recovered {
        /// What the owner took out.
        amount: Amount,
    },
    /// From a call trace: `setRewardsDistribution` logs nothing (Synthetix).
    RewardsDistributionSet {
        /// Who may notify from now on.
        rewards_distribution: Address,
    },
}

impl StakingRewardsLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Staked { .. } => "staked",
            Self::Withdrawn { .. } => "withdrawn",
            Self::RewardPaid { .. } => "reward_paid",
            Self::RewardAdded { .. } => "reward_added",
            Self::Funded { .. } => "funded",
            Self::Checkpointed { .. } => "checkpointed",
            Self::RewardsDurationUpdated { .. } => "rewards_duration_updated",
            Self::PauseChanged { .. } => "pause_changed",
            Self::Recovered { .. } => "recovered",
            Self::RewardsDistributionSet { .. } => "rewards_distribution_set",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        matches!(self, Self::Checkpointed { .. } | Self::RewardsDistributionSet { .. })
    }
}
