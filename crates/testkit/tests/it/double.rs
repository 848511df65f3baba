//! A pool beside its naive double: one step of a random run, and what must hold after it.

use std::fmt::Debug;

use crate::stable_swap_ng::naive::Refusable;
use crate::tally::Tally;

/// The naive double of a pool in a random world, and what the world remembers of their steps.
pub(crate) struct Double<N> {
    pub(crate) naive: N,
    pub(crate) seed: u64,
    last: String,
    /// Refusals since something last worked.
    pub(crate) refused: u32,
}

impl<N> Double<N> {
    pub(crate) fn new(naive: N, seed: u64) -> Self {
        Self { naive, seed, last: String::new(), refused: 0 }
    }
}

/// A world of a pool and its double.
pub(crate) trait Doubled {
    type Naive: Clone + PartialEq + Debug;
    type Error: Debug;

    /// The reason that the contract gives.
    fn reason(error: &Self::Error) -> Option<&'static str>;

    /// The pool's state, as a naive pool.
    fn state(&self) -> Self::Naive;

    fn double(&mut self) -> &mut Double<Self::Naive>;

    /// Does the same with a copy of the double.
    fn naively<T>(
        &mut self,
        act: impl FnOnce(&mut Self::Naive) -> Refusable<T>,
    ) -> (Refusable<T>, Self::Naive) {
        let mut after = self.double().naive.clone();
        (act(&mut after), after)
    }

    /// Makes sure that both did the same, and now are the same.
    #[allow(clippy::needless_pass_by_value, reason = "an answer is used once")]
    fn settle<T: PartialEq + Debug>(
        &mut self,
        tally: &mut Tally,
        name: &str,
        ours: Result<T, Self::Error>,
        (theirs, after): (Refusable<T>, Self::Naive),
    ) {
        tally.count(name);
        let state = self.state();
        let double = self.double();
        let what = format!("{} then {name}, world {}", double.last, double.seed);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours, theirs, "{what}");
                double.naive = after;
                double.refused = 0;
            }
            (Err(ours), Err(theirs)) => {
                assert_eq!(Self::reason(ours).unwrap_or(""), *theirs, "{what}");
                tally.revert(name, &format!("{ours:?}"));
                double.refused += 1;
            }
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => {
                panic!("{what}: ours {ours:?}, naive {theirs:?}")
            }
        }
        assert_eq!(state, double.naive, "state after {what}");
        name.clone_into(&mut double.last);
    }
}
