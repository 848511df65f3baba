//! Trades and candles from exchanges on loopback: fetched once, holes named, limits told.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::exchange::{Asked, Exchange};
use crate::run::{refused, tidemill};

/// 2024-01-01 00:00 UTC.
const START_MS: u64 = 1_704_067_200_000;

/// Five trades a second; those of one second have one time.
fn time_of(id: u64) -> u64 {
    START_MS + id / 5 * 1_000
}

/// The numbers that a venue does not have, and after how many questions it breaks down.
#[derive(Default)]
struct State {
    lost: BTreeSet<u64>,
    breaks_at: Option<u64>,
}

/// Binance with a million trades, from the first of January 2024 on.
fn binance(state: &Arc<Mutex<State>>) -> Exchange {
    let state = Arc::clone(state);
    Exchange::open(move |asked| {
        if asked.path.ends_with("/time") {
            return (200, json!({ "serverTime": START_MS + 100_000_000 }).to_string());
        }
        let mut state = state.lock().unwrap();
        if state.breaks_at == Some(0) {
            return (400, json!({ "code": -1000, "msg": "out of order" }).to_string());
        }
        state.breaks_at = state.breaks_at.map(|left| left - 1);
        let limit = usize::try_from(asked.number("limit").unwrap()).unwrap();
        let first = asked.number("fromId").unwrap_or_else(|| {
            let start = asked.number("startTime").unwrap();
            (0..).find(|id| time_of(*id) >= start).unwrap()
        });
        let ids = (first..1_000_000).filter(|id| !state.lost.contains(id)).take(limit);
        let row = |id: u64| {
            let (price, time) = (format!("{}.25", 2_000 + id % 7), time_of(id));
            match asked.path.ends_with("aggTrades") {
                true => json!({ "a": id, "p": price, "q": "0.5", "f": id, "l": id, "T": time,
                    "m": id.is_multiple_of(2) }),
                false => json!({ "id": id, "price": price, "qty": "0.5", "time": time,
                    "isBuyerMaker": id.is_multiple_of(2) }),
            }
        };
        (200, ids.map(row).collect::<Value>().to_string())
    })
}

fn fetch(folder: &Path, exchange: &Exchange, what: &[&str], until: &str) -> Value {
    let range = ["--from", "2024-01-01", "--until", until, "--base-url", &exchange.url, "--json"];
    tidemill(folder, &[&["data", "get"], what, &range].concat()).json()
}

fn ids(folder: &Path, source: &str, symbol: &str) -> Value {
    let sql = format!(
        "SELECT count(*) AS n, min(id) AS first, max(id) AS last FROM trades \
         WHERE source = '{source}' AND symbol = '{symbol}'"
    );
    tidemill(folder, &["data", "sql", &sql, "--json"]).json()
}

/// The gaps in the manifest of the only source.
fn gaps(folder: &Path) -> Vec<(i64, i64, String)> {
    let listed = tidemill(folder, &["data", "ls", "--json"]).json();
    let [source] = listed.as_array().unwrap().as_slice() else { panic!("{listed:#}") };
    let gaps = source["gaps"].as_array().unwrap().iter();
    let place = |gap: &Value, name: &str| gap[name].as_i64().unwrap();
    let gap = |gap: &Value| {
        (place(gap, "from"), place(gap, "to"), gap["cause"].as_str().unwrap().to_owned())
    };
    gaps.map(gap).collect()
}

#[test]
fn trades_are_fetched_once_and_what_is_missing_has_a_name() {
    for (kind, market, source) in [
        ("trades", "spot", "binance"),
        ("agg-trades", "spot", "binance-agg"),
        ("agg-trades", "usdm", "binance-usdm-agg"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        state.lock().unwrap().lost.extend(4_321..4_330);
        let exchange = binance(&state);
        let what = ["binance", kind, "ETHUSDT", "--market", market];
        let first = fetch(place.path(), &exchange, &what, "2024-01-01T00:10:00Z");
        assert_eq!((&first["rows"], &first["gaps"]), (&json!(3_000), &json!(0)), "{kind}");
        assert!(!exchange.asked().is_empty());
        let again = fetch(place.path(), &exchange, &what, "2024-01-01T00:10:00Z");
        assert_eq!((&again["rows"], exchange.asked().len()), (&json!(0), 0), "{kind}");
        let second = fetch(place.path(), &exchange, &what, "2024-01-01T00:20:00Z");
        assert_eq!((&second["rows"], &second["gaps"]), (&json!(2_991), &json!(1)), "{kind}");
        let asked = exchange.asked();
        let start = asked.iter().find_map(|asked| asked.number("startTime")).unwrap();
        assert_eq!(start, START_MS + 600_000, "only what was not answered: {asked:?}");
        // The last row before the hole and the first behind it may have had neighbours.
        let micros = |id| i64::try_from(time_of(id) * 1_000).unwrap();
        let cause = "the venue has no such rows: numbers 4321 to 4329".to_owned();
        let hole = (micros(4_320), micros(4_330) + 1, cause);
        assert_eq!(gaps(place.path()), [hole], "{kind}");
        let verified = tidemill(place.path(), &["data", "verify", "--json"]).json();
        assert!(verified.to_string().contains("numbers 4321 to 4329"), "{verified:#}");
        // The venue has them after all.
        state.lock().unwrap().lost.clear();
        let healed = fetch(place.path(), &exchange, &what, "2024-01-01T00:20:00Z");
        assert_eq!((&healed["rows"], &healed["gaps"]), (&json!(9), &json!(0)), "{kind}");
        assert_eq!(gaps(place.path()), [], "{kind}");
        let expected = json!({ "n": 6_000, "first": 0, "last": 5_999 });
        assert_eq!(ids(place.path(), source, "ETHUSDT"), expected, "{kind}");
        tidemill(place.path(), &["data", "verify", "--fail-on", "warning"]).good();
    }
}

#[test]
fn a_fetch_that_breaks_off_keeps_what_it_has() {
    let place = tempfile::tempdir().unwrap();
    let state = Arc::new(Mutex::new(State { breaks_at: Some(4), ..State::default() }));
    let exchange = binance(&state);
    let what = ["data", "get", "binance", "agg-trades", "ETHUSDT", "--from", "2024-01-01"];
    let range = ["--until", "2024-01-01T00:30:00Z", "--base-url", &exchange.url];
    let ran = tidemill(place.path(), &[&what[..], &range].concat());
    assert!(ran.refusal(2).contains("status 400"), "{ran:?}");
    let kept = ids(place.path(), "binance-agg", "ETHUSDT");
    assert_eq!(kept, json!({ "n": 4_000, "first": 0, "last": 3_999 }));
    assert_eq!(exchange.asked().len(), 5);
    state.lock().unwrap().breaks_at = None;
    let rest = fetch(place.path(), &exchange, &what[2..5], "2024-01-01T00:30:00Z");
    assert_eq!(rest["rows"], json!(5_000));
    // The last second that was told is asked for again: it may have had more.
    let start = exchange.asked().first().unwrap().number("startTime");
    assert_eq!(start, Some(time_of(3_999)));
    tidemill(place.path(), &["data", "verify", "--fail-on", "warning"]).good();
}

/// Kraken at ten minutes past the first of November 2026 at noon.
fn kraken() -> Exchange {
    const NOON: u64 = 1_793_534_400;
    const NOW: u64 = NOON + 600;
    let answer = move |asked: &Asked| -> Value {
        if asked.path.ends_with("/Time") {
            return json!({ "error": [], "result": { "unixtime": NOW } });
        }
        if asked.query["pair"] != "BTC/USD" {
            return json!({ "error": ["EQuery:Unknown asset pair"] });
        }
        if asked.path.ends_with("/OHLC") {
            let step = asked.number("interval").unwrap() * 60;
            let last = NOW / step * step;
            // The last one is not over; one is missing.
            let opens = (0..=720).rev().map(|back| last - back * step);
            let opens = opens.filter(|open| *open != last - 100 * step);
            let row = |open: u64| json!([open, "1.5", "2", "1", "1.5", "1.4", "10", 3]);
            let rows: Vec<_> = opens.map(row).collect();
            return json!({ "error": [], "result": { "XXBTZUSD": rows, "last": last } });
        }
        // A trade a second, from an hour before noon on, number 0 the first.
        let since = asked.number("since").unwrap();
        let first = NOON - 3_600;
        let start = (since / 1_000_000_000 + 1).max(first);
        let row =
            |time: u64| json!(["1.5", "2", format!("{time}.2500001"), "b", "m", "", time - first]);
        let rows: Vec<_> = (start..NOW).take(1_000).map(row).collect();
        let last = (start + 999).min(NOW - 1);
        json!({ "error": [], "result": { "XXBTZUSD": rows,
            "last": format!("{last}250000100") } })
    };
    Exchange::open(move |asked| (200, answer(asked).to_string()))
}

#[test]
fn krakens_trades_go_back_and_its_candles_do_not() {
    let place = tempfile::tempdir().unwrap();
    let exchange = kraken();
    let get = |kind: &str, more: &[&str]| {
        let what = ["data", "get", "kraken", kind, "BTC/USD", "--base-url", &exchange.url];
        tidemill(place.path(), &[&what[..], more, &["--json"]].concat())
    };
    // Half an hour is asked for, of which twenty minutes have been.
    let trades =
        get("trades", &["--from", "2026-11-01T11:50:00Z", "--until", "2026-11-01T12:20:00Z"]);
    assert_eq!(trades.json()["rows"], json!(1_200));
    let kept = ids(place.path(), "kraken", "BTC-USD");
    assert_eq!(kept, json!({ "n": 1_200, "first": 3_000, "last": 4_199 }));
    let listed = tidemill(place.path(), &["data", "ls", "--json"]).json();
    let until = &listed[0]["coverage"][0]["to"];
    assert_eq!(until, &json!(1_793_535_000_000_000_i64), "nothing is known of what is to come");
    exchange.asked();
    let range = ["--from", "2026-11-01T00:00:00Z", "--until", "2026-11-01T12:00:00Z"];
    let candles = get("candles", &range).json();
    // 720 candles before ten past twelve reach back to ten past midnight.
    assert_eq!((&candles["rows"], &candles["gaps"]), (&json!(709), &json!(2)));
    assert_eq!(exchange.asked().len(), 1);
    let source = "candles/source=kraken/symbol=BTC-USD/interval=1m";
    let verified = tidemill(place.path(), &["data", "verify", source, "--json"]).json();
    let text = verified.to_string();
    assert!(text.contains("the venue has no such rows"), "{verified:#}");
    let listed = tidemill(place.path(), &["data", "ls", "--json"]).json();
    let gap = &listed[0]["gaps"][0];
    assert_eq!(gap["cause"], "Kraken tells the last 720 candles of a length, and no others");
    assert_eq!(gap["to"], json!(1_793_491_800_000_000_i64));
    let covered = ["--from", "2026-11-01T01:00:00Z", "--until", "2026-11-01T02:00:00Z"];
    assert_eq!(get("candles", &covered).json()["rows"], json!(0));
    assert_eq!(exchange.asked().len(), 0, "what was answered is not asked for again");
    // Ten minutes of half an hour are over.
    let late = ["--from", "2026-11-01T12:00:00Z", "--until", "2026-11-01T12:30:00Z"];
    let candles = get("candles", &late).json();
    assert_eq!((&candles["rows"], &candles["gaps"]), (&json!(10), &json!(0)));
    let listed = tidemill(place.path(), &["data", "ls", "--json"]).json();
    let coverage = listed[0]["coverage"].as_array().unwrap();
    assert_eq!(coverage.last().unwrap()["to"], json!(1_793_535_000_000_000_i64));
    exchange.asked();
    let old = ["--from", "2026-10-01", "--until", "2026-10-02"];
    let says = get("candles", &old);
    assert!(says.refusal(2).contains("begin at 2026-11-01T00:10:00Z"), "{says:?}");
    let odd = get("candles", &[&range[..], &["--interval", "3m"]].concat());
    assert!(odd.refusal(2).contains("allowed is 1m, 5m, 15m, 30m, 1h, 4h or 1d"), "{odd:?}");
}

#[test]
fn histories_that_a_venue_does_not_have_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let range = ["--from", "2024-01-01", "--until", "2024-01-02"];
    let exchange = kraken();
    let base = ["--base-url", exchange.url.as_str()];
    let get = |what: &[&str]| {
        tidemill(place.path(), &[&["data", "get"], what, &range, &base].concat())
            .refusal(2)
            .to_owned()
    };
    let said = get(&["binance", "trades", "BTCUSDT", "--market", "usdm"]);
    assert!(said.contains("of futures, aggregated trades"), "{said}");
    let said = get(&["kraken", "trades", "NO/PE"]);
    assert!(said.contains("Unknown asset pair"), "{said}");
    let said = get(&["kraken", "trades", "BTC\"USD"]);
    assert!(said.contains("1 to 96 letters"), "{said}");
    let wrong = ["data", "get", "kraken", "trades", "BTC/USD", "--from", "2024-01-02"];
    let says = refused(place.path(), &[&wrong[..], &["--until", "2024-01-01"]].concat());
    assert!(says.contains("--from is not before --until"), "{says}");
}
