use jiff::civil::DateTime;
use jiff::tz::Offset;
use tidemill_units::InstantUs;

use crate::import::TimeFormat;

/// What a time may be written as, for messages.
pub(crate) const TIME: &str =
    "a time as YYYY-MM-DD, perhaps followed by HH:MM:SS, places of the second, and Z or ±HH:MM";
pub(crate) const UNIX: &str = "a time as a whole number of the declared unit since 1970";

/// Reads a date or a time, UTC where it names no offset; what is beyond the microsecond must be
/// zero.
pub fn read_instant(text: &str) -> Option<InstantUs> {
    read_text(text, 0)
}

/// Reads a time of a format; `zone_s` is the offset of those that name none.
pub(crate) fn read(text: &str, format: TimeFormat, zone_s: i64) -> Option<InstantUs> {
    let unix = |unit: i64| {
        // Tables of floating point write whole numbers with a point and a zero.
        let whole = text.strip_suffix(".0").unwrap_or(text);
        whole.parse::<i64>().ok()?.checked_mul(unit).map(InstantUs)
    };
    match format {
        TimeFormat::Text => read_text(text, zone_s),
        TimeFormat::Seconds => unix(1_000_000),
        TimeFormat::Milliseconds => unix(1_000),
        TimeFormat::Microseconds => unix(1),
    }
}

fn read_text(text: &str, zone_s: i64) -> Option<InstantUs> {
    let digits = |from: usize, count: usize| {
        let part = text.get(from..from.checked_add(count)?)?;
        let plain = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| plain)
    };
    let is =
        |at: usize, allowed: &[u8]| text.as_bytes().get(at).is_some_and(|b| allowed.contains(b));
    let small = |at| digits(at, 2).and_then(|value| i8::try_from(value).ok());
    let (year, month, day) = (digits(0, 4)?, small(5)?, small(8)?);
    if !is(4, b"-") || !is(7, b"-") {
        return None;
    }
    let mut clock = (0, 0, 0);
    let mut micros = 0_i64;
    let mut rest = text.get(10..)?;
    if is(10, b" T") {
        if !is(13, b":") || !is(16, b":") {
            return None;
        }
        clock = (small(11)?, small(14)?, small(17)?);
        rest = text.get(19..)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (places, after) = fraction.split_at_checked(count)?;
            let (kept, beyond) = places.split_at_checked(count.min(6))?;
            if count == 0 || beyond.bytes().any(|byte| byte != b'0') {
                return None;
            }
            micros = format!("{kept:0<6}").parse().ok()?;
            rest = after;
        }
    }
    let offset_s = match rest {
        "" => zone_s,
        "Z" => 0,
        offset => read_offset(offset)?,
    };
    let (hour, minute, second) = clock;
    let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let utc = Offset::UTC.to_timestamp(local).ok()?.as_microsecond();
    utc.checked_sub(offset_s.checked_mul(1_000_000)?)?.checked_add(micros).map(InstantUs)
}

/// Reads `+02:00` or `-0530` as seconds east of UTC.
pub(crate) fn read_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replacen(':', "", 1);
    let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| plain)?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests;
