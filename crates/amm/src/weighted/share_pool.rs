use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256};

use super::{Rounding, Weighted, WeightedBuild, WeightedError, WeightedExit, WeightedJoin, maths};
use crate::balancer_fixed_point::{div_down, mul};
use crate::{PoolError, PriceRatio, Quote, SharePool, Trade};

impl SharePool for Weighted {
    /// Without the tokens that the protocol of the build of 2021 is due.
    fn balances(&self) -> TokenAmounts {
        match self.build {
            WeightedBuild::September2022 => self.balances,
            WeightedBuild::April2021 => self.balances_without_due().unwrap_or(self.balances),
        }
    }

    /// With the shares that the protocol of the build of 2022 is due, since it is they too that
    /// share the balances.
    fn total_shares(&self) -> Amount {
        self.actual_supply().unwrap_or(self.total_supply)
    }

    fn quote(&self, trade: &Trade, _at: Timestamp) -> Result<Quote, PoolError> {
        self.quote_swap(trade)
    }

    fn swap(&mut self, trade: &Trade, _at: Timestamp) -> Result<Quote, PoolError> {
        self.swap_tokens(trade)
    }

    /// The first join of an empty pool, in which a part of the shares is locked, or one of exact
    /// tokens.
    fn deposit(&mut self, amounts: &TokenAmounts, _at: Timestamp) -> Result<Amount, PoolError> {
        if amounts.len() != self.count() {
            return Err(PoolError::WrongTokenCount);
        }
        let amounts = *amounts;
        let join = if self.total_supply.is_zero() {
            let minted = self.join(&WeightedJoin::Initial { amounts })?.shares;
            return Ok(minted.checked_sub(super::MINIMUM_SHARES).unwrap_or_default());
        } else {
            WeightedJoin::ExactTokens { amounts, least_shares: Amount::ZERO }
        };
        Ok(self.join(&join)?.shares)
    }

    fn withdraw(&mut self, shares: Amount, _at: Timestamp) -> Result<TokenAmounts, PoolError> {
        Ok(self.exit(&WeightedExit::AllTokens { shares })?.amounts)
    }

    /// Returns balance over weight of the output, over the same of the input.
    ///
    /// Errors: `ZeroInvariant` where a balance is zero.
    fn spot_price(&self, pair: TokenPair, _at: Timestamp) -> Result<PriceRatio, PoolError> {
        let held = |token| self.balances.get(token).ok_or(PoolError::NoSuchPair);
        let weight = |place| self.weights.get(place).copied().unwrap_or_default();
        let (held_in, held_out) = (held(pair.input)?, held(pair.output)?);
        if pair.input == pair.output {
            return Err(PoolError::NoSuchPair);
        }
        // 112 and 60 bits.
        let output = held_out.0.saturating_mul(weight(pair.input.place()));
        let input = held_in.0.saturating_mul(weight(pair.output.place()));
        if output.is_zero() || input.is_zero() {
            return Err(WeightedError::ZeroInvariant.into());
        }
        Ok(PriceRatio { output, input })
    }

    /// As the contracts' `getRate`: invariant times the number of tokens, per share.
    fn virtual_price(&self, _at: Timestamp) -> Result<Amount, PoolError> {
        let balances = self.upscaled(&SharePool::balances(self))?;
        let invariant = maths::invariant(&balances, self.live_weights(), self.build.shortcuts())?;
        let value = mul(invariant, U256::from(self.count())).map_err(WeightedError::from)?;
        let price = div_down(value, self.actual_supply()?.0).map_err(WeightedError::from)?;
        Ok(Amount(price))
    }
}

impl Weighted {
    fn balances_without_due(&self) -> Result<TokenAmounts, WeightedError> {
        let balances = self.upscaled(&self.balances)?;
        let due =
            self.downscaled(&self.tokens_due(&balances, self.invariant()?)?, Rounding::Down)?;
        self.balances.checked_sub(&due).ok_or(WeightedError::SUB_OVERFLOW)
    }
}
