use std::fmt;

use jiff::civil::Date;
use jiff::tz::Offset;
use tidemill_units::InstantUs;

/// The folder below its source that a row lies in: a day or a year, UTC.
///
/// Both have the name `period`, so that all folders of a dataset have the same keys: readers of
/// folders of this kind refuse others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// One day.
    Day(Date),
    /// One year.
    Year(i16),
    /// Rows whose day is not known. Readers of such folders take it as a null.
    UnknownDay,
}

/// How readers of folders of this kind write a null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

impl Partition {
    /// Rows whose day is not known.
    pub const UNKNOWN_DAY: Self = Self::UnknownDay;

    /// Returns the day of an instant; `None` outside the years 1 to 9999.
    pub fn day_of(time: InstantUs) -> Option<Self> {
        date_of(time).map(Self::Day)
    }

    /// Returns the year of an instant; `None` outside the years 1 to 9999.
    pub fn year_of(time: InstantUs) -> Option<Self> {
        date_of(time).map(|date| Self::Year(date.year()))
    }

    /// Reads the name of a folder.
    pub fn named(name: &str) -> Option<Self> {
        let partition = match name.strip_prefix("period=")? {
            NULL => Self::UnknownDay,
            year if year.len() == 4 => Self::Year(year.parse().ok()?),
            day => Self::Day(day.parse().ok()?),
        };
        (partition.to_string() == name).then_some(partition)
    }

    /// Returns its first instant and the first one behind it; `None` where no day is known.
    pub fn span(self) -> Option<(InstantUs, InstantUs)> {
        let (first, behind) = match self {
            Self::Day(day) => (day, day.tomorrow().ok()?),
            Self::Year(year) => {
                let next = year.checked_add(1)?;
                (Date::new(year, 1, 1).ok()?, Date::new(next, 1, 1).ok()?)
            }
            Self::UnknownDay => return None,
        };
        let begin = |date: Date| {
            let begin = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
            Some(InstantUs(begin.as_microsecond()))
        };
        Some((begin(first)?, begin(behind)?))
    }
}

fn date_of(time: InstantUs) -> Option<Date> {
    let time = jiff::Timestamp::from_microsecond(time.0).ok()?;
    let date = Offset::UTC.to_datetime(time).date();
    (date.year() >= 1).then_some(date)
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(formatter, "period={day}"),
            Self::Year(year) => write!(formatter, "period={year:04}"),
            Self::UnknownDay => write!(formatter, "period={NULL}"),
        }
    }
}
