//! The emission of Curve's token: a rate that is constant for a year and then falls by the fourth
//! root of two.

use thiserror::Error;
use tidemill_units::{Amount, Timestamp, U256};

use crate::StateError;
use CrvEmissionError::{Overflow, Underflow};

/// Seconds for which a rate holds (`RATE_REDUCTION_TIME`).
pub const EPOCH: u64 = 31_536_000;
/// Raw units per second in the first year: 274,815,283 tokens over it (`INITIAL_RATE`).
pub const INITIAL_RATE: u64 = 8_714_335_457_889_396_245;

/// The fourth root of two, in units of 1e-18 (`RATE_REDUCTION_COEFFICIENT`).
const COEFFICIENT: u64 = 1_189_207_115_002_721_024;
const SCALE: u64 = 1_000_000_000_000_000_000;
/// Seconds between the contract's creation and its first epoch (`INFLATION_DELAY`).
const DELAY: u64 = 86_400;
const MOST_EPOCHS: usize = 999;

/// The emission: which epoch, its rate, and how much there is.
///
/// All fields together are the state, which [`checked`](Self::checked) looks through.
/// Source: `CRVToken.vy` (`ERC20CRV`, Vyper 0.2.4), without balances and allowances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrvEmission {
    /// Epochs that have begun, less one: -1 before the first (`mining_epoch`).
    pub mining_epoch: i64,
    /// When the epoch began; a year before the first begins.
    pub start_epoch_time: Timestamp,
    /// Raw units per second; zero before the first epoch.
    pub rate: U256,
    /// Tokens that could exist when the epoch began.
    pub start_epoch_supply: U256,
    /// Tokens that exist.
    pub total_supply: Amount,
}

/// Why the token refuses. The state is then as it was; the contract gives no reason string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CrvEmissionError {
    /// The epoch has not ended (`update_mining_parameters`).
    #[error("the epoch has not ended")]
    TooSoon,
    /// A period ends before it begins (`mintable_in_timeframe`).
    #[error("the period ends before it begins")]
    StartAfterEnd,
    /// A period ends after the next epoch (`mintable_in_timeframe`).
    #[error("the period ends after the next epoch")]
    TooFar,
    /// A period begins before the first epoch (`mintable_in_timeframe`).
    #[error("the period begins before the first epoch")]
    BeforeFirstEpoch,
    /// More would be minted than there may be (`mint`).
    #[error("more would be minted than there may be by now")]
    AboveAvailable,
    /// A number passes what its type holds.
    #[error("a number passes what its type holds")]
    Overflow,
    /// A difference is below zero.
    #[error("a difference is below zero")]
    Underflow,
}

impl CrvEmission {
    /// Returns the emission as the token's constructor leaves it: the first epoch can begin a day
    /// later, when somebody asks.
    ///
    /// Errors: `Underflow` within a year of 1970, `Overflow`.
    pub fn deployed(initial_supply: Amount, at: Timestamp) -> Result<Self, CrvEmissionError> {
        let first = at.0.checked_add(DELAY).ok_or(Overflow)?;
        Ok(Self {
            mining_epoch: -1,
            start_epoch_time: Timestamp(first.checked_sub(EPOCH).ok_or(Underflow)?),
            rate: U256::ZERO,
            start_epoch_supply: initial_supply.0,
            total_supply: initial_supply,
        })
    }

    /// Returns the emission if a token can have come to it.
    ///
    /// Errors: the field that no token can have.
    pub fn checked(self) -> Result<Self, StateError> {
        if self.mining_epoch < -1 {
            return Err(StateError::of("mining_epoch", "-1 or more"));
        }
        let is_on = self.mining_epoch >= 0;
        if self.rate > U256::from(INITIAL_RATE) || !(is_on || self.rate.is_zero()) {
            let allowed = "at most the first epoch's, and 0 before it";
            return Err(StateError::of("rate", allowed));
        }
        Ok(self)
    }

    /// Begins the next epoch, one a call however many have passed.
    ///
    /// Errors: `TooSoon`, `Overflow`. Source: `update_mining_parameters`.
    pub fn update_mining_parameters(&mut self, at: Timestamp) -> Result<(), CrvEmissionError> {
        if self.advance(at)? { Ok(()) } else { Err(CrvEmissionError::TooSoon) }
    }

    /// Begins the next epoch if this one has ended; returns when the epoch began.
    ///
    /// Errors: `Overflow`. Source: `start_epoch_time_write`.
    pub fn start_epoch_time_write(&mut self, at: Timestamp) -> Result<Timestamp, CrvEmissionError> {
        self.advance(at)?;
        Ok(self.start_epoch_time)
    }

    /// Begins the next epoch if this one has ended; returns when the epoch after that can begin.
    ///
    /// Errors: `Overflow`. Source: `future_epoch_time_write`.
    pub fn future_epoch_time_write(
        &mut self,
        at: Timestamp,
    ) -> Result<Timestamp, CrvEmissionError> {
        self.advance(at)?;
        self.end_of_epoch().map(Timestamp)
    }

    /// Returns how many tokens there may be by now, minted or not.
    ///
    /// Errors: `Underflow` before the epoch began, `Overflow`. Source: `available_supply`.
    pub fn available_supply(&self, at: Timestamp) -> Result<Amount, CrvEmissionError> {
        let elapsed = at.0.checked_sub(self.start_epoch_time.0).ok_or(Underflow)?;
        let emitted = U256::from(elapsed).checked_mul(self.rate).ok_or(Overflow)?;
        self.start_epoch_supply.checked_add(emitted).map(Amount).ok_or(Overflow)
    }

    /// Mints tokens for the minter, at most to what there may be; begins the next epoch first, if
    /// this one has ended.
    ///
    /// Errors: `AboveAvailable`, `Overflow`. Source: `mint`.
    pub fn mint(&mut self, value: Amount, at: Timestamp) -> Result<(), CrvEmissionError> {
        let mut next = *self;
        next.advance(at)?;
        next.total_supply = self.total_supply.checked_add(value).ok_or(Overflow)?;
        if next.total_supply > next.available_supply(at)? {
            return Err(CrvEmissionError::AboveAvailable);
        }
        *self = next;
        Ok(())
    }

    /// Burns tokens that their holder has. What they leave free can be minted again.
    ///
    /// Errors: `Underflow`. Source: `burn`.
    pub fn burn(&mut self, value: Amount) -> Result<(), CrvEmissionError> {
        self.total_supply = self.total_supply.checked_sub(value).ok_or(Underflow)?;
        Ok(())
    }

    /// Returns how many tokens can be minted between two times, up to the end of the next epoch.
    ///
    /// Earlier rates are found by multiplying back, and come out a little low, for nobody.
    /// Errors: `StartAfterEnd`, `TooFar`, `BeforeFirstEpoch`, `Underflow`, `Overflow`.
    /// Source: `mintable_in_timeframe`.
    pub fn mintable_in_timeframe(
        &self,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Amount, CrvEmissionError> {
        let (start, end) = (start.0, end.0);
        if start > end {
            return Err(CrvEmissionError::StartAfterEnd);
        }
        let mut epoch = self.start_epoch_time.0;
        let mut rate = self.rate;
        if end > self.end_of_epoch()? {
            epoch = self.end_of_epoch()?;
            rate = scaled(rate, SCALE, COEFFICIENT)?;
        }
        if end > epoch.checked_add(EPOCH).ok_or(Overflow)? {
            return Err(CrvEmissionError::TooFar);
        }
        let mut mintable = U256::ZERO;
        for _ in 0..MOST_EPOCHS {
            let epoch_end = epoch.checked_add(EPOCH).ok_or(Overflow)?;
            if end >= epoch {
                if start >= epoch_end {
                    break;
                }
                let until = end.min(epoch_end);
                let seconds = until.checked_sub(start.max(epoch)).ok_or(Underflow)?;
                let part = rate.checked_mul(U256::from(seconds)).ok_or(Overflow)?;
                mintable = mintable.checked_add(part).ok_or(Overflow)?;
                if start >= epoch {
                    break;
                }
            }
            epoch = epoch.checked_sub(EPOCH).ok_or(Underflow)?;
            rate = scaled(rate, COEFFICIENT, SCALE)?;
            if rate > U256::from(INITIAL_RATE) {
                return Err(CrvEmissionError::BeforeFirstEpoch);
            }
        }
        Ok(Amount(mintable))
    }

    fn end_of_epoch(&self) -> Result<u64, CrvEmissionError> {
        self.start_epoch_time.0.checked_add(EPOCH).ok_or(Overflow)
    }

    /// Begins the next epoch if it is time, and says whether it was.
    /// Source: `_update_mining_parameters`.
    fn advance(&mut self, at: Timestamp) -> Result<bool, CrvEmissionError> {
        let end = self.end_of_epoch()?;
        if at.0 < end {
            return Ok(false);
        }
        let mut next = *self;
        next.start_epoch_time = Timestamp(end);
        next.mining_epoch = self.mining_epoch.checked_add(1).ok_or(Overflow)?;
        if self.rate.is_zero() {
            next.rate = U256::from(INITIAL_RATE);
        } else {
            let emitted = self.rate.checked_mul(U256::from(EPOCH)).ok_or(Overflow)?;
            let supply = self.start_epoch_supply.checked_add(emitted);
            next.start_epoch_supply = supply.ok_or(Overflow)?;
            next.rate = scaled(self.rate, SCALE, COEFFICIENT)?;
        }
        *self = next;
        Ok(true)
    }
}

fn scaled(rate: U256, factor: u64, divisor: u64) -> Result<U256, CrvEmissionError> {
    let product = rate.checked_mul(U256::from(factor)).ok_or(Overflow)?;
    Ok(product.checked_div(U256::from(divisor)).unwrap_or_default())
}

#[cfg(test)]
mod tests;
