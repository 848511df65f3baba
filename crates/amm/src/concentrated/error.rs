use super::Build;

/// Why an operation on a pool was refused; each is a revert of v3-core 1.0.1, quoted where the
/// contract gives a reason ([`PoolError::reason`] has the other builds'). The pool is as it was
/// before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum PoolError {
    /// `AI`: the pool has a price already.
    #[error("the pool is initialized already (AI)")]
    AlreadyInitialized,
    /// `LOK`: the pool has no price yet.
    #[error("the pool is not initialized (LOK)")]
    NotInitialized,
    /// `R`: a price outside `SqrtPrice::MIN..SqrtPrice::MAX`.
    #[error("the square root price is out of range (R)")]
    PriceOutOfRange,
    /// `TLU`: the lower tick is not below the upper.
    #[error("the lower tick is not below the upper (TLU)")]
    TicksMisordered,
    /// `TLM`: the lower tick is below the lowest.
    #[error("the lower tick is below {} (TLM)", tidemill_units::Tick::MIN)]
    LowerTickTooLow,
    /// `TUM`: the upper tick is above the highest.
    #[error("the upper tick is above {} (TUM)", tidemill_units::Tick::MAX)]
    UpperTickTooHigh,
    /// A tick that is not a multiple of the pool's spacing (no reason given).
    #[error("a tick is not a multiple of the tick spacing")]
    TickOffSpacing,
    /// Mint of zero liquidity, or an amount past 2^127 - 1 (no reason given).
    #[error("the liquidity is zero or above 2^127 - 1")]
    LiquidityOutOfRange,
    /// `LO`: more liquidity on a tick than the pool allows.
    #[error("too much liquidity on one tick (LO)")]
    TickLiquidityOverflow,
    /// `LA`: liquidity past 2^128 - 1.
    #[error("liquidity overflows (LA)")]
    LiquidityOverflow,
    /// `LS`: less liquidity than is to be removed.
    #[error("less liquidity than is to be removed (LS)")]
    LiquidityUnderflow,
    /// `NP`: the position has no liquidity.
    #[error("the position has no liquidity (NP)")]
    NoPosition,
    /// `AS`: a swap of nothing.
    #[error("the amount specified is zero (AS)")]
    ZeroSwap,
    /// `SPL`: a price limit on the wrong side of the price, or out of range.
    #[error("the price limit is on the wrong side or out of range (SPL)")]
    BadPriceLimit,
    /// Arithmetic that the contract refuses without a reason: a price that leaves its type, fee
    /// growth that passes 256 bits, an amount past `int256`.
    #[error("a value leaves its range")]
    OutOfRange,
    /// `L`: a flash loan from a pool without liquidity in range.
    #[error("no liquidity in range (L)")]
    NoLiquidityInRange,
    /// `F0`: the token0 paid back does not cover the fee.
    #[error("the fee on the token0 lent is not covered (F0)")]
    FlashUnderpaid0,
    /// `F1`: the token1 paid back does not cover the fee.
    #[error("the fee on the token1 lent is not covered (F1)")]
    FlashUnderpaid1,
    /// A protocol fee other than 0 or 4 to 10 (no reason given).
    #[error("the protocol fee is neither 0 nor 4 to 10")]
    BadFeeProtocol,
    /// `I`: the oracle has no observation.
    #[error("the oracle has no observation (I)")]
    NoObservation,
    /// `OLD`: asked for an instant before the oldest observation.
    #[error("older than the oldest observation (OLD)")]
    ObservationTooOld,
    /// A cumulative inside a range one of whose ticks is not initialized (no reason given).
    #[error("a tick of the range is not initialized")]
    TickNotInitialized,
    /// v4, `PriceLimitOutOfBounds`: a price limit at or past the end of all prices.
    #[error("the price limit is at or past the end of all prices")]
    PriceLimitOutOfBounds,
    /// v4, `InvalidFeeForExactOut`: an exact output where the fee is all of the input.
    #[error("no input buys an exact output where the fee is all of it")]
    FullFeeExactOut,
    /// v4, a panic: the net liquidity of a tick past 128 bits with a sign.
    #[error("the net liquidity of a tick overflows")]
    NetLiquidityOverflow,
    /// v4, a panic: more protocol fees asked for than there are.
    #[error("more protocol fees than there are")]
    ProtocolFeesExceeded,
    /// A fee that Slipstream's fee module cannot give.
    #[error("the fee is above what the build allows")]
    BadFee,
    /// The contract has no such function, or not with this meaning.
    #[error("this build of the pool has no such operation")]
    NotInBuild,
}

impl PoolError {
    /// Returns the reason with which a build's contract reverts: `require`'s text in v3 and its
    /// forks, the error's name in v4. `None` where it gives none, panics, or has no such error.
    pub fn reason(self, build: Build) -> Option<&'static str> {
        match build {
            Build::UniswapV4 => self.custom_error(),
            Build::UniswapV3 | Build::PancakeV3 | Build::Slipstream => self.text(),
        }
    }

    fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::AlreadyInitialized => "AI",
            Self::NotInitialized => "LOK",
            Self::PriceOutOfRange => "R",
            Self::TicksMisordered => "TLU",
            Self::LowerTickTooLow => "TLM",
            Self::UpperTickTooHigh => "TUM",
            Self::TickLiquidityOverflow => "LO",
            Self::LiquidityOverflow => "LA",
            Self::LiquidityUnderflow => "LS",
            Self::NoPosition => "NP",
            Self::ZeroSwap => "AS",
            Self::BadPriceLimit => "SPL",
            Self::NoLiquidityInRange => "L",
            Self::FlashUnderpaid0 => "F0",
            Self::FlashUnderpaid1 => "F1",
            Self::NoObservation => "I",
            Self::ObservationTooOld => "OLD",
            Self::TickOffSpacing
            | Self::LiquidityOutOfRange
            | Self::OutOfRange
            | Self::BadFeeProtocol
            | Self::TickNotInitialized
            | Self::PriceLimitOutOfBounds
            | Self::FullFeeExactOut
            | Self::NetLiquidityOverflow
            | Self::ProtocolFeesExceeded
            | Self::BadFee
            | Self::NotInBuild => return None,
        })
    }

    fn custom_error(self) -> Option<&'static str> {
        Some(match self {
            Self::AlreadyInitialized => "PoolAlreadyInitialized",
            Self::NotInitialized => "PoolNotInitialized",
            Self::PriceOutOfRange => "InvalidSqrtPrice",
            Self::TicksMisordered => "TicksMisordered",
            Self::LowerTickTooLow => "TickLowerOutOfBounds",
            Self::UpperTickTooHigh => "TickUpperOutOfBounds",
            Self::TickOffSpacing => "TickMisaligned",
            Self::TickLiquidityOverflow => "TickLiquidityOverflow",
            Self::LiquidityOverflow | Self::LiquidityUnderflow | Self::OutOfRange => {
                "SafeCastOverflow"
            }
            Self::NoPosition => "CannotUpdateEmptyPosition",
            Self::ZeroSwap => "SwapAmountCannotBeZero",
            Self::BadPriceLimit => "PriceLimitAlreadyExceeded",
            Self::PriceLimitOutOfBounds => "PriceLimitOutOfBounds",
            Self::FullFeeExactOut => "InvalidFeeForExactOut",
            Self::NoLiquidityInRange => "NoLiquidityToReceiveFees",
            Self::BadFeeProtocol => "ProtocolFeeTooLarge",
            Self::LiquidityOutOfRange
            | Self::FlashUnderpaid0
            | Self::FlashUnderpaid1
            | Self::NoObservation
            | Self::ObservationTooOld
            | Self::TickNotInitialized
            | Self::NetLiquidityOverflow
            | Self::ProtocolFeesExceeded
            | Self::BadFee
            | Self::NotInBuild => return None,
        })
    }
}
