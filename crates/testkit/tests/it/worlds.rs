use tidemill_testkit::{Random, Run};

use crate::tally::Tally;

/// One test's part of a run of random operations, in worlds that live one after another.
pub(crate) struct Worlds {
    /// The test, as its tally names it.
    pub(crate) name: &'static str,
    /// A number of its own among the tests, to start the generator from.
    pub(crate) stream: u64,
    /// How many tests share the operations of a run.
    pub(crate) tests: u64,
    /// Operations after which a world has lived long enough.
    pub(crate) most_in_one: u64,
    /// What is counted.
    pub(crate) unit: &'static str,
}

/// What a run of full length has to have come to.
pub(crate) struct Reached<'a> {
    pub(crate) operations: &'a [&'a str],
    pub(crate) reverts: &'a [&'a str],
}

impl Worlds {
    /// Lets worlds live until the operations are done, and prints what they did. `live` is given a
    /// world's seed and the most operations that are left for it, and answers how many it made.
    pub(crate) fn run(
        &self,
        reached: &Reached<'_>,
        mut live: impl FnMut(u64, u64, &mut Tally) -> u64,
    ) {
        let run = Run::from_environment();
        let mut random = Random::new(run.seed.wrapping_add(self.stream));
        let mut tally = Tally::new(self.name, run.seed);
        let operations = run.operations.div_ceil(self.tests);
        let mut left = operations;
        while left > 0 {
            let done = live(random.next_u64(), left.min(self.most_in_one), &mut tally);
            left -= done;
            tally.count("worlds");
            tally.add(self.unit, done);
        }
        tally.print();
        if operations >= Run::OPERATIONS / self.tests {
            tally.assert_reached(reached.operations, reached.reverts);
        }
    }
}
