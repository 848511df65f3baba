//! The protocol's part: tokens in the build of 2021, shares in that of 2022.

use tidemill_units::{Amount, U256};

use super::{Upscaled, Weighted, WeightedBuild, WeightedError, maths};
use crate::balancer_fixed_point::{
    ONE, add, complement, div_down, div_up, mul, mul_down, pow_down, pow_up, quotient_down,
};

/// 0.7 with 18 decimals: the base that powers with exponents above one are not given less than
/// (`MIN_POW_BASE_FREE_EXPONENT`).
const SMALLEST_BASE: U256 = U256::from_limbs([700_000_000_000_000_000, 0, 0, 0]);

/// What the protocol is due before a join or exit of the build of 2022.
pub(super) struct SharesDue {
    pub(super) shares: U256,
    /// The product of rates that is the new highest.
    pub(super) highest_rate_product: Option<U256>,
}

impl Weighted {
    /// Sets the protocol's part of swap fees, which the vault tells a pool of 2021 at every join
    /// and exit; 18 decimals.
    ///
    /// Errors: `ProtocolFeeTooHigh` above 50 %, `WrongBuild` in the build of 2022.
    /// Source: `ProtocolFeesCollector.setSwapFeePercentage`.
    pub fn set_protocol_swap_fee(&mut self, part: U256) -> Result<(), WeightedError> {
        let largest = super::state::LARGEST_PROTOCOL_SWAP_FEE;
        match self.build {
            WeightedBuild::September2022 => Err(WeightedError::WrongBuild),
            WeightedBuild::April2021 if part > largest => Err(WeightedError::ProtocolFeeTooHigh),
            WeightedBuild::April2021 => {
                self.protocol_swap_fee = part;
                Ok(())
            }
        }
    }

    /// Has a pool of 2022 look up the protocol's parts of swap fees and of the growth of rates,
    /// with 18 decimals, and mints before what is due at the old ones; returns those shares.
    ///
    /// Errors: `WrongBuild` in the build of 2021; `ProtocolFeeTooHigh` above 50 % and 100 %;
    /// `ZeroInvariant` and `Maths`, so of a pool before its first join.
    /// Source: `updateProtocolFeePercentageCache`.
    pub fn update_protocol_fees(
        &mut self,
        swap: U256,
        growth: U256,
    ) -> Result<Amount, WeightedError> {
        match self.build {
            WeightedBuild::April2021 => return Err(WeightedError::WrongBuild),
            WeightedBuild::September2022 => {}
        }
        if swap > super::state::LARGEST_PROTOCOL_SWAP_FEE || growth > ONE {
            return Err(WeightedError::ProtocolFeeTooHigh);
        }
        let invariant = self.invariant()?;
        let due = self.shares_due(invariant)?;
        let total_supply = add(self.total_supply.0, due.shares)?;
        self.total_supply = Amount(total_supply);
        self.last_invariant = invariant;
        if let Some(product) = due.highest_rate_product {
            self.highest_rate_product = product;
        }
        self.protocol_swap_fee = swap;
        self.protocol_yield_fee = growth;
        Ok(Amount(due.shares))
    }

    /// Sets what the tokens' rate providers answer from now on, with 18 decimals.
    ///
    /// Errors: `WrongTokenCount`; `NoRateProvider` for a rate of a token without provider, or none
    /// of one with it.
    pub fn set_rates(&mut self, rates: &[Option<U256>]) -> Result<(), WeightedError> {
        if rates.len() != self.count() {
            return Err(WeightedError::WrongTokenCount);
        }
        if rates.iter().zip(&self.rates).any(|(new, old)| new.is_some() != old.is_some()) {
            return Err(WeightedError::NoRateProvider);
        }
        for (place, rate) in self.rates.iter_mut().zip(rates) {
            *place = *rate;
        }
        Ok(())
    }

    /// Returns the invariant now, with 18 decimals (`getInvariant`).
    ///
    /// Errors: `ZeroInvariant`, `Maths`.
    pub fn invariant(&self) -> Result<U256, WeightedError> {
        let balances = self.upscaled(&self.balances)?;
        maths::invariant(&balances, self.live_weights(), self.build.shortcuts())
    }

    /// Returns the shares with those that the protocol is due now (`getActualSupply`); in the build
    /// of 2021, which takes no shares, all shares.
    ///
    /// Errors: `ZeroInvariant`, `Maths`.
    pub fn actual_supply(&self) -> Result<Amount, WeightedError> {
        match self.build {
            WeightedBuild::April2021 => Ok(self.total_supply),
            WeightedBuild::September2022 => {
                let due = self.shares_due(self.invariant()?)?;
                Ok(Amount(add(self.total_supply.0, due.shares)?))
            }
        }
    }

    /// The tokens due to the protocol of the build of 2021, with 18 decimals, rounded down.
    pub(super) fn tokens_due(
        &self,
        balances: &Upscaled,
        invariant: U256,
    ) -> Result<Upscaled, WeightedError> {
        let mut due = Upscaled::default();
        if self.protocol_swap_fee.is_zero() {
            return Ok(due);
        }
        let largest = self.largest_weight();
        let tokens = due.iter_mut().zip(balances).zip(&self.weights);
        for (place, ((due, balance), weight)) in tokens.enumerate() {
            if place == largest && invariant > self.last_invariant {
                let base = div_up(self.last_invariant, invariant)?.max(SMALLEST_BASE);
                let exponent = div_down(ONE, *weight)?;
                let power = pow_up(base, exponent, self.build.shortcuts())?;
                let accrued = mul_down(*balance, complement(power))?;
                *due = mul_down(accrued, self.protocol_swap_fee)?;
            }
        }
        Ok(due)
    }

    /// The first of the tokens with the largest weight.
    fn largest_weight(&self) -> usize {
        let mut largest = (0, U256::ZERO);
        for (place, weight) in self.weights.iter().enumerate() {
            if *weight > largest.1 {
                largest = (place, *weight);
            }
        }
        largest.0
    }

    /// The shares due to the protocol of the build of 2022 before a join or exit, rounded down.
    pub(super) fn shares_due(&self, invariant: U256) -> Result<SharesDue, WeightedError> {
        let growth = div_down(invariant, self.last_invariant)?;
        let of_swaps = ownership(growth, ONE, self.protocol_swap_fee)?;
        let (of_rates, highest_rate_product) = self.growth_of_rates()?;
        let part = add(of_swaps, of_rates)?;
        Ok(SharesDue { shares: shares_for(self.total_supply.0, part)?, highest_rate_product })
    }

    /// The protocol's part of the pool for the growth of rates, and the new highest product.
    fn growth_of_rates(&self) -> Result<(U256, Option<U256>), WeightedError> {
        let Some(product) = self.rate_product()? else { return Ok((U256::ZERO, None)) };
        if product <= self.highest_rate_product {
            return Ok((U256::ZERO, None));
        }
        let growth = div_down(product, self.highest_rate_product)?;
        Ok((ownership(growth, ONE, self.protocol_yield_fee)?, Some(product)))
    }

    /// The product of the rates to the powers of their weights; none where no token has a rate.
    pub(super) fn rate_product(&self) -> Result<Option<U256>, WeightedError> {
        if self.rates.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut product = ONE;
        for (rate, weight) in self.rates.iter().zip(self.live_weights()) {
            let factor = match rate {
                Some(rate) => pow_down(*rate, *weight, self.build.shortcuts())?,
                None => ONE,
            };
            product = mul_down(product, factor)?;
        }
        Ok(Some(product))
    }

    /// The shares due for the swap fees that a join or exit itself pays, after it.
    pub(super) fn shares_due_after(
        &self,
        growth: U256,
        before: U256,
        after: U256,
    ) -> Result<U256, WeightedError> {
        if self.protocol_swap_fee.is_zero() {
            return Ok(U256::ZERO);
        }
        let part = ownership(growth, div_down(after, before)?, self.protocol_swap_fee)?;
        shares_for(after, part)
    }
}

/// The protocol's part of the pool for an invariant that grew more than the supply
/// (`InvariantGrowthProtocolSwapFees.getProtocolOwnershipPercentage`).
fn ownership(growth: U256, supply_growth: U256, part: U256) -> Result<U256, WeightedError> {
    if supply_growth >= growth || part.is_zero() {
        return Ok(U256::ZERO);
    }
    Ok(mul_down(complement(div_down(supply_growth, growth)?), part)?)
}

/// The new shares that are this part of all afterwards, rounded down
/// (`ExternalFees.bptForPoolOwnershipPercentage`).
fn shares_for(supply: U256, part: U256) -> Result<U256, WeightedError> {
    Ok(quotient_down(mul(supply, part)?, complement(part))?)
}
