//! A connection that is silent, old, refused or read too slowly.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tidemill_feed_cex::kraken::KrakenLiveConfig;
use tidemill_feed_cex::{BackOff, CexBody, GapCause, Live, Overflow, SocketConfig};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

/// A listener of our own, and a feed that is told of it.
async fn feed(socket: SocketConfig) -> (TcpListener, KrakenLiveConfig) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v2", listener.local_addr().unwrap());
    let trades = vec!["BTC/USD".to_owned()];
    let back_off = BackOff { first: Duration::from_millis(1), longest: Duration::from_millis(2) };
    let socket = SocketConfig { back_off, ..socket };
    (listener, KrakenLiveConfig { url, trades, socket, ..KrakenLiveConfig::new(Vec::new()) })
}

/// The next words about the connection.
async fn said(live: &mut Live) -> String {
    let event = tokio::time::timeout(Duration::from_secs(20), live.next()).await.unwrap();
    match event.unwrap().body {
        CexBody::Connected => "connected".to_owned(),
        CexBody::Gap(gap) => match gap.cause {
            GapCause::Disconnected(said) => said,
            cause @ (GapCause::Missing { .. }
            | GapCause::Checksum { .. }
            | GapCause::Crossed { .. }
            | GapCause::Exhausted
            | GapCause::Unreadable(_)
            | GapCause::SlowReader { .. }
            | GapCause::NoSnapshot(_)) => format!("{cause:?}"),
        },
        body @ (CexBody::Trade(_)
        | CexBody::AggregateTrade(_)
        | CexBody::Quote(_)
        | CexBody::Candle { .. }
        | CexBody::Mark(_)
        | CexBody::BookSnapshot(_)
        | CexBody::BookUpdate(_)) => format!("{body:?}"),
    }
}

#[tokio::test]
async fn silence_is_an_end() {
    let silence = Duration::from_millis(250);
    let (listener, config) = feed(SocketConfig { silence, ..SocketConfig::default() }).await;
    let mut live = config.live().unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let held = tokio_tungstenite::accept_async(stream).await.unwrap();
    assert_eq!(said(&mut live).await, "connected");
    assert_eq!(said(&mut live).await, "silent for 0.25 s");
    drop((held, listener));
    let refused = said(&mut live).await;
    assert!(refused.starts_with("not connected: "), "{refused}");
}

#[tokio::test]
async fn a_connection_is_pinged_and_renewed() {
    let (ping_every, renew_after) = (Duration::from_millis(50), Duration::from_millis(400));
    let config = SocketConfig { ping_every, renew_after, ..SocketConfig::default() };
    let (listener, config) = feed(config).await;
    let mut live = config.live().unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let mut pings = 0;
    let closed = loop {
        match socket.next().await {
            Some(Ok(Message::Ping(_))) => pings += 1,
            Some(Ok(Message::Close(_))) => break true,
            Some(Ok(Message::Text(text))) => assert!(text.contains("\"trade\""), "{text}"),
            Some(Ok(Message::Binary(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Err(_)) | None => break false,
        }
    };
    assert!(closed && pings > 1, "{pings} pings");
    assert_eq!(said(&mut live).await, "connected");
    assert_eq!(said(&mut live).await, "renewed before the venue's limit of 24 hours");
    let (stream, _) = listener.accept().await.unwrap();
    let _held = tokio_tungstenite::accept_async(stream).await.unwrap();
    assert_eq!(said(&mut live).await, "connected");
}

#[tokio::test]
async fn a_slow_reader_ends_the_feed_where_that_is_wanted() {
    let (listener, config) = feed(SocketConfig::default()).await;
    let config = KrakenLiveConfig { capacity: 16, overflow: Overflow::Halt, ..config };
    let mut live = config.live().unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    for id in 1..=100 {
        let trade = format!(
            "{{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{{\"symbol\":\"BTC/USD\",\
             \"side\":\"buy\",\"price\":1.5,\"qty\":2,\"trade_id\":{id},\
             \"timestamp\":\"2023-09-25T07:48:36.925533Z\"}}]}}"
        );
        // The feed may have ended by now, which is what is waited for.
        if socket.send(Message::text(trade)).await.is_err() {
            break;
        }
    }
    // The connection ends with the feed, and that without anything having been read.
    while let Some(Ok(_)) = socket.next().await {}
    let mut events = Vec::new();
    while let Some(event) = live.next().await {
        events.push(event.body);
    }
    assert_eq!(events.len(), 16);
    let last = events.pop().unwrap();
    let CexBody::Gap(gap) = last else { panic!("{last:?}") };
    assert_eq!(gap.cause, GapCause::SlowReader { lost: 1 });
    let id = |body: &CexBody| if let CexBody::Trade(trade) = body { Some(trade.id) } else { None };
    let ids = events.iter().filter_map(id);
    assert!(ids.eq(1..=14), "what comes before the gap is whole");
}
