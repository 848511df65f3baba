use thiserror::Error;

use super::SolidlyBuild;

/// Why a pool refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SolidlyError {
    /// A number would not fit its type in the contract, or a difference is below zero
    /// (`Panic(0x11)`): among other things where time runs backwards.
    #[error("a number passes what the contract can hold")]
    Overflow,
    /// A division by zero (`Panic(0x12)`): of an empty pool, for one.
    #[error("division by zero")]
    DivisionByZero,
    /// The holder has fewer shares than that; the first build panics as for `Overflow`.
    #[error("the holder has fewer shares than that")]
    InsufficientBalance,
    /// The deposit is worth less than one share.
    #[error("the deposit mints no shares")]
    InsufficientLiquidityMinted,
    /// The shares are worth nothing of at least one token.
    #[error("the shares are worth nothing of one token")]
    InsufficientLiquidityBurned,
    /// The first deposit of a stable pool is not of equal value.
    #[error("the first deposit of a stable pool is equal amounts of both tokens")]
    DepositsNotEqual,
    /// The first deposit of a stable pool is too small.
    #[error("the first deposit of a stable pool is too small")]
    BelowMinimumK,
    /// Neither token was asked for.
    #[error("the swap asks for nothing")]
    InsufficientOutputAmount,
    /// A whole reserve, or more, was asked for.
    #[error("the swap asks for a whole reserve or more")]
    InsufficientLiquidity,
    /// The output would go to one of the two token contracts.
    #[error("the output of a swap cannot go to a token's own contract")]
    InvalidTo,
    /// Nothing was paid in.
    #[error("nothing was paid for the swap")]
    InsufficientInputAmount,
    /// The invariant would fall, after the fee.
    #[error("the payment does not keep the invariant")]
    K,
    /// The stable curve's iteration does not end.
    #[error("the curve has no answer")]
    NoConvergence,
    /// A payment takes a holding past 2^256 - 1. No token whose supply is a `uint256` lets it come
    /// so far; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
}

impl SolidlyError {
    /// Returns what the contract of a build reverts with, the name of a custom error or a reason;
    /// `None` for panics and for the token's own revert.
    pub const fn reason(self, build: SolidlyBuild) -> Option<&'static str> {
        let (first, second) = match self {
            Self::Overflow | Self::DivisionByZero | Self::TokenOverflow => return None,
            Self::InsufficientBalance => match build {
                SolidlyBuild::Solidly => return None,
                SolidlyBuild::Velodrome2 => ("", "ERC20: transfer amount exceeds balance"),
            },
            Self::InsufficientLiquidityMinted => ("ILM", "InsufficientLiquidityMinted"),
            Self::InsufficientLiquidityBurned => ("ILB", "InsufficientLiquidityBurned"),
            Self::DepositsNotEqual => ("", "DepositsNotEqual"),
            Self::BelowMinimumK => ("", "BelowMinimumK"),
            Self::InsufficientOutputAmount => ("IOA", "InsufficientOutputAmount"),
            Self::InsufficientLiquidity => ("IL", "InsufficientLiquidity"),
            Self::InvalidTo => ("IT", "InvalidTo"),
            Self::InsufficientInputAmount => ("IIA", "InsufficientInputAmount"),
            Self::K => ("K", "K"),
            Self::NoConvergence => ("", "!y"),
        };
        Some(match build {
            SolidlyBuild::Solidly => first,
            SolidlyBuild::Velodrome2 => second,
        })
    }
}
