use thiserror::Error;

use crate::balancer_fixed_point::FixedPointError;

/// Why a composable stable pool, or the vault for it, refuses an operation. The state is then as it
/// was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ComposableStableError {
    /// A number leaves what the maths can hold.
    #[error(transparent)]
    Maths(#[from] FixedPointError),
    /// A token that the pool does not have, in a join or exit.
    #[error("the pool has no such token")]
    NoSuchToken,
    /// Not one amount for each of the pool's tokens.
    #[error("an amount is needed of each of the pool's tokens, and of no other")]
    WrongTokenCount,
    /// A swap fee above 10 %.
    #[error("a swap fee above 10 %")]
    SwapFeeTooHigh,
    /// A swap fee below 0.0001 %.
    #[error("a swap fee below 0.0001 %")]
    SwapFeeTooLow,
    /// A first join that is worth less than the shares it locks.
    #[error("the first join mints less than the shares it locks")]
    BelowMinimumShares,
    /// A join of another kind before the first.
    #[error("the pool has not been initialised")]
    Uninitialized,
    /// An exit would burn more shares than its caller allows.
    #[error("the exit would burn more shares than allowed")]
    AboveMaximumShares,
    /// A join would mint fewer shares than its caller wants.
    #[error("the join would mint fewer shares than wanted")]
    BelowWantedShares,
    /// An amplification below 1.
    #[error("an amplification below 1")]
    AmplificationTooLow,
    /// An amplification above 5000.
    #[error("an amplification above 5000")]
    AmplificationTooHigh,
    /// A rate cache of a token that the pool does not have.
    #[error("the pool keeps no rate of such a token")]
    InvalidToken,
    /// A first join into a pool that has had it.
    #[error("the pool has had its first join")]
    UnhandledJoin,
    /// A kind of join or exit that the build does not have: the call's data cannot be decoded.
    #[error("the build does not have this kind of join or exit")]
    UnknownKind,
    /// A ramp of less than a day.
    #[error("a ramp of the amplification takes a day or more")]
    RampTooShort,
    /// A ramp during another.
    #[error("the amplification is being ramped")]
    RampOngoing,
    /// A ramp to more than twice or less than half in a day.
    #[error("a ramp to more than twice or less than half in a day")]
    RampTooFast,
    /// There is no ramp to stop.
    #[error("the amplification is not being ramped")]
    NoRampOngoing,
    /// The search for the invariant did not end in 255 steps.
    #[error("the invariant did not converge")]
    InvariantDidNotConverge,
    /// The search for a balance did not end in 255 steps.
    #[error("a token's balance did not converge")]
    BalanceDidNotConverge,
    /// A rate provider answers 2^96 or more.
    #[error("a rate of 2^96 or more")]
    RateOverflow,
    /// A token without rate provider.
    #[error("the token has no rate provider")]
    NoRateProvider,
    /// A swap pays in more shares than anybody can hold.
    #[error("more shares are paid in than can be held")]
    SharesNotHeld,
    /// An exit burns more shares than anybody can hold.
    #[error("more shares are burned than can be held")]
    InsufficientShares,
    /// An invariant of 2^233 or a time of 2^32 or more, which the contract cannot store.
    #[error("a number passes what the contract can store")]
    StorageOverflow,
    /// A recovery exit outside recovery mode.
    #[error("the pool is not in recovery mode")]
    NotInRecoveryMode,
    /// A swap of nothing.
    #[error("a swap of nothing")]
    ZeroAmount,
    /// The vault would hold 2^112 or more of a token or of shares.
    #[error("the vault would hold 2^112 or more")]
    BalanceOverflow,
    /// The protocol's part is above its bound.
    #[error("the protocol's part is above its bound")]
    ProtocolFeeTooHigh,
}

impl ComposableStableError {
    pub(super) const ADD_OVERFLOW: Self = Self::Maths(FixedPointError::AddOverflow);
    pub(super) const SUB_OVERFLOW: Self = Self::Maths(FixedPointError::SubOverflow);

    /// Returns the contract's reason; `None` where it gives none.
    pub fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::Maths(error) => error.reason(),
            Self::NoSuchToken => "BAL#100",
            Self::WrongTokenCount => "BAL#103",
            Self::SwapFeeTooHigh => "BAL#202",
            Self::SwapFeeTooLow => "BAL#203",
            Self::BelowMinimumShares => "BAL#204",
            Self::Uninitialized => "BAL#206",
            Self::AboveMaximumShares => "BAL#207",
            Self::BelowWantedShares => "BAL#208",
            Self::AmplificationTooLow => "BAL#300",
            Self::AmplificationTooHigh => "BAL#301",
            Self::InvalidToken => "BAL#309",
            Self::UnhandledJoin => "BAL#310",
            Self::UnknownKind => return None,
            Self::RampTooShort => "BAL#317",
            Self::RampOngoing => "BAL#318",
            Self::RampTooFast => "BAL#319",
            Self::NoRampOngoing => "BAL#320",
            Self::InvariantDidNotConverge => "BAL#321",
            Self::BalanceDidNotConverge => "BAL#322",
            Self::RateOverflow => "BAL#329",
            Self::NoRateProvider => "BAL#341",
            Self::SharesNotHeld => "BAL#416",
            Self::InsufficientShares => "BAL#434",
            Self::StorageOverflow => "BAL#436",
            Self::NotInRecoveryMode => "BAL#438",
            Self::ZeroAmount => "BAL#510",
            Self::BalanceOverflow => "BAL#526",
            Self::ProtocolFeeTooHigh => "BAL#600",
        })
    }
}
