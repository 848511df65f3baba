use std::time::Duration;

use super::ErrorClass::{DoNotRetry, Retry, RetryAfter, Unknown};
use super::{ErrorClass, RpcFault};

fn check(code: i64, message: &str, class: ErrorClass, range: Option<Option<(u64, u64)>>) {
    let fault = RpcFault::Answer { code, message: message.to_owned() };
    assert_eq!(fault.class(), class, "{message}");
    assert_eq!(fault.range_limit().map(|limit| limit.suggested), range, "{message}");
}

#[test]
fn the_words_of_providers() {
    let less = Some(None);
    check(-32_005, "query returned more than 10000 results", DoNotRetry, less);
    check(
        -32_005,
        "query returned more than 10000 results. Try with this block range [0x10, 0x1f].",
        DoNotRetry,
        Some(Some((16, 31))),
    );
    check(
        -32_602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block \
         range and no limit on the response size. Based on your parameters, this block range \
         should work: [0x1, 0x7cf]",
        DoNotRetry,
        Some(Some((1, 1_999))),
    );
    check(-32_000, "exceed maximum block range: 5000", DoNotRetry, less);
    check(-32_600, "eth_getLogs is limited to a 10,000 range", DoNotRetry, less);
    check(-32_000, "block range too large", DoNotRetry, less);
    check(-32_000, "query timeout exceeded", DoNotRetry, less);
    check(-32_005, "limit exceeded", Retry, None);
    check(-32_005, "daily request count exceeded, request rate limited", DoNotRetry, None);
    check(429, "Your app has exceeded its compute units per second capacity", Retry, None);
    check(-32_000, "Too many requests, retry in 10s", RetryAfter(Duration::from_secs(10)), None);
    check(-32_090, "rate limit: try again in 500ms", RetryAfter(Duration::from_millis(500)), None);
    check(-32_000, "header not found", Retry, None);
    check(-32_000, "invalid block range params", Retry, None);
    check(-32_000, "missing trie node 5f2a (path ) state 0x1 is not available", DoNotRetry, None);
    check(-32_601, "the method eth_getLogs does not exist/is not available", DoNotRetry, None);
    check(-32_000, "unsupported", DoNotRetry, None);
    check(-32_602, "invalid argument 0", DoNotRetry, None);
    check(-32_002, "resource unavailable", Retry, None);
    check(-32_603, "internal error", Unknown, None);
    check(-32_000, "execution aborted", Unknown, None);
}

#[test]
fn the_statuses_of_http() {
    let check = |status, wait: Option<u64>, class| {
        let retry_after = wait.map(Duration::from_secs);
        assert_eq!(RpcFault::Http { status, retry_after }.class(), class, "{status} {wait:?}");
    };
    check(429, None, Retry);
    check(429, Some(7), RetryAfter(Duration::from_secs(7)));
    check(503, Some(1), RetryAfter(Duration::from_secs(1)));
    for status in [408, 500, 502, 503, 504, 522] {
        check(status, None, Retry);
    }
    for status in [301, 400, 401, 403, 404, 405, 413, 501] {
        check(status, None, DoNotRetry);
    }
    check(418, None, Unknown);
    check(599, None, Unknown);
}

#[test]
fn a_suggestion_that_makes_no_sense_is_none() {
    for words in ["[0x5, 0x1]", "[zz, 0x1]", "[0x1", "[]", "]["] {
        let message = format!("query returned more than 10000 results {words}");
        check(-32_005, &message, DoNotRetry, Some(None));
    }
}
