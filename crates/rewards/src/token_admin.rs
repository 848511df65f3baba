//! The emission of BAL: a rate that falls by the fourth root of two each year, and the supply that
//! it allows, as Balancer's token admin keeps them.
//!
//! Gauges ask it for the rate; the minter mints through it. The token is the caller's: what it
//! mints in all comes in with each call that needs it.

mod facts;

use thiserror::Error;
use tidemill_units::{Amount, Timestamp, U256};

pub use facts::FACTS;

use TokenAdminError::{AddOverflow, MulOverflow, SubOverflow};

#[cfg(test)]
mod tests;

/// The first year's rate: 145,000 BAL a week, in 10^-18 BAL a second (`INITIAL_RATE`).
pub const INITIAL_RATE: U256 = U256::from_limbs([239_748_677_248_677_248, 0, 0, 0]);
/// Seconds of an epoch (`RATE_REDUCTION_TIME`).
pub const RATE_REDUCTION_TIME: u64 = 31_536_000;
/// What the rate is divided by each epoch, times 10^18 (`RATE_REDUCTION_COEFFICIENT`).
const COEFFICIENT: U256 = U256::from_limbs([1_189_207_115_002_721_024, 0, 0, 0]);
const DENOMINATOR: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// Epochs that a question about the past goes back at most.
const MOST_EPOCHS: usize = 999;

/// The schedule as it was last brought up to date, which is also all there is to resume from.
///
/// Source: `BalancerTokenAdmin.sol` of v2-deployments 20220325-balancer-token-admin, activated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenAdmin {
    /// Epochs that are over (`getMiningEpoch`).
    pub mining_epoch: u64,
    /// When the epoch began (`getStartEpochTime`).
    pub start_epoch_time: Timestamp,
    /// The supply allowed then (`getStartEpochSupply`).
    pub start_epoch_supply: Amount,
    /// Raw units a second (`rate`).
    pub rate: U256,
}

/// Why the admin refuses. The schedule is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenAdminError {
    /// The next epoch has not come.
    #[error("the epoch has not finished yet")]
    EpochNotFinished,
    /// More than the schedule allows by now.
    #[error("the amount passes what the schedule allows by now")]
    ExceedsAvailableSupply,
    /// A span that ends before it starts.
    #[error("the span ends before it starts")]
    StartAfterEnd,
    /// A span that ends after the epoch to come.
    #[error("the span ends after the next epoch")]
    TooFarInFuture,
    /// A span that starts before the first epoch; the contract fails an assertion.
    #[error("the span starts before the emission")]
    BeforeEmission,
    /// A sum passes 2^256 - 1, or a time 2^64 - 1.
    #[error("a sum passes what its type holds")]
    AddOverflow,
    /// A difference is below zero.
    #[error("a difference is below zero")]
    SubOverflow,
    /// A product passes 2^256 - 1.
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
}

impl TokenAdminError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::EpochNotFinished => "Epoch has not finished yet",
            Self::ExceedsAvailableSupply => "Mint amount exceeds remaining available supply",
            Self::StartAfterEnd => "start > end",
            Self::TooFarInFuture => "too far in future",
            Self::BeforeEmission => return None,
            Self::AddOverflow => "BAL#000",
            Self::SubOverflow => "BAL#001",
            Self::MulOverflow => "BAL#003",
        })
    }
}

impl TokenAdmin {
    /// Starts the emission over a token of this supply. Source: `activate`.
    pub fn activated(total_supply: Amount, now: Timestamp) -> Self {
        Self {
            mining_epoch: 0,
            start_epoch_time: now,
            start_epoch_supply: total_supply,
            rate: INITIAL_RATE,
        }
    }

    /// Returns the supply that is allowed by now (`available_supply`), by the epoch last begun: the
    /// old rate counts on until somebody begins the next.
    ///
    /// Errors: `SubOverflow` before the epoch; `MulOverflow`, `AddOverflow`.
    pub fn available_supply(&self, now: Timestamp) -> Result<Amount, TokenAdminError> {
        let elapsed = now.0.checked_sub(self.start_epoch_time.0).ok_or(SubOverflow)?;
        let emitted = U256::from(elapsed).checked_mul(self.rate).ok_or(MulOverflow)?;
        self.start_epoch_supply.checked_add(Amount(emitted)).ok_or(AddOverflow)
    }

    /// Begins the next epoch, one only, if it has come; answers when the current one began.
    ///
    /// Errors: `AddOverflow`, `MulOverflow`. Source: `start_epoch_time_write`.
    pub fn start_epoch_time_write(&mut self, now: Timestamp) -> Result<Timestamp, TokenAdminError> {
        if now >= self.future_epoch_time()? {
            *self = self.next_epoch()?;
        }
        Ok(self.start_epoch_time)
    }

    /// As [`start_epoch_time_write`](Self::start_epoch_time_write), but answers when the epoch
    /// ends. Source: `future_epoch_time_write`.
    pub fn future_epoch_time_write(
        &mut self,
        now: Timestamp,
    ) -> Result<Timestamp, TokenAdminError> {
        self.start_epoch_time_write(now)?;
        self.future_epoch_time()
    }

    /// Begins the next epoch.
    ///
    /// Errors: `EpochNotFinished`, `AddOverflow`, `MulOverflow`.
    /// Source: `update_mining_parameters`.
    pub fn update_mining_parameters(&mut self, now: Timestamp) -> Result<(), TokenAdminError> {
        if now < self.future_epoch_time()? {
            return Err(TokenAdminError::EpochNotFinished);
        }
        *self = self.next_epoch()?;
        Ok(())
    }

    /// Mints for whoever may; the caller adds the amount to the token's supply.
    ///
    /// Errors: `ExceedsAvailableSupply`; those of [`available_supply`](Self::available_supply).
    /// Source: `mint`.
    pub fn mint(
        &mut self,
        amount: Amount,
        total_supply: Amount,
        now: Timestamp,
    ) -> Result<(), TokenAdminError> {
        let mut after = *self;
        after.start_epoch_time_write(now)?;
        let supply = total_supply.checked_add(amount).ok_or(AddOverflow)?;
        if supply > after.available_supply(now)? {
            return Err(TokenAdminError::ExceedsAvailableSupply);
        }
        *self = after;
        Ok(())
    }

    /// Returns what can be minted in a span of time, going back from the epoch last begun, or the
    /// one after it; each step back rounds the rate down.
    ///
    /// Errors: `StartAfterEnd`, `TooFarInFuture`, `BeforeEmission`, `AddOverflow`, `MulOverflow`,
    /// `SubOverflow`. Source: `mintable_in_timeframe`.
    pub fn mintable_in_timeframe(
        &self,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Amount, TokenAdminError> {
        if start > end {
            return Err(TokenAdminError::StartAfterEnd);
        }
        let mut epoch = self.start_epoch_time;
        let mut rate = self.rate;
        if end > after(epoch)? {
            epoch = after(epoch)?;
            rate = scaled(rate, DENOMINATOR, COEFFICIENT)?;
        }
        if end > after(epoch)? {
            return Err(TokenAdminError::TooFarInFuture);
        }
        let mut minted = U256::ZERO;
        for _ in 0..MOST_EPOCHS {
            if end >= epoch {
                let next = after(epoch)?;
                if start >= next {
                    break;
                }
                let seconds = end.min(next).0.checked_sub(start.max(epoch).0).ok_or(SubOverflow)?;
                let part = rate.checked_mul(U256::from(seconds)).ok_or(MulOverflow)?;
                minted = minted.checked_add(part).ok_or(AddOverflow)?;
                if start >= epoch {
                    break;
                }
            }
            epoch = Timestamp(epoch.0.checked_sub(RATE_REDUCTION_TIME).ok_or(SubOverflow)?);
            rate = scaled(rate, COEFFICIENT, DENOMINATOR)?;
            if rate > INITIAL_RATE {
                return Err(TokenAdminError::BeforeEmission);
            }
        }
        Ok(Amount(minted))
    }

    /// Returns when the epoch ends (`getFutureEpochTime`).
    ///
    /// Errors: `AddOverflow`.
    pub fn future_epoch_time(&self) -> Result<Timestamp, TokenAdminError> {
        after(self.start_epoch_time)
    }

    fn next_epoch(&self) -> Result<Self, TokenAdminError> {
        let emitted = self.rate.checked_mul(U256::from(RATE_REDUCTION_TIME)).ok_or(MulOverflow)?;
        let supply = self.start_epoch_supply.checked_add(Amount(emitted)).ok_or(AddOverflow)?;
        Ok(Self {
            mining_epoch: self.mining_epoch.checked_add(1).ok_or(AddOverflow)?,
            start_epoch_time: after(self.start_epoch_time)?,
            start_epoch_supply: supply,
            rate: scaled(self.rate, DENOMINATOR, COEFFICIENT)?,
        })
    }
}

fn after(epoch: Timestamp) -> Result<Timestamp, TokenAdminError> {
    epoch.0.checked_add(RATE_REDUCTION_TIME).map(Timestamp).ok_or(AddOverflow)
}

fn scaled(rate: U256, factor: U256, divisor: U256) -> Result<U256, TokenAdminError> {
    let product = rate.checked_mul(factor).ok_or(MulOverflow)?;
    product.checked_div(divisor).ok_or(MulOverflow)
}
