use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidemill_model::{BookSnapshot, BookUpdate, Interval};
use tidemill_units::InstantUs;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{
    BinanceBook, BinanceMarket, BinanceMessage, BinanceRest, BookEvent, BookLimits,
    parse_stream_message,
};
use crate::continuity::{Continuity, Place};
use crate::event::{CexBody, CexEvent, GapCause, Series};
use crate::fault::clipped;
use crate::live::{Ended, LOSS_TOLD_WITHIN, Live, Outlet, Overflow, Ready, as_snapshot, gap};
use crate::rest::{BackOff, RestError, RestFault};
use crate::socket::{Socket, SocketConfig, SocketEvent, now};

/// What a live feed of Binance is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinanceLiveConfig {
    /// Where the streams are, up to `/stream`; [`BinanceLiveConfig::new`] knows.
    pub stream_url: String,
    /// What to listen to; at most 1,024.
    pub streams: Vec<BinanceStream>,
    /// How many events wait for the reader at most; at least 16.
    pub capacity: usize,
    /// What is done when there are more.
    pub overflow: Overflow,
    /// How deep a snapshot is asked for.
    pub snapshot_levels: u16,
    /// How much of each book is kept.
    pub book: BookLimits,
    /// How the connection is kept.
    pub socket: SocketConfig,
}

/// One series of one market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BinanceStream {
    /// The whole book: a snapshot, then changes ten times a second.
    Book(String),
    /// Best bid and ask.
    Quotes(String),
    /// Trades; spot.
    Trades(String),
    /// Trades put together by order and price.
    AggregateTrades(String),
    /// Candles of a length, when they close.
    Candles(String, Interval),
    /// Mark prices each second; futures.
    Marks(String),
}

impl BinanceStream {
    /// The market it is of.
    fn symbol(&self) -> &str {
        match self {
            Self::Book(symbol)
            | Self::Quotes(symbol)
            | Self::Trades(symbol)
            | Self::AggregateTrades(symbol)
            | Self::Candles(symbol, _)
            | Self::Marks(symbol) => symbol,
        }
    }

    /// The venue's name of it.
    fn name(&self) -> String {
        let symbol = self.symbol().to_ascii_lowercase();
        match self {
            Self::Book(_) => format!("{symbol}@depth@100ms"),
            Self::Quotes(_) => format!("{symbol}@bookTicker"),
            Self::Trades(_) => format!("{symbol}@trade"),
            Self::AggregateTrades(_) => format!("{symbol}@aggTrade"),
            Self::Candles(_, interval) => format!("{symbol}@kline_{interval}"),
            Self::Marks(_) => format!("{symbol}@markPrice@1s"),
        }
    }

    /// Checks that the venue tells it: of what it does not know, it says nothing at all.
    fn check(&self, market: BinanceMarket) -> Result<(), RestError> {
        match (self, market) {
            (Self::Trades(_), BinanceMarket::UsdM) => {
                Err(refused("trades of futures".to_owned(), "aggregated trades"))
            }
            (Self::Marks(_), BinanceMarket::Spot) => {
                Err(refused("mark prices of spot".to_owned(), "those of futures"))
            }
            (Self::Candles(_, interval), _) => market.check_interval("stream", *interval),
            (
                Self::Book(_)
                | Self::Quotes(_)
                | Self::Trades(_)
                | Self::AggregateTrades(_)
                | Self::Marks(_),
                _,
            ) => Ok(()),
        }
    }

    /// Whether futures tell it at `/public` rather than `/market`.
    fn is_of_books(&self) -> bool {
        match self {
            Self::Book(_) | Self::Quotes(_) => true,
            Self::Trades(_) | Self::AggregateTrades(_) | Self::Candles(..) | Self::Marks(_) => {
                false
            }
        }
    }
}

impl BinanceLiveConfig {
    /// Returns what listens to these streams. Futures tell books and quotes at one address and all
    /// else at another: a feed has one connection, so a list with both makes two feeds.
    ///
    /// Errors: no stream, more than 1,024, both kinds of futures, a market's name that cannot be,
    /// a series that the venue does not tell.
    pub fn new(market: BinanceMarket, streams: Vec<BinanceStream>) -> Result<Self, RestError> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        for stream in &streams {
            let symbol = stream.symbol();
            if symbol.is_empty() || symbol.len() > 32 || !symbol.bytes().all(letter) {
                return Err(refused(clipped(symbol), "a market's name such as ETHUSDT"));
            }
            stream.check(market)?;
        }
        if streams.is_empty() || streams.len() > 1_024 {
            return Err(refused(format!("{} streams", streams.len()), "1 to 1024 streams"));
        }
        let of_books = streams.iter().filter(|stream| stream.is_of_books()).count();
        let stream_url = match market {
            BinanceMarket::Spot => "wss://stream.binance.com:9443/stream",
            BinanceMarket::UsdM if of_books == 0 => "wss://fstream.binance.com/market/stream",
            BinanceMarket::UsdM if of_books == streams.len() => {
                "wss://fstream.binance.com/public/stream"
            }
            BinanceMarket::UsdM => {
                let allowed = "futures' books and quotes, or their other streams, in one feed";
                return Err(refused("both".to_owned(), allowed));
            }
        };
        Ok(Self {
            stream_url: stream_url.to_owned(),
            streams,
            capacity: 65_536,
            overflow: Overflow::Gap,
            snapshot_levels: 1_000,
            book: BookLimits::default(),
            socket: SocketConfig::default(),
        })
    }

    fn url(&self) -> String {
        let names: Vec<_> = self.streams.iter().map(BinanceStream::name).collect();
        format!("{}?streams={}", self.stream_url, names.join("/"))
    }
}

fn refused(found: String, allowed: &'static str) -> RestError {
    let fault = RestFault::Question { found, allowed };
    RestError { path: "stream".to_owned(), asked: 0, fault }
}

impl BinanceRest {
    /// Listens from now on; books are made from snapshots that this client asks for. Has to be
    /// called within a tokio runtime.
    pub fn live(&self, config: &BinanceLiveConfig) -> Live {
        let (sender, events) = mpsc::channel(config.capacity.max(16));
        let socket = Socket::open(config.url(), Vec::new(), config.socket);
        let limits = BookLimits { told: usize::from(config.snapshot_levels), ..config.book };
        let feed = Feed {
            rest: self.clone(),
            levels: config.snapshot_levels,
            back_off: config.socket.back_off,
            outlet: Outlet::new(sender, config.overflow),
            books: followed(self.market(), &config.streams, limits),
            series: BTreeMap::new(),
            quotes: BTreeMap::new(),
            known: config.streams.iter().map(|told| told.symbol().to_ascii_uppercase()).collect(),
            asked: JoinSet::new(),
        };
        Live::new(events, tokio::spawn(feed.run(socket)).abort_handle())
    }
}

struct Feed {
    rest: BinanceRest,
    levels: u16,
    back_off: BackOff,
    outlet: Outlet,
    books: BTreeMap<String, Followed>,
    series: BTreeMap<(String, Series), Continuity>,
    /// The last update that a best quote was of: it only rises.
    quotes: BTreeMap<String, u64>,
    /// The markets that were asked for; there is nothing else to keep.
    known: BTreeSet<String>,
    /// Snapshots that are asked for: at most one a market.
    asked: JoinSet<(String, Result<BookSnapshot, RestError>)>,
}

/// The books of these streams, of which nothing is known yet.
fn followed(
    market: BinanceMarket,
    streams: &[BinanceStream],
    limits: BookLimits,
) -> BTreeMap<String, Followed> {
    let books = streams.iter().filter(|stream| matches!(stream, BinanceStream::Book(_)));
    let followed = |stream: &BinanceStream| {
        let book = BinanceBook::new(market, limits);
        let symbol = stream.symbol().to_ascii_uppercase();
        (symbol, Followed { book, is_asked: false, failures: 0 })
    };
    books.map(followed).collect()
}

struct Followed {
    book: BinanceBook,
    is_asked: bool,
    /// How many snapshots in a row did not do.
    failures: u32,
}

impl Feed {
    async fn run(mut self, mut socket: Socket) {
        loop {
            let went_on = tokio::select! {
                event = socket.next() => match event {
                    Some(event) => self.take(event),
                    None => Err(Ended),
                },
                Some(answer) = self.asked.join_next() => match answer {
                    Ok((symbol, answer)) => self.take_snapshot(&symbol, answer),
                    // A task that was ended is one whose market asks again.
                    Err(_) => Ok(()),
                },
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
            SocketEvent::Connected => {
                // A book that does not exist would never have an update to ask after.
                let books: Vec<_> = self.books.keys().cloned().collect();
                books.iter().for_each(|symbol| self.ask(symbol));
                self.tell(now(), "", CexBody::Connected).map(drop)
            }
            SocketEvent::Disconnected(said) => {
                // Trades go on being counted, so that the hole is named when they are back.
                for followed in self.books.values_mut() {
                    followed.book.reset();
                    followed.is_asked = false;
                }
                // A snapshot on its way would show a book that nothing keeps up to date.
                self.asked = JoinSet::new();
                let cause = GapCause::Disconnected(said);
                self.push(gap(now(), "", Series::All, cause))
            }
            SocketEvent::Text { text, seen_at } => match parse_stream_message(&text) {
                Ok(message) => self.take_message(message, seen_at),
                Err(error) => {
                    let cause = GapCause::Unreadable(error.to_string());
                    self.push(gap(seen_at, "", Series::All, cause))
                }
            },
        }
    }

    fn take_message(&mut self, message: BinanceMessage, seen_at: InstantUs) -> Result<(), Ended> {
        if let Some(symbol) = message.symbol()
            && !self.known.contains(symbol)
        {
            let cause = GapCause::Unreadable(format!("{symbol} was not asked for"));
            return self.push(gap(seen_at, "", Series::All, cause));
        }
        match message {
            BinanceMessage::Depth { symbol, update } => self.take_update(&symbol, update, seen_at),
            BinanceMessage::Trade { symbol, trade } => {
                if self.follows(&symbol, Series::Trades, trade.id, seen_at)? {
                    self.tell(seen_at, &symbol, CexBody::Trade(trade))?;
                }
                Ok(())
            }
            BinanceMessage::AggregateTrade { symbol, trade } => {
                if self.follows(&symbol, Series::AggregateTrades, trade.id, seen_at)? {
                    self.tell(seen_at, &symbol, CexBody::AggregateTrade(trade))?;
                }
                Ok(())
            }
            BinanceMessage::Quote { symbol, quote } => {
                let last = self.quotes.entry(symbol.clone()).or_default();
                if quote.update_id <= *last {
                    return Ok(());
                }
                *last = quote.update_id;
                self.tell(seen_at, &symbol, CexBody::Quote(quote)).map(drop)
            }
            BinanceMessage::Candle { closed: false, .. } => Ok(()),
            BinanceMessage::Candle { symbol, interval, candle, closed: true } => {
                let open_time = u64::try_from(candle.open_time.0).unwrap_or(0);
                if self.follows(&symbol, Series::Candles(interval), open_time, seen_at)? {
                    self.tell(seen_at, &symbol, CexBody::Candle { interval, candle })?;
                }
                Ok(())
            }
            BinanceMessage::Mark { symbol, mark } => {
                self.tell(seen_at, &symbol, CexBody::Mark(mark)).map(drop)
            }
            BinanceMessage::Answer { error: None } | BinanceMessage::Closing => Ok(()),
            BinanceMessage::Answer { error: Some(said) } => {
                self.push(gap(seen_at, "", Series::All, GapCause::Unreadable(said)))
            }
        }
    }

    /// Whether a number is new; a hole before it is told. What comes twice or late is passed over:
    /// the late one's hole was told.
    fn follows(
        &mut self,
        symbol: &str,
        series: Series,
        number: u64,
        seen_at: InstantUs,
    ) -> Result<bool, Ended> {
        let new = || match series {
            Series::Candles(interval) => Continuity::of_candles(interval),
            Series::All | Series::Trades | Series::AggregateTrades | Series::Book => {
                Continuity::by_one()
            }
        };
        let key = (symbol.to_owned(), series);
        match self.series.entry(key).or_insert_with(new).take(number) {
            Place::Next => Ok(true),
            Place::Old => Ok(false),
            Place::Hole(missing) => {
                let (expected, found) = (missing.expected, missing.found);
                let cause = GapCause::Missing { expected, found };
                self.push(gap(seen_at, symbol, series, cause))?;
                Ok(true)
            }
        }
    }

    fn take_update(
        &mut self,
        symbol: &str,
        update: BookUpdate,
        seen_at: InstantUs,
    ) -> Result<(), Ended> {
        let Some(followed) = self.books.get_mut(symbol) else {
            let cause = GapCause::Unreadable(format!("no book of {symbol} was asked for"));
            return self.push(gap(seen_at, "", Series::All, cause));
        };
        let event = followed.book.update(&update);
        if let Some(cause) = unknown(&event) {
            self.push(gap(seen_at, symbol, Series::Book, cause))?;
        }
        if self.books.get(symbol).is_some_and(|followed| followed.book.book().is_none()) {
            self.ask(symbol);
        }
        match event {
            BookEvent::Applied { .. } => {
                self.tell(seen_at, symbol, CexBody::BookUpdate(update)).map(drop)
            }
            BookEvent::Waiting
            | BookEvent::Old
            | BookEvent::Gap { .. }
            | BookEvent::Crossed { .. }
            | BookEvent::Exhausted
            | BookEvent::Resynced { .. } => Ok(()),
        }
    }

    /// Asks for a snapshot, unless one is on its way; after a wait where the last did not do.
    fn ask(&mut self, symbol: &str) {
        let Some(followed) = self.books.get_mut(symbol) else { return };
        if followed.is_asked {
            return;
        }
        followed.is_asked = true;
        let before = followed.failures.checked_sub(1);
        let wait = before.map_or(Duration::ZERO, |failures| self.back_off.wait(failures));
        let (rest, levels, symbol) = (self.rest.clone(), self.levels, symbol.to_owned());
        self.asked.spawn(async move {
            sleep(wait).await;
            let answer = rest.depth(&symbol, levels).await;
            (symbol, answer)
        });
    }

    fn take_snapshot(
        &mut self,
        symbol: &str,
        answer: Result<BookSnapshot, RestError>,
    ) -> Result<(), Ended> {
        let seen_at = now();
        let Some(followed) = self.books.get_mut(symbol) else { return Ok(()) };
        followed.is_asked = false;
        followed.failures = followed.failures.saturating_add(1);
        let snapshot = match answer {
            Ok(snapshot) => snapshot,
            Err(error) => {
                self.ask(symbol);
                let cause = GapCause::NoSnapshot(error.to_string());
                return self.push(gap(seen_at, symbol, Series::Book, cause));
            }
        };
        let event = followed.book.snapshot(&snapshot);
        if let BookEvent::Resynced { replayed, .. } = event {
            followed.failures = 0;
            if self.tell(seen_at, symbol, CexBody::BookSnapshot(snapshot))? {
                // The book was told as it is behind them.
                return Ok(());
            }
            for update in replayed {
                self.tell(seen_at, symbol, CexBody::BookUpdate(update))?;
            }
            return Ok(());
        }
        self.ask(symbol);
        match unknown(&event) {
            // A snapshot older than what waits is no news: the book was unknown before.
            None | Some(GapCause::Missing { .. }) => Ok(()),
            Some(cause) => self.push(gap(seen_at, symbol, Series::Book, cause)),
        }
    }

    /// Tells data. Behind a loss every book is told first, as it is now: what it would then say
    /// of a book is in that already, and the answer is true.
    fn tell(&mut self, seen_at: InstantUs, symbol: &str, body: CexBody) -> Result<bool, Ended> {
        let of_book = matches!(body, CexBody::BookUpdate(_) | CexBody::BookSnapshot(_));
        let told_anew = self.recover(seen_at)?;
        if !(of_book && told_anew) {
            self.outlet.push(CexEvent { seen_at, symbol: symbol.to_owned(), body })?;
        }
        Ok(told_anew)
    }

    fn push(&mut self, event: CexEvent) -> Result<(), Ended> {
        self.recover(event.seen_at)?;
        self.outlet.push(event)
    }

    /// Whether every book was told anew, as it is now.
    fn recover(&mut self, seen_at: InstantUs) -> Result<bool, Ended> {
        if self.outlet.recover(seen_at)? == Ready::Yes {
            return Ok(false);
        }
        for (symbol, followed) in &self.books {
            let (Some(book), Some(last)) = (followed.book.book(), followed.book.last_update_id())
            else {
                continue;
            };
            let body = CexBody::BookSnapshot(as_snapshot(book, last));
            self.outlet.push(CexEvent { seen_at, symbol: symbol.clone(), body })?;
        }
        Ok(true)
    }
}

/// Why a book is unknown from here on, if it is.
fn unknown(event: &BookEvent) -> Option<GapCause> {
    match *event {
        BookEvent::Gap { expected, found } => Some(GapCause::Missing { expected, found }),
        BookEvent::Crossed { bid, ask } => Some(GapCause::Crossed { bid, ask }),
        BookEvent::Exhausted => Some(GapCause::Exhausted),
        BookEvent::Waiting
        | BookEvent::Old
        | BookEvent::Applied { .. }
        | BookEvent::Resynced { .. } => None,
    }
}
