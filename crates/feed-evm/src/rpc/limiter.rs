use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A token bucket, kept as the time at which the next request would be due if all came evenly.
#[derive(Debug)]
pub(super) struct Limiter {
    interval: Duration,
    burst: Duration,
    due: Mutex<Due>,
}

#[derive(Debug, Default)]
struct Due {
    next: Duration,
    /// Before this the node has said not to come.
    not_before: Duration,
}

impl Limiter {
    /// Lets `per_second` requests through, and `burst` at once after a pause.
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        let burst = interval.saturating_mul(burst.max(1));
        Self { interval, burst, due: Mutex::default() }
    }

    /// Books `requests` and says how long to wait before they may be sent.
    pub(super) fn book(&self, requests: u32, now: Duration) -> Duration {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let cost = self.interval.saturating_mul(requests);
        due.next = due.next.max(now).saturating_add(cost);
        // More than a whole burst at once waits as if it were one, and the rest is owed.
        let allowed = self.burst.max(cost);
        let even = due.next.saturating_sub(allowed).saturating_sub(now);
        even.max(due.not_before.saturating_sub(now))
    }

    /// Keeps back all requests until a time.
    pub(super) fn hold(&self, until: Duration) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.not_before = due.not_before.max(until);
    }
}

#[cfg(test)]
mod tests;
