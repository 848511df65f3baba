use super::*;

fn status(status: u16, retry_after: Option<u64>) -> ErrorClass {
    let retry_after = retry_after.map(Duration::from_secs);
    RestFault::Status { status, said: String::new(), retry_after }.class()
}

#[test]
fn what_to_do_depends_on_what_was_said() {
    assert_eq!(status(429, Some(7)), ErrorClass::RetryAfter(Duration::from_secs(7)));
    assert_eq!(status(418, None), ErrorClass::RetryAfter(UNSAID_WAIT));
    assert_eq!(status(503, None), ErrorClass::Retry);
    assert_eq!(status(503, Some(1)), ErrorClass::RetryAfter(Duration::from_secs(1)));
    assert_eq!(status(400, Some(1)), ErrorClass::DoNotRetry);
    assert_eq!(status(403, None), ErrorClass::DoNotRetry);
    assert_eq!(status(302, None), ErrorClass::Unknown);
    assert_eq!(RestFault::TooLong { limit: 1 }.class(), ErrorClass::DoNotRetry);
    assert_eq!(RestFault::Transport(String::new()).class(), ErrorClass::Retry);
}

#[test]
fn a_window_has_so_much_weight_and_no_more() {
    let second = Duration::from_secs(1);
    let mut budget = Budget::new(10, 60 * second);
    let start = budget.started;
    let after = |seconds: u32| start + seconds * second;
    assert_eq!(budget.take(6, after(1)), None);
    assert_eq!(budget.take(4, after(2)), None);
    assert_eq!(budget.take(1, after(20)), Some(40 * second));
    assert_eq!(budget.take(1, after(60)), None, "a new window");
    budget.told(9);
    budget.told(3);
    assert_eq!(budget.take(2, after(61)), Some(59 * second), "the venue's count is the higher");
    assert_eq!(budget.take(50, after(120)), None, "more than a window has, alone in it");
    assert_eq!(budget.take(1, after(121)), Some(59 * second));
    budget.closed_until = Some(after(500));
    assert_eq!(budget.take(1, after(400)), Some(100 * second));
    assert_eq!(budget.take(1, after(500)), None);
}

#[test]
fn waits_double_up_to_the_longest() {
    let (first, longest) = (Duration::from_millis(100), Duration::from_millis(1_000));
    let back_off = BackOff { first, longest };
    for (failures, most) in [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1_000), (200, 1_000)] {
        let most = Duration::from_millis(most);
        for _ in 0..20 {
            let wait = back_off.wait(failures);
            assert!(most / 2 <= wait && wait <= most, "{failures}: {wait:?}");
        }
    }
}
