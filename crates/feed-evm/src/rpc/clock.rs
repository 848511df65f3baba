use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use tidemill_units::Timestamp;
use tokio::time::Instant;

/// A wait that ends when a clock says so.
pub type Pause<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The time that waits, limits and deadlines go by; given from outside, so that a test waits for
/// nothing.
pub trait Clock: Send + Sync {
    /// The time since some fixed start; never falls.
    fn now(&self) -> Duration;
    /// The time of day.
    fn wall(&self) -> Timestamp;
    /// Ends after a time in which nothing is expected.
    fn sleep(&self, time: Duration) -> Pause<'_>;
    /// Ends after a time in which something else is expected to end first.
    fn deadline(&self, time: Duration) -> Pause<'_>;
}

/// The machine's clock, by way of tokio's timer.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts the clock.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp(since.map(|time| time.as_secs()).unwrap_or_default())
    }

    fn sleep(&self, time: Duration) -> Pause<'_> {
        Box::pin(tokio::time::sleep(time))
    }

    fn deadline(&self, time: Duration) -> Pause<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}
