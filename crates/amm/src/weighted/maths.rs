//! The formulas of `WeightedMath.sol`; every number has 18 decimals.

use tidemill_units::U256;

use super::{Side, Upscaled, WeightedBuild, WeightedError};
use crate::balancer_fixed_point::{
    ONE, PowerShortcuts, add, complement, div_down, div_up, mul_down, mul_up, pow_down, pow_up, sub,
};

/// 30 % of a balance is the most that a swap may pay in or take out.
const MAXIMUM_RATIO: U256 = U256::from_limbs([300_000_000_000_000_000, 0, 0, 0]);
const MAXIMUM_INVARIANT_RATIO: U256 = U256::from_limbs([3_000_000_000_000_000_000, 0, 0, 0]);
const MINIMUM_INVARIANT_RATIO: U256 = U256::from_limbs([700_000_000_000_000_000, 0, 0, 0]);

/// A pool as its formulas see it.
pub(super) struct Terms<'a> {
    pub(super) balances: &'a Upscaled,
    pub(super) weights: &'a [U256],
    pub(super) swap_fee: U256,
    pub(super) total_supply: U256,
    pub(super) build: WeightedBuild,
}

/// The product of the balances to the powers of their weights, rounded down.
pub(super) fn invariant(
    balances: &Upscaled,
    weights: &[U256],
    shortcuts: PowerShortcuts,
) -> Result<U256, WeightedError> {
    let mut invariant = ONE;
    for (balance, weight) in balances.iter().zip(weights) {
        invariant = mul_down(invariant, pow_down(*balance, *weight, shortcuts)?)?;
    }
    if invariant.is_zero() { Err(WeightedError::ZeroInvariant) } else { Ok(invariant) }
}

/// What a swap gives for an amount after the fee, rounded down.
pub(super) fn out_given_in(
    input: &Side,
    output: &Side,
    amount_in: U256,
    shortcuts: PowerShortcuts,
) -> Result<U256, WeightedError> {
    if amount_in > mul_down(input.balance, MAXIMUM_RATIO)? {
        return Err(WeightedError::AboveMaximumInRatio);
    }
    let base = div_up(input.balance, add(input.balance, amount_in)?)?;
    let exponent = div_down(input.weight, output.weight)?;
    let power = pow_up(base, exponent, shortcuts)?;
    Ok(mul_down(output.balance, complement(power))?)
}

/// What a swap costs before the fee, rounded up.
pub(super) fn in_given_out(
    input: &Side,
    output: &Side,
    amount_out: U256,
    shortcuts: PowerShortcuts,
) -> Result<U256, WeightedError> {
    if amount_out > mul_down(output.balance, MAXIMUM_RATIO)? {
        return Err(WeightedError::AboveMaximumOutRatio);
    }
    let base = div_up(output.balance, sub(output.balance, amount_out)?)?;
    let exponent = div_up(output.weight, input.weight)?;
    let power = pow_up(base, exponent, shortcuts)?;
    Ok(mul_up(input.balance, sub(power, ONE)?)?)
}

impl Terms<'_> {
    /// The shares that amounts are worth, rounded down. What a token brings beyond the growth of
    /// the whole is taken as swapped, and pays the fee.
    pub(super) fn shares_for(&self, amounts: &Upscaled) -> Result<U256, WeightedError> {
        let mut ratios = Upscaled::default();
        let mut growth = U256::ZERO;
        for (place, balance, amount, weight) in self.each(amounts) {
            let ratio = div_down(add(balance, amount)?, balance)?;
            if let Some(kept) = ratios.get_mut(place) {
                *kept = ratio;
            }
            growth = add(growth, mul_down(ratio, weight)?)?;
        }
        let mut invariant_ratio = ONE;
        for ((_, balance, amount, weight), ratio) in self.each(amounts).zip(ratios) {
            let counted = if ratio > growth {
                let free = mul_down(balance, sub(growth, ONE)?)?;
                let taxed = mul_down(sub(amount, free)?, sub(ONE, self.swap_fee)?)?;
                add(free, taxed)?
            } else {
                amount
            };
            let ratio = div_down(add(balance, counted)?, balance)?;
            invariant_ratio =
                mul_down(invariant_ratio, pow_down(ratio, weight, self.build.shortcuts())?)?;
        }
        if invariant_ratio <= ONE {
            return Ok(U256::ZERO);
        }
        Ok(mul_down(self.total_supply, sub(invariant_ratio, ONE)?)?)
    }

    /// What one token's join for these shares costs, rounded up.
    pub(super) fn one_in_for(&self, token: usize, shares: U256) -> Result<U256, WeightedError> {
        let (balance, weight) = self.at(token)?;
        let ratio = div_up(add(self.total_supply, shares)?, self.total_supply)?;
        if ratio > MAXIMUM_INVARIANT_RATIO {
            return Err(WeightedError::AboveMaximumInvariantRatio);
        }
        let ratio = pow_up(ratio, div_up(ONE, weight)?, self.build.shortcuts())?;
        let before_fee = mul_up(balance, sub(ratio, ONE)?)?;
        let taxed = mul_up(before_fee, complement(weight))?;
        let free = sub(before_fee, taxed)?;
        Ok(add(free, div_up(taxed, complement(self.swap_fee))?)?)
    }

    /// What every token's join for these shares costs, rounded up.
    pub(super) fn all_in_for(&self, shares: U256) -> Result<Upscaled, WeightedError> {
        let ratio = div_up(shares, self.total_supply)?;
        self.scaled(|balance| Ok(mul_up(balance, ratio)?))
    }

    /// What these shares give of one token, rounded down.
    pub(super) fn one_out_for(&self, token: usize, shares: U256) -> Result<U256, WeightedError> {
        let (balance, weight) = self.at(token)?;
        let ratio = div_up(sub(self.total_supply, shares)?, self.total_supply)?;
        if ratio < MINIMUM_INVARIANT_RATIO {
            return Err(WeightedError::BelowMinimumInvariantRatio);
        }
        let ratio = pow_up(ratio, div_down(ONE, weight)?, self.build.shortcuts())?;
        let before_fee = mul_down(balance, complement(ratio))?;
        let taxed = mul_up(before_fee, complement(weight))?;
        let free = sub(before_fee, taxed)?;
        let kept = complement(self.swap_fee);
        let after_fee = match self.build {
            WeightedBuild::April2021 => mul_down(taxed, kept)?,
            // Up, although it goes out: so it is deployed.
            WeightedBuild::September2022 => mul_up(taxed, kept)?,
        };
        Ok(add(free, after_fee)?)
    }

    /// What these shares give of every token, rounded down.
    pub(super) fn all_out_for(&self, shares: U256) -> Result<Upscaled, WeightedError> {
        let ratio = div_down(shares, self.total_supply)?;
        self.scaled(|balance| Ok(mul_down(balance, ratio)?))
    }

    /// The shares that amounts taken out cost, rounded up; the fee as in `shares_for`.
    pub(super) fn shares_against(&self, amounts: &Upscaled) -> Result<U256, WeightedError> {
        let mut ratios = Upscaled::default();
        let mut left = U256::ZERO;
        for (place, balance, amount, weight) in self.each(amounts) {
            let ratio = div_up(sub(balance, amount)?, balance)?;
            if let Some(kept) = ratios.get_mut(place) {
                *kept = ratio;
            }
            left = add(left, mul_up(ratio, weight)?)?;
        }
        let mut invariant_ratio = ONE;
        for ((_, balance, amount, weight), ratio) in self.each(amounts).zip(ratios) {
            let counted = if left > ratio {
                let free = mul_down(balance, complement(left))?;
                let taxed = sub(amount, free)?;
                add(free, div_up(taxed, complement(self.swap_fee))?)?
            } else {
                amount
            };
            let ratio = div_down(sub(balance, counted)?, balance)?;
            invariant_ratio =
                mul_down(invariant_ratio, pow_down(ratio, weight, self.build.shortcuts())?)?;
        }
        Ok(mul_up(self.total_supply, complement(invariant_ratio))?)
    }

    /// Place, balance, amount and weight, token by token.
    fn each<'a>(
        &'a self,
        amounts: &'a Upscaled,
    ) -> impl Iterator<Item = (usize, U256, U256, U256)> + 'a {
        let tokens = self.balances.iter().zip(amounts).zip(self.weights).enumerate();
        tokens.map(|(place, ((balance, amount), weight))| (place, *balance, *amount, *weight))
    }

    fn at(&self, token: usize) -> Result<(U256, U256), WeightedError> {
        match (self.balances.get(token), self.weights.get(token)) {
            (Some(balance), Some(weight)) => Ok((*balance, *weight)),
            (Some(_) | None, None) | (None, Some(_)) => Err(WeightedError::NoSuchToken),
        }
    }

    fn scaled(
        &self,
        scale: impl Fn(U256) -> Result<U256, WeightedError>,
    ) -> Result<Upscaled, WeightedError> {
        let mut scaled = Upscaled::default();
        for (place, (balance, _)) in scaled.iter_mut().zip(self.balances.iter().zip(self.weights)) {
            *place = scale(*balance)?;
        }
        Ok(scaled)
    }
}
