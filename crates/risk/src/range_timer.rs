use tidemill_units::Timestamp;

use crate::Minutes;

/// How long a position may be out of range before it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeTimer {
    /// Out of range for so long, with no return that counts.
    pub close_after: Minutes,
    /// A return counts, and sets the timer back, once it has lasted so long; none counts at once.
    pub reset_after: Option<Minutes>,
}

/// How long a position has been out of range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RangeClock {
    /// Since when, returns that do not count left aside.
    pub(crate) out_since: Option<Timestamp>,
    /// Since when it is back, where it is and that does not count yet.
    pub(crate) back_since: Option<Timestamp>,
}

impl RangeClock {
    /// Takes note of whether the position is in range from now on; says whether it is time to close
    /// it, which is only where it is out of range now.
    pub(crate) fn note(&mut self, timer: &RangeTimer, is_in_range: bool, now: Timestamp) -> bool {
        let reset = timer.reset_after.map_or(0, Minutes::seconds);
        // Until now it was as it was noted last.
        if self.back_since.is_some_and(|since| now.seconds_since(since) >= reset) {
            *self = Self::default();
        }
        if is_in_range {
            if reset == 0 {
                *self = Self::default();
            } else if self.out_since.is_some() {
                self.back_since.get_or_insert(now);
            }
            return false;
        }
        self.back_since = None;
        let since = *self.out_since.get_or_insert(now);
        now.seconds_since(since) >= timer.close_after.seconds()
    }
}
