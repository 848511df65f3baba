use std::fmt;

use crate::Timestamp;

/// An instant, in whole microseconds since 1970-01-01 00:00:00 UTC, the resolution of an exchange.
///
/// Instants before 1970 are negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstantUs(pub i64);

impl InstantUs {
    /// Returns the instant of so many milliseconds, or `None` past what fits.
    pub fn from_millis(millis: i64) -> Option<Self> {
        millis.checked_mul(1_000).map(Self)
    }

    /// Returns the first whole microsecond at or after so many nanoseconds: never earlier.
    pub const fn from_nanos_up(nanos: i64) -> Self {
        let (micros, rest) = (nanos.div_euclid(1_000), nanos.rem_euclid(1_000));
        // A quotient by a thousand is far from the largest value.
        Self(if rest == 0 { micros } else { micros.saturating_add(1) })
    }

    /// Returns the beginning of a second, or `None` past what fits.
    pub fn from_timestamp(second: Timestamp) -> Option<Self> {
        i64::try_from(second.0).ok()?.checked_mul(1_000_000).map(Self)
    }

    /// Returns the beginning of a second; past the year 292,000 the last instant there is.
    pub fn at_second(second: Timestamp) -> Self {
        Self::from_timestamp(second).unwrap_or(Self(i64::MAX))
    }

    /// Returns the second that it is in; before 1970 the first one.
    pub fn second(self) -> Timestamp {
        Timestamp(u64::try_from(self.0.div_euclid(1_000_000)).unwrap_or(0))
    }

    /// Returns the first whole second at or after, or `None` before 1970: never earlier.
    pub fn to_timestamp_up(self) -> Option<Timestamp> {
        let (second, rest) = (self.0.div_euclid(1_000_000), self.0.rem_euclid(1_000_000));
        let second = if rest == 0 { second } else { second.saturating_add(1) };
        u64::try_from(second).ok().map(Timestamp)
    }

    /// Returns the instant so many microseconds later (earlier where negative), or `None` past
    /// what fits.
    pub fn checked_add_us(self, micros: i64) -> Option<Self> {
        self.0.checked_add(micros).map(Self)
    }

    /// Returns the microseconds from `earlier` to here, or `None` past what fits.
    pub fn us_since(self, earlier: Self) -> Option<i64> {
        self.0.checked_sub(earlier.0)
    }
}

impl fmt::Display for InstantUs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
