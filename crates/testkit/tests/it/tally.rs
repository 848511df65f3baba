use std::collections::BTreeMap;
use std::time::Instant;

/// What a random run did, by name.
pub(crate) struct Tally {
    name: &'static str,
    seed: u64,
    started: Instant,
    done: BTreeMap<String, u64>,
    reverts: BTreeMap<String, u64>,
}

impl Tally {
    pub(crate) fn new(name: &'static str, seed: u64) -> Self {
        let (done, reverts) = Default::default();
        Self { name, seed, started: Instant::now(), done, reverts }
    }

    pub(crate) fn count(&mut self, what: &str) {
        self.add(what, 1);
    }

    pub(crate) fn add(&mut self, what: &str, count: u64) {
        if let Some(total) = self.done.get_mut(what) {
            *total += count;
        } else {
            self.done.insert(what.to_owned(), count);
        }
    }

    pub(crate) fn revert(&mut self, operation: &str, reason: &str) {
        *self.reverts.entry(format!("{operation}: {reason}")).or_default() += 1;
    }

    pub(crate) fn print(&self) {
        let seconds = self.started.elapsed().as_secs_f64();
        println!("{}: TIDEMILL_SEED={}, {seconds:.1} s", self.name, self.seed);
        for (what, count) in &self.done {
            println!("  {count:>9} {what}");
        }
        for (what, count) in &self.reverts {
            println!("  {count:>9} reverted, {what}");
        }
    }

    /// Checks that each operation and each way to fail was met, which short runs cannot promise.
    pub(crate) fn assert_reached(&self, operations: &[&str], reverts: &[&str]) {
        for operation in operations {
            assert!(self.done.contains_key(*operation), "the run never came to {operation}");
        }
        for revert in reverts {
            assert!(self.reverts.contains_key(*revert), "the run never came to revert {revert}");
        }
    }
}
