use tidemill_units::{Timestamp, TokenIndex, U256};

use super::{ComposableStable, ComposableStableError, MOST_TOKENS, Upscaled};
use crate::balancer_fixed_point::{ONE, mul, mul_down, quotient_down};

/// Rates are stored in this many bits, times and durations in this many.
pub(super) const RATE_BITS: usize = 96;
pub(super) const TIME_BITS: u32 = 32;

/// A token's rate: what its provider answers and what the pool knows of it, with 18 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRate {
    /// What the provider would answer now.
    pub provided: U256,
    /// What it answered when it was asked last, below 2^96: the rate that the pool reckons with.
    pub current: U256,
    /// `current` as it was at the last join or exit, below 2^96.
    pub old: U256,
    /// For how many seconds an answer holds, below 2^32.
    pub duration: u64,
    /// The last second for which `current` holds, 1 to 2^32 - 1.
    pub expires: Timestamp,
    /// Whether the protocol takes no part of the growth of this rate.
    pub is_exempt: bool,
}

pub(super) type Rates = [Option<TokenRate>; MOST_TOKENS];

impl TokenRate {
    /// The rate with the provider asked now (`updateRateAndDuration`).
    fn asked(&self, duration: u64, at: Timestamp) -> Result<Self, ComposableStableError> {
        if self.provided.bit_len() > RATE_BITS {
            return Err(ComposableStableError::RateOverflow);
        }
        let expires = at.0.checked_add(duration).ok_or(ComposableStableError::StorageOverflow)?;
        if duration >> TIME_BITS != 0 || expires >> TIME_BITS != 0 {
            return Err(ComposableStableError::StorageOverflow);
        }
        Ok(Self { current: self.provided, duration, expires: Timestamp(expires), ..*self })
    }
}

impl ComposableStable {
    /// Tells what the rate providers answer from now on, token by token, with 18 decimals. The pool
    /// learns of it when it asks them next.
    ///
    /// Errors: `NoRateProvider` for a rate of a token without provider or none of one with,
    /// `WrongTokenCount`.
    pub fn set_rates(&mut self, rates: &[Option<U256>]) -> Result<(), ComposableStableError> {
        if rates.len() != self.count() {
            return Err(ComposableStableError::WrongTokenCount);
        }
        if self.rates.iter().zip(rates).any(|(known, new)| known.is_some() != new.is_some()) {
            return Err(ComposableStableError::NoRateProvider);
        }
        for (known, new) in self.rates.iter_mut().zip(rates) {
            if let (Some(known), Some(new)) = (known, new) {
                known.provided = *new;
            }
        }
        Ok(())
    }

    /// Asks a token's rate provider now.
    ///
    /// Errors: `InvalidToken`, `NoRateProvider`, `RateOverflow`, `StorageOverflow`.
    /// Source: `updateTokenRateCache`, which anybody may call.
    pub fn update_rate(
        &mut self,
        token: TokenIndex,
        at: Timestamp,
    ) -> Result<(), ComposableStableError> {
        let rate = self.rate_mut(token)?;
        *rate = rate.asked(rate.duration, at)?;
        Ok(())
    }

    /// Sets for how long answers of a token's rate provider hold, and asks it now.
    ///
    /// Errors: as [`update_rate`](Self::update_rate). Source: `setTokenRateCacheDuration`, which
    /// the pool's owner calls.
    pub fn set_rate_duration(
        &mut self,
        token: TokenIndex,
        seconds: u64,
        at: Timestamp,
    ) -> Result<(), ComposableStableError> {
        let rate = self.rate_mut(token)?;
        *rate = rate.asked(seconds, at)?;
        Ok(())
    }

    fn rate_mut(&mut self, token: TokenIndex) -> Result<&mut TokenRate, ComposableStableError> {
        if token.place() >= self.count() {
            return Err(ComposableStableError::InvalidToken);
        }
        let rate = self.rates.get_mut(token.place()).and_then(Option::as_mut);
        rate.ok_or(ComposableStableError::NoRateProvider)
    }

    /// The rates as a swap, join or exit has them: those that no longer hold are asked for
    /// (`_cacheTokenRatesIfNecessary`).
    pub(super) fn refreshed(&self, at: Timestamp) -> Result<Rates, ComposableStableError> {
        let mut rates = self.rates;
        for rate in rates.iter_mut().flatten() {
            if at > rate.expires {
                *rate = rate.asked(rate.duration, at)?;
            }
        }
        Ok(rates)
    }

    /// What amounts are multiplied with, rates included, with 18 decimals (`_scalingFactors`).
    pub(super) fn factors(&self, rates: &Rates) -> Result<Upscaled, ComposableStableError> {
        let mut factors = self.scales;
        for (factor, rate) in factors.iter_mut().zip(rates) {
            if let Some(rate) = rate {
                *factor = mul_down(*factor, rate.current)?;
            }
        }
        Ok(factors)
    }

    /// Balances as they would be at the old rates: of all tokens, or of the exempt ones
    /// (`_getAdjustedBalances`).
    pub(super) fn at_old_rates(
        &self,
        rates: &Rates,
        balances: &Upscaled,
        only_exempt: bool,
    ) -> Result<Upscaled, ComposableStableError> {
        let mut adjusted = *balances;
        for (balance, rate) in adjusted.iter_mut().zip(rates) {
            if let Some(rate) = rate
                && (rate.is_exempt || !only_exempt)
            {
                *balance = quotient_down(mul(*balance, rate.old)?, rate.current)?;
            }
        }
        Ok(adjusted)
    }
}

/// The scale of a token of so many decimals, with 18 decimals.
pub(super) fn scale(decimals: u8) -> U256 {
    let digits = U256::from(18_u8.saturating_sub(decimals));
    let scale = U256::from(10_u8).checked_pow(digits).unwrap_or(U256::ONE);
    scale.saturating_mul(ONE)
}
