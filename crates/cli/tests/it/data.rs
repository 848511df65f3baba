//! The data folder from the command: fetched from a venue on loopback, asked, and refused.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::recorded_data::recorded;
use crate::run::{command, refused, tidemill};

/// 2024-01-01 00:00 UTC.
const START_MS: u64 = 1_704_067_200_000;
const HOUR_MS: u64 = 3_600_000;

/// An exchange's public interface with hours of one market, one of them missing.
struct Venue {
    url: String,
    asked: Arc<AtomicU64>,
    /// The hours it has.
    hours: Arc<Mutex<Vec<u64>>>,
}

impl Venue {
    fn open(hours: Vec<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let venue = Self { url, asked: Arc::default(), hours: Arc::new(Mutex::new(hours)) };
        let (asked, hours) = (Arc::clone(&venue.asked), Arc::clone(&venue.hours));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &asked, &hours.lock().unwrap());
            }
        });
        venue
    }
}

fn answer(stream: &TcpStream, asked: &AtomicU64, hours: &[u64]) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(request)) = lines.next() else { return };
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let body = if request.contains("/api/v3/time") {
        json!({ "serverTime": START_MS + 100 * HOUR_MS })
    } else {
        asked.fetch_add(1, Ordering::Relaxed);
        let number = |name: &str| {
            let (_, rest) = request.split_once(&format!("{name}=")).unwrap();
            rest.split(['&', ' ']).next().unwrap().parse::<u64>().unwrap()
        };
        let asked = number("startTime")..=number("endTime");
        let times = hours.iter().map(|hour| START_MS + hour * HOUR_MS);
        let candle = |open: u64| {
            let price = format!("{}.5", 2_000 + open / HOUR_MS % 97);
            let close = open + HOUR_MS - 1;
            json!([open, price, price, price, price, "3.25", close, "6500", 7, "1", "2000", "0"])
        };
        times.filter(|time| asked.contains(time)).map(candle).collect()
    };
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    write!(&mut &*stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
}

fn get(folder: &Path, venue: &Venue, until: &str) -> serde_json::Value {
    let arguments = [
        "data",
        "get",
        "binance",
        "candles",
        "ETHUSDT",
        "--interval",
        "1h",
        "--from",
        "2024-01-01",
        "--until",
        until,
        "--base-url",
        &venue.url,
        "--json",
    ];
    tidemill(folder, &arguments).json()
}

#[test]
fn what_was_fetched_is_not_asked_for_again_and_a_hole_has_a_name() {
    let place = tempfile::tempdir().unwrap();
    let venue = Venue::open((0..48).filter(|hour| *hour != 30).collect());
    let first = get(place.path(), &venue, "2024-01-02");
    assert_eq!((&first["rows"], &first["gaps"]), (&json!(24), &json!(0)));
    let asked = venue.asked.load(Ordering::Relaxed);
    assert_eq!(get(place.path(), &venue, "2024-01-02")["rows"], json!(0));
    assert_eq!(venue.asked.load(Ordering::Relaxed), asked, "nothing is asked for again");
    let second = get(place.path(), &venue, "2024-01-03");
    assert_eq!((&second["rows"], &second["gaps"]), (&json!(23), &json!(1)));
    let verified = tidemill(place.path(), &["data", "verify", "--json"]).json();
    assert!(verified.to_string().contains("the venue has no such rows"), "{verified:#}");
    // The venue has it after all: just the hole is asked for.
    venue.hours.lock().unwrap().push(30);
    let third = get(place.path(), &venue, "2024-01-03");
    assert_eq!((&third["rows"], &third["gaps"]), (&json!(1), &json!(0)));
    let sql = "SELECT count(*) AS n, min(close) AS low FROM candles('binance', 'ETHUSDT', '1h')";
    let answer = tidemill(place.path(), &["data", "sql", sql, "--json"]).json();
    assert_eq!(answer, json!({ "n": 48, "low": 2_000.5 }));
}

#[test]
fn queries_and_fetches_that_cannot_be_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let venue = Venue::open(vec![0]);
    get(place.path(), &venue, "2024-01-01T01:00:00Z");
    let wrong: [(&[&str], &str); 9] = [
        (&["data", "sql", "SELEC 1"], "SELEC"),
        (&["data", "sql", "DROP TABLE candles"], "not supported"),
        (&["data", "sql", "SELECT 1", "--format", "parquet"], "--out"),
        (&["data", "sql", "SELECT 1", "--format", "xml"], "not table, csv, json or parquet"),
        (&["data", "sql", "SELECT * FROM candles('b', 'c', '1h')"], "stored: binance"),
        (&["data", "sql", "SELECT 1", "--data", "nowhere"], "nowhere"),
        (
            &[
                "data",
                "get",
                "binance",
                "candles",
                "X",
                "--from",
                "2024-01-02",
                "--until",
                "2024-01-01",
            ],
            "--from is not before --until",
        ),
        (
            &[
                "data",
                "get",
                "binance",
                "funding",
                "X",
                "--from",
                "2024-01-01",
                "--until",
                "2024-01-02",
            ],
            "futures",
        ),
        (
            &["data", "get", "rpc", "--pool", "none.json", "--from-block", "1", "--to-block", "2"],
            "none.json",
        ),
    ];
    for (arguments, says) in wrong {
        let ran = tidemill(place.path(), arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
}

/// The example of the documentation, with the recorded candles that it is about.
#[test]
fn the_example_with_candles_out_of_the_folder_runs() {
    let Some(file) = recorded("prices-binance-1h-2025/ETHUSDT_1h.csv.gz") else { return };
    let place = tempfile::tempdir().unwrap();
    let file = std::fs::canonicalize(file).unwrap().display().to_string();
    let layout = ["--as", "binance-1h-trades", "--set", "symbol=ETHUSDT"];
    let import = [&["data", "import", &file], &layout[..]].concat();
    tidemill(place.path(), &import).good();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binance-hours.toml");
    let example = example.display().to_string();
    let run = ["backtest", &example, "--json"];
    let found = tidemill(place.path(), &run).json();
    let digests = |run: &serde_json::Value| -> Vec<String> {
        let strategies = run["strategies"].as_array().unwrap();
        strategies.iter().map(|one| one["digest"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(digests(&found).len(), 2);
    // The folder may have any name, in the environment or as an argument.
    std::fs::rename(place.path().join("data"), place.path().join("market")).unwrap();
    let named = tidemill(place.path(), &[&run[..], &["--data", "market"]].concat()).json();
    assert_eq!(digests(&named), digests(&found));
    let told = command(place.path(), &run).env("TIDEMILL_DATA_DIR", "market").output().unwrap();
    assert_eq!(digests(&serde_json::from_slice(&told.stdout).unwrap()), digests(&found));
    let missing = refused(place.path(), &run);
    let expected = "feed.data is data; allowed is a data folder that is there";
    assert_eq!(missing, format!("{example}: {expected}"));
    let text = std::fs::read_to_string(&example).unwrap().replace("ETHUSDT/", "SOLUSDT/");
    std::fs::write(place.path().join("other.toml"), text).unwrap();
    let unknown = refused(place.path(), &["backtest", "other.toml", "--data", "market"]);
    assert_eq!(
        unknown,
        "other.toml: feed.source is candles/source=binance/symbol=SOLUSDT/interval=1h; allowed is \
         what market has: candles/source=binance/symbol=ETHUSDT/interval=1h"
    );
}
