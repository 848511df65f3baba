use std::time::Duration;

use super::Limiter;

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

#[test]
fn a_burst_goes_and_the_rest_comes_evenly() {
    let limiter = Limiter::new(10, 3);
    let waits: Vec<_> = (0..6).map(|_| limiter.book(1, ms(0))).collect();
    assert_eq!(waits, [ms(0), ms(0), ms(0), ms(100), ms(200), ms(300)]);
    assert_eq!(limiter.book(1, ms(1_000)), ms(0), "after a pause the bucket is full");
}

#[test]
fn a_batch_above_the_burst_is_owed() {
    let limiter = Limiter::new(10, 3);
    assert_eq!(limiter.book(10, ms(0)), ms(0));
    assert_eq!(limiter.book(1, ms(0)), ms(800), "ten are owed, three may be");
}

#[test]
fn what_a_node_asks_for_holds_all() {
    let limiter = Limiter::new(1_000, 10);
    limiter.hold(ms(5_000));
    limiter.hold(ms(1_000));
    assert_eq!(limiter.book(1, ms(0)), ms(5_000));
    assert_eq!(limiter.book(1, ms(4_999)), ms(1));
    assert_eq!(limiter.book(1, ms(5_000)), ms(0));
}
