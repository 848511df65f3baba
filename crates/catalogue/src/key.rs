use std::fmt;

/// The place of a row in the order of its dataset; each is there once.
///
/// What the parts are, its [`Record`](crate::Record) says: block and log index, the time, the
/// venue's number, or the time and when the value was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The first column of the order; microseconds since 1970 where it is a time.
    pub first: i64,
    /// The second, zero where there is none.
    pub second: i64,
    /// The third, empty where there is none.
    pub third: Box<str>,
}

impl Key {
    /// Returns the key of an order of one column.
    pub fn one(first: i64) -> Self {
        Self { first, ..Self::default() }
    }

    /// Returns the key of an order of two columns.
    pub fn two(first: i64, second: i64) -> Self {
        Self { first, second, ..Self::default() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second, third } = self;
        match (*second, third.is_empty()) {
            (0, true) => write!(formatter, "{first}"),
            (second, true) => write!(formatter, "{first}/{second}"),
            (second, false) => write!(formatter, "{first}/{second}/{third}"),
        }
    }
}
