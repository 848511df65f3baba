//! Candles against a plain computation over everything, and what no candle may ever do.

use std::collections::BTreeMap;

use tidemill_model::{Candle, Interval};
use tidemill_units::{Decimal, InstantUs};

use super::seeded::Seeded;
use crate::{CandleBuilder, CandleError, KnownCandle, PricePoint};

const MINUTE: i64 = 60_000_000;
/// 2024-12-01 00:00:00 UTC.
const START: i64 = 1_733_011_200_000_000;
const SEEDS: u64 = 200;

fn minutes(count: i64) -> Interval {
    Interval::from_us(count * MINUTE).expect("above zero")
}

fn at(us: i64) -> InstantUs {
    InstantUs(START + us)
}

fn whole(units: i128) -> Decimal {
    Decimal::from_raw(units * Decimal::ONE.raw())
}

fn trade(us: i64, price: i128, volume: i128) -> PricePoint {
    PricePoint {
        time: at(us),
        price: whole(price),
        volume: whole(volume),
        quote_volume: None,
        trades: Some(1),
    }
}

fn of_trades(interval: Interval) -> CandleBuilder {
    CandleBuilder::of_prices(interval, 10_000).expect("a number that can be kept")
}

/// Trades in order of time, many at once, some on the boundary itself, with silences between.
fn random_trades(seed: u64) -> Vec<PricePoint> {
    let mut random = Seeded(seed);
    let mut time = 0_i64;
    let trades = (0..random.below(300) + 1).map(|_| {
        time += match random.below(10) {
            0 => 0,
            1 => i64::try_from(random.below(20)).expect("small") * MINUTE,
            2 => MINUTE - time.rem_euclid(MINUTE),
            3 => MINUTE - 1 - time.rem_euclid(MINUTE),
            _ => i64::try_from(random.below(30_000_000)).expect("small"),
        };
        let price = i128::from(random.between(90, 110));
        trade(time, price, i128::from(random.below(5) + 1))
    });
    trades.collect()
}

/// Every interval from the first to the last closed one, worked out from all trades at once.
fn batch(trades: &[PricePoint], interval: Interval, now: InstantUs) -> Vec<KnownCandle> {
    let length = interval.us();
    let start_of = |time: InstantUs| time.0.div_euclid(length) * length;
    let mut by_start: BTreeMap<i64, Vec<&PricePoint>> = BTreeMap::new();
    for trade in trades {
        by_start.entry(start_of(trade.time)).or_default().push(trade);
    }
    let first = trades[0].time;
    let mut candles = Vec::new();
    let (mut start, mut close) = (start_of(first), Decimal::ZERO);
    while start + length <= now.0 {
        let inside = by_start.get(&start).map_or(&[][..], Vec::as_slice);
        let prices: Vec<_> = inside.iter().map(|trade| trade.price).collect();
        let open = prices.first().copied().unwrap_or(close);
        close = prices.last().copied().unwrap_or(close);
        let volume = inside.iter().map(|trade| trade.volume.raw()).sum();
        let candle = Candle {
            open_time: InstantUs(start),
            open,
            high: prices.iter().copied().max().unwrap_or(close),
            low: prices.iter().copied().min().unwrap_or(close),
            close,
            volume: Decimal::from_raw(volume),
            quote_volume: None,
            trades: Some(inside.len() as u64),
        };
        candles.push(KnownCandle { candle, is_whole: start >= first.0 });
        start += length;
    }
    candles
}

fn closed(builder: &CandleBuilder) -> Vec<KnownCandle> {
    builder.closed().copied().collect()
}

#[test]
fn candles_are_those_of_a_computation_over_all_trades() {
    for seed in 0..SEEDS {
        let trades = random_trades(seed);
        for interval in [1, 3, 5, 60].map(minutes) {
            let mut builder = of_trades(interval);
            for trade in &trades {
                builder.add_price(trade).expect("small");
            }
            let now = InstantUs(trades.last().expect("one").time.0 + 7 * MINUTE);
            builder.advance(now).expect("small");
            assert_eq!(closed(&builder), batch(&trades, interval, now), "seed {seed} {interval}");
            assert_eq!(builder.late().count, 0, "seed {seed}");
        }
    }
}

/// At every instant of every run, what is closed has ended, and what has ended is closed.
#[test]
fn a_candle_closes_at_its_boundary_and_never_before() {
    for seed in 0..SEEDS {
        let (trades, mut random) = (random_trades(seed), Seeded(!seed));
        let interval = minutes(i64::from(random.between(1, 7)));
        let mut builder = of_trades(interval);
        for (index, trade) in trades.iter().enumerate() {
            builder.add_price(trade).expect("small");
            // The clock of other feeds moves it on as well, until the next trade.
            let later = InstantUs(trade.time.0 + i64::from(random.between(0, 90_000_000)));
            let later = trades.get(index + 1).map_or(later, |next| later.min(next.time));
            builder.advance(later).expect("small");
            let last = builder.closed().last().map(|known| known.candle.open_time);
            let last_end = last.and_then(|start| interval.end_of(start));
            assert!(last_end.is_none_or(|end| end <= later), "seed {seed}: closed early");
            let open_end = builder.closes_at().expect("begun");
            assert!(open_end > later, "seed {seed}: closed late");
        }
    }
}

#[test]
fn the_instant_of_the_boundary_closes_and_the_one_before_does_not() {
    let mut builder = of_trades(minutes(1));
    builder.add_price(&trade(0, 100, 1)).expect("small");
    builder.advance(at(MINUTE - 1)).expect("small");
    assert_eq!(builder.count(), 0);
    builder.advance(at(MINUTE)).expect("small");
    assert_eq!(builder.count(), 1);
    // A trade on the boundary is of the next candle.
    builder.add_price(&trade(MINUTE, 105, 1)).expect("small");
    assert_eq!(closed(&builder)[0].candle.high, whole(100));
}

#[test]
fn candles_of_candles_are_those_of_the_trades() {
    for seed in 0..SEEDS {
        let trades = random_trades(seed);
        let (mut small, mut large) = (of_trades(minutes(1)), of_trades(minutes(5)));
        for trade in &trades {
            small.add_price(trade).expect("small");
            large.add_price(trade).expect("small");
        }
        let last = trades.last().expect("one").time.0;
        let now = InstantUs((last.div_euclid(5 * MINUTE) + 2) * 5 * MINUTE);
        small.advance(now).expect("small");
        large.advance(now).expect("small");
        let of_candles = CandleBuilder::of_candles(minutes(5), minutes(1), 10_000);
        let mut joined = of_candles.expect("a multiple");
        for known in small.closed() {
            joined.add_candle(minutes(1), known).expect("in order");
        }
        let [mut joined, large] = [closed(&joined), closed(&large)];
        // Whether the very first is whole depends on the minute and on the five of them.
        joined[0].is_whole = large[0].is_whole;
        assert_eq!(joined, large, "seed {seed}");
    }
}

#[test]
fn the_last_part_closes_a_candle_and_a_missing_one_is_named() {
    let candle = |minute: i64| KnownCandle {
        candle: Candle {
            open_time: at(minute * MINUTE),
            open: whole(100),
            high: whole(101 + i128::from(minute)),
            low: whole(99),
            close: whole(100),
            volume: whole(2),
            quote_volume: Some(whole(200)),
            trades: None,
        },
        is_whole: true,
    };
    let build = |minutes_there: &[i64]| {
        let mut builder = CandleBuilder::of_candles(minutes(3), minutes(1), 10).expect("allowed");
        for minute in minutes_there {
            builder.add_candle(minutes(1), &candle(*minute)).expect("in order");
        }
        builder
    };
    let complete = build(&[0, 1, 2]);
    let [known] = closed(&complete)[..] else { panic!("{complete:?}") };
    assert!(known.is_whole);
    assert_eq!((known.candle.volume, known.candle.quote_volume), (whole(6), Some(whole(600))));
    assert_eq!(known.candle.high, whole(103));
    assert_eq!(build(&[0, 1]).count(), 0, "a part is missing, and could still come");
    // At the boundary the last part may be next; the microsecond after it is missing.
    let mut waiting = build(&[0, 1]);
    waiting.advance(at(3 * MINUTE)).expect("small");
    assert_eq!(waiting.count(), 0);
    waiting.advance(at(3 * MINUTE + 1)).expect("small");
    assert_eq!((waiting.count(), closed(&waiting)[0].is_whole), (1, false));
    // It comes after all: counted, and not added.
    waiting.add_candle(minutes(1), &candle(2)).expect("late");
    assert_eq!((waiting.late().count, waiting.late().last), (1, Some(at(2 * MINUTE))));
    assert_eq!(closed(&waiting)[0].candle.volume, whole(4));
    let holed = build(&[0, 1, 2, 3, 5, 6]);
    let is_whole: Vec<_> = holed.closed().map(|known| known.is_whole).collect();
    assert_eq!(is_whole, [true, false]);
    let skipped = build(&[0, 1, 2, 9, 10, 11]);
    let shown: Vec<_> =
        skipped.closed().map(|known| (known.is_whole, known.candle.volume)).collect();
    let flat = (false, Decimal::ZERO);
    assert_eq!(shown, [(true, whole(6)), flat, flat, (true, whole(6))]);
    assert_eq!(build(&[0, 1, 1]).late().count, 1, "the same part again");
}

#[test]
fn what_comes_late_is_counted_and_its_candle_marked() {
    let mut builder = of_trades(minutes(1)).whole_from(at(0));
    builder.add_price(&trade(1, 100, 1)).expect("small");
    builder.add_price(&trade(MINUTE + 5, 100, 1)).expect("small");
    assert!(closed(&builder)[0].is_whole);
    builder.add_price(&trade(MINUTE - 1, 500, 9)).expect("small");
    let [known] = closed(&builder)[..] else { panic!("{builder:?}") };
    assert_eq!((known.candle.high, known.candle.volume), (whole(100), whole(1)), "as it was");
    assert!(!known.is_whole);
    assert_eq!((builder.late().count, builder.late().last), (1, Some(at(MINUTE - 1))));
    // Late by less than the open interval is not late: prices go by their time.
    builder.add_price(&trade(MINUTE + 1, 90, 1)).expect("small");
    builder.advance(at(2 * MINUTE)).expect("small");
    let candle = closed(&builder)[1].candle;
    assert_eq!([candle.open, candle.close], [90, 100].map(whole));
}

#[test]
fn a_gap_marks_the_candles_that_it_touches_and_no_others() {
    let mut builder = of_trades(minutes(1)).whole_from(at(0));
    builder.add_price(&trade(0, 100, 1)).expect("small");
    builder.advance(at(2 * MINUTE)).expect("small");
    // Noticed in the third minute, it began in the middle of the second.
    builder.doubt_from(at(MINUTE + 30));
    builder.advance(at(4 * MINUTE)).expect("small");
    builder.trust_from(at(4 * MINUTE + 10));
    builder.advance(at(6 * MINUTE)).expect("small");
    let is_whole = |builder: &CandleBuilder| -> Vec<_> {
        builder.closed().map(|known| known.is_whole).collect()
    };
    assert_eq!(is_whole(&builder), [true, false, false, false, false, true]);
    // One that begins on a boundary leaves the candle before it alone.
    builder.doubt_from(at(6 * MINUTE));
    builder.trust_from(at(7 * MINUTE));
    builder.advance(at(8 * MINUTE)).expect("small");
    assert_eq!(is_whole(&builder)[5..], [true, false, true]);
}

#[test]
fn a_long_silence_costs_no_more_than_what_is_kept() {
    let mut builder = CandleBuilder::of_prices(minutes(1), 3).expect("allowed");
    builder.add_price(&trade(0, 100, 1)).expect("small");
    let years = 525_600 * 100;
    builder.advance(at(years * MINUTE)).expect("small");
    assert_eq!(builder.count(), years.unsigned_abs());
    let open_times: Vec<_> = builder.closed().map(|known| known.candle.open_time).collect();
    assert_eq!(open_times, [3, 2, 1].map(|before| at((years - before) * MINUTE)));
    assert!(builder.closed().all(|known| known.candle.trades == Some(0)));
    assert_eq!(builder.closes_at(), Some(at((years + 1) * MINUTE)));
}

#[test]
fn what_cannot_be_built_is_refused() {
    let two = minutes(2);
    let refused = CandleBuilder::of_candles(minutes(5), two, 10).expect_err("no multiple");
    assert_eq!(refused.to_string(), "candles of 2m do not add up to candles of 5m");
    for keep in [0, 100_001] {
        assert_eq!(CandleBuilder::of_prices(two, keep), Err(CandleError::Keep(keep)));
    }
    let mut builder = CandleBuilder::of_candles(two, minutes(1), 1).expect("allowed");
    let known = KnownCandle {
        candle: batch(&[trade(0, 1, 1)], minutes(1), at(MINUTE))[0].candle,
        is_whole: true,
    };
    assert!(matches!(builder.add_candle(two, &known), Err(CandleError::OtherInterval { .. })));
    let crooked = Candle { open_time: at(1), ..known.candle };
    let crooked = KnownCandle { candle: crooked, ..known };
    assert_eq!(builder.add_candle(minutes(1), &crooked), Err(CandleError::NotAligned(at(1))));
    let mut huge = of_trades(two);
    let most = PricePoint { volume: Decimal::from_raw(i128::MAX), ..trade(0, 1, 1) };
    assert_eq!(huge.add_price(&most), Ok(()));
    assert_eq!(huge.add_price(&most), Err(CandleError::TooLarge));
    let last = PricePoint { time: InstantUs(i64::MAX), ..most };
    assert_eq!(of_trades(two).add_price(&last), Ok(()));
    let first = PricePoint { time: InstantUs(i64::MIN), ..most };
    assert_eq!(of_trades(two).add_price(&first), Err(CandleError::TooLarge));
}
