//! Live recordings from exchanges on loopback that lose, repeat and hang up: what is said to be
//! answered is there, and what is not has a name.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::exchange::{Asked, Exchange};
use crate::published::published_month;
use crate::run::{content, refused, tidemill};
use crate::streams::{Line, Recording, Streams};

/// This machine's clock, less some minutes: when the first trade was.
fn start_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    u64::try_from(now).unwrap() - 300_000
}

fn trade(start: u64, id: u64) -> String {
    let time = start + id * 10;
    json!({ "stream": "ethusdt@trade", "data": { "e": "trade", "E": time, "s": "ETHUSDT", "t": id,
        "p": "2000.5", "q": "1", "T": time, "m": true, "M": true } })
    .to_string()
}

fn quote(id: u64) -> String {
    json!({ "stream": "ethusdt@bookTicker", "data": { "u": id, "s": "ETHUSDT", "b": "2000.5",
        "B": "1", "a": "2000.6", "A": "2" } })
    .to_string()
}

fn update(start: u64, id: u64) -> String {
    let quantity = format!("{}", 1 + id % 9);
    json!({ "stream": "ethusdt@depth@100ms", "data": { "e": "depthUpdate", "E": start + id * 10,
        "s": "ETHUSDT", "U": id, "u": id, "b": [["2000.5", quantity]], "a": [] } })
    .to_string()
}

/// The venue's HTTP side: its book is as of an update, and it has all trades.
fn binance(start: u64, book: &Arc<AtomicU64>) -> Exchange {
    let book = Arc::clone(book);
    Exchange::open(move |asked| {
        if asked.query.get("symbol").is_some_and(|symbol| symbol != "ETHUSDT") {
            return (400, json!({ "code": -1121, "msg": "Invalid symbol." }).to_string());
        }
        let answer = match asked.path.as_str() {
            "/api/v3/time" => json!({ "serverTime": start + 10_000_000 }),
            "/api/v3/ticker/bookTicker" => json!({ "symbol": "ETHUSDT", "bidPrice": "2000.5",
                "bidQty": "1", "askPrice": "2000.6", "askQty": "2" }),
            "/api/v3/depth" => json!({ "lastUpdateId": book.load(Ordering::SeqCst),
                "bids": [["2000.5", "1"], ["2000", "4"]], "asks": [["2000.6", "2"]] }),
            _ => history(start, asked),
        };
        (200, answer.to_string())
    })
}

/// The numbers of trades that there are.
const TRADES: u64 = 600;

fn history(start: u64, asked: &Asked) -> Value {
    let limit = usize::try_from(asked.number("limit").unwrap()).unwrap();
    let first = asked
        .number("fromId")
        .unwrap_or_else(|| asked.number("startTime").unwrap().saturating_sub(start).div_ceil(10));
    let row = |id: u64| {
        let time = start + id * 10;
        match asked.path.ends_with("aggTrades") {
            true => json!({ "a": id, "p": "2000.5", "q": "1", "f": id, "l": id, "T": time,
                "m": true }),
            false => json!({ "id": id, "price": "2000.5", "qty": "1", "time": time,
                "isBuyerMaker": true }),
        }
    };
    (first.max(1)..=TRADES).take(limit).map(row).collect()
}

/// A source of the data folder, as `data ls` has it.
fn listed(folder: &Path, source: &str) -> Value {
    let listed = tidemill(folder, &["data", "ls", "--json"]).json();
    let found = listed.as_array().unwrap().iter().find(|listed| listed["source"] == source);
    found.unwrap_or_else(|| panic!("{source}: {listed:#}")).clone()
}

fn spans(source: &Value, name: &str) -> Vec<(u64, u64)> {
    let place = |span: &Value, end: &str| span[end].as_u64().unwrap();
    let spans = source[name].as_array().unwrap().iter();
    spans.map(|span| (place(span, "from"), place(span, "to"))).collect()
}

fn causes(source: &Value) -> String {
    let gaps = source["gaps"].as_array().unwrap().iter();
    gaps.map(|gap| gap["cause"].as_str().unwrap().to_owned() + "\n").collect()
}

fn holds(spans: &[(u64, u64)], place: u64) -> bool {
    spans.iter().any(|(from, to)| (*from..*to).contains(&place))
}

/// The numbers in a column of a dataset.
fn numbers(folder: &Path, column: &str, dataset: &str) -> BTreeSet<u64> {
    let sql = format!("SELECT DISTINCT {column} AS n FROM {dataset}");
    let csv = tidemill(folder, &["data", "sql", &sql, "--format", "csv"]).good();
    csv.lines().skip(1).map(|line| line.parse().unwrap()).collect()
}

/// The numbers of the trades that the manifest counts: a kill may leave a file that it does not.
fn written(folder: &Path) -> BTreeSet<u64> {
    let out = ["data", "export", "trades/source=binance/symbol=ETHUSDT", "--out", "trades.csv"];
    tidemill(folder, &out).good();
    let csv = std::fs::read_to_string(folder.join("trades.csv")).unwrap();
    let ids = csv.lines().skip(1).map(|line| line.split(',').next().unwrap());
    ids.map(|id| id.parse().unwrap()).collect()
}

/// Says a day of trading with its faults: trades 50 to 55 are lost, 100 comes twice; at 200 the
/// line is cut, and 201 to 229 happen unheard.
async fn lead(start: u64, book: &AtomicU64, number: usize, mut line: Line) -> Option<Line> {
    let ids = match number {
        0 => 1..=200_u64,
        _ => 230..=TRADES,
    };
    for id in ids {
        book.store(id, Ordering::SeqCst);
        let is_lost = (50..=55).contains(&id);
        if !is_lost {
            line.say(trade(start, id)).await;
            line.say(quote(id)).await;
        }
        // One update of the book is lost late in the second part.
        if id != 500 {
            line.say(update(start, id)).await;
        }
        if id == 100 {
            line.say(trade(start, id)).await;
        }
        if id % 20 == 0 {
            line.is_read().await;
        }
    }
    line.is_read().await;
    (number > 0).then_some(line)
}

#[test]
fn a_recording_holds_what_was_heard_and_names_what_was_not() {
    let place = tempfile::tempdir().unwrap();
    let start = start_ms();
    let book = Arc::new(AtomicU64::new(0));
    let exchange = binance(start, &book);
    let (said, mut all) = watch::channel(false);
    let (said, told) = (Arc::new(said), Arc::clone(&book));
    let streams = Streams::open(move |number, line| {
        let (said, told) = (Arc::clone(&said), Arc::clone(&told));
        async move {
            if let Some(line) = lead(start, &told, number, line).await {
                said.send_replace(true);
                line.stay().await;
            }
        }
    });
    let what = ["data", "record", "binance", "--symbol", "ETHUSDT", "--stream"];
    let urls = ["--base-url", &exchange.url, "--stream-url", &streams.url, "--json"];
    let arguments = [&what[..], &["trades,quotes,book"], &urls].concat();
    let recording = Recording::start(place.path(), &arguments);
    streams.wait(all.wait_for(|said| *said)).unwrap();
    let done = recording.interrupt().json();
    assert_eq!((&done["ended_by"], &done["connections"]), (&json!("signal"), &json!(2)));
    tidemill(place.path(), &["data", "verify"]).good();
    let source = "trades/source=binance/symbol=ETHUSDT";
    let trades = listed(place.path(), source);
    let causes_of_trades = causes(&trades);
    for cause in ["hole: numbers 50 to 55 are missing", "numbers 201 to 229 are missing"] {
        assert!(causes_of_trades.contains(cause), "{causes_of_trades}");
    }
    assert!(causes_of_trades.contains("the connection ended: "), "{causes_of_trades}");
    let heard: BTreeSet<u64> =
        (1..=200).filter(|id| !(50..=55).contains(id)).chain(230..=TRADES).collect();
    assert_eq!(numbers(place.path(), "id", "trades"), heard);
    assert_eq!(numbers(place.path(), "update_id", "quotes"), heard);
    let covered = spans(&trades, "coverage");
    for id in 1..=TRADES {
        let time = (start + id * 10) * 1_000;
        let is_edge = [1, 49, 56, 200, 230, TRADES].contains(&id);
        assert_eq!(holds(&covered, time), heard.contains(&id) && !is_edge, "{id}: {trades:#}");
        assert_eq!(holds(&spans(&trades, "gaps"), time), !holds(&covered, time), "{id}");
    }
    let quotes = listed(place.path(), "quotes/source=binance/symbol=ETHUSDT");
    assert!(causes(&quotes).contains("the connection ended: "), "{quotes:#}");
    // Whether the snapshot was there before update 500 was lost or after: there is no book then.
    let book = listed(place.path(), "book/source=binance/symbol=ETHUSDT");
    let lost = (start + 5_000) * 1_000;
    assert!(!holds(&spans(&book, "coverage"), lost), "{book:#}");
    assert!(holds(&spans(&book, "gaps"), lost), "{book:#}");
    // What was not heard is had from history, and nothing is missing any more.
    let until = jiff_text(start + TRADES * 10 + 1);
    let get = ["data", "get", "binance", "trades", "ETHUSDT", "--base-url", &exchange.url];
    let range = ["--from", &jiff_text(start), "--until", &until, "--json"];
    let filled = tidemill(place.path(), &[&get[..], &range].concat()).json();
    assert_eq!((&filled["rows"], &filled["gaps"]), (&json!(35), &json!(0)));
    assert_eq!(numbers(place.path(), "id", "trades"), (1..=TRADES).collect());
    tidemill(place.path(), &["data", "verify", source, "--fail-on", "warning"]).good();
}

fn jiff_text(millis: u64) -> String {
    let (seconds, rest) = (millis / 1_000, millis % 1_000);
    let days = seconds / 86_400;
    // Days since 1970 as a date, after Howard Hinnant's civil_from_days.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (date, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{rest:03}Z")
}

/// Killed at any point and begun again: what is said to be answered is there, and of what is not
/// each part has a name.
#[test]
fn a_kill_loses_what_was_not_written_and_that_is_a_gap() {
    let place = tempfile::tempdir().unwrap();
    let start = start_ms();
    let exchange = binance(start, &Arc::default());
    let (say, mut said) = watch::channel(0_u64);
    let say = Arc::new(say);
    let streams = Streams::open(move |_, mut line| {
        let say = Arc::clone(&say);
        async move {
            // What happens while nobody listens is lost.
            let mut id = *say.borrow() + 5;
            while line.say(trade(start, id)).await {
                say.send_replace(id);
                id += if id % 97 == 0 { 2 } else { 1 };
                if id % 8 == 0 && !line.is_read().await {
                    return;
                }
            }
        }
    });
    let arguments = [
        "data",
        "record",
        "binance",
        "--symbol",
        "ETHUSDT",
        "--stream",
        "trades",
        "--every",
        "20ms",
        "--base-url",
        &exchange.url,
        "--stream-url",
        &streams.url,
        "--json",
    ];
    let mut before = BTreeSet::new();
    for (round, more) in [400_u64, 37, 1_100, 5, 700].into_iter().enumerate() {
        let recording = Recording::start(place.path(), &arguments);
        let target = *said.borrow() + more;
        streams.wait(said.wait_for(|said| *said >= target)).unwrap();
        match round {
            4 => assert_eq!(recording.interrupt().json()["ended_by"], "signal"),
            _ => recording.kill(),
        }
        let source = place.path().join("data/trades/source=binance/symbol=ETHUSDT/manifest.json");
        if !source.exists() {
            continue;
        }
        let there = written(place.path());
        assert!(there.is_superset(&before), "round {round}: what was written stays");
        before = there;
    }
    tidemill(place.path(), &["data", "verify"]).good();
    let trades = listed(place.path(), "trades/source=binance/symbol=ETHUSDT");
    let (covered, gaps) = (spans(&trades, "coverage"), spans(&trades, "gaps"));
    let (first, last) = (*before.first().unwrap(), *before.last().unwrap());
    assert!(before.len() > 500, "{}", before.len());
    for id in first..=last {
        let time = (start + id * 10) * 1_000;
        assert!(before.contains(&id) || !holds(&covered, time), "{id} is not there: {trades:#}");
        assert_ne!(holds(&covered, time), holds(&gaps, time), "{id}: {trades:#}");
    }
    assert!(causes(&trades).contains("it was killed before it wrote this"), "{trades:#}");
}

/// While one process records, another that would write the same source is told who does, and what
/// the first has written and not named stays. One that is killed holds nothing.
#[test]
fn a_source_has_one_writing_process_and_a_killed_one_holds_nothing() {
    let place = tempfile::tempdir().unwrap();
    let start = start_ms();
    let exchange = binance(start, &Arc::default());
    let (say, mut said) = watch::channel(0_u64);
    let say = Arc::new(say);
    let streams = Streams::open(move |_, mut line| {
        let say = Arc::clone(&say);
        async move {
            let mut id = 1;
            while line.say(trade(start, id)).await {
                say.send_replace(id);
                id += 1;
                if id % 8 == 0 && !line.is_read().await {
                    return;
                }
            }
        }
    });
    let what = ["data", "record", "binance", "--symbol", "ETHUSDT", "--stream", "trades"];
    let urls = ["--base-url", &exchange.url, "--stream-url", &streams.url];
    let often = ["--every", "20ms", "--json"];
    let recording = Recording::start(place.path(), &[&what[..], &urls, &often].concat());
    let manifest = place.path().join("data/trades/source=binance/symbol=ETHUSDT/manifest.json");
    streams.wait(said.wait_for(|said| *said > 100 && manifest.exists())).unwrap();
    let (from, until) = (jiff_text(start), jiff_text(start + TRADES * 10 + 1));
    let get = ["data", "get", "binance", "trades", "ETHUSDT", "--base-url", &exchange.url];
    let get = [&get[..], &["--from", &from, "--until", &until, "--json"]].concat();
    for _ in 0..20 {
        let told = tidemill(place.path(), &get);
        let said = told.refusal(2);
        let who = format!("is being written by process {} (tidemill) since ", recording.id());
        assert!(said.contains("symbol=ETHUSDT: ") && said.contains(&who), "{said}");
    }
    // Another source is another's, and whoever reads is not hindered.
    published_month(&place.path().join("BTCUSDT-1h-2024-01.zip"));
    let import = ["data", "import", "BTCUSDT-1h-2024-01.zip", "--as", "binance-archive-candles"];
    tidemill(place.path(), &import).good();
    let heard = written(place.path()).len();
    let more = *said.borrow() + 100;
    streams.wait(said.wait_for(|said| *said > more)).unwrap();
    recording.kill();
    assert!(written(place.path()).len() >= heard);
    let got = tidemill(place.path(), &get).json();
    assert!(got["rows"].as_u64().unwrap() < TRADES, "some were heard: {got:#}");
    assert!(written(place.path()).is_superset(&(1..=TRADES).collect()));
    let left = content(place.path());
    assert!(left.keys().all(|file| !file.contains("writer.lock")), "{:?}", left.keys());
}

/// Futures tell quotes at one address and all else at another: both are listened to.
#[test]
fn futures_are_recorded_over_two_connections() {
    let place = tempfile::tempdir().unwrap();
    let minute = start_ms() / 60_000 * 60_000;
    let exchange = Exchange::open(|asked| {
        assert_eq!(asked.path, "/fapi/v1/ticker/bookTicker");
        let quote = json!({ "bidPrice": "1", "bidQty": "1", "askPrice": "2", "askQty": "1",
            "lastUpdateId": 1, "time": 1 });
        (200, quote.to_string())
    });
    let (said, mut all) = watch::channel(0);
    let said = Arc::new(said);
    let streams = Streams::open(move |_, mut line| {
        let said = Arc::clone(&said);
        async move {
            for at in 1..=3_u64 {
                let time = minute + at * 1_000;
                for event in [
                    json!({ "e": "aggTrade", "E": time, "s": "BTCUSDT", "a": at, "p": "2", "q": "1",
                        "f": at, "l": at, "T": time, "m": true }),
                    json!({ "e": "bookTicker", "E": time, "T": time, "s": "BTCUSDT", "u": at,
                        "b": "1", "B": "1", "a": "2", "A": "1" }),
                    json!({ "e": "markPriceUpdate", "E": time, "s": "BTCUSDT", "p": "2",
                        "i": "2", "r": "0.0001", "T": time }),
                    json!({ "e": "kline", "E": time, "s": "BTCUSDT", "k": { "t": minute, "o": "1",
                        "h": "2", "l": "1", "c": "2", "v": "3", "q": "4", "n": 5, "i": "1m",
                        "x": at == 3 } }),
                ] {
                    line.say(json!({ "stream": "told", "data": event }).to_string()).await;
                }
            }
            line.is_read().await;
            said.send_modify(|lines| *lines += 1);
            line.stay().await;
        }
    });
    let what = ["data", "record", "binance", "--market", "usdm", "--symbol", "BTCUSDT"];
    let kinds = ["--stream", "agg-trades,quotes,marks,candles"];
    let urls = ["--base-url", &exchange.url, "--stream-url", &streams.url, "--json"];
    let recording = Recording::start(place.path(), &[&what[..], &kinds, &urls].concat());
    streams.wait(all.wait_for(|lines| *lines == 2)).unwrap();
    let done = recording.interrupt().json();
    assert_eq!(done["connections"], json!(2));
    let sources = done["sources"].as_array().unwrap().iter();
    let rows = sources.map(|told| (told["source"].as_str().unwrap(), told["rows"].as_u64()));
    let expected = [
        ("candles/source=binance-usdm/symbol=BTCUSDT/interval=1m", Some(1)),
        ("marks/source=binance-usdm/symbol=BTCUSDT", Some(3)),
        ("quotes/source=binance-usdm/symbol=BTCUSDT", Some(3)),
        ("trades/source=binance-usdm-agg/symbol=BTCUSDT", Some(3)),
    ];
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    tidemill(place.path(), &["data", "verify"]).good();
}

/// Ten levels a side with this quantity at the best bid, as Kraken tells them.
fn kraken_book(kind: &str, best: &str, checksum: u32) -> String {
    let side = |prices: &mut dyn Iterator<Item = u32>, best: &str| {
        let level = |(at, price): (usize, u32)| {
            let quantity = if at == 0 { best } else { "1.00" };
            format!("{{\"price\":{price}.5,\"qty\":{quantity}}}")
        };
        prices.enumerate().map(level).collect::<Vec<_>>().join(",")
    };
    let snapshot = kind == "snapshot";
    let bids = side(&mut (100..110).rev().take(if snapshot { 10 } else { 1 }), best);
    let asks = side(&mut (110..120).take(if snapshot { 10 } else { 0 }), "1.00");
    format!(
        "{{\"channel\":\"book\",\"type\":\"{kind}\",\"data\":[{{\"symbol\":\"BTC/USD\",\
         \"bids\":[{bids}],\"asks\":[{asks}],\"checksum\":{checksum},\
         \"timestamp\":\"2023-10-06T17:35:55.440295Z\"}}]}}"
    )
}

/// The checksum by the venue's recipe, by text.
fn checksum(best: &str) -> u32 {
    let digits = |text: String| text.replace('.', "").trim_start_matches('0').to_owned();
    let asks = (110..120).map(|price| digits(format!("{price}.5")) + "100");
    let quantity = |price| if price == 109 { digits(best.to_owned()) } else { "100".to_owned() };
    let bids =
        (100..110).rev().map(|price| digits(format!("{price}.5")) + quantity(price).as_str());
    let mut crc = flate2::Crc::new();
    crc.update(asks.chain(bids).collect::<String>().as_bytes());
    crc.sum()
}

fn kraken_trade(id: u32) -> String {
    format!(
        "{{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{{\"symbol\":\"BTC/USD\",\
         \"side\":\"buy\",\"price\":1.5,\"qty\":2,\"trade_id\":{id},\
         \"timestamp\":\"2023-09-25T07:48:{id:02}.925533Z\"}}]}}"
    )
}

#[test]
fn krakens_book_and_trades_are_recorded() {
    let place = tempfile::tempdir().unwrap();
    let exchange = Exchange::open(|asked| {
        let answer = match asked.query["pair"].as_str() {
            "BTC/USD" => json!({ "error": [], "result": { "XXBTZUSD": {
                "bids": [["109.5", "1", 1]], "asks": [["110.5", "1", 1]] } } }),
            _ => json!({ "error": ["EQuery:Unknown asset pair"] }),
        };
        (200, answer.to_string())
    });
    let (said, mut all) = watch::channel(false);
    let said = Arc::new(said);
    let streams = Streams::open(move |number, mut line| {
        let said = Arc::clone(&said);
        async move {
            for _ in ["the book", "trades"] {
                assert!(line.heard().await.unwrap().contains("\"subscribe\""));
            }
            if number == 0 {
                line.say(kraken_book("snapshot", "5.00", checksum("5.00"))).await;
                line.say(kraken_book("update", "6.00", checksum("6.00"))).await;
                for id in [7, 7, 10, 11] {
                    line.say(kraken_trade(id)).await;
                }
                // Another update was lost before this one.
                line.say(kraken_book("update", "7.00", checksum("7.01"))).await;
                assert!(line.heard().await.unwrap().contains("unsubscribe"));
                assert!(line.heard().await.unwrap().contains("\"subscribe\""));
                return;
            }
            line.say(kraken_book("snapshot", "8.00", checksum("8.00"))).await;
            line.say(kraken_book("update", "9.00", checksum("9.00"))).await;
            line.say(kraken_trade(12)).await;
            line.is_read().await;
            said.send_replace(true);
            line.stay().await;
        }
    });
    let what = ["data", "record", "kraken", "--symbol", "BTC/USD", "--stream", "trades,book"];
    let urls = ["--base-url", &exchange.url, "--stream-url", &streams.url, "--json"];
    let recording = Recording::start(place.path(), &[&what[..], &urls].concat());
    streams.wait(all.wait_for(|said| *said)).unwrap();
    assert_eq!(recording.interrupt().json()["connections"], json!(2));
    assert_eq!(numbers(place.path(), "id", "trades"), BTreeSet::from([7, 10, 11, 12]));
    let trades = listed(place.path(), "trades/source=kraken/symbol=BTC-USD");
    assert!(causes(&trades).contains("numbers 8 to 9 are missing"), "{trades:#}");
    assert!(!causes(&trades).contains("the connection ended"), "12 follows 11: {trades:#}");
    let book = listed(place.path(), "book/source=kraken/symbol=BTC-USD");
    assert!(causes(&book).contains("the venue's checksum of its book"), "{book:#}");
    assert_eq!(book["rows"], json!(42));
    tidemill(place.path(), &["data", "verify"]).good();
    let says = refused(
        place.path(),
        &[
            "data",
            "record",
            "kraken",
            "--symbol",
            "NO/PE",
            "--stream",
            "book",
            "--base-url",
            &exchange.url,
        ],
    );
    assert!(says.contains("Unknown asset pair"), "{says}");
}

#[test]
fn what_cannot_be_recorded_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let exchange = binance(start_ms(), &Arc::default());
    let wrong: [(&[&str], &str); 6] = [
        (&["binance", "--symbol", "NOPE", "--stream", "trades"], "Invalid symbol"),
        (&["binance", "--symbol", "eth/usdt", "--stream", "trades"], "a market's name"),
        (
            &["binance", "--market", "usdm", "--symbol", "ETHUSDT", "--stream", "trades"],
            "trades of futures",
        ),
        (&["binance", "--symbol", "ETHUSDT", "--stream", "marks"], "mark prices of spot"),
        (
            &["kraken", "--symbol", "BTC/USD", "--stream", "book", "--levels", "11"],
            "10, 25, 100, 500 or 1000 levels",
        ),
        (
            &["kraken", "--symbol", "BTC/USD", "--stream", "candles", "--interval", "3m"],
            "allowed is 1m, 5m",
        ),
    ];
    for (arguments, says) in wrong {
        let base = ["--base-url", exchange.url.as_str()];
        let said = refused(place.path(), &[&["data", "record"], arguments, &base].concat());
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let length =
        ["data", "record", "binance", "--symbol", "ETHUSDT", "--stream", "trades", "--for"];
    let ran = tidemill(place.path(), &[&length[..], &["soon"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
}

/// Nobody answers at all: that is a finding, and a gap with its cause.
#[test]
fn a_recording_that_saw_nothing_is_a_finding() {
    let place = tempfile::tempdir().unwrap();
    let exchange = binance(start_ms(), &Arc::default());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/stream", closed.local_addr().unwrap());
    drop(closed);
    let what = ["data", "record", "binance", "--symbol", "ETHUSDT", "--stream", "trades,quotes"];
    let urls = ["--base-url", &exchange.url, "--stream-url", &url, "--for", "300ms"];
    let ran = tidemill(place.path(), &[&what[..], &urls].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("nothing was seen: not connected: "), "{ran:?}");
    for dataset in ["trades", "quotes"] {
        let source = listed(place.path(), &format!("{dataset}/source=binance/symbol=ETHUSDT"));
        assert_eq!(spans(&source, "coverage"), []);
        assert!(causes(&source).contains("the connection ended: not connected"), "{source:#}");
    }
}
