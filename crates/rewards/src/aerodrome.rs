//! Aerodrome, which is Velodrome's second version: locks vote for gauges, the gauges share a weekly
//! emission by votes, and those who voted share the pools' fees and the bribes.
//!
//! Weeks are epochs and begin on Thursday at 00:00 UTC. What staked liquidity earns of fees belongs
//! to the votes; it earns the emission instead.

mod concentrated_gauge;
mod distribution;
mod distributor;
mod error;
mod escrow;
mod facts;
mod gauge;
mod managed;
mod minter;
mod state;
mod system;
mod voter;
mod voting_reward;
mod words;

pub use concentrated_gauge::{
    ConcentratedGauge, ConcentratedGaugeState, Notification, Notified, PoolNow, PositionId,
    StakedPosition,
};
pub use distribution::Distribution;
pub use distributor::{Distributor, RebaseClaim};
pub use error::AerodromeError;
pub use escrow::{Escrow, GlobalPoint, Lock, LockId, LockKind, LockPoint, LockedBalance};
pub use facts::FACTS;
pub use gauge::{Gauge, GaugeTotals, Staker};
pub use minter::{
    Emission, FIRST_WEEKLY, LEAST_TAIL_RATE, MOST_TAIL_RATE, MOST_TEAM_RATE, MinterState,
    TAIL_START, TailProposal, growth,
};
pub use state::{
    AerodromeState, AerodromeStateError, DistributorState, GaugeState, LockKindState, LockState,
    VotedGaugeState, VotingRewardState,
};
pub use system::{Aerodrome, NewGauge};
pub use voter::{Ballot, GaugeId, LEAST_MAX_VOTING_NUM, VotedGauge, Voter};
pub use voting_reward::{BalanceCheckpoint, VotingReward};
pub use words::{LONGEST_LOCK, WEEK, epoch_next, epoch_start, epoch_vote_end, epoch_vote_start};

#[cfg(test)]
mod tests;
