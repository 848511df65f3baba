use tidemill_units::Timestamp;

use super::{Generation, StableSwap, StableSwapError};
use crate::curve_math::Ramp;

impl StableSwap {
    /// Returns the amplification in force, as the contract's loops take it: times n^(n-1), and in
    /// hundredths in the third generation (`_A`, `A_precise`).
    ///
    /// Errors: `Underflow` before the start of the ramp. Source: `_A`.
    pub fn amplification(&self, at: Timestamp) -> Result<u64, StableSwapError> {
        if self.generation == Generation::V0 {
            return Ok(self.initial_a);
        }
        Ok(self.ramp().at(at.0)?)
    }

    /// Returns the amplification in whole units, rounded down (`A`).
    ///
    /// Errors: `Underflow` before the start of the ramp.
    pub fn a(&self, at: Timestamp) -> Result<u64, StableSwapError> {
        let precision = self.generation.amplification_precision();
        Ok(self.amplification(at)?.checked_div(precision).unwrap_or_default())
    }
    pub(super) fn ramp(&self) -> Ramp {
        Ramp {
            from: self.initial_a,
            to: self.future_a,
            starts: self.initial_a_time.0,
            ends: self.future_a_time.0,
        }
    }
}
