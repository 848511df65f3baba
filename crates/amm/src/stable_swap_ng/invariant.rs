//! The invariant, the balances and prices that go with it, and the fee that depends on them.

use tidemill_units::{Amount, TokenAmounts, TokenPair, U256};

use super::StableSwapNgError as Error;
use crate::curve_math::{
    self, A_PRECISION, FEE_DENOMINATOR, FOUR, MathError, PRECISION, Rounding, difference,
    over_precision, part, powers, product, quotient, sum,
};

/// Balances times rates, rounded down (`_xp_mem`).
pub(super) fn scaled(
    rates: &TokenAmounts,
    balances: &TokenAmounts,
) -> Result<TokenAmounts, MathError> {
    let mut result = *balances;
    for (balance, rate) in result.as_mut_slice().iter_mut().zip(rates.as_slice()) {
        balance.0 = over_precision(rate.0, balance.0)?;
    }
    Ok(result)
}

/// Scaled balances as the loops take them.
struct Listed {
    count: usize,
    balances: [U256; TokenAmounts::MOST],
}

impl Listed {
    #[inline]
    fn of(scaled: &TokenAmounts) -> Self {
        let mut balances = [U256::ZERO; TokenAmounts::MOST];
        for (place, balance) in balances.iter_mut().zip(scaled.as_slice()) {
            *place = balance.0;
        }
        Self { count: scaled.len(), balances }
    }

    #[inline]
    fn as_slice(&self) -> &[U256] {
        self.balances.get(..self.count).unwrap_or_default()
    }
}

/// The invariant of scaled balances (`get_D`); unlike the older pools' it multiplies by the
/// balances one after the other and divides by `n^n` once, at the end.
pub(super) fn get_d(scaled: &TokenAmounts, amplification: u64) -> Result<U256, MathError> {
    curve_math::get_d(&Rounding::NG, amplification, Listed::of(scaled).as_slice())
}

/// The scaled balance of the output once the input's is `x` (`get_y`).
pub(super) fn get_y(
    pair: TokenPair,
    x: U256,
    scaled: &TokenAmounts,
    amplification: u64,
    d: U256,
) -> Result<U256, Error> {
    if pair.input == pair.output {
        return Err(Error::SameCoin);
    }
    if pair.input.place().max(pair.output.place()) >= scaled.len() {
        return Err(Error::NoSuchCoin);
    }
    let mut moved = Listed::of(scaled);
    *moved.balances.get_mut(pair.input.place()).ok_or(Error::NoSuchCoin)? = x;
    let output = pair.output.place();
    Ok(curve_math::get_y(&Rounding::NG, amplification, d, moved.as_slice(), output)?)
}

/// The scaled balance of a coin at a given invariant and the other balances (`get_y_D`).
pub(super) fn get_y_d(
    coin: usize,
    scaled: &TokenAmounts,
    amplification: u64,
    d: U256,
) -> Result<U256, Error> {
    if coin >= scaled.len() {
        return Err(Error::NoSuchCoin);
    }
    let balances = Listed::of(scaled);
    Ok(curve_math::get_y(&Rounding::NG, amplification, d, balances.as_slice(), coin)?)
}

/// Half of a number, rounded down.
#[inline]
pub(super) fn half(number: U256) -> U256 {
    number.wrapping_shr(1)
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
    amplification: u64,
    d: U256,
) -> Result<TokenAmounts, Error> {
    let (power, count) = powers(scaled.len());
    let ann = product(U256::from(amplification), count)?;
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
