use tidemill_units::Timestamp;

use super::{Generation, StableSwap, StableSwapError};

impl StableSwap {
    /// Returns the amplification in force, as the contract's loops take it: times n^(n-1), and in
    /// hundredths in the third generation (`_A`, `A_precise`).
    ///
    /// Errors: `Underflow` before the start of the ramp. Source: `_A`.
    pub fn amplification(&self, at: Timestamp) -> Result<u64, StableSwapError> {
        if self.generation == Generation::V0 {
            return Ok(self.initial_a);
        }
        let (start, end) = (self.initial_a_time.0, self.future_a_time.0);
        if at.0 >= end {
            return Ok(self.future_a);
        }
        let elapsed = at.0.checked_sub(start).ok_or(StableSwapError::Underflow)?;
        let span = end.checked_sub(start).ok_or(StableSwapError::Underflow)?;
        let moved = |distance: u64| {
            // Both factors are below 2^64, and what elapsed is less than the span.
            let moved = u128::from(distance).checked_mul(u128::from(elapsed));
            let moved = moved.and_then(|moved| moved.checked_div(u128::from(span)));
            moved.and_then(|moved| u64::try_from(moved).ok()).ok_or(StableSwapError::DivisionByZero)
        };
        if self.future_a > self.initial_a {
            let moved = moved(self.future_a.saturating_sub(self.initial_a))?;
            Ok(self.initial_a.saturating_add(moved))
        } else {
            let moved = moved(self.initial_a.saturating_sub(self.future_a))?;
            Ok(self.initial_a.saturating_sub(moved))
        }
    }

    /// Returns the amplification in whole units, rounded down (`A`).
    ///
    /// Errors: `Underflow` before the start of the ramp.
    pub fn a(&self, at: Timestamp) -> Result<u64, StableSwapError> {
        let precision = self.generation.amplification_precision();
        Ok(self.amplification(at)?.checked_div(precision).unwrap_or_default())
    }
}
