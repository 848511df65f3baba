//! Books out of a data folder: the best bid and ask of every message, and breaks as gaps.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};

use flate2::read::MultiGzDecoder;
use tempfile::TempDir;
use tidemill_catalogue::{Answered, BookRow, Gap, Source, Span};
use tidemill_feed_cex::binance::{
    BinanceBook, BinanceMarket, BinanceMessage, BookLimits, parse_depth, parse_stream_message,
};
use tidemill_market::FeedHealth;
use tidemill_model::{
    BestQuote, BookLevel, BookSnapshot, BookUpdate, EventBody, FeedChange, FeedItem, GapCause,
};
use tidemill_units::{Decimal, InstantUs};

use crate::folder_feeds::run;
use crate::folder_rows::{put, span_of, start_of_week};
use crate::recorded_data::recorded;
use crate::seeded::Seeded;

const SOURCE: &str = "book/source=desk/symbol=ETHUSDT";
const KEYS: &str = "source = \"book/source=desk/symbol=ETHUSDT\"\ndata = \"folder\"\n";
const NEED: &str = "{ feed = \"feed\", interval = \"2m\" }";

/// Puts messages in a folder beside what they are the answer to.
fn folder_of(rows: &[BookRow], answered: &Answered) -> TempDir {
    let place = TempDir::new().unwrap();
    let source: Source = SOURCE.parse().unwrap();
    put(&place.path().join("folder"), &source, (), (rows, answered), &mut Seeded(5));
    place
}

fn quotes(events: &[tidemill_model::Event]) -> Vec<BestQuote> {
    let quote = |body: &EventBody| {
        let EventBody::Data(data) = body else { return None };
        let FeedItem::Quote(quote) = data.item else { panic!("{data:?}") };
        Some(quote)
    };
    events.iter().filter_map(|event| quote(&event.body)).collect()
}

/// The recorded stream of ETHUSDT: the folder's book is that of the venue's rules.
#[test]
fn a_recorded_book_has_the_best_levels_that_the_venues_rules_give() {
    let Some(file) = recorded("binance-ws-2024-08-08/spot_ethusdt_20240808.jsonl.gz") else {
        return;
    };
    let lines = BufReader::new(MultiGzDecoder::new(std::fs::File::open(file).unwrap())).lines();
    let limits = BookLimits { told: 0, ..BookLimits::default() };
    let mut book = BinanceBook::new(BinanceMarket::Spot, limits);
    let mut expected: BTreeMap<u64, BestQuote> = BTreeMap::new();
    let mut rows = Vec::new();
    let (mut newest, mut updates, mut snapshots) = (InstantUs(0), 0, 0);
    for line in lines {
        let line = line.unwrap();
        let (_, text) = line.split_once(' ').unwrap();
        if text.starts_with("{\"lastUpdateId\"") {
            let snapshot = parse_depth(text).unwrap();
            rows.extend(BookRow::of_snapshot(&snapshot, Some(newest)));
            book.snapshot(&snapshot);
            snapshots += 1;
        } else if let BinanceMessage::Depth { update, .. } = parse_stream_message(text).unwrap() {
            newest = update.time;
            rows.extend(BookRow::of_update(&update, None));
            book.update(&update);
            updates += 1;
        }
        expected.extend(book.best().map(|quote| (quote.update_id, quote)));
    }
    assert_eq!((updates, snapshots), (3_434, 1));
    let place = folder_of(&rows, &Answered::default());
    let (_, journal, _) = run(place.path(), KEYS, NEED);
    let found = quotes(&journal.events);
    assert!(found.len() >= 3_432, "{}", found.len());
    let found: BTreeMap<_, _> = found.into_iter().map(|quote| (quote.update_id, quote)).collect();
    assert!(expected.len() > 3_400, "{}", expected.len());
    for (id, quote) in &expected {
        let found = &found[id];
        assert_eq!((found.bid, found.ask), (quote.bid, quote.ask), "update {id}");
    }
    let gaps = journal.events.iter().filter_map(|event| match &event.body {
        EventBody::Feed(feed) => Some(feed.change),
        EventBody::Data(_)
        | EventBody::Account(_)
        | EventBody::Chain(_)
        | EventBody::Outcome(_)
        | EventBody::Programme(_)
        | EventBody::Price(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_) => None,
    });
    let causes: Vec<_> = gaps
        .map(|change| match change {
            FeedChange::Gap { cause, .. } => Some(cause),
            FeedChange::Restored => None,
        })
        .collect();
    assert_eq!(causes, [Some(GapCause::Ended)], "no break");
}

fn levels(prices: &[(i64, i64)]) -> Vec<BookLevel> {
    let unit = Decimal::ONE.raw();
    let of = |number: i64| Decimal::from_raw(unit * i128::from(number));
    prices
        .iter()
        .map(|(price, quantity)| BookLevel { price: of(*price), quantity: of(*quantity) })
        .collect()
}

fn at(minute: i64) -> InstantUs {
    InstantUs(span_of(start_of_week(300)).0 + minute * 60_000_000)
}

type Levels<'a> = &'a [(i64, i64)];

fn snapshot(minute: i64, last_update_id: u64, (bids, asks): (Levels, Levels)) -> Vec<BookRow> {
    let snapshot = BookSnapshot { last_update_id, bids: levels(bids), asks: levels(asks) };
    BookRow::of_snapshot(&snapshot, Some(at(minute)))
}

fn update(
    minute: i64,
    (first_update_id, last_update_id): (u64, u64),
    previous_update_id: Option<u64>,
    (bids, asks): (Levels, Levels),
) -> Vec<BookRow> {
    let update = BookUpdate {
        time: at(minute),
        first_update_id,
        last_update_id,
        previous_update_id,
        bids: levels(bids),
        asks: levels(asks),
    };
    BookRow::of_update(&update, None)
}

/// Checks the best bid and ask, in whole numbers, and the health half a minute after each minute.
#[track_caller]
fn check(
    rows: &[Vec<BookRow>],
    answered: &Answered,
    expected: &[(i64, (i64, i64), Option<GapCause>)],
) {
    let place = folder_of(&rows.concat(), answered);
    let (shown, ..) = run(place.path(), KEYS, NEED);
    for (minute, best, cause) in expected {
        let instant = at(*minute).0 + 30_000_000;
        let one = shown.iter().rfind(|one| one.seen_at.0 <= instant).unwrap();
        let whole = |price: Decimal| i64::try_from(price.raw() / Decimal::ONE.raw()).unwrap();
        let quote = one.quote.map(|quote| (whole(quote.bid.price), whole(quote.ask.price)));
        assert_eq!(quote, Some(*best), "minute {minute}");
        let found = match one.health.unwrap() {
            FeedHealth::Whole => None,
            FeedHealth::Gap { cause, .. } => Some(cause),
        };
        assert_eq!(found, *cause, "minute {minute}");
    }
}

const DEEP: (Levels, Levels) = (&[(99, 1), (98, 1), (97, 1)], &[(101, 1), (102, 1), (103, 1)]);

#[test]
fn a_break_of_the_numbers_is_a_gap_until_the_next_snapshot() {
    let rows = [
        // Before the snapshot nothing is known, and what overlaps it is applied once.
        update(-3, (1, 5), None, (&[(90, 1)], &[])),
        snapshot(-2, 10, DEEP),
        update(-1, (9, 12), None, (&[(99, 0)], &[])),
        update(5, (13, 13), None, (&[(99, 2)], &[(101, 0)])),
        // 14 is missing.
        update(10, (15, 16), None, (&[(98, 5)], &[])),
        update(12, (17, 17), None, (&[(100, 1)], &[])),
        snapshot(20, 20, DEEP),
        update(22, (21, 21), None, (&[], &[(101, 0), (102, 0)])),
        // The bid passes the ask.
        update(30, (22, 22), None, (&[(104, 1)], &[])),
        snapshot(35, 30, DEEP),
        // Every bid that is known goes.
        update(40, (31, 31), None, (&[(99, 0), (98, 0), (97, 0)], &[])),
    ];
    let broken = Some(GapCause::OutOfSequence);
    let expected = [
        (0, (98, 101), None),
        (6, (99, 102), None),
        (11, (99, 102), broken),
        (14, (99, 102), broken),
        (21, (99, 101), None),
        (25, (99, 103), None),
        (31, (99, 103), Some(GapCause::Impossible)),
        (36, (99, 101), None),
        (42, (99, 101), Some(GapCause::Ended)),
    ];
    check(&rows, &Answered::default(), &expected[..8]);
    let span = Span { from: at(-3).0, to: at(60).0 };
    let answered = Answered { spans: vec![span], gaps: Vec::new() };
    let lost = [(42, (99, 101), Some(GapCause::NotRecorded))];
    check(&rows, &answered, &[&expected[..8], &lost].concat());
}

#[test]
fn numbers_that_name_the_one_before_need_not_follow_by_one() {
    let rows = [
        snapshot(-2, 10, DEEP),
        update(-1, (8, 14), Some(7), (&[(99, 0)], &[])),
        update(5, (20, 25), Some(14), (&[(99, 1)], &[])),
        update(10, (26, 27), Some(24), (&[(98, 0)], &[])),
    ];
    let expected = [
        (0, (98, 101), None),
        (6, (99, 101), None),
        (12, (99, 101), Some(GapCause::OutOfSequence)),
    ];
    let span = Span { from: at(-3).0, to: at(60).0 };
    check(&rows, &Answered { spans: vec![span], gaps: Vec::new() }, &expected);
}

/// Where the numbers go on behind a hole of the recording, nothing of the book was missed.
#[test]
fn a_hole_of_the_recording_is_a_gap_until_the_book_goes_on() {
    let rows = [
        snapshot(-2, 10, DEEP),
        update(20, (11, 11), None, (&[(99, 0)], &[])),
        update(40, (12, 12), None, (&[(98, 0)], &[])),
    ];
    let answered = Answered {
        spans: vec![Span { from: at(-3).0, to: at(60).0 }],
        gaps: vec![Gap { from: at(5).0, to: at(8).0, cause: String::from("made up") }],
    };
    let lost = Some(GapCause::NotRecorded);
    let expected = [
        (3, (99, 101), None),
        (6, (99, 101), lost),
        (15, (99, 101), lost),
        (21, (98, 101), None),
        (41, (97, 101), None),
    ];
    check(&rows, &answered, &expected);
}

#[test]
fn a_message_that_is_not_whole_is_refused() {
    let mut rows = [snapshot(-2, 10, DEEP), update(5, (11, 11), None, (&[(99, 1)], &[(101, 2)]))];
    rows[1].remove(0);
    let place = folder_of(&rows.concat(), &Answered::default());
    let refused = crate::folder_feeds::setup(place.path(), KEYS, NEED).unwrap_err();
    let expected = format!("feed `feed`: {SOURCE}: row 2: a level of it is missing");
    assert_eq!(refused, expected);
    let mut unseen = snapshot(-2, 10, DEEP);
    unseen.iter_mut().for_each(|row| row.seen_at = None);
    let place = folder_of(&unseen, &Answered::default());
    let refused = crate::folder_feeds::setup(place.path(), KEYS, NEED).unwrap_err();
    assert!(refused.ends_with("row 1: neither time nor seen_at is there"), "{refused}");
}
