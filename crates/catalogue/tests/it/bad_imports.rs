//! What is wrong with a file or a layout is named, with row and column.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use tidemill_catalogue::import::{Import, ImportError, ImportReport, Layout, Preset};
use tidemill_catalogue::{CatalogueError, Range, SeriesValue, Source};
use tidemill_model::Candle;

use crate::crash::bytes_of;
use crate::imports::new_data;
use crate::rows::{block_on, decimal};

const SERIES: &str = r#"{"into": "series/source=desk/name={name}", "numbers": "float",
    "columns": {"time": "when"}, "published": {"column": "told"},
    "values": {"score": {"column": "score", "unit": "points"}}}"#;

fn run(
    name: &str,
    bytes: &[u8],
    layout: &Layout,
) -> (tempfile::TempDir, Result<ImportReport, ImportError>) {
    let (folder, data) = new_data();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let settings = BTreeMap::from([("symbol".to_owned(), "ETHUSDT".to_owned())]);
    let import = Import { file: &file, layout, settings: &settings };
    let ran = block_on(import.run(&data, &mut |_| {}));
    (folder, ran)
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], layout: &Layout, says: &str) {
    let error = run(name, bytes, layout).1.unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
}

const CANDLES: &str = "open_time_utc,open,high,low,close,volume\n2024-01-05 00:00:00,1,2,1,2,3\n";

#[test]
fn rows_that_are_wrong_are_named() {
    let layout = Preset::layout("binance-1h").unwrap();
    let with = |row: &str| format!("{CANDLES}{row}\n").into_bytes();
    let name = "a.csv";
    for (row, says) in [
        ("2024-01-05 01:00:00,1,2,1,x,3", "row 2, column close: `x`"),
        ("2024-01-05 01:00:00,1,2,1,,3", "row 2, column close: ``"),
        ("2024-01-05 01:00:00,1e3,2,1,2,3", "row 2, column open: `1e3`"),
        ("2024-01-05 01:00:00,1.0000000000000000001,2,1,2,3", "at most 18 places"),
        ("2024-01-05 01:00,1,2,1,2,3", "row 2, column open_time_utc: `2024-01-05 01:00`"),
        ("2024-01-05 01:00:00,1,2,1,2", "found record with 5 fields"),
        ("2024-01-05 00:00:00,1,2,1,2,4", "both have a row"),
    ] {
        refused(name, &with(row), &layout, says);
    }
    refused(name, b"time,open\n", &layout, "column close is missing; there are time, open");
    refused(name, b"", &layout, "column close is missing");
    refused("a.csv.gz", CANDLES.as_bytes(), &layout, "cannot be read");
    refused("a.csv.zst", CANDLES.as_bytes(), &layout, "cannot be read");
    refused("a.parquet", CANDLES.as_bytes(), &layout, "a.parquet: ");
    refused("a.xlsx", CANDLES.as_bytes(), &layout, "is none of .csv");
    let long = [CANDLES.as_bytes(), &vec![b'1'; 1 << 21]].concat();
    refused(name, &long, &layout, "a line is longer than");
    let mut half = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    half.write_all(&with(&"2024-01-05 01:00:00,1,2,1,2,3\n".repeat(50))).unwrap();
    let whole = half.finish().unwrap();
    refused("a.csv.gz", &whole[..whole.len() - 9], &layout, "cannot be read");
}

#[test]
fn layouts_that_are_wrong_are_named() {
    let cases = [
        ("{}", "missing field `into`"),
        (r#"{"into": "candle/x"}"#, "begins with no dataset's name"),
        (r#"{"into": "book/source=a/symbol=b"}"#, "book is not imported from tables"),
        (r#"{"into": "funding/source=a/symbol=b", "columns": {"time": "t"}}"#, "rate is missing"),
        (r#"{"into": "series/source=a/name=b", "columns": {"time": "t"}}"#, "values: is missing"),
        (r#"{"into": "series/source=a/name=b", "columns": {"tim": "t"}}"#, "`tim` is none of time"),
        (
            r#"{"into": "series/source=a/name=b", "every": "day", "columns": {"time": "t"},
            "values": {"v": {"column": "v", "unit": "x"}}}"#,
            "`day` is no interval",
        ),
        (r#"{"into": "x", "colour": 1}"#, "unknown field `colour`"),
    ];
    for (json, says) in cases {
        let error = Layout::read("mine.json", json).unwrap_err().to_string();
        assert!(error.starts_with("mine.json: ") && error.contains(says), "{error}");
    }
    let unknown = Preset::layout("binance").unwrap_err().to_string();
    assert!(unknown.contains("binance-1h, "), "{unknown}");
    let minutes = Preset::layout("binance-minutes").unwrap();
    let csv = CANDLES.replace("open_time_utc", "timestamp");
    refused("a.csv", csv.as_bytes(), &minutes, "give it with --set interval=");
}

/// The same values from each form of file, each vintage kept.
#[test]
fn csv_json_lines_and_parquet_say_the_same() {
    let layout = Layout::read("mine.json", SERIES).unwrap();
    let rows = [
        ("2024-01-05", "2024-01-06T08:00:00Z", "1.5"),
        ("2024-01-05", "2024-02-01T08:00:00Z", "1.25e0"),
        ("2024-01-06", "2024-01-07T08:00:00Z", "-0.1234567890123456789"),
    ];
    let csv: String =
        rows.iter().map(|(when, told, score)| format!("{when},{told},{score}\n")).collect();
    let csv = format!("when,told,score\n{csv}");
    let json: String = rows
        .iter()
        .map(|(when, told, score)| {
            format!("{{\"told\":\"{told}\",\"when\":\"{when}\",\"score\":{score},\"x\":[1]}}\n")
        })
        .collect();
    let zst = zstd::encode_all(json.as_bytes(), 3).unwrap();
    for (name, bytes) in
        [("a.csv", csv.as_bytes()), ("a.jsonl", json.as_bytes()), ("a.jsonl.zst", &zst)]
    {
        let (folder, ran) = run(name, bytes, &layout);
        let report = ran.unwrap();
        assert_eq!((report.rows, report.rounded), (3, 1), "{name}");
        let data = tidemill_catalogue::Catalogue::open(&folder.path().display().to_string());
        let source: Source = "series/source=desk/name=score".parse().unwrap();
        let read = block_on(async {
            let rows = data.unwrap().read::<SeriesValue>(&source, Range::All).await.unwrap();
            rows.collect().await.unwrap()
        });
        let values: Vec<_> = read.iter().map(|row| row.observation.value).collect();
        let rounded = decimal("-0.123456789012345679");
        assert_eq!(values, [decimal("1.5"), decimal("1.25"), rounded], "{name}");
    }
}

/// What the data folder itself writes is read as a table again.
#[test]
fn parquet_of_the_folder_is_imported_again() {
    let layout = Preset::layout("binance-1h").unwrap();
    let (folder, ran) = run("a.csv", CANDLES.as_bytes(), &layout);
    ran.unwrap();
    let path = folder.path().display().to_string();
    let data = tidemill_catalogue::Catalogue::open(&path).unwrap();
    let source: Source = "candles/source=binance/symbol=ETHUSDT/interval=1h".parse().unwrap();
    let file = block_on(data.manifest(&source)).unwrap().files[0].path();
    let bytes = std::fs::read(folder.path().join(source.to_string()).join(file)).unwrap();
    let mine = r#"{"into": "candles/source=copy/symbol={symbol}/interval=1h", "columns": {
        "open_time": "open_time", "open": "open", "high": "high", "low": "low", "close": "close",
        "volume": "volume", "trades": "trades"}}"#;
    let (copy, ran) = run("copy.parquet", &bytes, &Layout::read("mine.json", mine).unwrap());
    assert_eq!(ran.unwrap().rows, 1);
    let read = |path: &std::path::Path, source: &str| {
        let data = tidemill_catalogue::Catalogue::open(&path.display().to_string()).unwrap();
        let source: Source = source.parse().unwrap();
        block_on(async {
            data.read::<Candle>(&source, Range::All).await.unwrap().collect().await.unwrap()
        })
    };
    let copied = read(copy.path(), "candles/source=copy/symbol=ETHUSDT/interval=1h");
    assert_eq!(copied, read(folder.path(), &source.to_string()));
}

/// A contradiction behind more rows than are held at once: all of the file, or nothing.
#[test]
fn a_late_conflict_leaves_the_folder_as_it_was() {
    const ROWS: i64 = (1 << 17) + 5;
    let layout = Preset::layout("binance-minutes").unwrap();
    let settings = [("symbol", "ETHUSDT"), ("interval", "1m")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = BTreeMap::from(settings);
    let (folder, data) = new_data();
    let files = tempfile::tempdir().unwrap();
    let import = |name: &str, rows: std::ops::Range<i64>, volume: i64| {
        let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
        for minute in rows {
            let time = jiff::Timestamp::from_second(1_704_412_800 + minute * 60).unwrap();
            let time = time.strftime("%Y-%m-%d %H:%M:%S");
            writeln!(text, "{time},1,2,1,2,{volume}").unwrap();
        }
        let file = files.path().join(name);
        std::fs::write(&file, text).unwrap();
        let import = Import { file: &file, layout: &layout, settings: &settings };
        block_on(import.run(&data, &mut |_| {}))
    };
    import("one.csv", ROWS - 1..ROWS + 1, 3).unwrap();
    let before = bytes_of(folder.path());
    let error = import("other.csv", 0..ROWS, 4).unwrap_err();
    let ImportError::Catalogue(CatalogueError::Conflict { .. }) = &error else {
        panic!("{error}");
    };
    assert_eq!(bytes_of(folder.path()), before);
    assert_eq!(
        import("other.csv", 0..ROWS - 1, 4).unwrap().sources[0].rows,
        ROWS.unsigned_abs() - 1
    );
}
