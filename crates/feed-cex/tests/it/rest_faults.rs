//! Histories from a venue that is busy, breaks off, forgets rows or puts them in disorder: right
//! in the end, or a named hole, or an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tidemill_feed_cex::binance::{BinanceMarket, BinanceRest};
use tidemill_feed_cex::kraken::KrakenRest;
use tidemill_feed_cex::{
    BackOff, ErrorClass, Missing, RestConfig, RestError, RestFault, TimeRange,
};
use tidemill_model::Interval;
use tidemill_units::InstantUs;

use crate::server::{Answer, Asked, serve};

const MINUTE: i64 = 60_000;
/// The venue's clock: two thousand and a half minutes.
const NOW: i64 = 2_000 * MINUTE + 30_000;

fn config(base_url: String) -> RestConfig {
    let back_off = BackOff { first: Duration::from_millis(1), longest: Duration::from_millis(4) };
    let config = BinanceMarket::Spot.rest_config();
    RestConfig { base_url, back_off, timeout: Duration::from_secs(5), ..config }
}

/// A venue with a fault in the n-th question after the one for its clock.
async fn venue(fault: impl Fn(usize, &Asked) -> Option<Answer> + Send + Sync + 'static) -> Venue {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let url = serve(move |asked| {
        if asked.path == "/api/v3/time" {
            return Answer::Text(format!("{{\"serverTime\":{NOW}}}"));
        }
        let number = counted.fetch_add(1, Ordering::SeqCst);
        fault(number, &asked).unwrap_or_else(|| right(&asked))
    })
    .await;
    let rest = BinanceRest::new(BinanceMarket::Spot, config(url)).unwrap();
    Venue { rest, count }
}

struct Venue {
    rest: BinanceRest,
    count: Arc<AtomicUsize>,
}

/// What a venue without a fault answers: a candle a minute, and a trade a second.
fn right(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/api/v3/klines" => {
            let (from, to) = (asked.number("startTime"), asked.number("endTime"));
            let first = (from + MINUTE - 1) / MINUTE;
            let opens = (first..).map(|minute| minute * MINUTE).take_while(|time| *time <= to);
            Answer::Text(candles(opens.take(asked.number("limit").try_into().unwrap())))
        }
        "/api/v3/aggTrades" => {
            let from = match asked.query.get("fromId") {
                Some(id) => id.parse().unwrap(),
                None => (asked.number("startTime") + 999) / 1_000,
            };
            let ids = (from..).take_while(|id| id * 1_000 <= NOW);
            Answer::Text(trades(ids.take(asked.number("limit").try_into().unwrap())))
        }
        path => panic!("{path}"),
    }
}

fn candles(opens: impl Iterator<Item = i64>) -> String {
    let row = |open: i64| {
        let close = open + MINUTE - 1;
        format!("[{open},\"1\",\"2\",\"1\",\"2\",\"3\",{close},\"4\",5,\"1\",\"1\",\"0\"]")
    };
    format!("[{}]", opens.map(row).collect::<Vec<_>>().join(","))
}

fn trades(ids: impl Iterator<Item = i64>) -> String {
    let row = |id: i64| {
        let time = id * 1_000;
        format!(
            "{{\"a\":{id},\"p\":\"1\",\"q\":\"2\",\"f\":{id},\"l\":{id},\"T\":{time},\"m\":true}}"
        )
    };
    format!("[{}]", ids.map(row).collect::<Vec<_>>().join(","))
}

fn minutes(from: i64, until: i64) -> TimeRange {
    let at = |minute: i64| InstantUs(minute * MINUTE * 1_000);
    TimeRange { from: at(from), until: at(until) }
}

/// All candles of a range by minute, and what is named as missing.
async fn all_candles(
    rest: &BinanceRest,
    range: TimeRange,
) -> Result<(Vec<i64>, Vec<Missing>), RestError> {
    let mut pages = rest.candles("ETHUSDT", Interval::MINUTE, range)?;
    let (mut seen, mut missing) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await? {
        seen.extend(page.rows.iter().map(|row| row.open_time.0 / 1_000 / MINUTE));
        missing.extend(page.missing);
        assert!(page.answered_until <= range.until);
    }
    Ok((seen, missing))
}

async fn check(
    range: TimeRange,
    fault: impl Fn(usize, &Asked) -> Option<Answer> + Send + Sync + 'static,
    expected: Vec<i64>,
    missing: &[(u64, u64)],
) {
    let venue = venue(fault).await;
    let minute = |minute: u64| minute * 60_000_000;
    let named =
        |(from, until): &(u64, u64)| Missing { expected: minute(*from), found: minute(*until) };
    let missing: Vec<_> = missing.iter().map(named).collect();
    assert_eq!(all_candles(&venue.rest, range).await, Ok((expected, missing)));
}

#[tokio::test]
async fn every_candle_comes_or_is_named() {
    let whole: Vec<i64> = (10..1_500).collect();
    let range = minutes(10, 1_500);
    check(range, |_, _| None, whole.clone(), &[]).await;
    // What goes away when it is asked for again is not told.
    let busy = |number: usize, asked: &Asked| match number {
        0 => Some(Answer::Status(429, "Retry-After: 0\r\n", "{\"code\":-1003}")),
        1 => Some(Answer::Status(503, "", "")),
        2 => {
            let Answer::Text(text) = right(asked) else { return None };
            let half = text.len() / 2;
            Some(Answer::Cut(text, half))
        }
        3 => Some(Answer::Text("[[10".to_owned())),
        _ => None,
    };
    check(range, busy, whole.clone(), &[]).await;
    let short = |number: usize, _: &Asked| {
        (number == 0).then(|| Answer::Text(candles((10..50).map(|minute| minute * MINUTE))))
    };
    check(range, short, whole.clone(), &[]).await;
    let hole = |minute: &i64| !(300..310).contains(minute);
    let once = move |number: usize, _: &Asked| {
        let minutes = (10..1_010).filter(hole).map(|minute| minute * MINUTE);
        (number == 0).then(|| Answer::Text(candles(minutes)))
    };
    check(range, once, whole.clone(), &[]).await;
    // What stays away is named.
    let always = move |_: usize, asked: &Asked| {
        let Answer::Text(_) = right(asked) else { return None };
        let from = asked.number("startTime") / MINUTE;
        let minutes = (from..1_500).filter(hole).take(1_000).map(|minute| minute * MINUTE);
        Some(Answer::Text(candles(minutes)))
    };
    let there = whole.iter().copied().filter(hole).collect();
    check(range, always, there, &[(300, 310)]).await;
    let nothing = |_: usize, _: &Asked| Some(Answer::Text("[]".to_owned()));
    check(minutes(5, 20), nothing, Vec::new(), &[(5, 20)]).await;
    // A candle that is not over by the venue's clock is not there yet, and not missing.
    check(minutes(1_990, 5_000), |_, _| None, (1_990..2_000).collect(), &[]).await;
    check(minutes(3_000, 5_000), |_, _| None, Vec::new(), &[]).await;
}

#[tokio::test]
async fn what_is_not_as_asked_is_an_error() {
    let mixed = |_: usize, _: &Asked| Some(Answer::Text(candles([60_000, 0].into_iter())));
    let said = all_candles(&venue(mixed).await.rest, minutes(0, 5)).await.unwrap_err();
    assert!(said.to_string().contains("out of order"), "{said}");
    let odd = |_: usize, _: &Asked| Some(Answer::Text(candles([60_001].into_iter())));
    let said = all_candles(&venue(odd).await.rest, minutes(0, 5)).await.unwrap_err();
    assert!(said.to_string().contains("out of order"), "{said}");
    let unknown = |_: usize, _: &Asked| {
        Some(Answer::Status(400, "", "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"))
    };
    let wrong = venue(unknown).await;
    let error = all_candles(&wrong.rest, minutes(0, 5)).await.unwrap_err();
    assert_eq!(error.fault.class(), ErrorClass::DoNotRetry);
    assert_eq!(wrong.count.load(Ordering::SeqCst), 1, "asked once");
    let html = |_: usize, _: &Asked| Some(Answer::Text("<html>".to_owned()));
    let wrong = venue(html).await;
    let error = all_candles(&wrong.rest, minutes(0, 5)).await.unwrap_err();
    assert!(matches!(error.fault, RestFault::Answer(_)), "{error}");
    assert_eq!((error.asked, wrong.count.load(Ordering::SeqCst)), (5, 5));
    let banned = |_: usize, _: &Asked| Some(Answer::Status(418, "Retry-After: 7200\r\n", "banned"));
    let wrong = venue(banned).await;
    let error = all_candles(&wrong.rest, minutes(0, 5)).await.unwrap_err();
    assert_eq!(error.fault.class(), ErrorClass::RetryAfter(Duration::from_secs(7_200)));
    let error = wrong.rest.server_time().await.unwrap_err();
    assert_eq!(error.asked, 0, "and the venue is left alone");
    assert_eq!(wrong.count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_venue_without_a_word_is_given_up() {
    let url = serve(|_| Answer::Silence).await;
    let timeout = Duration::from_millis(50);
    let config = RestConfig { timeout, attempts: 2, ..config(url.clone()) };
    let rest = BinanceRest::new(BinanceMarket::Spot, config).unwrap();
    let error = rest.server_time().await.unwrap_err();
    assert_eq!((error.asked, error.fault.class()), (2, ErrorClass::Retry));
    let said = error.to_string();
    assert!(!said.contains(&url), "no URL in an error, it may have a secret: {said}");
}

#[tokio::test]
async fn every_trade_comes_or_is_named() {
    let all = async |rest: &BinanceRest, range: TimeRange| {
        let mut pages = rest.aggregate_trades("ETHUSDT", range).unwrap();
        let (mut seen, mut missing) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next().await.unwrap() {
            seen.extend(page.rows.iter().map(|row| row.trade.id));
            missing.extend(page.missing.iter().map(|hole| (hole.expected, hole.found)));
        }
        (seen, missing)
    };
    let range = minutes(1, 51);
    let whole: Vec<u64> = (60..3_060).collect();
    let fine = venue(|_, _| None).await;
    assert_eq!(all(&fine.rest, range).await, (whole.clone(), Vec::new()));
    let hole = |id: &i64| !(2_000..2_010).contains(id);
    let once = venue(move |number, asked| {
        let from = asked.query.get("fromId").map_or(60, |id| id.parse().unwrap());
        let ids = (from..5_000).filter(hole).take(1_000);
        (number < 2).then(|| Answer::Text(trades(ids)))
    })
    .await;
    assert_eq!(all(&once.rest, range).await, (whole.clone(), Vec::new()));
    let always = venue(move |_, asked| {
        let from = asked.query.get("fromId").map_or(60, |id| id.parse().unwrap());
        Some(Answer::Text(trades((from..5_000).filter(hole).take(1_000))))
    })
    .await;
    let there: Vec<u64> = whole.into_iter().filter(|id| !(2_000..2_010).contains(id)).collect();
    assert_eq!(all(&always.rest, range).await, (there, vec![(2_000, 2_010)]));
}

#[tokio::test]
async fn questions_that_cannot_be_asked_are_refused() {
    let rest = BinanceRest::new(BinanceMarket::UsdM, config("http://127.0.0.1:1".into())).unwrap();
    let range = minutes(0, 1);
    let mut said = Vec::new();
    said.push(rest.candles("ethusdt", Interval::MINUTE, range).unwrap_err().to_string());
    let week: Interval = "1w".parse().unwrap();
    said.push(rest.candles("ETHUSDT", week, range).unwrap_err().to_string());
    said.push(rest.trades("ETHUSDT", range).unwrap_err().to_string());
    said.push(rest.depth("ETHUSDT", 7).await.unwrap_err().to_string());
    let bad = BinanceRest::new(BinanceMarket::Spot, config("ftp://example.org".into()));
    said.push(bad.unwrap_err().to_string());
    assert_eq!(said.join("\n"), REFUSED);
}

const REFUSED: &str = "\
klines, asked 0 times: `ethusdt` cannot be asked for; allowed is a market's name such as ETHUSDT
klines, asked 0 times: `1w` cannot be asked for; allowed is 1s (spot), 1m, 3m, 5m, 15m, 30m, 1h, \
2h, 4h, 6h, 8h, 12h and 1d
historicalTrades, asked 0 times: `trades of futures` cannot be asked for; allowed is spot; of \
futures, aggregated trades
/fapi/v1/depth, asked 0 times: `7 levels` cannot be asked for; allowed is 5, 10, 20, 50, 100, 500 \
or 1000 levels
the base URL, asked 0 times: `ftp` cannot be asked for; allowed is a URL that begins with http:// \
or https://";

#[tokio::test]
async fn kraken_says_no_under_a_status_that_says_yes() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let url = serve(move |asked| {
        if asked.path == "/0/public/Time" {
            return Answer::Text("{\"error\":[],\"result\":{\"unixtime\":90}}".to_owned());
        }
        let number = counted.fetch_add(1, Ordering::SeqCst);
        let text = match (number, asked.query["pair"].as_str()) {
            (_, "NOPE") => "{\"error\":[\"EQuery:Unknown asset pair\"]}".to_owned(),
            (0, _) => "{\"error\":[\"EService:Busy\"]}".to_owned(),
            _ => {
                let since: u64 = asked.query["since"].parse().unwrap();
                let first = since / 1_000_000_000 + 1;
                let rows = (first..5_000).filter(|id| !(60..63).contains(id)).take(1_000);
                let row = |id: u64| format!("[\"1.5\",\"2\",{id}.5,\"b\",\"m\",\"\",{id}]");
                let rows: Vec<_> = rows.map(row).collect();
                let last = first + 999;
                let rows = rows.join(",");
                format!(
                    "{{\"error\":[],\"result\":{{\"XXBTZUSD\":[{rows}],\
                     \"last\":\"{last}500000000\"}}}}"
                )
            }
        };
        Answer::Text(text)
    })
    .await;
    let window = Duration::from_millis(1);
    let rest = KrakenRest::new(RestConfig { window, ..config(url) }).unwrap();
    let mut pages = rest.trades("XBTUSD", minutes(0, 2)).unwrap();
    let (mut seen, mut missing) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await.unwrap() {
        assert!(page.answered_until <= InstantUs(90_000_000));
        seen.extend(page.rows.iter().map(|row| row.id));
        missing.extend(page.missing);
    }
    // Two minutes were asked for, and by the venue's clock one and a half are over.
    let there: Vec<u64> = (1..90).filter(|id| !(60..63).contains(id)).collect();
    assert_eq!((seen, missing), (there, vec![Missing { expected: 60, found: 63 }]));
    let before = count.load(Ordering::SeqCst);
    let error = rest.depth("NOPE", 10).await.unwrap_err();
    assert_eq!(error.fault.class(), ErrorClass::DoNotRetry, "{error}");
    assert_eq!(count.load(Ordering::SeqCst), before + 1, "asked once");
}
