use thiserror::Error;
use tidemill_units::{Amount, U256};

use super::PairFee;

/// The reserves of a pair as a trade in one direction sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeReserves {
    /// Of the token paid in.
    pub input: Amount,
    /// Of the token taken out.
    pub output: Amount,
}

/// Why there is no quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuoteError {
    /// The input is zero.
    #[error("nothing is paid in")]
    InsufficientInputAmount,
    /// The output is zero.
    #[error("nothing is asked for")]
    InsufficientOutputAmount,
    /// A reserve is zero, or the output is the whole reserve or more.
    #[error("the reserves are too small")]
    InsufficientLiquidity,
    /// An intermediate product or sum passes 2^256 - 1.
    #[error("the amounts are too large to quote")]
    Overflow,
}

/// Returns the most a swap of `amount_in` gives at Uniswap's fee, 0.3 %, rounded down, in the
/// pool's favour.
///
/// Errors and source: as [`PairFee::amount_out`].
pub fn amount_out(amount_in: Amount, reserves: TradeReserves) -> Result<Amount, QuoteError> {
    PairFee::UNISWAP.amount_out(amount_in, reserves)
}

/// Returns an input that buys `amount_out` at Uniswap's fee, 0.3 %.
///
/// Errors, rounding and source: as [`PairFee::amount_in`].
pub fn amount_in(amount_out: Amount, reserves: TradeReserves) -> Result<Amount, QuoteError> {
    PairFee::UNISWAP.amount_in(amount_out, reserves)
}

impl PairFee {
    /// Returns the most a swap of `amount_in` gives, rounded down, in the pool's favour.
    ///
    /// Errors: `InsufficientInputAmount`, `InsufficientLiquidity`, `Overflow`.
    /// Source: v2-periphery 1.1.0 `UniswapV2Library.getAmountOut`.
    pub fn amount_out(
        self,
        amount_in: Amount,
        reserves: TradeReserves,
    ) -> Result<Amount, QuoteError> {
        if amount_in.is_zero() {
            return Err(QuoteError::InsufficientInputAmount);
        }
        if reserves.input.is_zero() || reserves.output.is_zero() {
            return Err(QuoteError::InsufficientLiquidity);
        }
        let quote = || {
            let kept = amount_in.0.checked_mul(self.kept())?;
            let numerator = kept.checked_mul(reserves.output.0)?;
            let denominator = reserves.input.0.checked_mul(self.scale())?.checked_add(kept)?;
            numerator.checked_div(denominator)
        };
        quote().map(Amount).ok_or(QuoteError::Overflow)
    }

    /// Returns an input that buys `amount_out`: the quotient rounded down plus one, in the pool's
    /// favour, and so one more than needed where the division is exact.
    ///
    /// Errors: `InsufficientOutputAmount`, `InsufficientLiquidity`, `Overflow`.
    /// Source: v2-periphery 1.1.0 `UniswapV2Library.getAmountIn`, which for the whole reserve or
    /// more stops at the invalid opcode or at `ds-math-sub-underflow`: here
    /// `InsufficientLiquidity`.
    pub fn amount_in(
        self,
        amount_out: Amount,
        reserves: TradeReserves,
    ) -> Result<Amount, QuoteError> {
        if amount_out.is_zero() {
            return Err(QuoteError::InsufficientOutputAmount);
        }
        if reserves.input.is_zero() || reserves.output <= amount_out {
            return Err(QuoteError::InsufficientLiquidity);
        }
        let quote = || {
            let numerator =
                reserves.input.0.checked_mul(amount_out.0)?.checked_mul(self.scale())?;
            let left = reserves.output.checked_sub(amount_out)?;
            let denominator = left.0.checked_mul(self.kept())?;
            numerator.checked_div(denominator)?.checked_add(U256::ONE)
        };
        quote().map(Amount).ok_or(QuoteError::Overflow)
    }
}
