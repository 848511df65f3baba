use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tidemill_feed_evm::rpc::{Clock, Pause};
use tidemill_units::Timestamp;
use tokio::sync::watch;

/// A clock on which every wait is over at once, and deadlines pass when a server says that it will
/// never answer.
pub(crate) struct TestClock {
    now: Mutex<Duration>,
    given_up: watch::Sender<u64>,
    waits: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        let given_up = watch::Sender::new(0);
        Self { now: Mutex::default(), given_up, waits: Mutex::default() }
    }

    /// Lets every deadline pass that is running now.
    pub(crate) fn give_up(&self) {
        self.given_up.send_modify(|times| *times += 1);
    }

    /// All waits so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wall(&self) -> Timestamp {
        Timestamp(super::chain::START_TIME + 100_000 + self.now().as_secs())
    }

    fn sleep(&self, time: Duration) -> Pause<'_> {
        *self.now.lock().unwrap() += time;
        self.waits.lock().unwrap().push(time);
        Box::pin(tokio::task::yield_now())
    }

    fn deadline(&self, time: Duration) -> Pause<'_> {
        let mut given_up = self.given_up.subscribe();
        Box::pin(async move {
            let _ = given_up.changed().await;
            *self.now.lock().unwrap() += time;
        })
    }
}
