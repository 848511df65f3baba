use thiserror::Error;

use crate::curve_math::{MathError, RampError};

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StableSwapNgError {
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
    /// An invariant that an oracle should keep passes 2^128 - 1 (`pack_2`).
    #[error("an oracle's value passes 128 bits")]
    OracleOverflow,
    /// A coin is given for itself (`exchange`, `get_y`).
    #[error("a coin cannot be exchanged for itself")]
    SameCoin,
    /// The pool has no such coin.
    #[error("the pool has no such coin")]
    NoSuchCoin,
    /// The amounts are not one for each coin.
    #[error("an amount is needed of each of the pool's coins, and of no other")]
    WrongCoinCount,
    /// Nothing is paid in (`exchange`).
    #[error("nothing is paid in")]
    NoInput,
    /// Less lies in the pool than the caller says it sent (`exchange_received`).
    #[error("less was received than the exchange is to pay with")]
    ReceivedTooLittle,
    /// An exchange of tokens sent before, in a pool of rebasing tokens (`exchange_received`).
    #[error("a pool of rebasing tokens does not exchange what was received")]
    ReceivedRebasing,
    /// The output is below the caller's least (`exchange`).
    #[error("the exchange gives less than asked for")]
    ExchangeTooSmall,
    /// The first deposit leaves out a coin (`add_liquidity`).
    #[error("the first deposit needs all coins")]
    FirstDepositIncomplete,
    /// A deposit does not raise the invariant (`add_liquidity`).
    #[error("the deposit does not raise the invariant")]
    InvariantNotRaised,
    /// Fewer shares are minted, or more burned, than the caller allows (`add_liquidity`,
    /// `remove_liquidity_imbalance`).
    #[error("the shares pass the bound asked for")]
    Slippage,
    /// No shares are burned (`remove_liquidity`, `_one_coin`, `_imbalance`).
    #[error("no shares are burned")]
    NothingBurned,
    /// A coin's output is below the caller's least (`remove_liquidity_one_coin`).
    #[error("the withdrawal gives less of the coin than asked for")]
    OneCoinTooSmall,
    /// A coin's output is below the caller's least (`remove_liquidity`).
    #[error("the withdrawal gives less of a coin than asked for")]
    WithdrawalTooSmall,
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
    /// A fee passes half (`set_new_fee`, `set_new_admin_fee`).
    #[error("a fee is one half at most")]
    FeeTooHigh,
    /// The fee times the multiplier passes half (`set_new_fee`).
    #[error("the fee far from the peg is one half at most")]
    MultiplierTooHigh,
    /// The product of the two windows is zero modulo 2^256 (`set_ma_exp_time`).
    #[error("an averaging window is above zero")]
    NoWindow,
    /// A rate of zero, which the model does not take.
    #[error("a rate is above zero")]
    NoRate,
    /// Only coins of asset type 2 rebase.
    #[error("the coin does not rebase")]
    NotRebasing,
}

impl StableSwapNgError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none, as
    /// for all arithmetic.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::ExchangeTooSmall => Some("Exchange resulted in fewer coins than expected"),
            Self::Slippage => Some("Slippage screwed you"),
            Self::OneCoinTooSmall => Some("Not enough coins removed"),
            Self::WithdrawalTooSmall => Some("Withdrawal resulted in fewer coins than expected"),
            Self::Overflow
            | Self::Underflow
            | Self::DivisionByZero
            | Self::NotConverged
            | Self::OracleOverflow
            | Self::SameCoin
            | Self::NoSuchCoin
            | Self::WrongCoinCount
            | Self::NoInput
            | Self::ReceivedTooLittle
            | Self::ReceivedRebasing
            | Self::FirstDepositIncomplete
            | Self::InvariantNotRaised
            | Self::NothingBurned
            | Self::TokenRefuses
            | Self::RampTooSoon
            | Self::RampTooShort
            | Self::AmplificationOutOfRange
            | Self::RampTooSteep
            | Self::FeeTooHigh
            | Self::MultiplierTooHigh
            | Self::NoWindow
            | Self::NoRate
            | Self::NotRebasing => None,
        }
    }
}

impl From<MathError> for StableSwapNgError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow => Self::Overflow,
            MathError::Underflow => Self::Underflow,
            MathError::DivisionByZero => Self::DivisionByZero,
            MathError::NotConverged => Self::NotConverged,
        }
    }
}

impl From<RampError> for StableSwapNgError {
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
