use std::collections::VecDeque;

use tidemill_rewards::aerodrome::epoch_next;
use tidemill_units::{Amount, Timestamp};

/// What a gauge is notified of, to be paid out until the epoch's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEmission {
    /// When it is notified.
    pub at: Timestamp,
    /// How much, in raw units.
    pub amount: Amount,
}

/// What a gauge is still to be notified of, ascending in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UpcomingEmissions(VecDeque<EpochEmission>);

impl UpcomingEmissions {
    pub(super) fn new(emissions: impl IntoIterator<Item = EpochEmission>) -> Self {
        Self(emissions.into_iter().collect())
    }

    /// Whether there is anything to be notified of by a time.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.0.front().is_some_and(|next| next.at <= now)
    }

    /// Takes the next emission out, if it is due.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<EpochEmission> {
        self.0.pop_front_if(|next| next.at <= now)
    }

    /// Whether a gauge emits at a time that has been notified until another; zero for never.
    pub(super) fn is_running(&self, period_finish: Timestamp, now: Timestamp) -> bool {
        let end = self.0.back().map_or(period_finish, |last| epoch_next(last.at));
        (self.is_due(now) || period_finish > Timestamp(0)) && now < end
    }
}
