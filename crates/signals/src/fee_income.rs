//! What fees come to in a year, as fractions of the value that earns them.
//!
//! Meaningful for liquidity that is always in range; a volume in another currency than the value,
//! or counted on both sides, is the caller's error to avoid.

/// Days in the year of every rate here; these markets do not close.
const DAYS_PER_YEAR: f64 = 365.0;

/// A day of a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolDay {
    /// Volume in the quote currency, counted once.
    pub volume: f64,
    /// Value of the liquidity that shares the fees, in the same currency, positive.
    pub value: f64,
    /// Fraction of the volume that goes to liquidity.
    pub fee: f64,
}

impl PoolDay {
    /// Returns the yearly fee rate without compounding: `fee * volume * 365 / value`.
    pub fn annual_percentage_rate(&self) -> f64 {
        self.fee * self.volume * DAYS_PER_YEAR / self.value
    }
}

/// Returns the yearly yield of a yearly rate when each day's part is put to work at once:
/// `(1 + rate/365)^365 - 1`. A v3 position does not compound by itself.
pub fn compounded_daily(annual_percentage_rate: f64) -> f64 {
    libm::expm1(DAYS_PER_YEAR * libm::log1p(annual_percentage_rate / DAYS_PER_YEAR))
}
