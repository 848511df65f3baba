use tidemill_report::StoppedAt;

use super::check_stops;

#[test]
fn a_strategy_that_was_stopped_is_named_with_exit_code_1() {
    let stopped = |event: u64, reason: &str| StoppedAt {
        unix: 1_733_011_211,
        event,
        reason: reason.to_owned(),
    };
    let (one, other) =
        (stopped(12, "it panicked: no"), stopped(7, "it did not answer within 10 s"));
    assert!(check_stops([("hold", None), ("wide", None)].into_iter()).is_ok());
    let all = [("hold", None), ("wide", Some(&one)), ("narrow", Some(&other))];
    let failure = check_stops(all.into_iter()).unwrap_err();
    let expected = "strategy `wide` was stopped at event 12, 2024-12-01 00:00 UTC: it panicked: \
                    no\ntidemill: strategy `narrow` was stopped at event 7, 2024-12-01 00:00 UTC: \
                    it did not answer within 10 s";
    assert_eq!(failure.to_string(), expected);
    assert_eq!(failure.exit_code(), std::process::ExitCode::from(1));
}
