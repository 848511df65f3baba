use thiserror::Error;

use super::{CryptoGeneration, TwocryptoNgBuild};

/// Why a pool of this kind refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CryptoSwapError {
    /// A number would not fit its type in the contract, would be negative, or is divided by zero.
    #[error("a number passes what the contract can hold")]
    Overflow,
    /// The pool has no such coin, or the two coins of a trade are one.
    #[error("a trade needs two different coins of the pool")]
    NoSuchCoin,
    /// Nothing is paid in.
    #[error("nothing is paid in")]
    NothingPaidIn,
    /// Less was given to the pool than should be swapped.
    #[error("that much was not given to the pool before")]
    NotGiven,
    /// A deposit of nothing.
    #[error("nothing is added")]
    NothingAdded,
    /// A deposit so small, or into an emptied pool, that it would mint no share.
    #[error("the deposit mints no share")]
    NothingMinted,
    /// More shares than there are.
    #[error("there are not that many shares")]
    TooManyShares,
    /// The amplification is outside what the pool's maths accept.
    #[error("the amplification is outside what the maths accept")]
    UnsafeA,
    /// Gamma is outside what the pool's maths accept.
    #[error("gamma is outside what the maths accept")]
    UnsafeGamma,
    /// The invariant is below 0.1 or above 10^15 coins.
    #[error("the invariant D is outside what the maths accept")]
    UnsafeInvariant,
    /// The largest balance is outside what the pool's maths accept.
    #[error("the largest balance is outside what the maths accept")]
    UnsafeBalance,
    /// The balances are too unequal.
    #[error("the balances are too unequal for the maths")]
    UnsafeRatio,
    /// A balance would come out at less than a hundredth or more than a hundredfold of D.
    #[error("the balance that would result is outside what the maths accept")]
    UnsafeResult,
    /// The invariant is outside what prices can be computed for.
    #[error("the invariant D is outside what prices can be computed for")]
    UnpricedInvariant,
    /// At the price scale that the pool would move to, its balances are too unequal.
    #[error("the balances would be too unequal at the next price scale")]
    UnsafePriceScale,
    /// There is nothing in the pool.
    #[error("the pool is empty")]
    EmptyPool,
    /// Newton's method runs in circles.
    #[error("the maths do not converge")]
    DidNotConverge,
    /// The operation would leave each share with less.
    #[error("the operation would leave each share with less")]
    Loss,
    /// A price would not fit its 128 bits.
    #[error("a price passes what the contract can hold")]
    PriceTooLarge,
    /// The last ramp began less than a day ago.
    #[error("the last ramp began less than a day ago")]
    RampTooSoon,
    /// The last ramp has not ended.
    #[error("the last ramp is still under way")]
    RampUnderway,
    /// A ramp takes at least a day.
    #[error("a ramp takes at least a day")]
    RampTooShort,
    /// The ramp's end is outside the contract's bounds, or more than tenfold away.
    #[error("the ramp's end is out of bounds or more than tenfold away")]
    RampOutOfBounds,
    /// Parameters that the contract would not commit.
    #[error("the parameters are outside the contract's bounds")]
    ParametersOutOfBounds,
    /// An answer that this generation's contracts have no call for.
    #[error("this generation has no such call")]
    NoSuchCall,
}

impl CryptoSwapError {
    /// Returns the string that the generation's contract reverts with, where it has one.
    pub fn reason(self, generation: CryptoGeneration) -> Option<&'static str> {
        match self {
            Self::Loss => {
                let newest = CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0);
                return (generation != newest).then_some("Loss");
            }
            Self::DidNotConverge => return Some("Did not converge"),
            Self::Overflow
            | Self::NoSuchCoin
            | Self::NothingPaidIn
            | Self::NotGiven
            | Self::NothingAdded
            | Self::NothingMinted
            | Self::TooManyShares
            | Self::UnsafeA
            | Self::UnsafeGamma
            | Self::UnsafeInvariant
            | Self::UnsafeBalance
            | Self::UnsafeRatio
            | Self::UnsafeResult
            | Self::UnpricedInvariant
            | Self::UnsafePriceScale
            | Self::EmptyPool
            | Self::PriceTooLarge
            | Self::RampTooSoon
            | Self::RampUnderway
            | Self::RampTooShort
            | Self::RampOutOfBounds
            | Self::ParametersOutOfBounds
            | Self::NoSuchCall => {}
        }
        match generation {
            CryptoGeneration::TwoCrypto(_)
            | CryptoGeneration::Tricrypto2
            | CryptoGeneration::TwocryptoNg(_) => None,
            CryptoGeneration::TricryptoNg => self.ng_reason(),
        }
    }

    /// Of tricrypto-ng's checks only two more say why; the others are bare.
    fn ng_reason(self) -> Option<&'static str> {
        match self {
            Self::UnsafeRatio => Some("Unsafe values x[i]"),
            Self::UnsafeResult => Some("Unsafe value for y"),
            Self::UnsafeA
            | Self::UnsafeGamma
            | Self::UnsafeInvariant
            | Self::UnsafeBalance
            | Self::EmptyPool
            | Self::UnpricedInvariant
            | Self::Overflow
            | Self::NoSuchCoin
            | Self::NothingPaidIn
            | Self::NotGiven
            | Self::NothingAdded
            | Self::NothingMinted
            | Self::TooManyShares
            | Self::DidNotConverge
            | Self::Loss
            | Self::UnsafePriceScale
            | Self::PriceTooLarge
            | Self::RampTooSoon
            | Self::RampUnderway
            | Self::RampTooShort
            | Self::RampOutOfBounds
            | Self::ParametersOutOfBounds
            | Self::NoSuchCall => None,
        }
    }
}
