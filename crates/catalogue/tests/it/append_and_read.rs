//! Appending, deduplicating, refusing and reading by range.

use tidemill_catalogue::{
    Answered, Appended, Catalogue, CatalogueError, FileFault, Range, Record, Seen, Source, Span,
};
use tidemill_model::{Candle, Funding, Taker, Trade};
use tidemill_units::InstantUs;

use crate::crash::bytes_of;
use crate::rows::{MINUTE_US, START_US, answered, block_on, candle, candles, decimal, minutes};

fn new_data() -> (tempfile::TempDir, Catalogue) {
    let folder = tempfile::tempdir().unwrap();
    let data = Catalogue::create(&folder.path().display().to_string()).unwrap();
    (folder, data)
}

#[test]
fn compacted_folders_depend_on_the_rows_alone() {
    let (one_folder, one) = new_data();
    let (other_folder, other) = new_data();
    block_on(async {
        let mut writer = one.writer(&minutes(), ()).await.unwrap();
        writer.append(candles(0..20_000), &answered(0, 20_000)).await.unwrap();
        writer.compact().await.unwrap();
        let mut writer = other.writer(&minutes(), ()).await.unwrap();
        for from in [15_000, 5_000, 0, 10_000] {
            // The chunks overlap, and come backwards.
            let to = (from + 5_100).min(20_000);
            let rows = candles((from..to).rev());
            writer.append(rows, &answered(from, to)).await.unwrap();
        }
        let done = writer.compact().await.unwrap();
        assert_eq!(done.partitions, 14);
        assert_eq!(writer.compact().await.unwrap().partitions, 0);
    });
    assert_eq!(bytes_of(one_folder.path()), bytes_of(other_folder.path()));
}

#[test]
fn what_is_there_already_is_left_out_and_what_differs_is_refused() {
    let (folder, data) = new_data();
    block_on(async {
        let mut writer = data.writer(&minutes(), ()).await.unwrap();
        let done = writer.append(candles([1, 2, 3, 2]), &answered(1, 4)).await.unwrap();
        assert_eq!(done, Appended { rows: 3, duplicates: 1, files: 1 });
        let done = writer.append(candles([0, 2, 4]), &answered(0, 5)).await.unwrap();
        assert_eq!(done, Appended { rows: 2, duplicates: 1, files: 1 });
        let done = writer.append(candles([0, 1, 2, 3, 4]), &answered(0, 5)).await.unwrap();
        assert_eq!(done, Appended { rows: 0, duplicates: 5, files: 0 });
        let before = bytes_of(folder.path());
        let other = Candle { close: decimal("9"), ..candle(4) };
        let refused = writer.append(vec![other, candle(5)], &answered(0, 9)).await.unwrap_err();
        let CatalogueError::Conflict { key, one, other: given, .. } = &refused else {
            panic!("{refused}");
        };
        assert_eq!(key.first, START_US + 4 * MINUTE_US);
        assert!(one.contains("period=2024-01-05/part-") && given == "the rows given", "{refused}");
        let twice = vec![candle(7), Candle { close: decimal("9"), ..candle(7) }];
        let refused = writer.append(twice, &answered(0, 9)).await.unwrap_err();
        assert!(matches!(refused, CatalogueError::Conflict { .. }), "{refused}");
        assert_eq!(bytes_of(folder.path()), before);
        let manifest = data.manifest(&minutes()).await.unwrap();
        assert_eq!(manifest.coverage.spans(), answered(0, 5).spans);
    });
}

/// Appends one row, then another of the same key; says whether that is the same.
async fn is_same<R: Record<Frame = ()>>(data: &Catalogue, source: &str, rows: [R; 2]) -> bool {
    let mut writer = data.writer::<R>(&source.parse().unwrap(), ()).await.unwrap();
    let [one, other] = rows;
    writer.append(vec![one], &Answered::default()).await.unwrap();
    match writer.append(vec![other], &Answered::default()).await {
        Ok(done) => done == Appended { rows: 0, duplicates: 1, files: 0 },
        Err(CatalogueError::Conflict { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn what_is_told_more_exactly_elsewhere_is_the_same() {
    let trade = |micros: i64, price| Seen {
        sent: Trade {
            id: 1,
            time: InstantUs(START_US + micros),
            price: decimal(price),
            quantity: decimal("1"),
            taker: Taker::Buyer,
        },
        seen_at: (micros == 0).then_some(InstantUs(START_US + 9)),
    };
    let paid = |rate, mark: Option<&str>| Funding {
        time: InstantUs(START_US),
        rate: decimal(rate),
        mark_price: mark.map(decimal),
    };
    let (_folder, data) = new_data();
    block_on(async {
        let trades = [
            ("cut", trade(0, "1"), trade(999, "1"), true),
            ("rounded", trade(1, "1"), trade(0, "1"), true),
            ("late", trade(0, "1"), trade(1_000, "1"), false),
            ("dear", trade(0, "1"), trade(0, "2"), false),
        ];
        for (name, one, other, expected) in trades {
            let source = format!("trades/source={name}/symbol=b");
            assert_eq!(is_same(&data, &source, [one, other]).await, expected, "{name}");
        }
        let payments = [
            ("less", paid("1", Some("5")), paid("1", None), true),
            ("more", paid("1", None), paid("1", Some("5")), true),
            ("marks", paid("1", Some("4")), paid("1", Some("5")), false),
            ("rates", paid("1", None), paid("2", None), false),
        ];
        for (name, one, other, expected) in payments {
            let source = format!("funding/source={name}/symbol=b");
            assert_eq!(is_same(&data, &source, [one, other]).await, expected, "{name}");
        }
    });
}

#[test]
fn a_range_reads_just_its_rows_across_days() {
    let (_folder, data) = new_data();
    block_on(async {
        let mut writer = data.writer(&minutes(), ()).await.unwrap();
        writer.append(candles((0..5000).step_by(2)), &answered(0, 5000)).await.unwrap();
        writer.compact().await.unwrap();
        writer.append(candles((1..5000).step_by(2)), &answered(0, 5000)).await.unwrap();
        let place = |minute| START_US + minute * MINUTE_US;
        let span = Span::new(place(1437), place(3001)).unwrap();
        for range in [Range::Keys(span), Range::Time(span)] {
            let rows = data.read::<Candle>(&minutes(), range).await.unwrap();
            assert_eq!(rows.collect().await.unwrap(), candles(1437..3001));
        }
        let rows = data.read::<Candle>(&minutes(), Range::All).await.unwrap();
        assert_eq!(rows.collect().await.unwrap(), candles(0..5000));
    });
}

#[test]
fn a_changed_or_missing_file_is_an_error_and_no_row_is_given_out() {
    let (folder, data) = new_data();
    let path = block_on(async {
        let mut writer = data.writer(&minutes(), ()).await.unwrap();
        writer.append(candles(0..100), &answered(0, 100)).await.unwrap();
        let entry = &writer.manifest().files[0];
        folder.path().join(minutes().to_string()).join(entry.path())
    });
    let read = || {
        block_on(async {
            let rows = data.read::<Candle>(&minutes(), Range::All).await.unwrap();
            rows.collect().await
        })
    };
    let whole = std::fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    let error = read().unwrap_err();
    assert!(matches!(&error, CatalogueError::File { fault: FileFault::Damaged { .. }, .. }));
    std::fs::write(&path, &whole[1..]).unwrap();
    let error = read().unwrap_err();
    assert!(matches!(&error, CatalogueError::File { fault: FileFault::Differs { .. }, .. }));
    std::fs::remove_file(&path).unwrap();
    let error = read().unwrap_err();
    assert!(matches!(&error, CatalogueError::File { fault: FileFault::Missing, .. }), "{error}");
    let refused = block_on(data.writer::<Candle>(&minutes(), ())).err().unwrap();
    assert!(matches!(&refused, CatalogueError::File { fault: FileFault::Missing, .. }));
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(read().unwrap(), candles(0..100));
}

#[test]
fn what_does_not_belong_is_refused() {
    let (_folder, data) = new_data();
    block_on(async {
        let error = data.writer::<Funding>(&minutes(), ()).await.err().unwrap();
        assert!(error.to_string().contains("expected funding"), "{error}");
        let nothing = data.read::<Candle>(&minutes(), Range::All).await.err().unwrap();
        assert!(matches!(nothing, CatalogueError::NoSource { .. }), "{nothing}");
        let late = Candle { open_time: tidemill_units::InstantUs(i64::MAX), ..candle(0) };
        let mut writer = data.writer(&minutes(), ()).await.unwrap();
        let error = writer.append(vec![late], &answered(0, 1)).await.unwrap_err();
        assert!(error.to_string().contains("years 1 to 9999"), "{error}");
        let large = tidemill_units::Decimal::from_raw(10_i128.pow(38));
        let error = writer.append(vec![Candle { low: large, ..candle(0) }], &answered(0, 1)).await;
        assert!(error.unwrap_err().to_string().contains("column low"));
        assert_eq!(data.sources().await.unwrap(), []);
    });
    let missing = Catalogue::open("/no/such/folder").err().unwrap();
    assert!(missing.to_string().contains("a folder that is there"), "{missing}");
    let source = "candles/source=a/symbol=b/interval=1m/period=2024-01-05".parse::<Source>();
    assert!(source.is_err());
}
