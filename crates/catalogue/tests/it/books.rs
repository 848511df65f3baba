//! What a report says of a book's messages, by how a venue numbers them.

use tidemill_catalogue::verify::Verify;
use tidemill_catalogue::{Answered, BookRow, Source};
use tidemill_model::{BookLevel, BookSnapshot, BookUpdate};
use tidemill_units::InstantUs;

use crate::imports::new_data;
use crate::rows::{START_US, block_on, decimal};

/// A message of a book.
#[derive(Clone, Copy)]
enum Sent {
    /// Its version.
    Snapshot(u64),
    /// The first and last update, and the one before where the venue tells it.
    Update(u64, u64, Option<u64>),
}

use Sent::{Snapshot, Update};

fn rows(sent: Sent) -> Vec<BookRow> {
    let level = |price| BookLevel { price: decimal(price), quantity: decimal("1") };
    let (bids, asks) = (vec![level("1"), level("0.9")], vec![level("2")]);
    match sent {
        Snapshot(last_update_id) => {
            BookRow::of_snapshot(&BookSnapshot { last_update_id, bids, asks }, Some(at(0)))
        }
        Update(first_update_id, last_update_id, previous_update_id) => {
            let time = at(last_update_id);
            let ids = (first_update_id, last_update_id, previous_update_id);
            let (first_update_id, last_update_id, previous_update_id) = ids;
            let update = BookUpdate {
                time,
                first_update_id,
                last_update_id,
                previous_update_id,
                bids,
                asks,
            };
            BookRow::of_update(&update, Some(time))
        }
    }
}

fn at(us: u64) -> InstantUs {
    InstantUs(START_US + i64::try_from(us).unwrap())
}

/// Asserts what a report says of these messages and no other thing.
fn check(sent: &[Sent], expected: &[&str]) {
    let (_folder, data) = new_data();
    let source: Source = "book/source=a/symbol=b".parse().unwrap();
    let report = block_on(async {
        let mut writer = data.writer::<BookRow>(&source, ()).await.unwrap();
        let rows = sent.iter().flat_map(|sent| rows(*sent)).collect();
        let answered = Answered::span(START_US, START_US + 60_000_000);
        writer.append(rows, &answered).await.unwrap();
        Verify { data: &data, source: &source, against: None }.run(&mut |_| {}).await.unwrap()
    });
    let found: Vec<_> = report.findings.iter().map(|found| found.what.as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn numbers_that_are_times_are_no_holes_where_each_update_tells_the_one_before() {
    let kraken = [
        Snapshot(1_000),
        Update(1_001, 2_500, Some(1_000)),
        Update(2_501, 900_000, Some(2_500)),
        // A new subscription, with its own snapshot.
        Snapshot(1_800_000),
        Update(1_800_001, 1_900_000, Some(1_800_000)),
    ];
    check(&kraken, &[]);
    let broken = "1 row: an update that does not follow on the one before";
    // The second update is gone.
    check(&[kraken[0], kraken[1], Update(900_001, 950_000, Some(900_000))], &[broken]);
    // The snapshot of the new subscription is gone.
    check(&[kraken[0], kraken[1], kraken[2], kraken[4]], &[broken]);
}

#[test]
fn a_snapshot_is_joined_by_the_update_that_begins_before_it() {
    // Futures of Binance: numbers leave some out, and each update tells the one before.
    let futures = [
        Update(100, 110, Some(95)),
        Snapshot(125),
        Update(120, 130, Some(110)),
        Update(141, 150, Some(130)),
    ];
    check(&futures, &[]);
    // Updates were lost, and a snapshot came after them.
    check(&[futures[0], Snapshot(205), Update(200, 210, Some(190))], &[]);
    let broken = "1 row: an update that does not follow on the one before";
    check(&[futures[0], Snapshot(205), Update(207, 210, Some(190))], &[broken]);
}

#[test]
fn numbers_that_rise_by_one_are_counted() {
    let spot = [Snapshot(10), Update(9, 12, None), Update(13, 13, None), Update(17, 20, None)];
    check(&spot[..3], &[]);
    check(&spot, &["3 updates missing (25.0 %) in 1 ranges; the longest 14 to 16"]);
}
