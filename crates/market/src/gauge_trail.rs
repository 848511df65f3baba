//! What Slipstream's gauges have to know of every change of their pool.
//!
//! The contract keeps the growth of rewards in the pool: at every initialized tick that a swap
//! crosses, and whenever staked liquidity in range changes.

use tidemill_amm::concentrated::Pool;
use tidemill_model::{BuildEvent, PoolEvent};
use tidemill_rewards::aerodrome::PoolNow;
use tidemill_units::TickRange;

use crate::ConcentratedMarket;
use crate::swap_scores::ScoresBefore;

/// What a change of a pool was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolMove {
    /// A recorded swap, from the tick before to the tick after.
    Swapped,
    /// A swap of ours, likewise.
    SwappedByUs,
    /// Liquidity of a range was removed; its ends may be forgotten.
    Burned(TickRange),
    /// Somebody else's liquidity of a range was staked, or taken back.
    Staked(TickRange),
    /// Nothing that a gauge takes note of.
    Other,
}

/// A change of one copy of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolChange {
    pub(crate) before: PoolNow,
    pub(crate) kind: PoolMove,
}

/// Both copies of a pool before a change.
#[derive(Clone, Debug)]
pub(crate) struct BeforeChange {
    pub(crate) history: PoolNow,
    /// The history's, where we are not in it yet.
    pub(crate) with_us: PoolNow,
    /// Before a swap that a campaign scores.
    pub(crate) scores: Option<ScoresBefore>,
    reverted_with_us: u64,
}

impl PoolMove {
    pub(crate) fn of(event: &PoolEvent) -> Self {
        match event {
            PoolEvent::Swap { .. } => Self::Swapped,
            PoolEvent::Burn { range, .. } => Self::Burned(*range),
            PoolEvent::Build(build) => match **build {
                BuildEvent::Stake { range, .. } => Self::Staked(range),
                BuildEvent::PancakeSwap { .. } | BuildEvent::ManagedSwap { .. } => Self::Swapped,
                // Other builds' own, and what moves neither price nor liquidity.
                BuildEvent::SetFeeProtocol(_)
                | BuildEvent::CollectProtocol(_)
                | BuildEvent::CollectFees(_)
                | BuildEvent::SetFee(_)
                | BuildEvent::SetUnstakedFee(_)
                | BuildEvent::ModifyLiquidity { .. }
                | BuildEvent::Donate(_)
                | BuildEvent::ProtocolFeeUpdated(_) => Self::Other,
            },
            PoolEvent::Initialize { .. }
            | PoolEvent::Mint { .. }
            | PoolEvent::Collect { .. }
            | PoolEvent::Flash { .. }
            | PoolEvent::SetFeeProtocol { .. }
            | PoolEvent::Shares(_) => Self::Other,
        }
    }
}

/// Returns what a gauge reads of a pool.
pub(crate) fn now_of(pool: &Pool) -> PoolNow {
    PoolNow { tick: pool.tick(), staked_liquidity: pool.staked_liquidity() }
}

impl BeforeChange {
    pub(crate) fn of(market: &ConcentratedMarket, scores: Option<ScoresBefore>) -> Self {
        Self {
            history: now_of(market.history()),
            with_us: now_of(market.pool()),
            scores,
            reverted_with_us: market.counts().reverted_with_us,
        }
    }

    /// What happened to the pool with us: nothing, where it refused what the history did.
    pub(crate) fn with_us(&self, kind: PoolMove, after: &ConcentratedMarket) -> PoolChange {
        let is_reverted = after.counts().reverted_with_us != self.reverted_with_us;
        let kind = if is_reverted { PoolMove::Other } else { kind };
        PoolChange { before: self.with_us, kind }
    }
}
