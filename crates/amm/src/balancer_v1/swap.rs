use tidemill_units::{Amount, TokenPair, U256};

use super::{BPool, BPoolError, BPoolToken, math, num};

/// Half of the input's balance (`MAX_IN_RATIO`).
pub(super) const LARGEST_IN: U256 = U256::from_limbs([500_000_000_000_000_000, 0, 0, 0]);
/// A third of the output's balance, and a wei (`MAX_OUT_RATIO`).
pub(super) const LARGEST_OUT: U256 = U256::from_limbs([333_333_333_333_333_334, 0, 0, 0]);

/// A call to `swapExactAmountIn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapExactIn {
    /// Which tokens; one twice is a swap too, in this contract.
    pub pair: TokenPair,
    /// Paid in.
    pub amount_in: Amount,
    /// The least to take out.
    pub min_amount_out: Amount,
    /// The highest price before and after, input per output with 18 decimals, fee included.
    pub max_price: U256,
}

/// A call to `swapExactAmountOut`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapExactOut {
    /// Which tokens; one twice is a swap too, in this contract.
    pub pair: TokenPair,
    /// The most to pay in.
    pub max_amount_in: Amount,
    /// Taken out.
    pub amount_out: Amount,
    /// The highest price before and after, input per output with 18 decimals, fee included.
    pub max_price: U256,
}

/// What a swap did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BPoolSwap {
    /// Paid in.
    pub amount_in: Amount,
    /// Taken out.
    pub amount_out: Amount,
    /// The price afterwards, input per output with 18 decimals, fee included.
    pub price_after: U256,
}

/// A swap that was checked and not made yet.
pub(super) struct Prepared {
    pub(super) swap: BPoolSwap,
    input: BPoolToken,
    output: BPoolToken,
}

impl BPool {
    /// Swaps an exact input.
    ///
    /// Errors, in the contract's order: `NotBound`, `SwapNotPublic`, `MaxInRatio`,
    /// `BadLimitPrice`, `LimitOut`, `MathApprox`, `LimitPrice`; `DivZero` where the output rounds
    /// to nothing, `TokenOverflow`, and the arithmetic's own for absurd balances.
    /// Source: `BPool.swapExactAmountIn`.
    pub fn swap_exact_amount_in(&mut self, swap: &SwapExactIn) -> Result<BPoolSwap, BPoolError> {
        let prepared = self.prepare_exact_in(swap)?;
        self.keep(swap.pair, &prepared)
    }

    /// Swaps for an exact output.
    ///
    /// Errors: as [`swap_exact_amount_in`](Self::swap_exact_amount_in), with `MaxOutRatio` and
    /// `LimitIn` for `MaxInRatio` and `LimitOut`. Source: `BPool.swapExactAmountOut`.
    pub fn swap_exact_amount_out(&mut self, swap: &SwapExactOut) -> Result<BPoolSwap, BPoolError> {
        let prepared = self.prepare_exact_out(swap)?;
        self.keep(swap.pair, &prepared)
    }

    pub(super) fn prepare_exact_in(&self, swap: &SwapExactIn) -> Result<Prepared, BPoolError> {
        let (input, output) = self.open(swap.pair)?;
        let amount_in = swap.amount_in;
        if amount_in.0 > num::mul(input.balance.0, LARGEST_IN)? {
            return Err(BPoolError::MaxInRatio);
        }
        let price_before = self.price_below(swap.pair, swap.max_price)?;
        let amount_out =
            math::out_given_in(input.side(), output.side(), amount_in.0, self.swap_fee)?;
        if amount_out < swap.min_amount_out.0 {
            return Err(BPoolError::LimitOut);
        }
        self.settle(swap.pair, [amount_in.0, amount_out], [price_before, swap.max_price])
    }

    pub(super) fn prepare_exact_out(&self, swap: &SwapExactOut) -> Result<Prepared, BPoolError> {
        let (input, output) = self.open(swap.pair)?;
        let amount_out = swap.amount_out;
        if amount_out.0 > num::mul(output.balance.0, LARGEST_OUT)? {
            return Err(BPoolError::MaxOutRatio);
        }
        let price_before = self.price_below(swap.pair, swap.max_price)?;
        let amount_in =
            math::in_given_out(input.side(), output.side(), amount_out.0, self.swap_fee)?;
        if amount_in > swap.max_amount_in.0 {
            return Err(BPoolError::LimitIn);
        }
        self.settle(swap.pair, [amount_in, amount_out.0], [price_before, swap.max_price])
    }

    fn open(&self, pair: TokenPair) -> Result<(BPoolToken, BPoolToken), BPoolError> {
        let (input, output) = (*self.token(pair.input)?, *self.token(pair.output)?);
        if self.is_public_swap { Ok((input, output)) } else { Err(BPoolError::SwapNotPublic) }
    }

    fn price_below(&self, pair: TokenPair, max_price: U256) -> Result<U256, BPoolError> {
        let price = self.price_with_fee(pair)?;
        if price > max_price { Err(BPoolError::BadLimitPrice) } else { Ok(price) }
    }

    /// What both directions check at the end; `amounts` are in and out, `prices` before and at
    /// most.
    fn settle(
        &self,
        pair: TokenPair,
        [amount_in, amount_out]: [U256; 2],
        [price_before, max_price]: [U256; 2],
    ) -> Result<Prepared, BPoolError> {
        let mut input = *self.token(pair.input)?;
        let mut output = *self.token(pair.output)?;
        input.balance = Amount(num::add(input.balance.0, amount_in)?);
        // One token twice is one record, which pays out of what was just paid in.
        if pair.input == pair.output {
            output = input;
        }
        output.balance = Amount(num::sub(output.balance.0, amount_out)?);
        if pair.input == pair.output {
            input = output;
        }
        let price_after = math::spot_price(input.side(), output.side(), self.swap_fee)?;
        if price_after < price_before {
            return Err(BPoolError::MathApprox);
        }
        if price_after > max_price {
            return Err(BPoolError::LimitPrice);
        }
        if price_before > num::div(amount_in, amount_out)? {
            return Err(BPoolError::MathApprox);
        }
        let held = input.held.checked_add(Amount(amount_in)).ok_or(BPoolError::TokenOverflow)?;
        input.held = held;
        if pair.input == pair.output {
            output.held = held;
        }
        output.held = Amount(num::sub(output.held.0, amount_out)?);
        let swap =
            BPoolSwap { amount_in: Amount(amount_in), amount_out: Amount(amount_out), price_after };
        Ok(Prepared { swap, input, output })
    }

    /// The output last: where one token is both, it has both changes.
    fn keep(&mut self, pair: TokenPair, prepared: &Prepared) -> Result<BPoolSwap, BPoolError> {
        *self.token_mut(pair.input)? = prepared.input;
        *self.token_mut(pair.output)? = prepared.output;
        Ok(prepared.swap)
    }
}
