use thiserror::Error;

use super::WeightedBuild;
use crate::balancer_fixed_point::FixedPointError;

/// Why a weighted pool, or the vault for it, refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WeightedError {
    /// A number leaves what the maths can hold.
    #[error(transparent)]
    Maths(#[from] FixedPointError),
    /// A token that the pool does not have.
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
    /// A swap of more than 30 % of the input's balance.
    #[error("a swap pays in more than 30 % of the balance")]
    AboveMaximumInRatio,
    /// A swap for more than 30 % of the output's balance.
    #[error("a swap takes out more than 30 % of the balance")]
    AboveMaximumOutRatio,
    /// An exit into one token that takes more than 30 % of the invariant.
    #[error("an exit into one token takes more than 30 % of the invariant")]
    BelowMinimumInvariantRatio,
    /// A join with one token that more than triples the invariant.
    #[error("a join with one token more than triples the invariant")]
    AboveMaximumInvariantRatio,
    /// A first join into a pool that has had it.
    #[error("the pool knows no such join, or none any more")]
    UnhandledJoin,
    /// A kind of join that the build does not have: the call's data cannot be decoded.
    #[error("the build does not have this kind of join")]
    UnknownJoin,
    /// A balance so small that the invariant is zero.
    #[error("the invariant is zero")]
    ZeroInvariant,
    /// An invariant of 192 bits or more, which the build of 2022 cannot store.
    #[error("the invariant passes what the contract can store")]
    InvariantOverflow,
    /// More shares than anybody can hold.
    #[error("more shares than can be held")]
    InsufficientShares(WeightedBuild),
    /// A swap of nothing.
    #[error("a swap of nothing")]
    ZeroAmount,
    /// The protocol's part is above its bound.
    #[error("the protocol's part is above its bound")]
    ProtocolFeeTooHigh,
    /// A call that the contract of the other build has.
    #[error("the build does not have this call")]
    WrongBuild,
    /// A rate of a token without provider, or none of a token with one.
    #[error("rates are of the tokens with a rate provider, and of no other")]
    NoRateProvider,
    /// The vault would hold 2^112 or more of a token.
    #[error("the vault would hold 2^112 or more of a token")]
    BalanceOverflow,
}

impl WeightedError {
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
            Self::AboveMaximumInRatio => "BAL#304",
            Self::AboveMaximumOutRatio => "BAL#305",
            Self::BelowMinimumInvariantRatio => "BAL#306",
            Self::AboveMaximumInvariantRatio => "BAL#307",
            Self::UnhandledJoin => "BAL#310",
            Self::UnknownJoin | Self::WrongBuild | Self::NoRateProvider => return None,
            Self::ProtocolFeeTooHigh => "BAL#600",
            Self::ZeroInvariant => "BAL#311",
            Self::InsufficientShares(WeightedBuild::April2021) => "BAL#406",
            Self::InsufficientShares(WeightedBuild::September2022) => "BAL#434",
            Self::InvariantOverflow => "BAL#436",
            Self::ZeroAmount => "BAL#510",
            Self::BalanceOverflow => "BAL#526",
        })
    }
}
