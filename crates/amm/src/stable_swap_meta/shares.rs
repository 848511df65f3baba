use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256, mul_div};

use super::{COINS, MetaExchange, POINT, StableSwapMeta, StableSwapMetaError as Error, of};
use crate::curve_math::{A_PRECISION, TWO, part, product, sum};
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

/// The pool's two own coins: the meta coin and the base pool's shares. A quote of exact output is
/// the least input that gives at least that output, but for the wavering of a few units that the
/// loops' rounding brings; what comes out may be more than asked for.
impl SharePool for StableSwapMeta {
    fn balances(&self) -> TokenAmounts {
        self.balances()
    }

    fn total_shares(&self) -> Amount {
        Amount(self.total_supply)
    }

    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        check_pair(trade.pair)?;
        let market = self.market(at)?;
        let settle = |amount: Amount| self.settle(&market, trade.pair, amount.0);
        let amount_in = match trade.amount {
            SwapAmount::ExactIn(amount) => amount,
            SwapAmount::ExactOut(wanted) => {
                let input = of(&market.rates, trade.pair.input)?;
                let output = of(&market.rates, trade.pair.output)?;
                let guess = mul_div(wanted.0, output, input).map_or(Amount::MAX, Amount);
                let quote = |amount| settle(amount).ok().map(|settled| Amount(settled.paid));
                least_input(wanted, guess, quote).ok_or(PoolError::OutputOutOfReach)?
            }
        };
        let settled = settle(amount_in)?;
        let fee = SwapFee { token: trade.pair.output, amount: Amount(settled.fee) };
        Ok(Quote { amount_in, amount_out: Amount(settled.paid), fee })
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at)?;
        let Quote { amount_in, amount_out: minimum_out, .. } = quote;
        self.exchange(MetaExchange { pair: trade.pair, amount_in, minimum_out }, at)?;
        Ok(quote)
    }

    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        if amounts.len() != COINS {
            return Err(PoolError::WrongTokenCount);
        }
        Ok(self.add_liquidity(amounts, Amount::ZERO, at)?)
    }

    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        let none = TokenAmounts::zero(COINS).ok_or(PoolError::WrongTokenCount)?;
        Ok(self.remove_liquidity(shares, &none, at)?)
    }

    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        check_pair(pair)?;
        let (output, input) = self.slopes(pair, at)?;
        if input.is_zero() {
            return Err(Error::DivisionByZero.into());
        }
        Ok(PriceRatio { output, input })
    }

    fn virtual_price(&self, at: Timestamp) -> Result<Amount, PoolError> {
        Ok(self.get_virtual_price(at)?)
    }
}

fn check_pair(pair: TokenPair) -> Result<(), PoolError> {
    let is_here = pair.input.place().max(pair.output.place()) < COINS;
    if pair.input != pair.output && is_here { Ok(()) } else { Err(PoolError::NoSuchPair) }
}

impl StableSwapMeta {
    /// How much the invariant grows by a raw unit of the input and of the output, but for a common
    /// factor: `Ann + D^3 / (4 x0 x1) / x`, in fixed point, times the rate.
    fn slopes(&self, pair: TokenPair, at: Timestamp) -> Result<(U256, U256), Error> {
        let market = self.market(at)?;
        let d = market.invariant()?;
        let mut curved = d;
        for x in market.scaled {
            curved = wide_part(curved, d, product(x, TWO)?)?;
        }
        let flat = part(product(U256::from(market.amplification), TWO)?, POINT, A_PRECISION)?;
        let slope = |coin| -> Result<U256, Error> {
            let steep = wide_part(curved, POINT, of(&market.scaled, coin)?)?;
            Ok(product(sum(flat, steep)?, of(&market.rates, coin)?)?)
        };
        Ok((slope(pair.input)?, slope(pair.output)?))
    }
}

/// `a * b / divisor` by way of 512 bits: no contract does this.
fn wide_part(a: U256, b: U256, divisor: U256) -> Result<U256, Error> {
    if divisor.is_zero() {
        return Err(Error::DivisionByZero);
    }
    mul_div(a, b, divisor).ok_or(Error::Overflow)
}
