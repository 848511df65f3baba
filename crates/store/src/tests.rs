use tidemill_units::{SqrtPrice, Tick, U256};

use crate::tick_band::tick_holds_price;
use crate::time_text::{LAST_TIME, parse_time, time_text};

/// Prices of ticks as `TickMath.spec.ts` of v3-core 1.0.1 has them, and one above and below 1.
const PRICES: [(i32, &str); 9] = [
    (-887_272, "4295128739"),
    (-887_271, "4295343490"),
    (-1, "79224201403219477170569942573"),
    (0, "79228162514264337593543950336"),
    (1, "79232123823359799118286999567"),
    (50, "79426470787362580746886972461"),
    (100, "79625275426524748796330556128"),
    (250_000, "21246587762933397357449903968194344"),
    (738_203, "847134979253254120489401328389043031315994541"),
];

/// The two ticks that share a boundary both hold it; their neighbours do not.
#[test]
fn a_price_lies_in_the_ticks_it_bounds_and_in_no_other() {
    for (tick, price) in PRICES {
        let price: SqrtPrice = price.parse().unwrap();
        for (offset, holds) in [(-2, false), (-1, true), (0, true), (1, false)] {
            let tick = Tick(tick + offset);
            // The lowest ticks are a few units wide, fewer than the slack of the check.
            if tick.0 > -887_270 {
                assert_eq!(tick_holds_price(tick, price), holds, "{tick} and {price}");
            }
        }
        assert!(tick_holds_price(Tick(tick), price), "{tick} and {price}");
    }
}

#[test]
fn the_highest_price_lies_in_the_highest_tick() {
    let last = SqrtPrice::from_x96(SqrtPrice::MAX.to_x96().wrapping_sub(U256::ONE)).unwrap();
    assert!(tick_holds_price(Tick(887_271), last));
    assert!(!tick_holds_price(Tick(887_270), last));
    assert!(!tick_holds_price(Tick::MIN, last));
}

#[test]
fn times_are_read_as_written() {
    for (text, seconds) in [
        ("1970-01-01 00:00:00", 0),
        ("2024-02-29 23:59:59", 1_709_251_199),
        ("2024-12-01 00:00:11", 1_733_011_211),
        ("9999-12-31 23:59:59", LAST_TIME.0),
    ] {
        let time = parse_time(text).unwrap();
        assert_eq!((time.0, time_text(time).as_str()), (seconds, text));
    }
    for text in [
        "",
        "2024-12-01",
        "2024-12-01 00:00:11Z",
        "2024-12-01 00:00:1",
        "2024-12-01 00:00:011",
        "2023-02-29 00:00:00",
        "2024-13-01 00:00:00",
        "2024-12-01 24:00:00",
        "2024-12-01 00:60:00",
        "2024/12/01 00:00:00",
        "+024-12-01 00:00:00",
        "２024-12-01 00:00",
    ] {
        assert!(parse_time(text).is_err(), "{text}");
    }
}
