use std::time::Duration;

use super::answer_class;
use super::error::RpcFault;

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The same request may succeed in a while: wait, doubling, and ask again.
    Retry,
    /// As before, but the node says how long to wait.
    RetryAfter(Duration),
    /// The same request will fail here again: ask another node, or ask for less.
    DoNotRetry,
    /// Nothing is known about it: ask another node, and count on nothing here.
    Unknown,
}

/// A node gives less at once than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeLimit {
    /// The first and last block that it says it would answer for, if it says.
    pub suggested: Option<(u64, u64)>,
}

impl RpcFault {
    /// What to do next.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Timeout(_)
            | Self::Connect(_)
            | Self::Lost(_)
            | Self::NotJson(_)
            | Self::OtherAnswer(_)
            | Self::Nothing => ErrorClass::Retry,
            Self::Http { status, retry_after } => http_class(*status, *retry_after),
            Self::Answer { code, message } => answer_class::class(*code, message),
            Self::BodyTooLarge { .. }
            | Self::Shape(_)
            | Self::WrongChain { .. }
            | Self::Lagging { .. }
            | Self::StaleHead { .. }
            | Self::Data(_) => ErrorClass::DoNotRetry,
        }
    }

    /// Whether the node would answer if less were asked for.
    pub fn range_limit(&self) -> Option<RangeLimit> {
        match self {
            Self::BodyTooLarge { .. } => Some(RangeLimit { suggested: None }),
            Self::Answer { code, message } => answer_class::range_limit(*code, message),
            Self::Http { status: 413, .. } => Some(RangeLimit { suggested: None }),
            Self::Http { .. }
            | Self::Timeout(_)
            | Self::Connect(_)
            | Self::Lost(_)
            | Self::NotJson(_)
            | Self::OtherAnswer(_)
            | Self::Nothing
            | Self::Shape(_)
            | Self::WrongChain { .. }
            | Self::Lagging { .. }
            | Self::StaleHead { .. }
            | Self::Data(_) => None,
        }
    }
}

fn http_class(status: u16, retry_after: Option<Duration>) -> ErrorClass {
    match (status, retry_after) {
        (429 | 503, Some(wait)) => ErrorClass::RetryAfter(wait),
        (408 | 425 | 429 | 500 | 502 | 503 | 504 | 520..=530, _) => ErrorClass::Retry,
        (300..=399 | 400..=417 | 422 | 426 | 431 | 451 | 501 | 505, _) => ErrorClass::DoNotRetry,
        _ => ErrorClass::Unknown,
    }
}

#[cfg(test)]
mod tests;
