use tidemill_units::{
    Amount, Amounts, Side, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256, mul_div, sqrt,
};

use super::curve::{ONE, product, quotient, scaled};
use super::{SolidlyError, SolidlyPool};
use crate::constant_product::{Holder, PairSwap, Recipient};
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

/// Bits that each reserve keeps in a stable pool's price, whose terms are cubes.
const PRICE_BITS: usize = 62;

/// Deposits and withdrawals are those of [`Holder::Others`], as one holder.
impl SharePool for SolidlyPool {
    /// Returns the reserves, without what was given since and without fees set apart.
    fn balances(&self) -> TokenAmounts {
        let Amounts { amount0, amount1 } = self.reserves.amounts;
        TokenAmounts::from_array([amount0, amount1])
    }

    fn total_shares(&self) -> Amount {
        self.total_supply
    }

    /// Quotes by `getAmountOut`, with the fee rounded down. An exact output, for which the contract
    /// has no quote, costs the least input that a search by halves finds to give it: the answer
    /// gives at least that output, and one wei less gives less.
    fn quote(&self, trade: &Trade, _at: Timestamp) -> Result<Quote, PoolError> {
        let (input, _) = sides(trade.pair)?;
        let (amount_in, amount_out) = match trade.amount {
            SwapAmount::ExactIn(given) => (given, self.amount_out(given, input)?),
            SwapAmount::ExactOut(wanted) => (self.least_input(wanted, input)?, wanted),
        };
        let fee = Amount(self.fee_of(amount_in.0)?);
        let fee = SwapFee { token: trade.pair.input, amount: fee };
        Ok(Quote { amount_in, amount_out, fee })
    }

    /// Pays the quoted input and takes the quoted output, as a router does.
    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at)?;
        let (input, output) = sides(trade.pair)?;
        let out = Amounts::of(output, quote.amount_out);
        let paid = Amounts::of(input, quote.amount_in);
        SolidlyPool::swap(self, PairSwap { out, to: Recipient::Outside, paid }, at)?;
        Ok(quote)
    }

    /// Gives the pool all of the amounts and mints for them, the lesser of the two proportions:
    /// what one token has too much becomes everybody's.
    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        let &[amount0, amount1] = amounts.as_slice() else {
            return Err(PoolError::WrongTokenCount);
        };
        let before = self.holdings;
        self.give(Amounts { amount0, amount1 })?;
        let minted = self.mint(Holder::Others, at);
        if minted.is_err() {
            self.holdings = before;
        }
        Ok(minted?)
    }

    /// Sends shares to the pool and burns them, with any that were there before.
    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        let mut after = self.clone();
        after.transfer(Holder::Others, Holder::Pair, shares)?;
        let paid = after.burn(Recipient::Outside, at)?;
        *self = after;
        Ok(TokenAmounts::from_array([paid.amount0, paid.amount1]))
    }

    /// Returns the ratio of the reserves, or the slope of the stable curve with reserves cut to 62
    /// bits.
    ///
    /// Errors: `DivisionByZero` where a reserve is empty, or nothing beside the other.
    fn spot_price(&self, pair: TokenPair, _at: Timestamp) -> Result<PriceRatio, PoolError> {
        let (input, output) = sides(pair)?;
        let reserve = |side: Side| self.reserves.amounts.get(side).0;
        let (output, input) = if self.curve.is_stable {
            self.stable_price(input, output)?
        } else {
            (reserve(output), reserve(input))
        };
        if output.is_zero() || input.is_zero() {
            return Err(SolidlyError::DivisionByZero.into());
        }
        Ok(PriceRatio { output, input })
    }

    /// Returns the root of the product of the reserves, or for a stable pool the fourth root of
    /// half the invariant, which is the reserve of each token in balance; per share, times 10^18,
    /// rounded down. Fees are set apart, so only gifts and rounding raise it.
    ///
    /// Errors: `DivisionByZero` where there are no shares, `Overflow` for absurd reserves.
    fn virtual_price(&self, _at: Timestamp) -> Result<Amount, PoolError> {
        let Amounts { amount0, amount1 } = self.reserves.amounts;
        let k = self.curve.k(amount0.0, amount1.0)?;
        let root = if self.curve.is_stable {
            let square = sqrt(product(k.wrapping_shr(1), ONE)?);
            sqrt(product(square, ONE)?)
        } else {
            sqrt(k)
        };
        Ok(quotient(product(root, ONE)?, self.total_supply.0).map(Amount)?)
    }
}

impl SolidlyPool {
    fn unit(&self, side: Side) -> U256 {
        match side {
            Side::Token0 => self.curve.unit0,
            Side::Token1 => self.curve.unit1,
        }
    }

    /// `y (3 x^2 + y^2)` of the output over `x (x^2 + 3 y^2)` of the input, in raw units.
    fn stable_price(&self, input: Side, output: Side) -> Result<(U256, U256), SolidlyError> {
        let whole = |side: Side| scaled(self.reserves.amounts.get(side).0, self.unit(side));
        let (x, y) = (whole(input)?, whole(output)?);
        let excess = x.max(y).bit_len().saturating_sub(PRICE_BITS);
        let (x, y) = (x.wrapping_shr(excess), y.wrapping_shr(excess));
        let three = U256::from(3_u8);
        // Cubes of 62 bits and a factor of four: 188 bits.
        let cubic = |a: U256, b: U256| {
            let squares = three.wrapping_mul(b).wrapping_mul(b).wrapping_add(a.wrapping_mul(a));
            a.wrapping_mul(squares)
        };
        let (unit_in, unit_out) = (self.unit(input), self.unit(output));
        let common = unit_in.min(unit_out);
        Ok((
            product(cubic(y, x), quotient(unit_out, common)?)?,
            product(cubic(x, y), quotient(unit_in, common)?)?,
        ))
    }

    pub(super) fn least_input(&self, wanted: Amount, input: Side) -> Result<Amount, PoolError> {
        if wanted >= self.reserves.amounts.get(input.other()) {
            return Err(SolidlyError::InsufficientLiquidity.into());
        }
        // What it would be at the peg.
        let guess = mul_div(wanted.0, self.unit(input), self.unit(input.other()));
        let quote = |amount| self.amount_out(amount, input).ok();
        let found = least_input(wanted, guess.map_or(Amount::MAX, Amount), quote);
        found.ok_or(PoolError::OutputOutOfReach)
    }
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
