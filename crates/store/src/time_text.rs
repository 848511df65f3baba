use jiff::SignedDuration;
use jiff::civil::DateTime;
use tidemill_rewards::aerodrome::epoch_start;
use tidemill_units::Timestamp;

use crate::Fault;
use crate::error::clip;

/// The last second of the year 9999.
pub(crate) const LAST_TIME: Timestamp = Timestamp(253_402_300_799);

/// What a time may be, for messages.
pub(crate) const TIME_RANGE: &str = "whole seconds from 1970-01-01 to 9999-12-31, UTC";

/// Where Unix time starts. Without leap seconds, counting from it is civil arithmetic.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

const EXPECTED: &str = "a UTC time as YYYY-MM-DD HH:MM:SS, from 1970 on";

/// Reads a time as [`time_text`] writes it.
///
/// # Errors
///
/// [`Fault::Value`] for anything but `YYYY-MM-DD HH:MM:SS`.
pub fn read_time(text: &str) -> Result<Timestamp, Fault> {
    parse_time(text)
}

/// Reads `YYYY-MM-DD HH:MM:SS`, UTC, every digit present; a leap second is refused, as Unix time
/// has none.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, Fault> {
    read(text).ok_or_else(|| Fault::Value { found: clip(text), expected: EXPECTED })
}

/// Reads the second at which a week of votes begins, a Thursday at 00:00 UTC, in plain digits.
pub(crate) fn read_week(text: &str) -> Option<Timestamp> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let second = text.parse::<u64>().ok().filter(|_| is_plain).map(Timestamp)?;
    (epoch_start(second) == second).then_some(second)
}

fn read(text: &str) -> Option<Timestamp> {
    const SHAPE: &[u8; 19] = b"0000-00-00 00:00:00";
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        separator => byte == separator,
    };
    if !bytes.iter().zip(SHAPE).all(fits) {
        return None;
    }
    let two = |at: usize| text.get(at..at.checked_add(2)?)?.parse::<i8>().ok();
    let year = text.get(..4)?.parse().ok()?;
    let (month, day) = (two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let time = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    u64::try_from(time.duration_since(EPOCH).as_secs()).ok().map(Timestamp)
}

/// Writes a time as `YYYY-MM-DD HH:MM:SS`, or its seconds past the year 9999.
pub fn time_text(time: Timestamp) -> String {
    let since = i64::try_from(time.0).ok().map(SignedDuration::from_secs);
    match since.and_then(|since| EPOCH.checked_add(since).ok()) {
        Some(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        None => time.0.to_string(),
    }
}
