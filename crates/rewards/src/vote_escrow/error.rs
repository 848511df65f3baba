use thiserror::Error;

use super::{BALANCER_MAXIMUM_LOCK, CURVE_MAXIMUM_LOCK};

/// Why an escrow refuses an operation or a question. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VoteEscrowError {
    /// Nothing is to be locked.
    #[error("nothing is to be locked")]
    ZeroValue,
    /// An earlier lock was not withdrawn (`create_lock`).
    #[error("the account already has a lock, perhaps an expired one")]
    OldTokens,
    /// The lock would end now or earlier (`create_lock`).
    #[error("the lock would not end in the future")]
    NotInFuture,
    /// The lock would last longer than the escrow lets it.
    #[error("the lock would last longer than {maximum_lock} seconds")]
    TooLong {
        /// The longest lock, in seconds.
        maximum_lock: u64,
    },
    /// There is no lock to add to (`deposit_for`, `increase_amount`).
    #[error("there is no lock to add to")]
    NoLock,
    /// The lock to add to has ended (`deposit_for`, `increase_amount`).
    #[error("the lock to add to has ended")]
    ExpiredLock,
    /// The lock to prolong has ended, or there never was one (`increase_unlock_time`).
    #[error("there is no lock to prolong")]
    LockExpired,
    /// The lock would not become longer (`increase_unlock_time`).
    #[error("the lock would not become longer")]
    NotLonger,
    /// The lock has not ended (`withdraw`).
    #[error("the lock has not ended")]
    NotExpired,
    /// A block above the current one is asked about (`balanceOfAt`, `totalSupplyAt`).
    #[error("the block is not there yet")]
    BlockAhead,
    /// A time or block before the line's first point is asked about.
    #[error("the time lies before the point that tells of it")]
    BeforeLastPoint,
    /// A number passes what its type holds, 2^127 - 1 for balances; or time or blocks ran
    /// backwards.
    #[error("a number passes what its type holds")]
    Overflow,
}

impl VoteEscrowError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::OldTokens => "Withdraw old tokens first",
            Self::NotInFuture => "Can only lock until time in the future",
            Self::TooLong { maximum_lock: CURVE_MAXIMUM_LOCK } => "Voting lock can be 4 years max",
            Self::TooLong { maximum_lock: BALANCER_MAXIMUM_LOCK } => {
                "Voting lock can be 1 year max"
            }
            Self::NoLock => "No existing lock found",
            Self::ExpiredLock => "Cannot add to expired lock. Withdraw",
            Self::LockExpired => "Lock expired",
            Self::NotLonger => "Can only increase lock duration",
            Self::NotExpired => "The lock didn't expire",
            Self::ZeroValue
            | Self::TooLong { .. }
            | Self::BlockAhead
            | Self::BeforeLastPoint
            | Self::Overflow => return None,
        })
    }
}
