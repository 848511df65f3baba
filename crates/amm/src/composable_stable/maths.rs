//! The pool's formulas, on amounts with 18 decimals.
//!
//! Source: `StableMath.sol`, as the pools of 2022-09 and 2022-11 were compiled with it. Sums,
//! products and quotients stand in the contract's order, so that the same one overflows first.

use tidemill_units::U256;

use super::{AMPLIFICATION_PRECISION, ComposableStableError, MOST_TOKENS, Upscaled};
use crate::balancer_fixed_point::{
    ONE, add, complement, div_down, div_up, mul, mul_down, mul_up, quotient_down, quotient_up, sub,
};

type Result<T> = std::result::Result<T, ComposableStableError>;

/// Newton's method ends after this many steps, with an error.
const STEPS: u32 = 255;
const PRECISION: U256 = U256::from_limbs([AMPLIFICATION_PRECISION, 0, 0, 0]);
const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);

/// What joins and exits are worked out from.
pub(super) struct Terms<'a> {
    /// Times 1000.
    pub amplification: u64,
    pub balances: &'a [U256],
    /// Of `balances`.
    pub invariant: U256,
    pub supply: U256,
    pub swap_fee: U256,
}

/// Amplification times the number of tokens, times 1000.
fn amplification_times_count(amplification: u64, count: usize) -> U256 {
    U256::from(amplification).wrapping_mul(U256::from(count))
}

/// The sum of balances.
fn total(balances: &[U256]) -> Result<U256> {
    let mut sum = U256::ZERO;
    for balance in balances {
        sum = add(sum, *balance)?;
    }
    Ok(sum)
}

/// Whether two steps of a search are one wei apart or less.
fn is_met(one: U256, other: U256) -> bool {
    one.abs_diff(other) <= U256::ONE
}

/// The invariant, every quotient rounded down (`_calculateInvariant`).
pub(super) fn invariant(amplification: u64, balances: &[U256]) -> Result<U256> {
    let sum = total(balances)?;
    if sum.is_zero() {
        return Ok(U256::ZERO);
    }
    let count = U256::from(balances.len());
    let above_count = add(count, U256::ONE)?;
    let amplified = amplification_times_count(amplification, balances.len());
    let weighted_sum = quotient_down(mul(amplified, sum)?, PRECISION)?;
    let below_amplified = amplified.wrapping_sub(PRECISION);
    let mut divisors = Upscaled::default();
    for (divisor, balance) in divisors.iter_mut().zip(balances) {
        *divisor = mul(*balance, count)?;
    }
    let mut invariant = sum;
    for _ in 0..STEPS {
        let mut product = invariant;
        for (_, divisor) in balances.iter().zip(&divisors) {
            product = quotient_down(mul(product, invariant)?, *divisor)?;
        }
        let before = invariant;
        let numerator = mul(add(weighted_sum, mul(product, count)?)?, invariant)?;
        let denominator = add(
            quotient_down(mul(below_amplified, invariant)?, PRECISION)?,
            mul(above_count, product)?,
        )?;
        invariant = quotient_down(numerator, denominator)?;
        if is_met(invariant, before) {
            return Ok(invariant);
        }
    }
    Err(ComposableStableError::InvariantDidNotConverge)
}

/// The balance of one token at which the invariant is this, the others being as they are, rounded
/// up (`_getTokenBalanceGivenInvariantAndAllOtherBalances`).
pub(super) fn balance_at(
    amplification: u64,
    balances: &[U256],
    invariant: U256,
    token: usize,
) -> Result<U256> {
    let count = U256::from(balances.len());
    let amplified = amplification_times_count(amplification, balances.len());
    let (first, rest) = balances.split_first().ok_or(ComposableStableError::NoSuchToken)?;
    let held = *balances.get(token).ok_or(ComposableStableError::NoSuchToken)?;
    let mut sum = *first;
    let mut product = first.wrapping_mul(count);
    for balance in rest {
        product = quotient_down(mul(mul(product, *balance)?, count)?, invariant)?;
        sum = add(sum, *balance)?;
    }
    sum = sub(sum, held)?;
    let square = mul(invariant, invariant)?;
    let c = mul(mul(quotient_up(square, mul(amplified, product)?)?, PRECISION)?, held)?;
    let b = add(sum, mul(quotient_down(invariant, amplified)?, PRECISION)?)?;
    let mut balance = quotient_up(add(square, c)?, add(invariant, b)?)?;
    for _ in 0..STEPS {
        let before = balance;
        let numerator = add(mul(balance, balance)?, c)?;
        let denominator = sub(add(mul(balance, TWO)?, b)?, invariant)?;
        balance = quotient_up(numerator, denominator)?;
        if is_met(balance, before) {
            return Ok(balance);
        }
    }
    Err(ComposableStableError::BalanceDidNotConverge)
}

/// What a swap takes out for what it pays in, rounded down (`_calcOutGivenIn`).
pub(super) fn out_given_in(
    amplification: u64,
    balances: &Upscaled,
    count: usize,
    [input, output]: [usize; 2],
    amount: U256,
) -> Result<U256> {
    let invariant = invariant(amplification, live(balances, count))?;
    let mut moved = *balances;
    let paid = place(&mut moved, input)?;
    *paid = add(*paid, amount)?;
    let left = balance_at(amplification, live(&moved, count), invariant, output)?;
    Ok(sub(sub(*place(&mut moved, output)?, left)?, U256::ONE)?)
}

/// What a swap pays in for what it takes out, rounded up (`_calcInGivenOut`).
pub(super) fn in_given_out(
    amplification: u64,
    balances: &Upscaled,
    count: usize,
    [input, output]: [usize; 2],
    amount: U256,
) -> Result<U256> {
    let invariant = invariant(amplification, live(balances, count))?;
    let mut moved = *balances;
    let taken = place(&mut moved, output)?;
    *taken = sub(*taken, amount)?;
    let grown = balance_at(amplification, live(&moved, count), invariant, input)?;
    Ok(add(sub(grown, *place(&mut moved, input)?)?, U256::ONE)?)
}

/// The balances of the tokens there are.
pub(super) fn live(balances: &Upscaled, count: usize) -> &[U256] {
    balances.get(..count).unwrap_or_default()
}

fn place(balances: &mut Upscaled, token: usize) -> Result<&mut U256> {
    balances.get_mut(token).ok_or(ComposableStableError::NoSuchToken)
}

impl Terms<'_> {
    /// The shares for exact tokens in, rounded down (`_calcBptOutGivenExactTokensIn`).
    pub(super) fn shares_out_given_tokens_in(&self, amounts: &Upscaled) -> Result<U256> {
        let sum = total(self.balances)?;
        let mut ratios = [U256::ZERO; MOST_TOKENS];
        let mut mean = U256::ZERO;
        for ((balance, amount), ratio) in self.balances.iter().zip(amounts).zip(&mut ratios) {
            let weight = div_down(*balance, sum)?;
            *ratio = div_down(add(*balance, *amount)?, *balance)?;
            mean = add(mean, mul_down(*ratio, weight)?)?;
        }
        let mut grown = Upscaled::default();
        for (place, ((balance, amount), ratio)) in
            grown.iter_mut().zip(self.balances.iter().zip(amounts).zip(ratios))
        {
            // Only what is above the pool's own proportions pays the fee.
            let counted = if ratio > mean {
                let free = mul_down(*balance, sub(mean, ONE)?)?;
                let taxed = sub(*amount, free)?;
                add(free, mul_down(taxed, complement(self.swap_fee))?)?
            } else {
                *amount
            };
            *place = add(*balance, counted)?;
        }
        let after = invariant(self.amplification, live(&grown, self.balances.len()))?;
        let ratio = div_down(after, self.invariant)?;
        match ratio.checked_sub(ONE) {
            Some(growth) => Ok(mul_down(self.supply, growth)?),
            None => Ok(U256::ZERO),
        }
    }

    /// What of one token buys exact shares, rounded up (`_calcTokenInGivenExactBptOut`).
    pub(super) fn token_in_given_shares_out(&self, token: usize, shares: U256) -> Result<U256> {
        let ratio = div_up(add(self.supply, shares)?, self.supply)?;
        let (held, after) = self.balance_after(token, ratio)?;
        let amount = sub(after, held)?;
        let taxed = self.taxed(held, amount)?;
        let free = sub(amount, taxed)?;
        Ok(add(free, div_up(taxed, complement(self.swap_fee))?)?)
    }

    /// The shares for exact tokens out, rounded up (`_calcBptInGivenExactTokensOut`).
    pub(super) fn shares_in_given_tokens_out(&self, amounts: &Upscaled) -> Result<U256> {
        let sum = total(self.balances)?;
        let mut ratios = [U256::ZERO; MOST_TOKENS];
        let mut mean = U256::ZERO;
        for ((balance, amount), ratio) in self.balances.iter().zip(amounts).zip(&mut ratios) {
            let weight = div_up(*balance, sum)?;
            *ratio = div_up(sub(*balance, *amount)?, *balance)?;
            mean = add(mean, mul_up(*ratio, weight)?)?;
        }
        let mut shrunk = Upscaled::default();
        for (place, ((balance, amount), ratio)) in
            shrunk.iter_mut().zip(self.balances.iter().zip(amounts).zip(ratios))
        {
            let counted = if mean > ratio {
                let free = mul_down(*balance, complement(mean))?;
                let taxed = sub(*amount, free)?;
                add(free, div_up(taxed, complement(self.swap_fee))?)?
            } else {
                *amount
            };
            *place = sub(*balance, counted)?;
        }
        let after = invariant(self.amplification, live(&shrunk, self.balances.len()))?;
        let ratio = div_down(after, self.invariant)?;
        Ok(mul_up(self.supply, complement(ratio))?)
    }

    /// What of one token exact shares bring, rounded down (`_calcTokenOutGivenExactBptIn`).
    pub(super) fn token_out_given_shares_in(&self, token: usize, shares: U256) -> Result<U256> {
        let ratio = div_up(sub(self.supply, shares)?, self.supply)?;
        let (held, after) = self.balance_after(token, ratio)?;
        let amount = sub(held, after)?;
        let taxed = self.taxed(held, amount)?;
        let free = sub(amount, taxed)?;
        Ok(add(free, mul_down(taxed, complement(self.swap_fee))?)?)
    }

    /// Every token for shares in proportion, rounded up (`computeProportionalAmountsIn`).
    pub(super) fn proportional_in(&self, shares: U256) -> Result<Upscaled> {
        let ratio = div_up(shares, self.supply)?;
        let mut amounts = Upscaled::default();
        for (amount, balance) in amounts.iter_mut().zip(self.balances) {
            *amount = mul_up(*balance, ratio)?;
        }
        Ok(amounts)
    }

    /// Shares' part of every token, rounded down (`computeProportionalAmountsOut`).
    pub(super) fn proportional_out(&self, shares: U256) -> Result<Upscaled> {
        proportional_out(self.balances, self.supply, shares)
    }

    /// A token's balance before and after the invariant grows by a ratio, the others as they are.
    fn balance_after(&self, token: usize, ratio: U256) -> Result<(U256, U256)> {
        let invariant = mul_up(ratio, self.invariant)?;
        let after = balance_at(self.amplification, self.balances, invariant, token)?;
        let held = self.balances.get(token).ok_or(ComposableStableError::NoSuchToken)?;
        Ok((*held, after))
    }

    /// The part of an amount of one token that is a swap into the others, rounded up.
    fn taxed(&self, held: U256, amount: U256) -> Result<U256> {
        let weight = div_down(held, total(self.balances)?)?;
        Ok(mul_up(amount, complement(weight))?)
    }
}

/// Shares' part of every balance, rounded down.
pub(super) fn proportional_out(balances: &[U256], supply: U256, shares: U256) -> Result<Upscaled> {
    let ratio = div_down(shares, supply)?;
    let mut amounts = Upscaled::default();
    for (amount, balance) in amounts.iter_mut().zip(balances) {
        *amount = mul_down(*balance, ratio)?;
    }
    Ok(amounts)
}

/// How fast the invariant's equation falls with the input's and the output's balance, each times
/// that balance: for the ratio of prices only.
pub(super) fn slopes(
    amplification: u64,
    balances: &[U256],
    invariant: U256,
    [input, output]: [usize; 2],
) -> Result<[U256; 2]> {
    let count = U256::from(balances.len());
    let mut product = invariant;
    for balance in balances {
        product = quotient_down(mul(product, invariant)?, mul(*balance, count)?)?;
    }
    let amplified = amplification_times_count(amplification, balances.len());
    let slope = |token: usize| {
        let balance = balances.get(token).copied().unwrap_or_default();
        Ok::<_, ComposableStableError>(add(mul(amplified, balance)?, mul(product, PRECISION)?)?)
    };
    Ok([slope(input)?, slope(output)?])
}
