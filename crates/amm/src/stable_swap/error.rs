use thiserror::Error;

use crate::curve_math::{MathError, RampError};

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StableSwapError {
    /// A sum or product passes 2^256 - 1, or a time 2^64 - 1.
    #[error("a number passes what the contract can hold")]
    Overflow,
    /// A difference falls below zero.
    #[error("a number falls below zero")]
    Underflow,
    /// Something is divided by zero, as by the shares or the invariant of an empty pool.
    #[error("the contract divides by zero: the pool is empty, or lacks a coin")]
    DivisionByZero,
    /// A loop of the third generation still moves after 255 rounds.
    #[error("the invariant's loop does not converge")]
    NotConverged,
    /// The pool has no such coin, or an exchange names one coin twice.
    #[error("a coin is not of the pool, or named twice")]
    NoSuchCoin,
    /// The amounts are not one for each coin.
    #[error("an amount is needed of each of the pool's coins, and of no other")]
    WrongCoinCount,
    /// The pool is killed: only proportional withdrawals work.
    #[error("the pool is killed")]
    Killed,
    /// The first deposit lacks a coin.
    #[error("the first deposit must have some of every coin")]
    FirstDepositIncomplete,
    /// A deposit does not raise the invariant.
    #[error("the deposit does not raise the invariant")]
    InvariantDidNotGrow,
    /// A deposit mints less than asked for, or a withdrawal burns more.
    #[error("the deposit mints fewer shares, or the withdrawal burns more, than the limit")]
    Slippage,
    /// An exchange gives less than asked for.
    #[error("the exchange gives less than the limit")]
    ExchangeBelowMinimum,
    /// A proportional withdrawal gives less of a coin than asked for.
    #[error("the withdrawal gives less of a coin than the limit")]
    WithdrawalBelowMinimum,
    /// A one-coin withdrawal gives less than asked for.
    #[error("the withdrawal in one coin gives less than the limit")]
    OneCoinBelowMinimum,
    /// What the contract beside a pool of the first generation reckons for a one-coin withdrawal
    /// costs more shares than were offered. That contract passes no reason on.
    #[error("the withdrawal in one coin costs more shares than offered")]
    OneCoinTooDear,
    /// A withdrawal would burn nothing.
    #[error("the withdrawal burns no shares")]
    NothingBurned,
    /// There are no shares at all, or fewer than would be burned.
    #[error("there are not that many shares")]
    NotEnoughShares,
    /// The pool would hold more of a token than 2^256 - 1.
    #[error("a token balance passes 2^256 - 1")]
    TokenOverflow,
    /// The pool's generation has no such call.
    #[error("pools of this generation have no such call")]
    NotInGeneration,
    /// New parameters wait already, or none wait.
    #[error("new parameters wait already, or none wait")]
    WrongActionState,
    /// The delay of three days, or of a day between ramps, is not over.
    #[error("it is too early for that")]
    TooEarly,
    /// A fee, an administrator's part or an amplification outside the contract's bounds.
    #[error("a parameter is outside the contract's bounds")]
    ParameterOutOfBounds,
    /// A ramp is to last less than a day, or to change the amplification more than tenfold.
    #[error("the ramp is too steep")]
    RampTooSteep,
    /// The two months in which a pool can be killed are over.
    #[error("the time in which the pool can be killed is over")]
    KillDeadlinePassed,
}

impl StableSwapError {
    /// Returns the contract's reason; `None` where it reverts without one, as all of Vyper's own
    /// checks do.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::Slippage => "Slippage screwed you",
            Self::ExchangeBelowMinimum => "Exchange resulted in fewer coins than expected",
            Self::WithdrawalBelowMinimum => "Withdrawal resulted in fewer coins than expected",
            Self::OneCoinBelowMinimum => "Not enough coins removed",
            Self::Overflow
            | Self::Underflow
            | Self::DivisionByZero
            | Self::NotConverged
            | Self::NoSuchCoin
            | Self::WrongCoinCount
            | Self::Killed
            | Self::FirstDepositIncomplete
            | Self::InvariantDidNotGrow
            | Self::OneCoinTooDear
            | Self::NothingBurned
            | Self::NotEnoughShares
            | Self::TokenOverflow
            | Self::NotInGeneration
            | Self::WrongActionState
            | Self::TooEarly
            | Self::ParameterOutOfBounds
            | Self::RampTooSteep
            | Self::KillDeadlinePassed => return None,
        })
    }
}

impl From<MathError> for StableSwapError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow => Self::Overflow,
            MathError::Underflow => Self::Underflow,
            MathError::DivisionByZero => Self::DivisionByZero,
            MathError::NotConverged => Self::NotConverged,
        }
    }
}

impl From<RampError> for StableSwapError {
    fn from(error: RampError) -> Self {
        match error {
            RampError::TooSoon => Self::TooEarly,
            RampError::TooShort | RampError::TooSteep => Self::RampTooSteep,
            RampError::OutOfRange => Self::ParameterOutOfBounds,
            RampError::Math(error) => error.into(),
        }
    }
}
