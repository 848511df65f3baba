use tidemill_units::{Amount, Liquidity, TickRange};

use crate::Address;

/// What happened to Slipstream's gauge, beside the tape of its pool, in which what is staked
/// stands too.
///
/// Source: `CLGauge.sol`, aerodrome-finance/slipstream at 0f36abdb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcentratedGaugeLog {
    /// `Deposit`.
    Deposit {
        /// Who staked.
        user: Address,
        /// The position.
        token_id: u64,
        /// Its liquidity (`liquidityToStake`).
        liquidity: Liquidity,
        /// Its ticks, which the position manager knows.
        range: TickRange,
    },
    /// `Withdraw`; the `ClaimRewards` before it is an entry of its own.
    Withdraw {
        /// Whose it is.
        user: Address,
        /// The position.
        token_id: u64,
        /// Its liquidity (`liquidityToStake`).
        liquidity: Liquidity,
    },
    /// `ClaimRewards`.
    ClaimRewards {
        /// Who was paid.
        from: Address,
        /// For which position, which the log does not say: from the call.
        token_id: u64,
        /// All that it had earned.
        amount: Amount,
    },
    /// `NotifyReward`, with the `ClaimFees` before it, if there is one.
    NotifyReward {
        /// What is newly to be emitted: what was taken of the emission, and what rolled over.
        amount: Amount,
        /// The emission, of the call.
        emission: Amount,
        /// What of it went to the redistributor, as its `Deposited` says; zero without one.
        excess: Amount,
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
    /// From a call trace: a `getReward` that had nothing to pay and logs nothing, but rounds what
    /// is earned.
    Checkpointed {
        /// Whose position.
        from: Address,
        /// The position.
        token_id: u64,
    },
}

impl ConcentratedGaugeLog {
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
