use std::fmt;

use tidemill_model::EventBody;
use tidemill_units::InstantUs;

/// Something of a feed, with when it happened and when it is seen; its place in the log comes with
/// the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenItem {
    /// When it happened, by the venue's clock.
    pub happened_at: InstantUs,
    /// When it is seen.
    pub seen_at: InstantUs,
    /// What: data of a feed, or how its standing changes.
    pub body: EventBody,
}

/// Why a feed could not be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("feed `{feed}`: {reason}")]
pub struct FeedFault {
    /// The feed.
    pub feed: String,
    /// What is wrong, and where.
    pub reason: String,
}

/// What all feeds of a run say, in the order in which it is seen.
pub struct FeedStream<'a>(Box<dyn Iterator<Item = Result<SeenItem, FeedFault>> + 'a>);

impl<'a> FeedStream<'a> {
    /// Returns the stream of these items, whose `seen_at` never falls.
    pub fn new(items: impl Iterator<Item = Result<SeenItem, FeedFault>> + 'a) -> Self {
        Self(Box::new(items))
    }

    /// Returns a stream of nothing.
    pub fn none() -> Self {
        Self::new(std::iter::empty())
    }
}

impl Iterator for FeedStream<'_> {
    type Item = Result<SeenItem, FeedFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl fmt::Debug for FeedStream<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FeedStream")
    }
}
