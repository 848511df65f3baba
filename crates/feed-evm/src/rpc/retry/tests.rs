use std::time::Duration;

use super::{Jitter, RetryPolicy};

#[test]
fn waits_double_up_to_the_longest_and_come_from_the_seed() {
    let policy = RetryPolicy::default();
    let waits = |seed| {
        let jitter = Jitter::new(seed);
        (0..40).map(|failure| policy.wait(failure, &jitter)).collect::<Vec<_>>()
    };
    for (failure, wait) in (0_u32..).zip(waits(7)) {
        let whole = Duration::from_millis(250 << failure.min(20)).min(Duration::from_secs(20));
        assert!(wait >= whole / 2 && wait <= whole, "{failure}: {wait:?} of {whole:?}");
    }
    assert_eq!(waits(7), waits(7));
    assert_ne!(waits(7), waits(8));
}
