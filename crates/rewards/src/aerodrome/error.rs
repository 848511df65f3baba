use thiserror::Error;

/// Why the system refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AerodromeError {
    /// A number would not fit its type in the contract, or a difference is below zero
    /// (`Panic(0x11)`); in Slipstream's gauge, `mulDiv` past 256 bits.
    #[error("a number passes what the contract can hold")]
    Overflow,
    /// A division by zero (`Panic(0x12)`): a vote whose weights are all zero, for one.
    #[error("division by zero")]
    DivisionByZero,
    /// An amount above 2^127 - 1 to lock.
    #[error("the amount passes what a lock can hold")]
    SafeCastOverflow,
    /// Time ran backwards, or passed the last second a `uint32` can hold, which is Slipstream's
    /// bound. No contract says so: no chain has such blocks.
    #[error("the time is before the last operation or after 2106-02-07")]
    TimeOutOfRange,
    /// The sender does not own the lock.
    #[error("the sender does not own the lock")]
    NotApprovedOrOwner,
    /// The amount is zero.
    #[error("the amount is zero")]
    ZeroAmount,
    /// The lock's end, rounded down to a week, is not later than what it has to pass.
    #[error("the lock would end no later than it already does")]
    LockDurationNotInFuture,
    /// The lock's end is more than four years away.
    #[error("the lock would end more than four years from now")]
    LockDurationTooLong,
    /// The lock holds nothing.
    #[error("the lock holds nothing")]
    NoLockFound,
    /// The lock has expired.
    #[error("the lock has expired")]
    LockExpired,
    /// The lock has not expired.
    #[error("the lock has not expired")]
    LockNotExpired,
    /// The lock is permanent.
    #[error("the lock is permanent")]
    PermanentLock,
    /// The lock is not permanent.
    #[error("the lock is not permanent")]
    NotPermanentLock,
    /// The lock has votes, which have to be reset first.
    #[error("the lock has votes")]
    AlreadyVoted,
    /// A lock is merged with itself.
    #[error("a lock cannot be merged with itself")]
    SameNft,
    /// The lock to split is nobody's.
    #[error("the lock is nobody's")]
    SplitNoOwner,
    /// The owner may not split locks.
    #[error("the owner may not split locks")]
    SplitNotAllowed,
    /// As much as the lock holds, or more, was to be split off.
    #[error("the lock holds no more than that")]
    AmountTooBig,
    /// The lock is managed or deposited into a managed one.
    #[error("the lock is not a normal one")]
    NotNormalNft,
    /// The lock is deposited into a managed one.
    #[error("the lock is deposited into a managed one")]
    NotManagedOrNormalNft,
    /// The lock is not a managed one.
    #[error("the lock is not a managed one")]
    NotManagedNft,
    /// The lock is not deposited into a managed one.
    #[error("the lock is not deposited into a managed one")]
    InvalidManagedNftId,
    /// Only rebases may be deposited for a managed lock by others than its owner.
    #[error("only the distributor deposits for a managed lock")]
    NotDistributor,
    /// The managed lock is out of use.
    #[error("the managed lock is out of use")]
    InactiveManagedNft,
    /// What was to be changed already is so.
    #[error("this changes nothing")]
    SameState,
    /// The lock has no voting power, or too little for a pool to get any.
    #[error("there is no voting power")]
    ZeroBalance,
    /// The lock has voted, or was deposited, in this epoch.
    #[error("the lock has voted or been deposited in this epoch")]
    AlreadyVotedOrDeposited,
    /// The first hour of an epoch is kept for the distribution.
    #[error("the first hour of an epoch is kept for the distribution")]
    DistributeWindow,
    /// In the last hour of an epoch only whitelisted locks vote.
    #[error("in the last hour of an epoch only whitelisted locks vote")]
    NotWhitelistedNft,
    /// In the last hour of an epoch nothing is deposited into managed locks.
    #[error("in the last hour of an epoch nothing is deposited into managed locks")]
    SpecialVotingWindow,
    /// More pools than allowed.
    #[error("a vote for more pools than allowed")]
    TooManyPools,
    /// No such gauge.
    #[error("there is no such gauge")]
    GaugeDoesNotExist,
    /// The gauge was killed: no vote is taken for it.
    #[error("the gauge was killed")]
    GaugeNotAlive,
    /// The gauge was killed: no deposit is taken.
    #[error("the gauge was killed and takes no deposits")]
    NotAlive,
    /// The gauge is kept outside the system, as Slipstream's are.
    #[error("the gauge is kept elsewhere")]
    GaugeElsewhere,
    /// A pool is named twice.
    #[error("a pool is voted for twice")]
    NonZeroVotes,
    /// The gauge is dead already.
    #[error("the gauge is dead already")]
    GaugeAlreadyKilled,
    /// The gauge is alive already.
    #[error("the gauge is alive already")]
    GaugeAlreadyRevived,
    /// Fewer than ten pools.
    #[error("the most pools of a vote cannot be below ten")]
    MaximumVotingNumberTooLow,
    /// The value is set already.
    #[error("the value is set already")]
    SameValue,
    /// A pool whose tokens are not whitelisted gets no gauge from just anybody.
    #[error("the pool's tokens are not whitelisted")]
    NotWhitelistedToken,
    /// A bribe in a token that is not whitelisted.
    #[error("the token is not whitelisted")]
    NotWhitelisted,
    /// The sender may not claim for that account.
    #[error("the sender may not do that")]
    NotAuthorized,
    /// The reward is less than a unit per second.
    #[error("the reward is less than a unit per second")]
    ZeroRewardRate,
    /// The gauge holds less than it would pay.
    #[error("the gauge holds less than it would pay")]
    RewardRateTooHigh,
    /// A team share above 5 %.
    #[error("the team's share is at most 500 ten-thousandths")]
    RateTooHigh,
    /// The tail emission has not begun.
    #[error("the tail emission has not begun")]
    TailEmissionsInactive,
    /// The rate was voted on in this period.
    #[error("the rate was changed in this period already")]
    AlreadyNudged,
    /// Rebases are not claimed before the week's emission.
    #[error("rebases are not claimed before the week's emission")]
    UpdatePeriod,
    /// The rebase of a lock that was withdrawn, merged or split is nobody's.
    #[error("a rebase cannot be paid to nobody")]
    TransferToZero,
}

impl AerodromeError {
    /// Returns what the contract reverts with, the name of a custom error or a reason; `None` for
    /// panics and for what no contract says.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::Overflow | Self::DivisionByZero => return None,
            Self::TimeOutOfRange | Self::GaugeElsewhere => return None,
            Self::SafeCastOverflow => "SafeCastOverflow",
            Self::NotApprovedOrOwner => "NotApprovedOrOwner",
            Self::ZeroAmount => "ZeroAmount",
            Self::LockDurationNotInFuture => "LockDurationNotInFuture",
            Self::LockDurationTooLong => "LockDurationTooLong",
            Self::NoLockFound => "NoLockFound",
            Self::LockExpired => "LockExpired",
            Self::LockNotExpired => "LockNotExpired",
            Self::PermanentLock => "PermanentLock",
            Self::NotPermanentLock => "NotPermanentLock",
            Self::AlreadyVoted => "AlreadyVoted",
            Self::SameNft => "SameNFT",
            Self::SplitNoOwner => "SplitNoOwner",
            Self::SplitNotAllowed => "SplitNotAllowed",
            Self::AmountTooBig => "AmountTooBig",
            Self::NotNormalNft => "NotNormalNFT",
            Self::NotManagedOrNormalNft => "NotManagedOrNormalNFT",
            Self::NotManagedNft => "NotManagedNFT",
            Self::InvalidManagedNftId => "InvalidManagedNFTId",
            Self::NotDistributor => "NotDistributor",
            Self::InactiveManagedNft => "InactiveManagedNFT",
            Self::SameState => "SameState",
            Self::ZeroBalance => "ZeroBalance",
            Self::AlreadyVotedOrDeposited => "AlreadyVotedOrDeposited",
            Self::DistributeWindow => "DistributeWindow",
            Self::NotWhitelistedNft => "NotWhitelistedNFT",
            Self::SpecialVotingWindow => "SpecialVotingWindow",
            Self::TooManyPools => "TooManyPools",
            Self::GaugeDoesNotExist => "GaugeDoesNotExist",
            Self::GaugeNotAlive => "GaugeNotAlive",
            Self::NotAlive => "NotAlive",
            Self::NonZeroVotes => "NonZeroVotes",
            Self::GaugeAlreadyKilled => "GaugeAlreadyKilled",
            Self::GaugeAlreadyRevived => "GaugeAlreadyRevived",
            Self::MaximumVotingNumberTooLow => "MaximumVotingNumberTooLow",
            Self::SameValue => "SameValue",
            Self::NotWhitelistedToken => "NotWhitelistedToken",
            Self::NotWhitelisted => "NotWhitelisted",
            Self::NotAuthorized => "NotAuthorized",
            Self::ZeroRewardRate => "ZeroRewardRate",
            Self::RewardRateTooHigh => "RewardRateTooHigh",
            Self::RateTooHigh => "RateTooHigh",
            Self::TailEmissionsInactive => "TailEmissionsInactive",
            Self::AlreadyNudged => "AlreadyNudged",
            Self::UpdatePeriod => "UpdatePeriod",
            Self::TransferToZero => "ERC20: transfer to the zero address",
        })
    }
    /// Returns what Slipstream's gauge reverts with for the same; `None` for what it has no word
    /// for.
    pub fn concentrated_reason(self) -> Option<&'static str> {
        let reasons = [
            (Self::ZeroAmount, "ZR"),
            (Self::NotAlive, "GK"),
            (Self::NotAuthorized, "NA"),
            (Self::ZeroRewardRate, "ZRR"),
            (Self::RewardRateTooHigh, "RRH"),
        ];
        reasons.into_iter().find(|(error, _)| *error == self).map(|(_, reason)| reason)
    }
}
