//! The invariant, the balances and prices that go with it, and the fee that depends on them.

use tidemill_units::{Amount, TokenAmounts, TokenPair, U256};

use super::StableSwapNgError as Error;
use crate::curve_math::{
    A_PRECISION, FEE_DENOMINATOR, FOUR, InvariantRound, MathError, PRECISION, balance_for,
    difference, part, powers, product, quotient, sum, total,
};

/// Balances times rates, rounded down (`_xp_mem`).
pub(super) fn scaled(
    rates: &TokenAmounts,
    balances: &TokenAmounts,
) -> Result<TokenAmounts, MathError> {
    let mut result = *balances;
    for (balance, rate) in result.as_mut_slice().iter_mut().zip(rates.as_slice()) {
        balance.0 = part(rate.0, balance.0, PRECISION)?;
    }
    Ok(result)
}

/// The invariant of scaled balances (`get_D`); unlike the older pools' it multiplies by the
/// balances one after the other and divides by `n^n` once, at the end.
pub(super) fn get_d(scaled: &TokenAmounts, amplification: U256) -> Result<U256, MathError> {
    let balances = scaled.as_slice();
    let total = total(balances)?;
    if total.is_zero() {
        return Ok(U256::ZERO);
    }
    let (power, _) = powers(balances.len());
    let rounds = InvariantRound::new(amplification, balances.len(), total)?;
    rounds.run(total, |d| {
        let d_p = balances.iter().try_fold(d, |d_p, x| quotient(product(d_p, d)?, x.0))?;
        quotient(d_p, power)
    })
}

/// The scaled balance of the output once the input's is `x` (`get_y`).
pub(super) fn get_y(
    pair: TokenPair,
    x: U256,
    scaled: &TokenAmounts,
    amplification: U256,
    d: U256,
) -> Result<U256, Error> {
    if pair.input == pair.output {
        return Err(Error::SameCoin);
    }
    if pair.input.place().max(pair.output.place()) >= scaled.len() {
        return Err(Error::NoSuchCoin);
    }
    let others = scaled.iter().filter(|(token, _)| *token != pair.output);
    let others = others.map(|(token, balance)| if token == pair.input { x } else { balance.0 });
    Ok(balance_for(others, scaled.len(), amplification, d)?)
}

/// The scaled balance of a coin at a given invariant and the other balances (`get_y_D`).
pub(super) fn get_y_d(
    coin: usize,
    scaled: &TokenAmounts,
    amplification: U256,
    d: U256,
) -> Result<U256, Error> {
    if coin >= scaled.len() {
        return Err(Error::NoSuchCoin);
    }
    let others = scaled.iter().filter(|(token, _)| token.place() != coin);
    let others = others.map(|(_, balance)| balance.0);
    Ok(balance_for(others, scaled.len(), amplification, d)?)
}

/// A fee that grows with the distance from the peg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DynamicFee {
    pub(super) base: U256,
    pub(super) multiplier: U256,
}

impl DynamicFee {
    /// The fee in 10^-10 between two scaled amounts (`_dynamic_fee`).
    pub(super) fn between(&self, a: U256, b: U256) -> Result<U256, MathError> {
        if self.multiplier <= FEE_DENOMINATOR {
            return Ok(self.base);
        }
        let whole = sum(a, b)?;
        let square = product(whole, whole)?;
        let excess = difference(self.multiplier, FEE_DENOMINATOR)?;
        let weight = part(product(product(excess, FOUR)?, a)?, b, square)?;
        part(self.multiplier, self.base, sum(weight, FEE_DENOMINATOR)?)
    }

    /// The fee of deposits and withdrawals of one coin among `count` (`base_fee`).
    pub(super) fn of_liquidity(&self, count: usize) -> Result<Self, MathError> {
        let count = U256::from(count);
        let divisor = product(FOUR, difference(count, U256::ONE)?)?;
        Ok(Self { base: part(self.base, count, divisor)?, multiplier: self.multiplier })
    }
}

/// Prices of all coins but the first in the first, times 10^18 (`_get_p`).
pub(super) fn spot_prices(
    scaled: &TokenAmounts,
    amplification: U256,
    d: U256,
) -> Result<TokenAmounts, Error> {
    let (power, count) = powers(scaled.len());
    let ann = product(amplification, count)?;
    let mut d_r = quotient(d, power)?;
    for (_, x) in scaled.iter() {
        d_r = quotient(product(d_r, d)?, x.0)?;
    }
    let (first, others) = scaled.as_slice().split_first().ok_or(Error::NoSuchCoin)?;
    let weight = part(ann, first.0, A_PRECISION)?;
    let divisor = sum(weight, d_r)?;
    let mut prices = TokenAmounts::new(others).ok_or(Error::NoSuchCoin)?;
    for price in prices.as_mut_slice() {
        let numerator = sum(weight, part(d_r, first.0, price.0)?)?;
        *price = Amount(part(PRECISION, numerator, divisor)?);
    }
    Ok(prices)
}
