//! A budget in equal parts, one for each epoch.

use tidemill_rewards::WEEK;
use tidemill_units::{Amount, Timestamp, U256};

use super::Clock;

/// The parts that are still to be notified.
pub(crate) struct Epochs {
    left: Amount,
    next: Timestamp,
    clock: Clock,
}

impl Epochs {
    pub(crate) fn new(budget: Amount, clock: Clock) -> Self {
        Self { left: budget, next: clock.start, clock }
    }

    /// Returns the next part and the epoch that it is for, once the epoch has begun.
    pub(crate) fn due(&mut self, at: Timestamp) -> Option<(Amount, Timestamp)> {
        let epoch = self.next;
        if epoch > at || epoch >= self.clock.end() {
            return None;
        }
        let weeks = self.clock.end().seconds_since(epoch) / WEEK;
        // The last epoch gets what the others left of the division.
        let part = Amount(self.left.0.checked_div(U256::from(weeks)).unwrap_or_default());
        self.left = self.left.checked_sub(part).unwrap_or_default();
        self.next = Timestamp(epoch.0.saturating_add(WEEK));
        Some((part, epoch))
    }

    /// Returns what has not been notified.
    pub(crate) fn left(&self) -> Amount {
        self.left
    }
}
