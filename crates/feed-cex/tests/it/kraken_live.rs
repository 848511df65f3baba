//! Kraken's WebSocket from a venue that loses an update: the checksum sees it, the book is
//! subscribed anew, and is right again.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tidemill_feed_cex::kraken::KrakenLiveConfig;
use tidemill_feed_cex::{BackOff, CexBody, GapCause, Series, SocketConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Ten levels a side with this quantity at the best bid, and their checksum.
fn book(kind: &str, best: &str, checksum: u32) -> String {
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

/// The checksum by the document's recipe, by text.
fn checksum(best: &str) -> u32 {
    let digits = |text: String| text.replace('.', "").trim_start_matches('0').to_owned();
    let mut all = String::new();
    for price in 110..120 {
        all += &(digits(format!("{price}.5")) + "100");
    }
    for price in (100..110).rev() {
        let quantity = if price == 109 { digits(best.to_owned()) } else { "100".to_owned() };
        all += &(digits(format!("{price}.5")) + &quantity);
    }
    let mut crc = flate2::Crc::new();
    crc.update(all.as_bytes());
    crc.sum()
}

async fn heard(socket: &mut WebSocketStream<TcpStream>) -> String {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return text.to_string();
        }
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, text: String) {
    socket.send(Message::text(text)).await.unwrap();
}

#[tokio::test]
async fn a_lost_update_is_seen_and_healed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v2", listener.local_addr().unwrap());
    let venue = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let socket = &mut tokio_tungstenite::accept_async(stream).await.unwrap();
        let greeting = heard(socket).await;
        assert!(greeting.contains("\"subscribe\"") && greeting.contains("\"BTC/USD\""));
        let trades = heard(socket).await;
        assert!(trades.contains("\"channel\":\"trade\""), "{trades}");
        say(socket, book("snapshot", "5.00", checksum("5.00"))).await;
        say(socket, book("update", "6.00", checksum("6.00"))).await;
        for id in [7, 7, 10] {
            let trade = format!(
                "{{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{{\"symbol\":\"BTC/USD\",\
                 \"side\":\"buy\",\"price\":1.5,\"qty\":2,\"trade_id\":{id},\
                 \"timestamp\":\"2023-09-25T07:48:36.925533Z\"}}]}}"
            );
            say(socket, trade).await;
        }
        // An update of another level was lost before this one: its checksum is of a book we have
        // not got.
        say(socket, book("update", "7.00", checksum("7.01"))).await;
        assert!(heard(socket).await.contains("unsubscribe"));
        assert!(heard(socket).await.contains("\"subscribe\""));
        say(socket, book("snapshot", "8.00", checksum("8.00"))).await;
    });
    let back_off = BackOff { first: Duration::from_millis(1), longest: Duration::from_millis(2) };
    let config = KrakenLiveConfig {
        url,
        trades: vec!["BTC/USD".to_owned()],
        socket: SocketConfig { back_off, ..SocketConfig::default() },
        ..KrakenLiveConfig::new(vec!["BTC/USD".to_owned()])
    };
    let mut live = config.live().unwrap();
    let mut said = Vec::new();
    while said.len() < 9 {
        let event = tokio::time::timeout(Duration::from_secs(20), live.next()).await;
        said.push(match event.unwrap().unwrap().body {
            CexBody::Connected => "connected".to_owned(),
            CexBody::BookSnapshot(book) => format!("snapshot {}", book.bids[0].quantity),
            CexBody::BookUpdate(update) => format!("update {}", update.bids[0].quantity),
            CexBody::Trade(trade) => format!("trade {}", trade.id),
            CexBody::Gap(gap) => match (gap.series, gap.cause) {
                (Series::Trades, GapCause::Missing { expected, found }) => {
                    format!("no trades {expected}..{found}")
                }
                (Series::Book, GapCause::Checksum { .. }) => "the book is unknown".to_owned(),
                (Series::All, GapCause::Disconnected(_)) => "disconnected".to_owned(),
                (series, cause) => panic!("{series:?}: {cause:?}"),
            },
            CexBody::AggregateTrade(_)
            | CexBody::Quote(_)
            | CexBody::Candle { .. }
            | CexBody::Mark(_) => panic!("not asked for"),
        });
    }
    let expected = [
        "connected",
        "snapshot 5",
        "update 6",
        "trade 7",
        "no trades 8..10",
        "trade 10",
        "the book is unknown",
        "snapshot 8",
        "disconnected",
    ];
    assert_eq!(said, expected);
    venue.await.unwrap();
}

#[tokio::test]
async fn what_kraken_does_not_have_is_refused() {
    let books = || vec!["BTC/USD".to_owned()];
    let deep = KrakenLiveConfig { depth: 11, ..KrakenLiveConfig::new(books()) };
    assert!(deep.live().unwrap_err().to_string().contains("allowed is 10, 25, 100, 500 or 1000"));
    let quoted = KrakenLiveConfig::new(vec!["BTC\"USD".to_owned()]);
    assert!(quoted.live().unwrap_err().to_string().contains("a pair's name"));
    assert!(KrakenLiveConfig::new(Vec::new()).live().is_err());
}

/// A candle is told when the next one begins, as it was last.
#[tokio::test]
async fn candles_are_told_when_they_are_over() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v2", listener.local_addr().unwrap());
    let candles = vec!["BTC/USD".to_owned()];
    let config =
        KrakenLiveConfig { url, candles, candle_minutes: 5, ..KrakenLiveConfig::new(Vec::new()) };
    let mut live = config.live().unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let socket = &mut tokio_tungstenite::accept_async(stream).await.unwrap();
    assert_eq!(
        heard(socket).await,
        r#"{"method":"subscribe","params":{"channel":"ohlc","symbol":["BTC/USD"],"interval":5,"#
            .to_owned()
            + r#""snapshot":false}}"#
    );
    for (minute, close) in [(25, 2), (25, 3), (20, 9), (35, 4), (40, 5)] {
        let candle = format!(
            "{{\"channel\":\"ohlc\",\"type\":\"update\",\"data\":[{{\"symbol\":\"BTC/USD\",\
             \"open\":1,\"high\":9,\"low\":1,\"close\":{close},\"trades\":2,\"volume\":3,\
             \"interval_begin\":\"2023-10-04T16:{minute}:00.000000000Z\",\"interval\":5}}]}}"
        );
        say(socket, candle).await;
    }
    let mut said = Vec::new();
    while said.len() < 4 {
        let event = tokio::time::timeout(Duration::from_secs(20), live.next()).await;
        let body = event.unwrap().unwrap().body;
        said.push(if let CexBody::Candle { candle, .. } = body {
            format!("{} {}", candle.open_time.0 / 60_000_000 % 60, candle.close)
        } else if let CexBody::Gap(gap) = body {
            let GapCause::Missing { expected, found } = gap.cause else { panic!("{gap:?}") };
            format!("none {}..{}", expected / 60_000_000 % 60, found / 60_000_000 % 60)
        } else {
            format!("{body:?}")
        });
    }
    assert_eq!(said, ["Connected", "25 3", "none 30..35", "35 4"]);
}
