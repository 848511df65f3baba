use super::MathError;

/// An amplification that moves from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ramp {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) starts: u64,
    pub(crate) ends: u64,
}

/// Why a ramp is refused: in the contracts asserts without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RampError {
    TooSoon,
    TooShort,
    OutOfRange,
    TooSteep,
    Math(MathError),
}

impl From<MathError> for RampError {
    fn from(error: MathError) -> Self {
        Self::Math(error)
    }
}

/// The least seconds between the start of two ramps, and of a ramp (`MIN_RAMP_TIME`).
pub(crate) const LEAST_RAMP: u64 = 86_400;
/// The factor that a ramp may change by (`MAX_A_CHANGE`).
pub(crate) const MOST_CHANGE: u64 = 10;
/// The first whole amplification that is too large (`MAX_A`).
pub(crate) const A_BOUND: u64 = 1_000_000;
/// The bounds of an amplification in hundredths, from those of `ramp_A`.
pub(crate) const LEAST_A: u64 = 100;
pub(crate) const MOST_A: u64 = 99_999_900;

impl Ramp {
    /// Returns the amplification at an instant, in its parts (`_A`).
    pub(crate) fn at(&self, now: u64) -> Result<u64, MathError> {
        if now >= self.ends {
            return Ok(self.to);
        }
        let passed = now.checked_sub(self.starts).ok_or(MathError::Underflow)?;
        let whole = self.ends.checked_sub(self.starts).ok_or(MathError::Underflow)?;
        // Both factors are below 2^64, and what passed is less than the whole.
        let moved = u128::from(self.to.abs_diff(self.from)).checked_mul(u128::from(passed));
        let moved = moved.and_then(|moved| moved.checked_div(u128::from(whole)));
        let moved = moved.and_then(|moved| u64::try_from(moved).ok());
        let moved = moved.ok_or(MathError::DivisionByZero)?;
        let reached = if self.to > self.from {
            self.from.checked_add(moved)
        } else {
            self.from.checked_sub(moved)
        };
        reached.ok_or(MathError::Overflow)
    }

    /// Returns the ramp to a whole amplification, which is kept in so many parts (`ramp_A`).
    pub(crate) fn to(
        &self,
        future: u64,
        parts: u64,
        ends: u64,
        now: u64,
    ) -> Result<Self, RampError> {
        let a_day_after = |time: u64| time.checked_add(LEAST_RAMP).ok_or(MathError::Overflow);
        if now < a_day_after(self.starts)? {
            return Err(RampError::TooSoon);
        }
        if ends < a_day_after(now)? {
            return Err(RampError::TooShort);
        }
        let from = self.at(now)?;
        if future == 0 || future >= A_BOUND {
            return Err(RampError::OutOfRange);
        }
        let to = future.checked_mul(parts).ok_or(MathError::Overflow)?;
        let (low, high) = (to.min(from), to.max(from));
        if low.saturating_mul(MOST_CHANGE) < high {
            return Err(RampError::TooSteep);
        }
        Ok(Self { from, to, starts: now, ends })
    }

    /// Returns the ramp that stands where this one is at an instant (`stop_ramp_A`).
    pub(crate) fn stopped(&self, now: u64) -> Result<Self, MathError> {
        let current = self.at(now)?;
        Ok(Self { from: current, to: current, starts: now, ends: now })
    }
}
