use super::{read, read_instant, read_offset};
use crate::import::TimeFormat;

#[test]
fn every_way_to_write_one_instant_is_that_instant() {
    let expected = 1_704_457_800_000_000;
    for text in [
        "2024-01-05 12:30:00",
        "2024-01-05T12:30:00",
        "2024-01-05T12:30:00Z",
        "2024-01-05 12:30:00+00:00",
        "2024-01-05 14:30:00+02:00",
        "2024-01-05T07:00:00-0530",
        "2024-01-05T12:30:00.000000000Z",
    ] {
        assert_eq!(read_instant(text).unwrap().0, expected, "{text}");
    }
    assert_eq!(read("2024-01-05 14:30:00", TimeFormat::Text, 7200).unwrap().0, expected);
    assert_eq!(read("1704457800", TimeFormat::Seconds, 7200).unwrap().0, expected);
    assert_eq!(read("1704457800.0", TimeFormat::Seconds, 0).unwrap().0, expected);
    assert_eq!(read_instant("2024-01-05T12:30:00.25Z").unwrap().0, expected + 250_000);
    assert_eq!(read_instant("2024-01-05").unwrap().0, 1_704_412_800_000_000);
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "2024",
        "2024-1-5",
        "2024-02-30",
        "2024-01-05 12:30",
        "2024-01-05 24:00:00",
        "2024-01-05 12:30:60",
        "2024-01-05T12:30:00.",
        "2024-01-05T12:30:00.0000001Z",
        "2024-01-05T12:30:00+2",
        "2024-01-05 12:30:00 UTC",
        "+024-01-05",
        "2024-01-05ZZ",
        "é024-01-05",
    ] {
        assert_eq!(read_instant(text), None, "{text}");
    }
    assert_eq!(read("1e9", TimeFormat::Seconds, 0), None);
    assert_eq!(read("9223372036854775807", TimeFormat::Seconds, 0), None);
    assert_eq!(read_offset("02:00"), None);
}
