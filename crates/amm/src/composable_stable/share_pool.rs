use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256};

use super::{
    ComposableStable, ComposableStableBuild, ComposableStableExit, ComposableStableJoin,
    MINIMUM_SHARES, maths,
};
use crate::balancer_fixed_point::FixedPointError;
use crate::composable_stable::ComposableStableError;
use crate::{PoolError, PriceRatio, Quote, SharePool, Trade};

impl SharePool for ComposableStable {
    fn balances(&self) -> TokenAmounts {
        self.balances
    }

    /// Those outside the vault, with the shares that the protocol is due, since it is they too that
    /// share the balances.
    fn total_shares(&self) -> Amount {
        self.actual_supply().unwrap_or(self.virtual_supply())
    }

    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.quote_swap(trade, at)
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.swap_tokens(trade, at)
    }

    /// The first join of an empty pool, in which a part of the shares is locked, or one of exact
    /// tokens.
    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        if amounts.len() != self.count() {
            return Err(PoolError::WrongTokenCount);
        }
        let amounts = *amounts;
        if self.total_supply.is_zero() {
            let minted = self.join(&ComposableStableJoin::Initial { amounts }, at)?.shares;
            return Ok(minted.checked_sub(MINIMUM_SHARES).unwrap_or_default());
        }
        let join = ComposableStableJoin::ExactTokens { amounts, least_shares: Amount::ZERO };
        Ok(self.join(&join, at)?.shares)
    }

    /// The exit for all tokens in the build of 2022-11. That of 2022-09 can exit in proportion in
    /// recovery mode alone, and outside it this is `NotInRecoveryMode`: a provider there takes one
    /// token, or exact amounts of several, with [`exit`](ComposableStable::exit).
    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        let exit = match self.build {
            ComposableStableBuild::November2022 => ComposableStableExit::AllTokens { shares },
            ComposableStableBuild::September2022 => ComposableStableExit::Recovery { shares },
        };
        Ok(self.exit(&exit, at)?.amounts)
    }

    /// Right to 80 bits or more, as long as no balance is 2^80 times another.
    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        let (input, output) = (pair.input.place(), pair.output.place());
        if input == output || input.max(output) >= self.count() {
            return Err(PoolError::NoSuchPair);
        }
        let factors = self.factors(&self.refreshed(at)?)?;
        let balances = self.upscaled(&self.balances, &factors)?;
        let invariant = maths::invariant(self.amplification(at), self.live(&balances))?;
        let slopes = maths::slopes(
            self.amplification(at),
            self.live(&balances),
            invariant,
            [input, output],
        )?;
        let factor = |place: usize| factors.get(place).copied().unwrap_or_default();
        let balance = |place: usize| balances.get(place).copied().unwrap_or_default();
        let mut ratio = [U256::ONE; 2];
        // Each pair of numbers has 85 bits or fewer at the end, so their product fits a word.
        for [above, below] in
            [slopes, [balance(output), balance(input)], [factor(input), factor(output)]]
        {
            let excess = above.bit_len().max(below.bit_len()).saturating_sub(85);
            let [output, input] = &mut ratio;
            *output = output.saturating_mul(above.wrapping_shr(excess));
            *input = input.saturating_mul(below.wrapping_shr(excess));
        }
        let [output, input] = ratio;
        if input.is_zero() {
            return Err(ComposableStableError::Maths(FixedPointError::ZeroDivision).into());
        }
        Ok(PriceRatio { output, input })
    }

    /// The contracts' `getRate`.
    fn virtual_price(&self, at: Timestamp) -> Result<Amount, PoolError> {
        Ok(Amount(self.rate(at)?))
    }
}
