use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::num::{self, ONE};
use super::{BPool, BPoolError, SwapExactIn, SwapExactOut};
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

impl SharePool for BPool {
    /// Returns the balances, without what was given since the last `gulp`.
    fn balances(&self) -> TokenAmounts {
        let mut balances = TokenAmounts::from_array([Amount::ZERO]);
        let all = TokenAmounts::zero(self.tokens.len());
        if let Some(mut all) = all {
            for (place, token) in all.as_mut_slice().iter_mut().zip(&self.tokens) {
                *place = token.balance;
            }
            balances = all;
        }
        balances
    }

    fn total_shares(&self) -> Amount {
        self.total_supply
    }

    /// Quotes what the contract's swap without limits would do. The fee is what is left of the
    /// input where the contract, rounding half up, takes it off.
    fn quote(&self, trade: &Trade, _at: Timestamp) -> Result<Quote, PoolError> {
        let swap = match exact(self, trade)? {
            Exact::In(swap) => self.prepare_exact_in(&swap)?.swap,
            Exact::Out(swap) => self.prepare_exact_out(&swap)?.swap,
        };
        let kept = num::mul(swap.amount_in.0, num::sub(ONE, self.swap_fee)?)?;
        let fee = Amount(num::sub(swap.amount_in.0, kept)?);
        Ok(Quote {
            amount_in: swap.amount_in,
            amount_out: swap.amount_out,
            fee: SwapFee { token: trade.pair.input, amount: fee },
        })
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at)?;
        match exact(self, trade)? {
            Exact::In(swap) => self.swap_exact_amount_in(&swap)?,
            Exact::Out(swap) => self.swap_exact_amount_out(&swap)?,
        };
        Ok(quote)
    }

    /// Joins with one token by `joinswapExternAmountIn`, where only one is given, and with all by
    /// `joinPool` for the most shares that cost no more.
    ///
    /// Errors: `NotProportional` where they cost less of a token than is given:
    /// [`largest_join`](Self::largest_join) says what would be taken.
    fn deposit(&mut self, amounts: &TokenAmounts, _at: Timestamp) -> Result<Amount, PoolError> {
        if amounts.len() != self.tokens.len() {
            return Err(PoolError::WrongTokenCount);
        }
        let mut given = amounts.iter().filter(|(_, amount)| !amount.is_zero());
        if let (Some((token, amount)), None) = (given.next(), given.next()) {
            return Ok(self.join_swap_extern_amount_in(token, amount, Amount::ZERO)?);
        }
        if !self.is_finalized {
            return Err(BPoolError::NotFinalized.into());
        }
        match self.largest_join(amounts) {
            Some(join) if join.amounts == *amounts => {
                self.join_pool(join.shares, amounts.as_slice())?;
                Ok(join.shares)
            }
            Some(_) | None => Err(BPoolError::NotProportional.into()),
        }
    }

    fn withdraw(&mut self, shares: Amount, _at: Timestamp) -> Result<TokenAmounts, PoolError> {
        Ok(self.exit_pool(shares, &[Amount::ZERO; TokenAmounts::MOST])?)
    }

    /// Returns balance over weight of the output, over the same of the input.
    ///
    /// Errors: `DivZero` where a balance is zero.
    fn spot_price(&self, pair: TokenPair, _at: Timestamp) -> Result<PriceRatio, PoolError> {
        let (input, output) = distinct(self, pair)?;
        let (input, output) = (self.side(input)?, self.side(output)?);
        let overflow = BPoolError::MulOverflow;
        let numerator = output.balance.checked_mul(input.weight).ok_or(overflow)?;
        let denominator = input.balance.checked_mul(output.weight).ok_or(overflow)?;
        if numerator.is_zero() || denominator.is_zero() {
            return Err(BPoolError::DivZero.into());
        }
        Ok(PriceRatio { output: numerator, input: denominator })
    }

    /// Returns the product of the balances, each to the power of its part of the weights, per
    /// share, times 10^18, to about 25 digits. The contract has no such figure.
    ///
    /// Errors: `DivZero` without tokens or shares, `MulOverflow` where it passes 2^256 - 1.
    fn virtual_price(&self, _at: Timestamp) -> Result<Amount, PoolError> {
        if self.tokens.is_empty() || self.total_supply.is_zero() {
            return Err(BPoolError::DivZero.into());
        }
        Ok(self.invariant_per_share(ONE).map(Amount).ok_or(BPoolError::MulOverflow)?)
    }
}

enum Exact {
    In(SwapExactIn),
    Out(SwapExactOut),
}

fn exact(pool: &BPool, trade: &Trade) -> Result<Exact, PoolError> {
    distinct(pool, trade.pair)?;
    let (pair, max_price) = (trade.pair, U256::MAX);
    Ok(match trade.amount {
        SwapAmount::ExactIn(amount_in) => {
            Exact::In(SwapExactIn { pair, amount_in, min_amount_out: Amount::ZERO, max_price })
        }
        SwapAmount::ExactOut(amount_out) => {
            Exact::Out(SwapExactOut { pair, max_amount_in: Amount::MAX, amount_out, max_price })
        }
    })
}

fn distinct(pool: &BPool, pair: TokenPair) -> Result<(TokenIndex, TokenIndex), PoolError> {
    let count = pool.tokens.len();
    let is_there = |token: TokenIndex| token.place() < count;
    if pair.input != pair.output && is_there(pair.input) && is_there(pair.output) {
        Ok((pair.input, pair.output))
    } else {
        Err(PoolError::NoSuchPair)
    }
}
