//! Emission schedules: how much of a token is released between two points of time or two blocks.
//!
//! Everything is a difference of one cumulative figure, which is rounded down once: however an
//! interval is split, its parts add up to the whole, and what the schedule keeps back is less than
//! a unit at any point.

mod cliffs;
mod facts;

use thiserror::Error;
use tidemill_units::{Amount, U256, mul_div};

pub use cliffs::{CONVEX, SupplyCliffs, SupplyCliffsError};
pub use facts::FACTS;

/// A schedule, by seconds or by blocks, from its start, up to a cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emission {
    state: EmissionState,
}

/// Everything that determines what a schedule releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmissionState {
    /// What its points are.
    pub clock: EmissionClock,
    /// The point before which nothing is released.
    pub start: u64,
    /// The most that is ever released, if there is such.
    pub cap: Option<Amount>,
    /// How much is released after the start.
    pub schedule: Schedule,
}

/// What a schedule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmissionClock {
    /// Seconds since 1970.
    Seconds,
    /// Blocks: the release in time then drifts with the time that blocks take.
    Blocks,
}

/// How much is released when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// The same for ever: an amount in every so many points.
    Constant {
        /// What is released in each interval.
        amount: Amount,
        /// Points of an interval; not zero.
        interval: u64,
    },
    /// A rate that changes in a straight line, and then nothing: the area below the line.
    Linear {
        /// Units per point at the start.
        first_rate: Amount,
        /// Units per point at the end.
        last_rate: Amount,
        /// Points from start to end; not zero.
        length: u64,
    },
    /// Half as much in every interval as in the one before, rounded down.
    Halving {
        /// What is released in the first interval.
        first_amount: Amount,
        /// Points of an interval; not zero.
        interval: u64,
    },
    /// One step after the other, and then nothing.
    Stepped {
        /// The steps, in their order.
        steps: Vec<EmissionStep>,
    },
}

/// A part of a stepped schedule, spread evenly over its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmissionStep {
    /// What it releases.
    pub amount: Amount,
    /// How many points it lasts; not zero.
    pub length: u64,
}

/// Why there is no such schedule, or no such release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmissionError {
    /// An interval of no points.
    #[error("interval: zero")]
    Interval,
    /// A line or step of no points.
    #[error("length: zero")]
    Length,
    /// The steps last longer than 2^64 points.
    #[error("steps: longer than 2^64 - 1 points")]
    Steps,
    /// The schedule would release more than 2^256 - 1 before point 2^64, or twice the rectangle
    /// around a line passes that.
    #[error("amount: the schedule would release more than 2^256 - 1")]
    Amount,
    /// The interval that was asked for ends before it begins.
    #[error("the interval ends before it begins")]
    Backwards,
}

impl Emission {
    /// Returns a schedule.
    ///
    /// Errors: the field that makes it meaningless, or a release that would pass 2^256 - 1 by the
    /// last point there is; so no later question can fail for its size.
    pub fn new(state: EmissionState) -> Result<Self, EmissionError> {
        state.schedule.check()?;
        Ok(Self { state })
    }

    /// Returns everything that determines what it releases.
    pub fn state(&self) -> &EmissionState {
        &self.state
    }

    /// Returns what has been released from the start up to a point, rounded down.
    pub fn cumulative(&self, at: u64) -> Amount {
        let elapsed = at.saturating_sub(self.state.start);
        // The schedule was checked to stay within 2^256.
        let released = Amount(self.state.schedule.released(elapsed).unwrap_or(U256::MAX));
        self.state.cap.map_or(released, |cap| released.min(cap))
    }

    /// Returns what is released after one point and up to another.
    ///
    /// Errors: `Backwards`.
    pub fn between(&self, from: u64, to: u64) -> Result<Amount, EmissionError> {
        if to < from {
            return Err(EmissionError::Backwards);
        }
        let released = self.cumulative(to).checked_sub(self.cumulative(from));
        Ok(released.unwrap_or_default())
    }
}

impl Schedule {
    fn check(&self) -> Result<(), EmissionError> {
        match self {
            Self::Constant { interval: 0, .. } | Self::Halving { interval: 0, .. } => {
                return Err(EmissionError::Interval);
            }
            Self::Linear { length: 0, .. } => return Err(EmissionError::Length),
            Self::Constant { .. } | Self::Halving { .. } | Self::Linear { .. } => {}
            Self::Stepped { steps } => {
                let mut total = 0_u64;
                for step in steps {
                    if step.length == 0 {
                        return Err(EmissionError::Length);
                    }
                    total = total.checked_add(step.length).ok_or(EmissionError::Steps)?;
                }
            }
        }
        self.released(u64::MAX).map(|_| ()).ok_or(EmissionError::Amount)
    }

    /// Returns what is released in so many points; `None` past 2^256 - 1.
    fn released(&self, elapsed: u64) -> Option<U256> {
        match self {
            Self::Constant { amount, interval } => part(*amount, elapsed, *interval),
            Self::Linear { first_rate, last_rate, length } => {
                below_line([first_rate.0, last_rate.0], elapsed.min(*length), *length)
            }
            Self::Halving { first_amount, interval } => halved(*first_amount, elapsed, *interval),
            Self::Stepped { steps } => stepped(steps, elapsed),
        }
    }
}

/// The part of an amount that so many of its points have released, rounded down.
fn part(amount: Amount, elapsed: u64, length: u64) -> Option<U256> {
    mul_div(amount.0, U256::from(elapsed), U256::from(length))
}

/// The area below a line: the mean of its rates so far, times the points, rounded down.
fn below_line([first, last]: [U256; 2], elapsed: u64, length: u64) -> Option<U256> {
    let twice = U256::from(length).checked_mul(U256::from(2))?;
    let elapsed = U256::from(elapsed);
    let level = first.checked_mul(twice)?;
    let rates = if last >= first {
        let rise = last.checked_sub(first)?.checked_mul(elapsed)?;
        level.checked_add(rise)?
    } else {
        let fall = first.checked_sub(last)?.checked_mul(elapsed)?;
        level.checked_sub(fall)?
    };
    mul_div(rates, elapsed, twice)
}

/// Each interval releases half of what the one before released, rounded down, and spreads it
/// evenly: after 256 of them nothing is left.
fn halved(first: Amount, elapsed: u64, interval: u64) -> Option<U256> {
    let mut released = U256::ZERO;
    let mut amount = first.0;
    let mut left = elapsed;
    while left >= interval && !amount.is_zero() {
        released = released.checked_add(amount)?;
        amount = amount.wrapping_shr(1);
        left = left.checked_sub(interval)?;
    }
    let partly = part(Amount(amount), left.min(interval), interval)?;
    released.checked_add(partly)
}

fn stepped(steps: &[EmissionStep], elapsed: u64) -> Option<U256> {
    let mut released = U256::ZERO;
    let mut left = elapsed;
    for step in steps {
        let within = left.min(step.length);
        released = released.checked_add(part(step.amount, within, step.length)?)?;
        left = left.saturating_sub(within);
    }
    Some(released)
}

#[cfg(test)]
mod tests;
