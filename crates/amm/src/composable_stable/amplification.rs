use tidemill_units::Timestamp;

use super::{AMPLIFICATION_PRECISION, ComposableStable, ComposableStableError};
use crate::balancer_fixed_point::FixedPointError;

/// The bounds of an amplification, times 1000.
pub(super) const SMALLEST: u64 = 1_000;
pub(super) const LARGEST: u64 = 5_000_000;
const SMALLEST_RAW: u64 = 1;
const LARGEST_RAW: u64 = 5_000;
const DAY: u64 = 86_400;
/// A ramp may multiply or divide by this much in a day.
const MOST_PER_DAY: u128 = 2;

/// An amplification that goes from one value to another in a straight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ramp {
    /// Times 1000.
    pub start: u64,
    /// Times 1000.
    pub end: u64,
    pub start_time: Timestamp,
    pub end_time: Timestamp,
}

impl Ramp {
    /// The value at a time, times 1000, rounded towards the start; before the start it is the
    /// start's, though no contract is ever asked that.
    pub(super) fn at(&self, at: Timestamp) -> u64 {
        if at >= self.end_time {
            return self.end;
        }
        let elapsed = u128::from(at.seconds_since(self.start_time));
        let whole = u128::from(self.end_time.seconds_since(self.start_time));
        let distance = u128::from(self.end.abs_diff(self.start));
        let moved = distance.checked_mul(elapsed).and_then(|product| product.checked_div(whole));
        let moved = moved.and_then(|moved| u64::try_from(moved).ok()).unwrap_or_default();
        if self.end > self.start {
            self.start.saturating_add(moved)
        } else {
            self.start.saturating_sub(moved)
        }
    }
}

impl ComposableStable {
    /// Returns the amplification at a time, times 1000, rounded towards the ramp's start
    /// (`getAmplificationParameter`).
    pub fn amplification(&self, at: Timestamp) -> u64 {
        self.ramp.at(at)
    }

    /// Starts to move the amplification, given as it is (1 to 5000), until a time.
    ///
    /// Errors, in this order: `AmplificationTooLow`, `AmplificationTooHigh`, `SubOverflow` for an
    /// end in the past, `RampTooShort`, `RampOngoing`, `RampTooFast`. Source:
    /// `startAmplificationParameterUpdate`, which the pool's owner calls.
    pub fn start_ramp(
        &mut self,
        amplification: u64,
        end_time: Timestamp,
        at: Timestamp,
    ) -> Result<(), ComposableStableError> {
        if amplification < SMALLEST_RAW {
            return Err(ComposableStableError::AmplificationTooLow);
        }
        if amplification > LARGEST_RAW {
            return Err(ComposableStableError::AmplificationTooHigh);
        }
        let duration = end_time.0.checked_sub(at.0).ok_or(FixedPointError::SubOverflow)?;
        if duration < DAY {
            return Err(ComposableStableError::RampTooShort);
        }
        if at < self.ramp.end_time {
            return Err(ComposableStableError::RampOngoing);
        }
        let start = self.ramp.at(at);
        let end = amplification.saturating_mul(AMPLIFICATION_PRECISION);
        let larger = u128::from(start.max(end)).saturating_mul(u128::from(DAY));
        let smaller = u128::from(start.min(end)).saturating_mul(u128::from(duration));
        if larger.div_ceil(smaller.max(1)) > MOST_PER_DAY {
            return Err(ComposableStableError::RampTooFast);
        }
        self.ramp = Ramp { start, end, start_time: at, end_time };
        Ok(())
    }

    /// Stops a ramp where it is.
    ///
    /// Errors: `NoRampOngoing`. Source: `stopAmplificationParameterUpdate`, which the pool's owner
    /// calls.
    pub fn stop_ramp(&mut self, at: Timestamp) -> Result<(), ComposableStableError> {
        if at >= self.ramp.end_time {
            return Err(ComposableStableError::NoRampOngoing);
        }
        let value = self.ramp.at(at);
        self.ramp = Ramp { start: value, end: value, start_time: at, end_time: at };
        Ok(())
    }
}
