use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often, and after what wait, a node is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often one node is asked the same in all; at least once.
    pub tries: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub first_wait: Duration,
    /// What the doubling ends at.
    pub longest_wait: Duration,
    /// The longest wait a node may ask for; one that wants more is left for the next node.
    pub longest_told_wait: Duration,
    /// Where the jitter starts: the same seed gives the same waits in the same order.
    pub seed: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 4,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(20),
            longest_told_wait: Duration::from_secs(120),
            seed: 1,
        }
    }
}

impl RetryPolicy {
    /// Returns the wait after the failure numbered from zero: between half and all of the doubled
    /// wait, so that many callers do not come back at once.
    pub(super) fn wait(&self, failure: u32, jitter: &Jitter) -> Duration {
        let doubled =
            self.first_wait.saturating_mul(1_u32.checked_shl(failure).unwrap_or(u32::MAX));
        let whole = doubled.min(self.longest_wait);
        let half = whole / 2;
        let thousandths = u32::try_from(jitter.next() % 1_001).unwrap_or(0);
        half.saturating_add((whole.saturating_sub(half) / 1_000).saturating_mul(thousandths))
    }
}

/// A stream of numbers that look random: Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators" (OOPSLA 2014), the mixer of their section 4.
#[derive(Debug)]
pub(super) struct Jitter(AtomicU64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests;
