use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256, mul_div};

use super::exchange::{Exchange, Market};
use super::{StableSwap, StableSwapError};
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

/// The contracts quote inputs only. A quote of exact output is the least input that gives at least
/// that output, but for the wavering of a few units that the loops' rounding brings; what comes out
/// may be more than asked for.
impl SharePool for StableSwap {
    fn balances(&self) -> TokenAmounts {
        self.balances
    }

    fn total_shares(&self) -> Amount {
        Amount(self.total_supply)
    }

    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.check_pair(trade.pair)?;
        let market = self.market(at)?;
        let amount_in = match trade.amount {
            SwapAmount::ExactIn(amount) => amount,
            SwapAmount::ExactOut(amount) => self.input_for(&market, trade.pair, amount)?,
        };
        let settled = self.settle(&market, trade.pair, amount_in)?;
        let fee = SwapFee { token: trade.pair.output, amount: Amount(settled.fee) };
        Ok(Quote { amount_in, amount_out: Amount(settled.paid), fee })
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at)?;
        let exchange = Exchange {
            pair: trade.pair,
            amount_in: quote.amount_in,
            minimum_out: quote.amount_out,
        };
        self.exchange(exchange, at)?;
        Ok(quote)
    }

    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        if amounts.len() != self.count() {
            return Err(PoolError::WrongTokenCount);
        }
        Ok(self.add_liquidity(amounts, Amount::ZERO, at)?)
    }

    fn withdraw(&mut self, shares: Amount, _: Timestamp) -> Result<TokenAmounts, PoolError> {
        let none = TokenAmounts::zero(self.count()).ok_or(PoolError::WrongTokenCount)?;
        Ok(self.remove_liquidity(shares, &none)?)
    }

    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        self.check_pair(pair)?;
        let market = self.market(at)?;
        let input = self.steepness(&market, pair.input.place())?;
        let output = self.steepness(&market, pair.output.place())?;
        Ok(PriceRatio { output: input, input: output })
    }

    fn virtual_price(&self, at: Timestamp) -> Result<Amount, PoolError> {
        Ok(self.virtual_price(at)?)
    }
}

/// Bits behind the point of a steepness.
const STEEPNESS: U256 = U256::from_limbs([0, 1, 0, 0]);

impl StableSwap {
    fn check_pair(&self, pair: TokenPair) -> Result<(), PoolError> {
        let is_here = |place: usize| place < self.count();
        if pair.input != pair.output && is_here(pair.input.place()) && is_here(pair.output.place())
        {
            Ok(())
        } else {
            Err(PoolError::NoSuchPair)
        }
    }

    fn input_for(
        &self,
        market: &Market,
        pair: TokenPair,
        amount_out: Amount,
    ) -> Result<Amount, PoolError> {
        // At the peg a scaled unit buys a scaled unit.
        let input = U256::from(self.precision(pair.input.place())?);
        let output = U256::from(self.precision(pair.output.place())?);
        let guess = Amount(mul_div(amount_out.0, output, input).unwrap_or(U256::MAX));
        let quote = |amount_in: Amount| {
            self.settle(market, pair, amount_in).ok().map(|settled| Amount(settled.paid))
        };
        self.check_alive()?;
        least_input(amount_out, guess, quote).ok_or(PoolError::OutputOutOfReach)
    }

    /// How much the invariant's left side grows by a raw unit of a coin, but for a common factor:
    /// `Ann + D^(n+1) / (n^n prod(x)) / x`, in fixed point.
    fn steepness(&self, market: &Market, coin: usize) -> Result<U256, StableSwapError> {
        let wide = |a: U256, b: U256, divisor: U256| {
            if divisor.is_zero() {
                return Err(StableSwapError::DivisionByZero);
            }
            mul_div(a, b, divisor).ok_or(StableSwapError::Overflow)
        };
        let coins = U256::from(self.count());
        let mut product = market.invariant;
        for balance in market.scaled.as_slice() {
            let by = balance.checked_mul(coins).ok_or(StableSwapError::Overflow)?;
            product = wide(product, market.invariant, by)?;
        }
        let precision = U256::from(self.generation.amplification_precision());
        let ann = U256::from(market.amplification).checked_mul(coins);
        let steepness = || {
            let flat = ann?.checked_mul(STEEPNESS)?;
            let curved = mul_div(product, precision.checked_mul(STEEPNESS)?, own(market, coin)?)?;
            let own_unit = U256::from(self.precision(coin).ok()?);
            flat.checked_add(curved)?.checked_mul(own_unit)
        };
        steepness().ok_or(StableSwapError::Overflow)
    }
}

fn own(market: &Market, coin: usize) -> Option<U256> {
    market.scaled.get(coin).ok()
}
