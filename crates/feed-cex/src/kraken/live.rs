use std::collections::{BTreeMap, BTreeSet};

use tidemill_model::{Candle, Interval};
use tidemill_units::InstantUs;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::stream::minutes_long;
use super::{
    KrakenBook, KrakenBookEvent, KrakenBookMessage, KrakenCandle, KrakenMessage,
    parse_kraken_message,
};
use crate::continuity::{Continuity, Place};
use crate::event::{CexBody, CexEvent, GapCause, Series};
use crate::fault::clipped;
use crate::live::{Ended, LOSS_TOLD_WITHIN, Live, Outlet, Overflow, Ready, as_snapshot, gap};
use crate::rest::{BackOff, RestError, RestFault};
use crate::socket::{Socket, SocketConfig, SocketEvent, now};

/// What a live feed of Kraken is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KrakenLiveConfig {
    /// Where it is; [`KrakenLiveConfig::new`] knows.
    pub url: String,
    /// The pairs whose books are followed, such as `BTC/USD`.
    pub books: Vec<String>,
    /// How deep: 10, 25, 100, 500 or 1000 levels.
    pub depth: u16,
    /// The pairs whose trades are followed.
    pub trades: Vec<String>,
    /// The pairs whose candles are followed, told when the next one begins.
    pub candles: Vec<String>,
    /// How long their candles are: 1, 5, 15, 30, 60, 240 or 1440 minutes.
    pub candle_minutes: u16,
    /// How many events wait for the reader at most; at least 16.
    pub capacity: usize,
    /// What is done when there are more.
    pub overflow: Overflow,
    /// How the connection is kept.
    pub socket: SocketConfig,
}

impl KrakenLiveConfig {
    /// Returns what follows the books of these pairs, ten levels deep, and nothing else yet.
    pub fn new(books: Vec<String>) -> Self {
        Self {
            url: "wss://ws.kraken.com/v2".to_owned(),
            books,
            depth: 10,
            trades: Vec::new(),
            candles: Vec::new(),
            candle_minutes: 1,
            capacity: 65_536,
            overflow: Overflow::Gap,
            socket: SocketConfig::default(),
        }
    }

    /// Listens from now on. Has to be called within a tokio runtime.
    ///
    /// Errors: a depth, a length or a pair that the venue cannot have; nothing to listen to.
    pub fn live(&self) -> Result<Live, RestError> {
        self.check()?;
        let (sender, events) = mpsc::channel(self.capacity.max(16));
        let socket = Socket::open(self.url.clone(), self.greetings(), self.socket);
        let feed = Feed {
            depth: self.depth,
            back_off: self.socket.back_off,
            socket,
            outlet: Outlet::new(sender, self.overflow),
            known: self.books.iter().chain(&self.trades).chain(&self.candles).cloned().collect(),
            interval: minutes_long(self.candle_minutes.into()).unwrap_or(Interval::MINUTE),
            books: BTreeMap::new(),
            trades: BTreeMap::new(),
            candles: BTreeMap::new(),
            renewing: JoinSet::new(),
        };
        Ok(Live::new(events, tokio::spawn(feed.run()).abort_handle()))
    }

    /// Checks what is asked for, and asks nothing yet.
    ///
    /// Errors: as [`Self::live`].
    pub fn check(&self) -> Result<(), RestError> {
        if ![10, 25, 100, 500, 1_000].contains(&self.depth) {
            let allowed = "10, 25, 100, 500 or 1000 levels";
            return Err(refused(format!("{} levels", self.depth), allowed));
        }
        if ![1, 5, 15, 30, 60, 240, 1_440].contains(&self.candle_minutes) {
            let allowed = "1, 5, 15, 30, 60, 240 or 1440 minutes";
            return Err(refused(format!("{} minutes", self.candle_minutes), allowed));
        }
        let mut pairs = self.books.iter().chain(&self.trades).chain(&self.candles).peekable();
        if pairs.peek().is_none() {
            return Err(refused("nothing".to_owned(), "a pair"));
        }
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_');
        let wrong = |pair: &&String| pair.len() > 32 || !pair.bytes().all(letter);
        match pairs.find(|pair| pair.is_empty() || wrong(pair)) {
            Some(pair) => Err(refused(clipped(pair), "a pair's name such as BTC/USD")),
            None => Ok(()),
        }
    }

    fn greetings(&self) -> Vec<String> {
        let mut greetings = Vec::new();
        for book in &self.books {
            greetings.push(of_book("subscribe", book, self.depth));
        }
        let minutes = self.candle_minutes;
        let others = [
            ("trade", &self.trades, String::new()),
            ("ohlc", &self.candles, format!(r#","interval":{minutes}"#)),
        ];
        for (channel, pairs, more) in others {
            if !pairs.is_empty() {
                let pairs = pairs.join(r#"",""#);
                let params = format!(r#""channel":"{channel}","symbol":["{pairs}"]{more}"#);
                greetings.push(format!(
                    r#"{{"method":"subscribe","params":{{{params},"snapshot":false}}}}"#
                ));
            }
        }
        greetings
    }
}

fn of_book(method: &str, symbol: &str, depth: u16) -> String {
    let params = format!(r#""channel":"book","symbol":["{symbol}"],"depth":{depth}"#);
    format!(r#"{{"method":"{method}","params":{{{params}}}}}"#)
}

fn refused(found: String, allowed: &'static str) -> RestError {
    let fault = RestFault::Question { found, allowed };
    RestError { path: "stream".to_owned(), asked: 0, fault }
}

struct Feed {
    depth: u16,
    back_off: BackOff,
    socket: Socket,
    outlet: Outlet,
    /// The pairs that were asked for, and the length of their candles: nothing else is kept.
    known: BTreeSet<String>,
    interval: Interval,
    books: BTreeMap<String, Followed>,
    trades: BTreeMap<String, Continuity>,
    /// The candle that is not over yet, and the order of those that are.
    candles: BTreeMap<(String, Interval), (Candle, Continuity)>,
    /// Books that are to be subscribed anew after a wait.
    renewing: JoinSet<String>,
}

struct Followed {
    book: KrakenBook,
    last_update_id: u64,
    failures: u32,
}

impl Feed {
    async fn run(mut self) {
        loop {
            let went_on = tokio::select! {
                event = self.socket.next() => match event {
                    Some(event) => self.take(event),
                    None => Err(Ended),
                },
                Some(symbol) = self.renewing.join_next() => {
                    if let Ok(symbol) = symbol {
                        self.socket.say(of_book("unsubscribe", &symbol, self.depth));
                        self.socket.say(of_book("subscribe", &symbol, self.depth));
                    }
                    Ok(())
                }
                () = sleep(LOSS_TOLD_WITHIN), if self.outlet.has_lost() => {
                    self.recover(now()).map(drop)
                }
            };
            if went_on.is_err() {
                return;
            }
        }
    }

    fn take(&mut self, event: SocketEvent) -> Result<(), Ended> {
        match event {
            SocketEvent::Connected => self.tell(now(), "", CexBody::Connected),
            SocketEvent::Disconnected(said) => {
                self.books.values_mut().for_each(|followed| followed.book.reset());
                self.candles.clear();
                // The greeting subscribes everything again.
                self.renewing = JoinSet::new();
                self.push(gap(now(), "", Series::All, GapCause::Disconnected(said)))
            }
            SocketEvent::Text { text, seen_at } => match parse_kraken_message(&text) {
                Ok(message) => self.take_message(message, seen_at),
                Err(error) => {
                    let cause = GapCause::Unreadable(error.to_string());
                    self.push(gap(seen_at, "", Series::All, cause))
                }
            },
        }
    }

    fn take_message(&mut self, message: KrakenMessage, seen_at: InstantUs) -> Result<(), Ended> {
        match message {
            KrakenMessage::Alive | KrakenMessage::Answer { error: None } => Ok(()),
            KrakenMessage::Answer { error: Some(said) } => {
                self.push(gap(seen_at, "", Series::All, GapCause::Unreadable(said)))
            }
            KrakenMessage::Book(messages) => {
                let known = |message: &&KrakenBookMessage| self.known.contains(&message.symbol);
                let messages: Vec<_> = messages.iter().filter(known).collect();
                messages.into_iter().try_for_each(|message| self.take_book(message, seen_at))
            }
            KrakenMessage::Trades(trades) => {
                for (symbol, trade) in trades {
                    if !self.known.contains(&symbol) {
                        continue;
                    }
                    let series = self.trades.entry(symbol.clone());
                    let place = series.or_insert_with(Continuity::by_one).take(trade.id);
                    self.tell_hole(place, &symbol, Series::Trades, seen_at)?;
                    if place != Place::Old {
                        self.tell(seen_at, &symbol, CexBody::Trade(trade))?;
                    }
                }
                Ok(())
            }
            KrakenMessage::Candles(candles) => {
                candles.into_iter().try_for_each(|candle| self.take_candle(candle, seen_at))
            }
        }
    }

    /// A candle is over when the next one of its series is there.
    fn take_candle(&mut self, told: KrakenCandle, seen_at: InstantUs) -> Result<(), Ended> {
        let KrakenCandle { symbol, interval, candle } = told;
        if !self.known.contains(&symbol) || interval != self.interval {
            return Ok(());
        }
        let key = (symbol.clone(), interval);
        let new = (candle, Continuity::of_candles(interval));
        let (held, order) = self.candles.entry(key).or_insert(new);
        if candle.open_time < held.open_time {
            return Ok(());
        }
        let over = std::mem::replace(held, candle);
        if over.open_time == candle.open_time {
            return Ok(());
        }
        let place = order.take_candle(&over);
        let series = Series::Candles(interval);
        self.tell_hole(place, &symbol, series, seen_at)?;
        self.tell(seen_at, &symbol, CexBody::Candle { interval, candle: over })
    }

    fn take_book(&mut self, message: &KrakenBookMessage, seen_at: InstantUs) -> Result<(), Ended> {
        let (symbol, depth) = (message.symbol.as_str(), usize::from(self.depth));
        let followed = self.books.entry(symbol.to_owned()).or_insert_with(|| Followed {
            book: KrakenBook::new(depth),
            last_update_id: 0,
            failures: 0,
        });
        let cause = match followed.book.message(message, seen_at) {
            KrakenBookEvent::Waiting => return Ok(()),
            KrakenBookEvent::Applied(update) => {
                followed.last_update_id = update.last_update_id;
                followed.failures = 0;
                return self.tell(seen_at, symbol, CexBody::BookUpdate(update));
            }
            KrakenBookEvent::Resynced(snapshot) => {
                followed.last_update_id = snapshot.last_update_id;
                return self.tell(seen_at, symbol, CexBody::BookSnapshot(snapshot));
            }
            KrakenBookEvent::Checksum { expected, found } => GapCause::Checksum { expected, found },
            KrakenBookEvent::Crossed { bid, ask } => GapCause::Crossed { bid, ask },
        };
        let (wait, symbol) = (self.back_off.wait(followed.failures), symbol.to_owned());
        followed.failures = followed.failures.saturating_add(1);
        let told = gap(seen_at, &symbol, Series::Book, cause);
        self.renewing.spawn(async move {
            sleep(wait).await;
            symbol
        });
        self.push(told)
    }

    fn tell_hole(
        &mut self,
        place: Place,
        symbol: &str,
        series: Series,
        seen_at: InstantUs,
    ) -> Result<(), Ended> {
        let Place::Hole(missing) = place else { return Ok(()) };
        let cause = GapCause::Missing { expected: missing.expected, found: missing.found };
        self.push(gap(seen_at, symbol, series, cause))
    }

    fn tell(&mut self, seen_at: InstantUs, symbol: &str, body: CexBody) -> Result<(), Ended> {
        let of_book = matches!(body, CexBody::BookUpdate(_) | CexBody::BookSnapshot(_));
        let told_anew = self.recover(seen_at)?;
        if of_book && told_anew.contains(symbol) {
            return Ok(());
        }
        self.outlet.push(CexEvent { seen_at, symbol: symbol.to_owned(), body })
    }

    fn push(&mut self, event: CexEvent) -> Result<(), Ended> {
        self.recover(event.seen_at)?;
        self.outlet.push(event)
    }

    /// Tells every book as it is now, where events were lost; says whose.
    fn recover(&mut self, seen_at: InstantUs) -> Result<BTreeSet<String>, Ended> {
        let mut told = BTreeSet::new();
        if self.outlet.recover(seen_at)? == Ready::Yes {
            return Ok(told);
        }
        for (symbol, followed) in &self.books {
            if let Some(book) = followed.book.book() {
                let snapshot = as_snapshot(book, followed.last_update_id);
                let body = CexBody::BookSnapshot(snapshot);
                self.outlet.push(CexEvent { seen_at, symbol: symbol.clone(), body })?;
                told.insert(symbol.clone());
            }
        }
        Ok(told)
    }
}
