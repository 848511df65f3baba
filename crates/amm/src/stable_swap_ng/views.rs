//! What the views contract answers, and the pool as one whose providers hold shares of the whole.
//!
//! The views read the amplification in whole units, so inside a ramp they may differ from what the
//! pool then does.

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::holdings::of;
use super::invariant::{get_d, get_y, half, scaled};
use super::liquidity::Move;
use super::{Exchange, Instant, StableSwapNg, StableSwapNgError as Error, Withdrawal};
use crate::curve_math::{
    FEE_DENOMINATOR, HUNDREDTHS, PRECISION, difference, over_fees, over_precision, part, product,
    sum,
};
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

/// Whether amounts are paid in or taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Paid in.
    Deposit,
    /// Taken out.
    Withdrawal,
}

impl StableSwapNg {
    /// Returns what an exchange gives by the views contract, rounded down.
    ///
    /// Errors: `SameCoin`, `NoSuchCoin`; those of arithmetic.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `get_dy`.
    pub fn get_dy(&self, pair: TokenPair, dx: Amount, at: Timestamp) -> Result<Amount, Error> {
        let Instant { amplification, scaled: xp, d, .. } = self.viewed(at)?;
        let (x_before, y_before) = (of(&xp, pair.input)?, of(&xp, pair.output)?);
        let x = sum(x_before, over_precision(dx.0, of(&self.rates, pair.input)?)?)?;
        let y = get_y(pair, x, &xp, amplification, d)?;
        let gross = difference(difference(y_before, y)?, U256::ONE)?;
        let (x_mean, y_mean) = (half(sum(x_before, x)?), half(sum(y_before, y)?));
        let fee = over_fees(self.fee().between(x_mean, y_mean)?, gross)?;
        Ok(Amount(part(difference(gross, fee)?, PRECISION, of(&self.rates, pair.output)?)?))
    }

    /// Returns about what an exchange must pay in for an output, by the views contract: it takes
    /// the fee of the balances as they are, and rounds down.
    ///
    /// Errors: `SameCoin`, `NoSuchCoin`; those of arithmetic, such as `Underflow` for more than
    /// there is.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `get_dx`.
    pub fn get_dx(&self, pair: TokenPair, dy: Amount, at: Timestamp) -> Result<Amount, Error> {
        let Instant { amplification, scaled: xp, d, .. } = self.viewed(at)?;
        let (x_before, y_before) = (of(&xp, pair.input)?, of(&xp, pair.output)?);
        let net = sum(over_precision(dy.0, of(&self.rates, pair.output)?)?, U256::ONE)?;
        let fee = self.fee().between(x_before, y_before)?;
        let gross = part(net, FEE_DENOMINATOR, difference(FEE_DENOMINATOR, fee)?)?;
        let y = difference(y_before, gross)?;
        let back = TokenPair { input: pair.output, output: pair.input };
        let x = get_y(back, y, &xp, amplification, d)?;
        let paid = difference(x, x_before)?;
        Ok(Amount(part(paid, PRECISION, of(&self.rates, pair.input)?)?))
    }

    /// Returns the fee between two coins as they stand, in parts of 10^10.
    ///
    /// Errors: `NoSuchCoin`; those of arithmetic.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `dynamic_fee`.
    pub fn dynamic_fee(&self, pair: TokenPair) -> Result<U256, Error> {
        let xp = scaled(&self.rates, &self.balances()?)?;
        Ok(self.fee().between(of(&xp, pair.input)?, of(&xp, pair.output)?)?)
    }

    /// Returns the shares that go with amounts, fees taken off, rounded down.
    ///
    /// Errors: `WrongCoinCount`; those of arithmetic.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `calc_token_amount`.
    pub fn calc_token_amount(
        &self,
        amounts: &TokenAmounts,
        direction: Direction,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.check_count(amounts)?;
        let start = self.viewed(at)?;
        let after = match direction {
            Direction::Deposit => start.balances.checked_add(amounts).ok_or(Error::Overflow)?,
            Direction::Withdrawal => start.balances.checked_sub(amounts).ok_or(Error::Underflow)?,
        };
        let d_after = get_d(&scaled(&self.rates, &after)?, start.amplification)?;
        if self.total_supply.is_zero() {
            return Ok(Amount(d_after));
        }
        let moved = Move { before: start.balances, after, d_before: start.d, d_after };
        let fees = moved.fees(&self.rates, &self.fee())?;
        let left = after.checked_sub(&fees).ok_or(Error::Underflow)?;
        let d = get_d(&scaled(&self.rates, &left)?, start.amplification)?;
        let change = match direction {
            Direction::Deposit => difference(d, start.d)?,
            Direction::Withdrawal => difference(start.d, d)?,
        };
        Ok(Amount(part(change, self.total_supply, start.d)?))
    }

    /// Returns what shares give in one coin, rounded down, by the views contract.
    ///
    /// Errors: `NoSuchCoin`; those of arithmetic.
    /// Source: `CurveStableSwapNGViews` 1.2.0 `calc_withdraw_one_coin`.
    pub fn view_withdraw_one_coin(
        &self,
        shares: Amount,
        coin: TokenIndex,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let amplification = self.whole_amplification(at)?;
        Ok(Amount(self.worked_one_coin(shares.0, coin, amplification)?.amount))
    }

    /// The amplification as the views read it: whole, in hundredths again.
    fn whole_amplification(&self, at: Timestamp) -> Result<u64, Error> {
        let amplification = self.ramp.at(at.0)?;
        Ok(amplification.saturating_sub(amplification.checked_rem(HUNDREDTHS).unwrap_or_default()))
    }

    fn viewed(&self, at: Timestamp) -> Result<Instant, Error> {
        self.instant(self.whole_amplification(at)?)
    }

    fn check_pair(&self, pair: TokenPair) -> Result<(), PoolError> {
        let count = self.rates.len();
        if pair.input == pair.output || pair.input.place().max(pair.output.place()) >= count {
            return Err(PoolError::NoSuchPair);
        }
        Ok(())
    }

    fn quoted_in(&self, pair: TokenPair, amount: Amount, at: Timestamp) -> Result<Quote, Error> {
        let exchanged = self.worked_out(pair, amount, at)?;
        let fee = SwapFee { token: pair.output, amount: exchanged.fee };
        Ok(Quote { amount_in: amount, amount_out: exchanged.amount_out, fee })
    }
}

impl SharePool for StableSwapNg {
    /// Zero of each where a rebasing coin lost more than the providers had.
    fn balances(&self) -> TokenAmounts {
        let none = || self.rates.checked_sub(&self.rates).unwrap_or(self.rates);
        self.balances().unwrap_or_else(|_| none())
    }

    fn total_shares(&self) -> Amount {
        Amount(self.total_supply)
    }

    /// An exact output asks for the least input that gives at least that much: no less does, by
    /// search over the exact-input quote, up to the wei by which its rounding wavers.
    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.check_pair(trade.pair)?;
        let amount_in = match trade.amount {
            SwapAmount::ExactIn(amount) => amount,
            SwapAmount::ExactOut(wanted) => {
                let guess = self.get_dx(trade.pair, wanted, at).unwrap_or(wanted);
                let give = |input| Some(self.worked_out(trade.pair, input, at).ok()?.amount_out);
                least_input(wanted, guess, give).ok_or(PoolError::OutputOutOfReach)?
            }
        };
        Ok(self.quoted_in(trade.pair, amount_in, at)?)
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote(trade, at)?;
        let exchange =
            Exchange { pair: trade.pair, amount_in: quote.amount_in, least_out: quote.amount_out };
        self.exchange(&exchange, at)?;
        Ok(quote)
    }

    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        if amounts.len() != self.rates.len() {
            return Err(PoolError::WrongTokenCount);
        }
        Ok(self.add_liquidity(amounts, Amount::ZERO, at)?.shares)
    }

    /// Pays the administrators' fees out too, as the contract does unless told otherwise.
    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        let least = TokenAmounts::zero(self.rates.len()).ok_or(PoolError::WrongTokenCount)?;
        let withdrawal = Withdrawal { shares, least, claims_admin_fees: true };
        Ok(self.remove_liquidity(&withdrawal, at)?)
    }

    /// From the contract's own prices in the first coin, which have 18 decimals, and the rates.
    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        self.check_pair(pair)?;
        let prices = self.get_p(at)?;
        let scaled_price = |coin: TokenIndex| match coin.0.checked_sub(1) {
            None => Ok(PRECISION),
            Some(index) => of(&prices, TokenIndex(index)),
        };
        let worth = |coin: TokenIndex| -> Result<U256, Error> {
            Ok(product(scaled_price(coin)?, of(&self.rates, coin)?)?)
        };
        let (output, input) = (worth(pair.input)?, worth(pair.output)?);
        if input.is_zero() {
            return Err(Error::DivisionByZero.into());
        }
        Ok(PriceRatio { output, input })
    }

    fn virtual_price(&self, at: Timestamp) -> Result<Amount, PoolError> {
        Ok(self.get_virtual_price(at)?)
    }
}
