use tidemill_units::Amount;

use crate::Address;

/// What happened to Aerodrome's gauge of a pool of shares.
///
/// Source: `Gauge.sol`, aerodrome-finance/contracts at a88d6ffb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AerodromeGaugeLog {
    /// `Deposit`; who paid (`from`) is left out.
    Deposit {
        /// Whose stake it became.
        to: Address,
        /// How much.
        amount: Amount,
    },
    /// `Withdraw`.
    Withdraw {
        /// Whose stake it was.
        from: Address,
        /// How much of it, perhaps nothing.
        amount: Amount,
    },
    /// `ClaimRewards`.
    ClaimRewards {
        /// Who was paid.
        from: Address,
        /// All that it had earned.
        amount: Amount,
    },
    /// `NotifyReward`, with the `ClaimFees` before it, if there is one.
    NotifyReward {
        /// The emission.
        amount: Amount,
        /// What was claimed of the pool's token0, of `ClaimFees`; zero without one.
        claimed0: Amount,
        /// What was claimed of the pool's token1.
        claimed1: Amount,
        /// What the voters got of token0, of the `NotifyReward` of the fees' reward; zero without
        /// one.
        fees0: Amount,
        /// What the voters got of token1.
        fees1: Amount,
    },
    /// From a call trace: a `getReward` that had nothing to pay and logs nothing, but shares the
    /// stream out, which rounds it.
    Checkpointed {
        /// For whom.
        from: Address,
    },
}

impl AerodromeGaugeLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::ClaimRewards { .. } => "claim_rewards",
            Self::NotifyReward { .. } => "notify_reward",
            Self::Checkpointed { .. } => "checkpointed",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        matches!(self, Self::Checkpointed { .. })
    }
}
