//! A report names what was done to a folder.

use tidemill_catalogue::verify::{Check, Severity, SourceReport, Verify, VerifyReport};
use tidemill_catalogue::{Answered, Catalogue, Gap, Seen, Source, Span};
use tidemill_model::{Candle, Taker, Trade};
use tidemill_units::InstantUs;

use crate::imports::new_data;
use crate::rows::{answered, block_on, candle, candles, decimal, minutes};

fn report(data: &Catalogue) -> SourceReport {
    let source = minutes();
    block_on(Verify { data, source: &source, against: None }.run(&mut |_| {})).unwrap()
}

fn checks(report: &SourceReport) -> Vec<(Severity, Check, u64)> {
    report.findings.iter().map(|found| (found.severity, found.check, found.count)).collect()
}

#[test]
fn files_that_were_changed_added_or_taken_away_are_named() {
    let (folder, data) = new_data();
    let mut writer = block_on(data.writer(&minutes(), ())).unwrap();
    block_on(writer.append(candles(1..3000), &answered(1, 3000))).unwrap();
    assert_eq!(checks(&report(&data)), []);
    let place = folder.path().join(minutes().to_string());
    let path = place.join(writer.manifest().files[1].path());
    let whole = std::fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[20] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    let found = report(&data);
    // The damaged day's rows are missing as well.
    let damaged = (Severity::Error, Check::File, 1);
    assert_eq!(checks(&found)[..2], [damaged, damaged]);
    assert!(found.findings[0].place.starts_with("period=2024-01-06/part-"), "{found:#?}");
    std::fs::write(&path, &whole).unwrap();
    std::fs::write(place.join("period=2024-01-06/stray.parquet"), &whole).unwrap();
    assert_eq!(checks(&report(&data)), [(Severity::Warning, Check::File, 1)]);
    std::fs::remove_file(place.join("period=2024-01-06/stray.parquet")).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(report(&data).findings[0].what.contains("is not there"));
}

#[test]
fn rows_that_contradict_themselves_or_their_neighbours_are_named() {
    let (_folder, data) = new_data();
    let mut rows = candles((1000..1200).filter(|minute| !(1100..1103).contains(minute)));
    rows[5].high = decimal("1");
    rows[6].volume = decimal("-1");
    rows[50] = Candle { close: decimal("2300"), high: decimal("2300"), ..rows[50] };
    let mut writer = block_on(data.writer(&minutes(), ())).unwrap();
    // What was asked for ends before the last row.
    block_on(writer.append(rows, &answered(1000, 1199))).unwrap();
    let found = report(&data);
    assert_eq!(
        checks(&found),
        [
            (Severity::Error, Check::Consistency, 1),
            (Severity::Error, Check::Consistency, 1),
            (Severity::Warning, Check::Gap, 3),
            (Severity::Warning, Check::Place, 1),
            (Severity::Note, Check::Outlier, 2),
        ],
        "{found:#?}"
    );
    let [high, _, gap, _, jump] = found.findings.as_slice() else { panic!("{found:#?}") };
    assert_eq!(high.place, "first at 2024-01-05 16:45:00");
    assert_eq!(gap.place, "2024-01-05 18:20:00");
    assert!(gap.what.contains("3 rows missing, 3 min, up to 2024-01-05 18:23:00"), "{gap:?}");
    assert!(jump.what.contains("2 jumps"), "{jump:?}");
    let report = VerifyReport { sources: vec![found] };
    assert_eq!(report.worst(), Some(Severity::Error));
    let svg = report.to_svg();
    assert!(svg.contains("2024-01-05: 197") && svg.ends_with("</svg>\n"), "{svg}");
}

#[test]
fn two_parts_that_overlap_are_read_as_one() {
    let (_folder, data) = new_data();
    let mut writer = block_on(data.writer(&minutes(), ())).unwrap();
    block_on(writer.append(candles((0..100).step_by(2)), &Answered::default())).unwrap();
    block_on(writer.append(candles((1..100).step_by(2)), &answered(0, 100))).unwrap();
    let found = report(&data);
    assert_eq!((found.rows, checks(&found)), (100, vec![]));
    assert_eq!(candle(0).open_time.0 / 86_400_000_000, 19_727);
}

/// A gap in trades may have trades in it, and is told.
#[test]
fn named_gaps_of_what_has_no_fixed_times_are_told() {
    let (_folder, data) = new_data();
    let source: Source = "trades/source=a/symbol=b".parse().unwrap();
    let trade = |id, time| Seen {
        sent: Trade {
            id,
            time: InstantUs(time),
            price: decimal("1"),
            quantity: decimal("1"),
            taker: Taker::Buyer,
        },
        seen_at: None,
    };
    let rows = vec![trade(1, 10), trade(2, 20), trade(5, 30), trade(6, 40)];
    let gaps = vec![Gap { from: 20, to: 31, cause: "the line was cut".to_owned() }];
    let answered = Answered { spans: vec![Span { from: 0, to: 50 }], gaps };
    block_on(async {
        let mut writer = data.writer(&source, ()).await.unwrap();
        writer.append(rows, &answered).await.unwrap();
    });
    let verify = Verify { data: &data, source: &source, against: None };
    let found = block_on(verify.run(&mut |_| {})).unwrap();
    let gap = (Severity::Warning, Check::Gap);
    assert_eq!(checks(&found), [(gap.0, gap.1, 1), (gap.0, gap.1, 2)], "{found:#?}");
    assert!(found.findings[0].what.contains("the line was cut"), "{found:#?}");
    assert!(found.findings[1].what.contains("2 ids missing"), "{found:#?}");
}
