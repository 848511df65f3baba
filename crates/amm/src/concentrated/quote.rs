//! The pool as any other: a trade between two tokens, its fee, and the price at the margin.

use tidemill_units::{Amount, Side, Timestamp, TokenIndex, TokenPair, U256, mul_limbs, narrow};

use super::sqrt_price_math::{PriceSpan, Rounding, amount0_delta, amount1_delta};
use super::{Pool, StagedSwap, SwapAmount, SwapRequest, SwapStep};
use crate::{PoolError, PriceRatio, Quote, SwapFee, Trade};

impl Pool {
    /// Returns what a swap to no limit but the end of all ticks would pay and give. An exact input
    /// that the liquidity cannot take whole is paid in part, as in the contract.
    ///
    /// Errors: those of [`Pool::swap`], [`PoolError::NoSuchPair`], and
    /// [`PoolError::OutputOutOfReach`] for an exact output that the liquidity does not hold.
    pub fn quote(&self, trade: &Trade) -> Result<Quote, PoolError> {
        self.stage_trade(trade).map(|(_, quote)| quote)
    }

    /// Makes the swap that [`Pool::quote`] tells of.
    ///
    /// Errors: as there.
    pub fn trade(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let (staged, quote) = self.stage_trade(trade)?;
        self.commit_swap(&staged, at);
        Ok(quote)
    }

    fn stage_trade(&self, trade: &Trade) -> Result<(StagedSwap, Quote), PoolError> {
        let (input, output) = sides(trade.pair)?;
        let request = SwapRequest { input, amount: trade.amount, price_limit: None };
        let mut steps = Vec::new();
        let staged = self.stage_swap(request, &mut steps)?;
        let amounts = staged.result().amounts;
        let amount_in = amounts.get(input).magnitude();
        let amount_out = amounts.get(output).magnitude();
        if matches!(trade.amount, SwapAmount::ExactOut(asked) if asked != amount_out) {
            return Err(PoolError::OutputOutOfReach);
        }
        let mut fee = amount_in;
        for step in &steps {
            // What moves the price is part of what was paid, so there is always enough.
            fee = fee.checked_sub(moved(step)?).unwrap_or_default();
        }
        let fee = SwapFee { token: trade.pair.input, amount: fee };
        Ok((staged, Quote { amount_in, amount_out, fee }))
    }

    /// Returns the price at the margin, without the fee. Where its square passes 256 bits, the
    /// last 64 of 320 are cut off.
    ///
    /// Errors: [`PoolError::NoSuchPair`], and the `LOK` of a pool without a price.
    pub fn spot_price(&self, pair: TokenPair) -> Result<PriceRatio, PoolError> {
        let (input, _) = sides(pair)?;
        self.require_initialized()?;
        let [a, b, c, _] = self.sqrt_price.to_x96().into_limbs();
        let square: [u64; 6] = mul_limbs(&[a, b, c], &[a, b, c]);
        let [_, high @ ..] = square;
        let cut = || (narrow(&high).unwrap_or(U256::MAX), U256::from_limbs([0, 0, 1, 0]));
        let whole = narrow(&square).map(|square| (square, U256::from_limbs([0, 0, 0, 1])));
        let (token1, token0) = whole.unwrap_or_else(cut);
        Ok(match input {
            Side::Token0 => PriceRatio { output: token1, input: token0 },
            Side::Token1 => PriceRatio { output: token0, input: token1 },
        })
    }
}

/// What of the input moved the price in a step: all but the fee, rounded up as the step did it.
fn moved(step: &SwapStep) -> Result<Amount, PoolError> {
    let [before, after] = step.sqrt_price;
    let span = PriceSpan::between(before, after);
    Ok(match step.input {
        Side::Token0 => amount0_delta(span, step.liquidity, Rounding::Up)?,
        Side::Token1 => amount1_delta(span, step.liquidity, Rounding::Up),
    })
}

fn sides(pair: TokenPair) -> Result<(Side, Side), PoolError> {
    match pair {
        TokenPair { input: TokenIndex(0), output: TokenIndex(1) } => {
            Ok((Side::Token0, Side::Token1))
        }
        TokenPair { input: TokenIndex(1), output: TokenIndex(0) } => {
            Ok((Side::Token1, Side::Token0))
        }
        TokenPair { .. } => Err(PoolError::NoSuchPair),
    }
}
