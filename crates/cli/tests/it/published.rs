//! What exchanges publish in bulk, in the formats that they document: right, or not a row of it.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::exchange::Exchange;
use crate::recorded_data::recorded;
use crate::run::{content, refused, tidemill};

/// 2024-01-01 00:00 UTC.
const START_MS: u64 = 1_704_067_200_000;
const HOUR_MS: u64 = 3_600_000;

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn write_zip(path: &Path, text: &str) {
    let name = path.file_stem().unwrap().to_str().unwrap();
    fs::write(path, zipped(&[(&format!("{name}.csv"), text)])).unwrap();
}

/// An hour of `klines`, with times in so many parts of a millisecond.
fn kline(open_ms: u64, parts: u64) -> String {
    let (open, close) = (open_ms * parts, (open_ms + HOUR_MS) * parts - 1);
    let price = 40_000 + open_ms / HOUR_MS % 97;
    format!(
        "{open},{price}.10000000,{price}.90000000,{price}.00000000,{price}.50000000,12.50000000,\
         {close},500000.00000000,77,6.00000000,240000.00000000,0\n"
    )
}

fn month(hours: impl Iterator<Item = u64>, start_ms: u64, parts: u64) -> String {
    hours.map(|hour| kline(start_ms + hour * HOUR_MS, parts)).collect()
}

/// The hours of January 2024.
pub(crate) fn published_month(path: &Path) {
    write_zip(path, &month(0..744, START_MS, 1));
}

fn import(folder: &Path, file: &str, layout: &str, more: &[&str]) -> Value {
    let arguments = ["data", "import", file, "--as", layout, "--json"];
    tidemill(folder, &[&arguments[..], more].concat()).json()
}

/// What an import says of its only source: its name, new rows and gaps.
fn done(report: &Value) -> (String, u64, u64) {
    let [source] = report["sources"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    let name = source["source"].as_str().unwrap().to_owned();
    (name, source["rows"].as_u64().unwrap(), source["gaps"].as_u64().unwrap())
}

fn sql(folder: &Path, query: &str) -> Value {
    tidemill(folder, &["data", "sql", query, "--json"]).json()
}

#[test]
fn candles_of_every_age_are_imported_and_not_fetched_again() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let layout = "binance-archive-candles";
    let source = "candles/source=binance/symbol=BTCUSDT/interval=1h".to_owned();
    // An hour is missing in the middle, and the last one.
    let hours = (0..743).filter(|hour| *hour != 100);
    write_zip(&folder.join("BTCUSDT-1h-2024-01.zip"), &month(hours, START_MS, 1));
    let report = import(folder, "BTCUSDT-1h-2024-01.zip", layout, &[]);
    assert_eq!(done(&report), (source.clone(), 742, 2));
    let before = content(folder);
    let again = import(folder, "BTCUSDT-1h-2024-01.zip", layout, &[]);
    assert_eq!(done(&again), (source.clone(), 0, 2));
    assert!(content(folder) == before, "doing it again changes nothing");
    let verified = tidemill(folder, &["data", "verify", "--json"]).json().to_string();
    assert!(verified.contains("BTCUSDT-1h-2024-01.zip has no such rows"), "{verified}");
    // The whole one fills the holes.
    published_month(&folder.join("BTCUSDT-1h-2024-01.zip"));
    let whole = import(folder, "BTCUSDT-1h-2024-01.zip", layout, &[]);
    assert_eq!(done(&whole), (source.clone(), 2, 0));
    // From 2025 on times are microseconds.
    let later = START_MS + 366 * 24 * HOUR_MS;
    write_zip(&folder.join("BTCUSDT-1h-2025-01-01.zip"), &month(0..24, later, 1_000));
    assert_eq!(done(&import(folder, "BTCUSDT-1h-2025-01-01.zip", layout, &[])), (source, 24, 0));
    let query = "SELECT count(*) AS n, max(open_time) AS last FROM candles \
                 WHERE source = 'binance'";
    let expected = json!({ "n": 768, "last": "2025-01-01T23:00:00Z" });
    assert_eq!(sql(folder, query), expected);
    // Futures have a header, and are another source.
    let header = "open_time,open,high,low,close,volume,close_time,quote_volume,count,\
                  taker_buy_volume,taker_buy_quote_volume,ignore\n";
    let text = header.to_owned() + month(0..744, START_MS, 1).as_str();
    for (layout, source) in [
        ("binance-archive-candles", "binance-usdm"),
        ("binance-archive-mark-candles", "binance-usdm-mark"),
        ("binance-archive-index-candles", "binance-usdm-index"),
    ] {
        write_zip(&folder.join("BTCUSDT-1h-2024-01.zip"), &text);
        let report = import(folder, "BTCUSDT-1h-2024-01.zip", layout, &["--set", "market=usdm"]);
        let source = format!("candles/source={source}/symbol=BTCUSDT/interval=1h");
        assert_eq!(done(&report), (source, 744, 0));
    }
    // What the archive covers is not asked for.
    let exchange = Exchange::open(|asked| {
        assert!(asked.path.ends_with("/time"), "{asked:?}");
        (200, json!({ "serverTime": START_MS }).to_string())
    });
    let get = ["data", "get", "binance", "candles", "BTCUSDT", "--interval", "1h", "--base-url"];
    let range = [exchange.url.as_str(), "--from", "2024-01-01", "--until", "2024-02-01", "--json"];
    assert_eq!(tidemill(folder, &[&get[..], &range].concat()).json()["rows"], json!(0));
    assert_eq!(exchange.asked().len(), 0);
}

#[test]
fn one_wrong_row_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let row = |hour: u64| kline(START_MS + hour * HOUR_MS, 1);
    let with = |changed: String| -> String {
        (0..300).map(row).chain([changed]).chain((301..744).map(row)).collect()
    };
    let wrong = [
        (with(row(300).replace(",77,", ",-7,")), "row 301: klines: `count` is `-7`"),
        (with(row(300).replace("12.50000000", "1e3x")), "row 301: klines: `volume` is `1e3x`"),
        (
            with(row(299)),
            "row 301: klines: `open_time` is `2024-01-13T11:00:00Z`; expected opening times in \
             rising order",
        ),
        (
            with(kline(START_MS + 300 * HOUR_MS + 60_000, 1)),
            "`2024-01-13T12:01:00Z`; expected a multiple of the interval",
        ),
        (
            with(row(300)) + row(744).as_str(),
            "row 745: klines: `open_time` is `2024-02-01T00:00:00Z`; expected a time that the \
             file's name says",
        ),
        ("id,price,qty\n".to_owned(), "a table of klines has open_time,open,"),
    ];
    let name = "BTCUSDT-1h-2024-01.zip";
    let arguments = ["data", "import", name, "--as", "binance-archive-candles"];
    for (text, says) in wrong {
        write_zip(&folder.join(name), &text);
        let said = refused(folder, &arguments);
        assert!(said.starts_with(name) && said.contains(says), "{said}");
    }
    published_month(&folder.join(name));
    let beside = folder.join(format!("{name}.CHECKSUM"));
    fs::write(&beside, format!("{}  {name}\n", "0".repeat(64))).unwrap();
    assert!(refused(folder, &arguments).contains("and the .CHECKSUM beside it says 0000"));
    let hash = Sha256::digest(fs::read(folder.join(name)).unwrap());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(&beside, format!("{hash}  {name}\n")).unwrap();
    let refusals: [(&[&str], &str); 6] = [
        (&["--set", "interval=1x"], "interval `1x` is not allowed"),
        (&["--set", "market=coinm"], "expected spot or usdm"),
        (&["--set", "symbols=X"], "there are symbol, interval, market, source"),
        (&["--set", "symbol=a/b"], "1 to 96 letters"),
        (&["--member", "BTCUSDT-1h-2024-02.csv"], "has no file BTCUSDT-1h-2024-02.csv"),
        (&["--set", "interval=30m", "--set", "source=x/y"], "1 to 96 letters"),
    ];
    for (more, says) in refusals {
        let said = refused(folder, &[&arguments[..], more].concat());
        assert!(said.contains(says), "{more:?}: {said}");
    }
    let layout = ["data", "import", name, "--as", "binance-archive-trades"];
    assert!(refused(folder, &layout).contains("its name says 1h; expected trades"));
    let unknown = refused(folder, &["data", "import", name, "--as", "binance-archive"]);
    assert!(unknown.contains("binance-1h, ") && unknown.contains(", kraken-archive-prints"));
    fs::rename(folder.join(name), folder.join("btc.zip")).unwrap();
    let nameless = ["data", "import", "btc.zip", "--as", "binance-archive-candles"];
    assert!(refused(folder, &nameless).contains("give it with --set symbol=…"));
    let more = ["--set", "symbol=BTCUSDT", "--set", "interval=1h", "--json"];
    let report = tidemill(folder, &[&nameless[..], &more].concat()).json();
    assert_eq!(done(&report).1, 744);
}

#[test]
fn every_published_table_is_imported() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let at = |second: u64| START_MS + second * 1_000;
    let trades: String = (1..=50)
        .filter(|id| !(20..23).contains(id))
        .map(|id| format!("{id},40000.10,0.5,20000.05,{},False,True\n", at(id)))
        .collect();
    write_zip(&folder.join("BTCUSDT-trades-2024-01-01.zip"), &trades);
    let report = import(folder, "BTCUSDT-trades-2024-01-01.zip", "binance-archive-trades", &[]);
    assert_eq!(done(&report), ("trades/source=binance/symbol=BTCUSDT".to_owned(), 47, 1));
    let verified = tidemill(folder, &["data", "verify", "--json"]).json().to_string();
    assert!(verified.contains("has no such rows: numbers 20 to 22"), "{verified}");
    let aggregates: String = (1..=50)
        .map(|id| format!("{id},40000.10,0.5,{id},{id},{},True,True\n", at(id) * 1_000 + 7))
        .collect();
    write_zip(&folder.join("BTCUSDT-aggTrades-2024-01.zip"), &aggregates);
    let report = import(folder, "BTCUSDT-aggTrades-2024-01.zip", "binance-archive-agg-trades", &[]);
    assert_eq!(done(&report), ("trades/source=binance-agg/symbol=BTCUSDT".to_owned(), 50, 0));
    let funding: String =
        (0..3).map(|at| format!("{},8,-0.00037409\n", START_MS + at * 8 * HOUR_MS + 3)).collect();
    let funding =
        "calc_time,funding_interval_hours,last_funding_rate\n".to_owned() + funding.as_str();
    write_zip(&folder.join("BTCUSDT-fundingRate-2024-01.zip"), &funding);
    let report = import(folder, "BTCUSDT-fundingRate-2024-01.zip", "binance-archive-funding", &[]);
    assert_eq!(done(&report), ("funding/source=binance-usdm/symbol=BTCUSDT".to_owned(), 3, 0));
    let quotes: String =
        [7, 12, 13].map(|id| format!("{id},2.5,1,2.75,3,{},{}\n", at(id), at(id))).concat();
    let quotes = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,\
                  transaction_time,event_time\n"
        .to_owned()
        + quotes.as_str();
    write_zip(&folder.join("BTCUSDT-bookTicker-2024-01-01.zip"), &quotes);
    let report = import(folder, "BTCUSDT-bookTicker-2024-01-01.zip", "binance-archive-quotes", &[]);
    assert_eq!(done(&report), ("quotes/source=binance-usdm/symbol=BTCUSDT".to_owned(), 3, 0));
    // A table of another kind under its name.
    write_zip(&folder.join("BTCUSDT-trades-2024-01-02.zip"), &aggregates);
    let arguments = ["data", "import", "BTCUSDT-trades-2024-01-02.zip", "--as"];
    let said = refused(folder, &[&arguments[..], &["binance-archive-trades"]].concat());
    assert!(said.contains("BTCUSDT-trades-2024-01-02.zip, row 1: trades: "), "{said}");
    tidemill(folder, &["data", "verify"]).good();
}

#[test]
fn krakens_tables_are_imported() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    // Nothing was traded in the third minute, which is no hole.
    let candles = [0, 1, 3].map(|minute| {
        format!("{},42000.1,42000.5,41999.9,42000.0,0.75,4\n", START_MS / 1_000 + minute * 60)
    });
    let archive =
        zipped(&[("OHLCVT/XBTUSD_1.csv", &candles.concat()), ("OHLCVT/ETHUSD_1.csv", "")]);
    fs::write(folder.join("Kraken_OHLCVT.zip"), archive).unwrap();
    let member = ["--member", "OHLCVT/XBTUSD_1.csv"];
    let report = import(folder, "Kraken_OHLCVT.zip", "kraken-archive-candles", &member);
    let source = "candles/source=kraken/symbol=XBTUSD/interval=1m".to_owned();
    assert_eq!(done(&report), (source, 3, 0));
    let prints = "1704067200.5,42000.1,0.1\n1704067200.5,42000.2,0.2\n1704067201,42000.3,0.3\n";
    fs::write(folder.join("XBTUSD.csv"), prints).unwrap();
    let more = ["--set", "symbol=BTC/USD"];
    let report = import(folder, "XBTUSD.csv", "kraken-archive-prints", &more);
    assert_eq!(report["rows"], json!(3));
    let query = "SELECT count(*) AS n, sum(value) AS sum, max(item) AS item FROM series \
                 WHERE source = 'kraken' AND name = 'BTC-USD.quantity'";
    let found = sql(folder, query);
    assert_eq!((&found["n"], &found["item"]), (&json!(3), &json!("#2")));
    assert_eq!(found["sum"].to_string().trim_matches('"').parse::<f64>().unwrap(), 0.6);
    tidemill(folder, &["data", "verify"]).good();
    let arguments = ["data", "import", "XBTUSD.csv", "--as", "kraken-archive-prints"];
    // The prices go with what is there and one is new; a quantity contradicts. Neither is written.
    let other = prints.replace("42000.3,0.3", "42000.3,0.9") + "1704067202,42000.4,0.4\n";
    fs::write(folder.join("XBTUSD.csv"), other).unwrap();
    let said = refused(folder, &[&arguments[..], &more].concat());
    assert!(said.contains("BTC-USD.quantity: ") && said.contains("the two differ"), "{said}");
    let wrong = "1704067201,42000.1,0.1\n1704067200,42000.2,0.2\n";
    fs::write(folder.join("XBTUSD.csv"), wrong).unwrap();
    let said = refused(folder, &arguments);
    let expected = "XBTUSD.csv, row 2: Trading_History: `time` is `2024-01-01T00:00:00Z`; \
                    expected times in rising order";
    assert_eq!(said, expected);
    let said = refused(folder, &["data", "import", "XBTUSD.csv", "--as", "kraken-archive-candles"]);
    assert!(said.contains("its name does not say the interval"), "{said}");
}

/// Recorded trades as the venue would publish them, and what comes out of the folder again.
#[test]
fn recorded_trades_come_back_from_an_archive() {
    let Some(data) = recorded("binance-ws-2024-08-08") else { return };
    let file = fs::File::open(data.join("spot_ethusdt_20240808.jsonl.gz")).unwrap();
    let mut rows = String::new();
    let mut count = 0_u64;
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let line = line.unwrap();
        let message: Value = serde_json::from_str(line.split_once(' ').unwrap().1).unwrap();
        let told = &message["data"];
        if told["e"] == "trade" {
            let text = |name: &str| told[name].as_str().unwrap().to_owned();
            let maker = if told["m"].as_bool().unwrap() { "True" } else { "False" };
            let (id, time) = (&told["t"], &told["T"]);
            rows += &format!("{id},{},{},0,{time},{maker},True\n", text("p"), text("q"));
            count += 1;
        }
    }
    assert_eq!(count, 6_106);
    let place = tempfile::tempdir().unwrap();
    write_zip(&place.path().join("ETHUSDT-trades-2024-08-08.zip"), &rows);
    let name = "ETHUSDT-trades-2024-08-08.zip";
    let report = import(place.path(), name, "binance-archive-trades", &[]);
    assert_eq!(done(&report), ("trades/source=binance/symbol=ETHUSDT".to_owned(), count, 0));
    let out = ["data", "export", "trades/source=binance/symbol=ETHUSDT", "--out", "trades.csv"];
    tidemill(place.path(), &out).good();
    let exported = fs::read_to_string(place.path().join("trades.csv")).unwrap();
    let ids = |text: &str, skip: usize| -> Vec<String> {
        text.lines().skip(skip).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&exported, 1), ids(&rows, 0));
    tidemill(place.path(), &["data", "verify", "--fail-on", "warning"]).good();
}
