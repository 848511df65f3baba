use thiserror::Error;

use crate::curve_math::{MathError, RampError};
use crate::stable_swap::StableSwapError;

/// Why a metapool refuses an operation. The state is then as it was, that of the base pool too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StableSwapMetaError {
    /// A sum or product passes 2^256 - 1.
    #[error("a number passes what the contract can hold")]
    Overflow,
    /// A difference is below zero: more shares than there are, more of a coin than the pool has.
    #[error("a difference is below zero")]
    Underflow,
    /// A divisor is zero: a coin of which there is nothing, or no shares.
    #[error("division by zero")]
    DivisionByZero,
    /// Newton's method did not come to rest in 255 rounds.
    #[error("the invariant did not converge")]
    NotConverged,
    /// The base pool refuses.
    #[error("the base pool: {0}")]
    Base(#[from] StableSwapError),
    /// A coin is given for itself.
    #[error("a coin cannot be exchanged for itself")]
    SameCoin,
    /// The pool has no such coin.
    #[error("the pool has no such coin")]
    NoSuchCoin,
    /// The amounts are not one for each coin.
    #[error("an amount is needed of each of the pool's two coins")]
    WrongCoinCount,
    /// The output is below the caller's least (`exchange`, `exchange_underlying`).
    #[error("the exchange gives less than asked for")]
    ExchangeTooSmall,
    /// The first deposit leaves out a coin (`add_liquidity`).
    #[error("the first deposit needs both coins")]
    FirstDepositIncomplete,
    /// A deposit does not raise the invariant (`add_liquidity`).
    #[error("the deposit does not raise the invariant")]
    InvariantNotRaised,
    /// Fewer shares are minted, or more burned, than the caller allows (`add_liquidity`,
    /// `remove_liquidity_imbalance`).
    #[error("the shares pass the bound asked for")]
    Slippage,
    /// No shares are burned (`remove_liquidity_imbalance`).
    #[error("no shares are burned")]
    NothingBurned,
    /// A coin's output is below the caller's least (`remove_liquidity`, `_one_coin`).
    #[error("the withdrawal gives less of a coin than asked for")]
    WithdrawalTooSmall,
    /// Fewer shares are minted, or more burned, than the caller allows: before the factory.
    #[error("the shares pass the bound asked for")]
    SharesPassBound,
    /// An exchange, or a withdrawal in proportion, gives less than the caller's least: before the
    /// factory.
    #[error("less of a coin comes out than asked for")]
    TooFewCoins,
    /// A withdrawal in one coin gives less than the caller's least: before the factory.
    #[error("less of the coin comes out than asked for")]
    NotEnoughCoins,
    /// The pool is killed: only withdrawals in proportion work.
    #[error("the pool is killed: only withdrawals in proportion work")]
    Killed,
    /// The time in which the pool can be killed is over (`kill_me`).
    #[error("the pool can no longer be killed")]
    KillDeadlinePassed,
    /// A fee past one half, or an administrator's part of it past all (`commit_new_fee`).
    #[error("a fee is one half at most, and the administrator's part all of it")]
    FeeTooHigh,
    /// What the factory's pools do not do.
    #[error("only metapools before the factory do that")]
    OnlyBeforeFactory,
    /// The token's own revert: a balance would leave 0 to 2^256 - 1.
    #[error("the token cannot move that much")]
    TokenRefuses,
    /// The last ramp began less than a day ago (`ramp_A`).
    #[error("the last ramp began less than a day ago")]
    RampTooSoon,
    /// A ramp takes less than a day (`ramp_A`).
    #[error("a ramp takes a day or more")]
    RampTooShort,
    /// An amplification is not between 1 and 999,999 (`ramp_A`).
    #[error("an amplification is between 1 and 999999")]
    AmplificationOutOfRange,
    /// A ramp changes the amplification by more than ten times (`ramp_A`).
    #[error("a ramp changes the amplification by ten times at most")]
    RampTooSteep,
}

impl StableSwapMetaError {
    /// Returns the reason string that the contract reverts with. The factory's metapool gives none
    /// of its own, only the base pool's.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Base(error) => error.reason(),
            Self::SharesPassBound => Some("Slippage screwed you"),
            Self::TooFewCoins => Some("Too few coins in result"),
            Self::NotEnoughCoins => Some("Not enough coins removed"),
            Self::Overflow
            | Self::Underflow
            | Self::DivisionByZero
            | Self::NotConverged
            | Self::SameCoin
            | Self::NoSuchCoin
            | Self::WrongCoinCount
            | Self::ExchangeTooSmall
            | Self::FirstDepositIncomplete
            | Self::InvariantNotRaised
            | Self::Slippage
            | Self::NothingBurned
            | Self::WithdrawalTooSmall
            | Self::Killed
            | Self::KillDeadlinePassed
            | Self::FeeTooHigh
            | Self::OnlyBeforeFactory
            | Self::TokenRefuses
            | Self::RampTooSoon
            | Self::RampTooShort
            | Self::AmplificationOutOfRange
            | Self::RampTooSteep => None,
        }
    }
}

impl From<MathError> for StableSwapMetaError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow => Self::Overflow,
            MathError::Underflow => Self::Underflow,
            MathError::DivisionByZero => Self::DivisionByZero,
            MathError::NotConverged => Self::NotConverged,
        }
    }
}

impl From<RampError> for StableSwapMetaError {
    fn from(error: RampError) -> Self {
        match error {
            RampError::TooSoon => Self::RampTooSoon,
            RampError::TooShort => Self::RampTooShort,
            RampError::OutOfRange => Self::AmplificationOutOfRange,
            RampError::TooSteep => Self::RampTooSteep,
            RampError::Math(error) => error.into(),
        }
    }
}
