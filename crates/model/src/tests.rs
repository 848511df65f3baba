use std::mem::size_of;

use tidemill_units::InstantUs;

use crate::{Interval, PoolEvent, ShareEvent, TapeEvent};

/// Tapes hold millions of events: what a pool of shares needs more room for is behind a box.
#[test]
fn events_of_pools_of_shares_take_no_more_room_than_others() {
    assert_eq!([size_of::<PoolEvent>(), size_of::<ShareEvent>()], [160, 136]);
    assert_eq!(size_of::<TapeEvent>(), 240);
}

#[test]
fn intervals_begin_at_multiples_of_their_length() {
    let minute: Interval = "1m".parse().unwrap();
    assert_eq!(minute, Interval::MINUTE);
    assert_eq!(minute.start_of(InstantUs(119_999_999)), Some(InstantUs(60_000_000)));
    assert_eq!(minute.start_of(InstantUs(120_000_000)), Some(InstantUs(120_000_000)));
    assert_eq!(minute.start_of(InstantUs(-1)), Some(InstantUs(-60_000_000)), "before 1970 too");
    assert_eq!(minute.end_of(InstantUs(60_000_000)), Some(InstantUs(120_000_000)));
    assert_eq!(minute.start_of(InstantUs(i64::MIN)), None);
    for text in ["100ms", "1s", "15m", "4h", "1d", "1w", "7us"] {
        assert_eq!(text.parse::<Interval>().unwrap().to_string(), text);
    }
    assert_eq!("90m".parse::<Interval>().unwrap().to_string(), "90m");
    assert_eq!("24h".parse::<Interval>().unwrap(), Interval::DAY);
    for text in ["", "m", "0m", "-1m", "1", "1 m", "1M", "1.5h", "99999999999999w"] {
        assert!(text.parse::<Interval>().is_err(), "{text}");
    }
}
