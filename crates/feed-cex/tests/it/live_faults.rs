//! The recorded streams over a real WebSocket, from a venue that loses, repeats, swaps and damages
//! messages and hangs up: the book is right or the gap is an event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tidemill_feed_cex::binance::{BinanceLiveConfig, BinanceMarket, BinanceRest, BinanceStream};
use tidemill_feed_cex::{
    BackOff, Book, BookWindow, CexBody, GapCause, Live, RestConfig, Series, SocketConfig,
};
use tidemill_units::Decimal;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::server::{Answer, Asked, serve};
use crate::support::{Numbers, recording};

/// The book as the recording has it, kept by other means than the feed's.
#[derive(Clone, Debug, Default)]
struct Truth {
    bids: BTreeMap<Decimal, String>,
    asks: BTreeMap<Decimal, String>,
    last: u64,
}

/// A recorded message, and what it says of the book or the trades.
struct Recorded {
    text: String,
    depth: Option<Value>,
    trade: Option<u64>,
}

impl Truth {
    fn apply(&mut self, bids: &Value, asks: &Value, last: u64) {
        for (side, told) in [(&mut self.bids, bids), (&mut self.asks, asks)] {
            for level in told.as_array().unwrap() {
                let (price, quantity) = (level[0].as_str().unwrap(), level[1].as_str().unwrap());
                let price: Decimal = price.parse().unwrap();
                if quantity.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
                    side.remove(&price);
                } else {
                    side.insert(price, quantity.to_owned());
                }
            }
        }
        self.last = last;
    }

    fn follow(&mut self, update: &Value) {
        self.apply(&update["b"], &update["a"], update["u"].as_u64().unwrap());
    }

    /// The snapshot that the venue would give, a thousand levels deep.
    fn answer(&self) -> String {
        let side = |levels: &mut dyn Iterator<Item = (&Decimal, &String)>| {
            let levels = levels.take(1_000);
            let levels: Vec<_> =
                levels.map(|(price, quantity)| format!("[\"{price}\",\"{quantity}\"]")).collect();
            levels.join(",")
        };
        let (bids, asks) = (side(&mut self.bids.iter().rev()), side(&mut self.asks.iter()));
        format!("{{\"lastUpdateId\":{},\"bids\":[{bids}],\"asks\":[{asks}]}}", self.last)
    }

    /// Whether a book is the best part of this one; says how many levels that was.
    fn begins_with(&self, book: &Book) -> usize {
        let mut compared = 0;
        let mut same = |ours: Vec<_>, theirs: &mut dyn Iterator<Item = (&Decimal, &String)>| {
            for level in ours {
                let level: tidemill_model::BookLevel = level;
                let (price, quantity) = theirs.next().expect("no level of ours is too many");
                assert_eq!((level.price, level.quantity), (*price, quantity.parse().unwrap()));
                compared += 1;
            }
        };
        same(book.bids().collect(), &mut self.bids.iter().rev());
        same(book.asks().collect(), &mut self.asks.iter());
        compared
    }
}

/// The recording up to some length, and the book before its first update.
fn recorded_part(file: &str, length: usize) -> Option<(Truth, Vec<Recorded>)> {
    let lines = recording(file)?;
    let mut truth = Truth::default();
    let mut messages = Vec::new();
    for line in lines.into_iter().take(length) {
        let value: Value = serde_json::from_str(&line.text).unwrap();
        if let Some(last) = value["lastUpdateId"].as_u64() {
            truth.apply(&value["bids"], &value["asks"], last);
            continue;
        }
        let data = &value["data"];
        let depth = (data["e"] == "depthUpdate").then(|| data.clone());
        let trade = (data["e"] == "trade").then(|| data["t"].as_u64().unwrap());
        messages.push(Recorded { text: line.text, depth, trade });
    }
    let old = |message: &Recorded| {
        message.depth.as_ref().is_some_and(|told| told["u"].as_u64().unwrap() <= truth.last)
    };
    messages.retain(|message| !old(message));
    Some((truth, messages))
}

/// What the venue is up to.
struct Venue {
    listener: TcpListener,
    messages: Arc<Vec<Recorded>>,
    /// The book as of the last message that was due, sent or not.
    truth: Arc<Mutex<Truth>>,
    /// The last update in a snapshot that was given whole.
    given: watch::Receiver<u64>,
    numbers: Numbers,
    next: usize,
    faults: usize,
}

impl Venue {
    /// Sends everything, over as many connections as it takes.
    async fn run(mut self) {
        while self.next < self.messages.len() {
            let (stream, _) = self.listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            self.stream(&mut socket).await;
            if self.next == self.messages.len() {
                // What is left is to answer until the client goes.
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
    }

    /// Sends until it hangs up, or to the end.
    async fn stream(&mut self, socket: &mut WebSocketStream<TcpStream>) {
        // The number from which on the client cannot go on without a snapshot.
        let mut needs = None;
        let mut expected = None;
        while self.next < self.messages.len() {
            let (batch, hangs_up) = self.batch();
            for index in batch {
                let (at, text) = index;
                if let Some(told) = &self.messages[at].depth
                    && text == self.messages[at].text
                {
                    let (first, last) = (told["U"].as_u64(), told["u"].as_u64());
                    if expected.is_none_or(|expected| first > Some(expected)) {
                        needs = first;
                    }
                    expected = expected.max(last.map(|last| last + 1));
                }
                socket.send(Message::text(text)).await.unwrap();
            }
            if hangs_up {
                // Half of the time without a word.
                if self.numbers.below(2) == 0 {
                    let _ = socket.close(None).await;
                }
                return;
            }
            // The client has read all of it when it answers this.
            let payload = Bytes::from(self.next.to_string());
            socket.send(Message::Ping(payload.clone())).await.unwrap();
            loop {
                match socket.next().await.unwrap().unwrap() {
                    Message::Pong(told) if told == payload => break,
                    Message::Pong(_) | Message::Ping(_) => {}
                    other @ (Message::Text(_)
                    | Message::Binary(_)
                    | Message::Close(_)
                    | Message::Frame(_)) => panic!("{other:?}"),
                }
            }
            if let Some(first) = needs.take() {
                self.given.wait_for(|given| given + 1 >= first).await.unwrap();
            }
        }
    }

    /// The next messages to send, with some of them lost, twice, swapped or damaged.
    fn batch(&mut self) -> (Vec<(usize, String)>, bool) {
        let end = (self.next + 40).min(self.messages.len());
        let calm = end + 200 > self.messages.len();
        let mut batch: Vec<(usize, String)> = Vec::new();
        let mut swap = false;
        let mut hangs_up = false;
        for at in self.next..end {
            let text = self.messages[at].text.clone();
            // Updates of the book are a tenth of the messages, and what is to be tried.
            let of_book = self.messages[at].depth.is_some();
            let odds = if of_book { 120 } else { 900 };
            let fault = if calm { 1_000 } else { self.numbers.below(odds) };
            self.faults += usize::from(fault < 9);
            match fault {
                0..=2 => {}
                3 | 4 => batch.extend([(at, text.clone()), (at, text)]),
                5 | 6 => {
                    batch.push((at, text));
                    swap = true;
                    continue;
                }
                7 => {
                    let cut = self.numbers.below(text.len());
                    batch.push((at, text[..cut].to_owned()));
                }
                8 => hangs_up = true,
                _ => batch.push((at, text)),
            }
            if swap && batch.len() > 1 {
                let last = batch.len() - 1;
                batch.swap(last - 1, last);
                swap = false;
            }
        }
        let mut truth = self.truth.lock().unwrap();
        for message in &self.messages[self.next..end] {
            message.depth.iter().for_each(|told| truth.follow(told));
        }
        self.next = end;
        (batch, hangs_up)
    }
}

/// Answers for snapshots, which are late, refused or cut off now and then.
async fn snapshots(truth: Arc<Mutex<Truth>>, seed: u64) -> (String, watch::Receiver<u64>) {
    let (give, given) = watch::channel(0);
    let numbers = Mutex::new((Numbers(seed), None::<(u64, String)>));
    let url = serve(move |asked: Asked| {
        assert_eq!(asked.path, "/api/v3/depth");
        assert_eq!(asked.query["symbol"], asked.query["symbol"].to_ascii_uppercase());
        let mut state = numbers.lock().unwrap();
        let (last, text) = {
            let truth = truth.lock().unwrap();
            (truth.last, truth.answer())
        };
        let (numbers, before) = &mut *state;
        match numbers.below(8) {
            0 => Answer::Status(503, "", "busy"),
            1 => Answer::Status(429, "Retry-After: 0\r\n", "{\"code\":-1003}"),
            2 => Answer::Cut(text, 100),
            3 if before.is_some() => {
                // One from the past: it does not reach what came since.
                Answer::Text(before.as_ref().unwrap().1.clone())
            }
            _ => {
                *before = Some((last, text.clone()));
                give.send_replace(last);
                Answer::Text(text)
            }
        }
    })
    .await;
    (url, given)
}

/// What the reader of the feed saw.
#[derive(Debug, Default)]
struct Seen {
    snapshots: usize,
    compared: usize,
    levels: usize,
    book_gaps: usize,
    disconnects: usize,
    unreadable: usize,
    slow: usize,
    trades: BTreeSet<u64>,
    lost_trades: BTreeSet<u64>,
}

/// Reads to the end and compares the book with the truth after every event of it.
async fn read(mut live: Live, mut truth: Truth, messages: &[Recorded]) -> Seen {
    let mut seen = Seen::default();
    let mut book: Option<Book> = None;
    let mut updates = messages.iter().filter_map(|message| message.depth.as_ref()).peekable();
    let end = messages.iter().filter_map(|message| message.depth.as_ref()).next_back().unwrap();
    let end = end["u"].as_u64().unwrap();
    while truth.last < end {
        let next = tokio::time::timeout(Duration::from_secs(60), live.next()).await;
        let event = next.expect("the feed goes on").expect("the feed does not halt");
        let last = match event.body {
            CexBody::BookSnapshot(snapshot) => {
                seen.snapshots += 1;
                book = Some(Book::new(&snapshot.bids, &snapshot.asks, BookWindow::OF_FEED));
                snapshot.last_update_id
            }
            CexBody::BookUpdate(update) => {
                let book = book.as_mut().expect("no update comes while the book is unknown");
                assert!(update.first_update_id <= truth.last + 1, "no hole before it");
                book.apply(&update.bids, &update.asks);
                update.last_update_id
            }
            CexBody::Trade(trade) => {
                assert!(seen.trades.insert(trade.id), "{} came twice", trade.id);
                continue;
            }
            CexBody::Gap(gap) => {
                match (gap.series, gap.cause) {
                    (Series::Trades, GapCause::Missing { expected, found }) => {
                        seen.lost_trades.extend(expected..found);
                    }
                    (Series::Book, _) => {
                        seen.book_gaps += 1;
                        book = None;
                    }
                    (Series::All, GapCause::Disconnected(_)) => {
                        seen.disconnects += 1;
                        book = None;
                    }
                    (Series::All, GapCause::Unreadable(_)) => seen.unreadable += 1,
                    (Series::All, GapCause::SlowReader { lost }) => {
                        assert!(lost > 0);
                        seen.slow += 1;
                        book = None;
                    }
                    (series, cause) => panic!("{series:?}: {cause:?}"),
                }
                continue;
            }
            CexBody::Quote(_) | CexBody::Connected => continue,
            CexBody::AggregateTrade(_) | CexBody::Candle { .. } | CexBody::Mark(_) => {
                panic!("{:?} was not asked for", event.body)
            }
        };
        while updates.peek().is_some_and(|told| told["u"].as_u64().unwrap() <= last) {
            truth.follow(updates.next().unwrap());
        }
        assert_eq!(truth.last, last);
        seen.compared += 1;
        seen.levels += truth.begins_with(book.as_ref().unwrap());
    }
    seen
}

/// Follows the recording through a feed with so many places for the reader.
async fn follow(file: &str, symbol: &str, seed: u64, places: usize) -> Option<(Seen, Vec<u64>)> {
    println!("{symbol}, seed {seed}");
    let (truth, messages) = recorded_part(file, 8_000)?;
    let messages = Arc::new(messages);
    let shared = Arc::new(Mutex::new(truth.clone()));
    let (url, given) = snapshots(Arc::clone(&shared), seed).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream_url = format!("ws://{}/stream", listener.local_addr().unwrap());
    let venue = Venue {
        listener,
        messages: Arc::clone(&messages),
        truth: shared,
        given,
        numbers: Numbers(seed),
        next: 0,
        faults: 0,
    };
    let venue = tokio::spawn(venue.run());
    let seen = read(live(&url, stream_url, symbol, places), truth, &messages).await;
    // It waits for a client that has seen all it came for.
    venue.abort();
    let trades = messages.iter().filter_map(|message| message.trade).collect();
    Some((seen, trades))
}

async fn check(file: &str, symbol: &str, seed: u64) {
    let Some((seen, trades)) = follow(file, symbol, seed, 65_536).await else { return };
    let trades: BTreeSet<u64> = trades.into_iter().collect();
    let unnamed: Vec<_> = trades
        .difference(&seen.trades)
        .filter(|id| !seen.lost_trades.contains(id) && Some(*id) > seen.trades.first())
        .filter(|id| Some(*id) < seen.trades.last())
        .collect();
    assert!(unnamed.is_empty(), "lost and not named: {unnamed:?}");
    assert!(seen.trades.is_disjoint(&seen.lost_trades));
    println!(
        "{} books compared, {} levels, {} snapshots, {} gaps of the book, {} disconnects, \
         {} unreadable, {} trades, {} named as lost",
        seen.compared,
        seen.levels,
        seen.snapshots,
        seen.book_gaps,
        seen.disconnects,
        seen.unreadable,
        seen.trades.len(),
        seen.lost_trades.len()
    );
    assert!(seen.compared > 300 && seen.book_gaps > 3 && seen.disconnects > 3);
    assert!(seen.unreadable > 1 && seen.snapshots > 6 && !seen.lost_trades.is_empty());
}

fn live(url: &str, stream_url: String, symbol: &str, capacity: usize) -> Live {
    let quick = BackOff { first: Duration::from_millis(1), longest: Duration::from_millis(8) };
    let config = BinanceMarket::Spot.rest_config();
    let config =
        RestConfig { base_url: url.to_owned(), weight_limit: 1_000_000, back_off: quick, ..config };
    let rest = BinanceRest::new(BinanceMarket::Spot, config).unwrap();
    let symbol = symbol.to_owned();
    let streams = vec![
        BinanceStream::Book(symbol.clone()),
        BinanceStream::Quotes(symbol.clone()),
        BinanceStream::Trades(symbol),
    ];
    let config = BinanceLiveConfig::new(BinanceMarket::Spot, streams).unwrap();
    let socket = SocketConfig { back_off: quick, ..SocketConfig::default() };
    rest.live(&BinanceLiveConfig { stream_url, socket, capacity, ..config })
}

#[tokio::test]
async fn ethusdt_is_right_or_unknown() {
    for seed in [1, 2] {
        check("spot_ethusdt_20240808.jsonl.gz", "ETHUSDT", seed).await;
    }
}

#[tokio::test]
async fn btcusdt_is_right_or_unknown() {
    check("spot_btcusdt_20240808.jsonl.gz", "BTCUSDT", 3).await;
}

/// With sixteen places most events are lost, each loss is told, and behind it the book is right.
#[tokio::test]
async fn a_slow_reader_has_the_book_again() {
    let file = "spot_ethusdt_20240808.jsonl.gz";
    let Some((seen, _)) = follow(file, "ETHUSDT", 4, 16).await else { return };
    println!("{} losses told, {} books compared", seen.slow, seen.compared);
    assert!(seen.slow > 3 && seen.compared > 10);
}

/// A market that is not there sends nothing; that it has no snapshot says so.
#[tokio::test]
async fn a_market_that_is_not_there_is_told() {
    let url = serve(|_| Answer::Status(400, "", "{\"code\":-1121}")).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream_url = format!("ws://{}/stream", listener.local_addr().unwrap());
    let mut live = live(&url, stream_url, "NOTHERE", 64);
    let (stream, _) = listener.accept().await.unwrap();
    let _held = tokio_tungstenite::accept_async(stream).await.unwrap();
    assert_eq!(live.next().await.unwrap().body, CexBody::Connected);
    let next = tokio::time::timeout(Duration::from_secs(20), live.next()).await;
    let event = next.unwrap().unwrap();
    let CexBody::Gap(gap) = event.body else { panic!("{event:?}") };
    assert_eq!((event.symbol.as_str(), gap.series), ("NOTHERE", Series::Book));
    assert!(matches!(gap.cause, GapCause::NoSnapshot(said) if said.contains("-1121")));
}

#[test]
fn what_binance_does_not_tell_is_refused() {
    let of = |market, stream| BinanceLiveConfig::new(market, vec![stream]);
    let (spot, futures) = (BinanceMarket::Spot, BinanceMarket::UsdM);
    let name = || "ETHUSDT".to_owned();
    let odd: tidemill_model::Interval = "7m".parse().unwrap();
    assert!(of(spot, BinanceStream::Candles(name(), odd)).is_err());
    assert!(of(spot, BinanceStream::Marks(name())).is_err());
    assert!(of(futures, BinanceStream::Trades(name())).is_err());
    assert!(of(spot, BinanceStream::Book("ETH/USDT".to_owned())).is_err());
    assert!(BinanceLiveConfig::new(spot, Vec::new()).is_err());
    let both = vec![BinanceStream::Book(name()), BinanceStream::Marks(name())];
    assert!(BinanceLiveConfig::new(futures, both).is_err(), "they are at two addresses");
    let url = of(futures, BinanceStream::Marks(name())).unwrap().stream_url;
    assert_eq!(url, "wss://fstream.binance.com/market/stream");
    let url = of(futures, BinanceStream::Book(name())).unwrap().stream_url;
    assert_eq!(url, "wss://fstream.binance.com/public/stream");
}
