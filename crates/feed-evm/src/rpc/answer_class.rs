//! What the words of a JSON-RPC error mean. The codes are the specification's and EIP-1474's; the
//! providers use them loosely, so the words decide first.

use std::time::Duration;

use super::error_class::{ErrorClass, RangeLimit};

/// Less would have been answered.
const RANGE: &[&str] = &[
    "query returned more than",
    "block range",
    "blocks range",
    "range too large",
    "range is too large",
    "range limit",
    "range exceeds",
    "exceeds the range",
    "exceed maximum block",
    "exceeds max results",
    "too many blocks",
    "too many results",
    "too many logs",
    "max results",
    "response size",
    "response is too big",
    "result set too large",
    "logs matched by query exceeds",
    "query timeout",
    "getlogs is limited",
    "getlogs request was limited",
];

/// A range that is wrong however small it is, although its words are like those above.
const NOT_RANGE: &[&str] = &["invalid block range", "beyond current head", "after last accepted"];

/// Later.
const LIMITED: &[&str] = &[
    "rate limit",
    "ratelimit",
    "too many requests",
    "request limit",
    "limit exceeded",
    "limit reached",
    "compute units per second",
    "capacity exceeded",
    "exceeded its",
    "throttl",
    "try again",
    "temporarily",
    "overloaded",
    "server busy",
];

/// The node is behind, or a block was reorganised away under it.
const BEHIND: &[&str] = &[
    "header not found",
    "block not found",
    "unknown block",
    "could not find block",
    "cannot find block",
    "does not have the requested block",
    "not yet available",
    "after last accepted",
    "beyond current head",
    "invalid block range",
];

/// This node will never know.
const NEVER: &[&str] = &[
    "missing trie node",
    "state is not available",
    "state not available",
    "historical state",
    "archive",
    "pruned",
    "unsupported",
    "not supported",
    "method not found",
    "does not exist",
    "not available",
    "unauthorized",
    "authenticat",
    "api key",
    "forbidden",
    "not allowed",
    "not whitelisted",
    "daily",
    "monthly",
    "quota",
    "invalid argument",
    "invalid params",
    "batch",
];

/// Returns what to do after an answer that is an error.
pub(super) fn class(code: i64, message: &str) -> ErrorClass {
    let words = message.to_ascii_lowercase();
    if range_limit(code, message).is_some() {
        return ErrorClass::DoNotRetry;
    }
    if says(&words, BEHIND) {
        return ErrorClass::Retry;
    }
    if says(&words, NEVER) {
        return ErrorClass::DoNotRetry;
    }
    if says(&words, LIMITED) || matches!(code, 429 | -32_005 | -32_029) {
        return wait_told(&words).map_or(ErrorClass::Retry, ErrorClass::RetryAfter);
    }
    match code {
        // Parse error, invalid request, no such method, invalid parameters; EIP-1474: transaction
        // rejected, method not supported, JSON-RPC version not supported.
        -32_700 | -32_600 | -32_601 | -32_602 | -32_003 | -32_004 | -32_006 => {
            ErrorClass::DoNotRetry
        }
        // EIP-1474: resource not found, resource unavailable.
        -32_001 | -32_002 => ErrorClass::Retry,
        _ => ErrorClass::Unknown,
    }
}

/// Returns what a node would answer, if the error is about asking for too much.
pub(super) fn range_limit(code: i64, message: &str) -> Option<RangeLimit> {
    let words = message.to_ascii_lowercase();
    if says(&words, NOT_RANGE) || !says(&words, RANGE) {
        return None;
    }
    // A limit of requests that happens to speak of a range too is still one of requests.
    if code == 429 || says(&words, &["rate limit", "too many requests"]) {
        return None;
    }
    Some(RangeLimit { suggested: suggested(&words) })
}

fn says(words: &str, any: &[&str]) -> bool {
    any.iter().any(|part| words.contains(part))
}

/// The last `[0x…, 0x…]` of a text.
fn suggested(words: &str) -> Option<(u64, u64)> {
    let open = words.rfind('[')?;
    let close = words.get(open..)?.find(']')?.checked_add(open)?;
    let (first, last) = words.get(open..close)?.strip_prefix('[')?.split_once(',')?;
    let number = |text: &str| {
        let text = text.trim().trim_matches('"');
        match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

/// The wait that a text such as `try again in 10 seconds` or `retry after 500ms` tells.
fn wait_told(words: &str) -> Option<Duration> {
    let start = ["again in ", "retry after ", "retry in ", "wait "].iter().find_map(|told| {
        words.find(told).and_then(|at| words.get(at.checked_add(told.len())?..))
    })?;
    let digits = start.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(start.len());
    let (number, unit) = start.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let unit = unit.trim_start();
    match unit {
        _ if unit.starts_with("ms") || unit.starts_with("milli") => {
            Some(Duration::from_millis(number))
        }
        _ if unit.starts_with("min") => Some(Duration::from_secs(number.saturating_mul(60))),
        _ if unit.starts_with('s') => Some(Duration::from_secs(number)),
        _ => None,
    }
}
