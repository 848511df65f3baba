use tidemill_model::{BookLevel, Candle, Interval, Taker, Trade};
use tidemill_units::InstantUs;

use crate::fault::{MessageError, MessageFault, clipped};
use crate::field::{Field, Object};

/// More entries than one message has.
const MOST_ENTRIES: usize = 2_000;

/// What a message of Kraken's WebSocket (version 2) says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KrakenMessage {
    /// `book`: a snapshot or changes.
    Book(Vec<KrakenBookMessage>),
    /// `trade`: the market and the trade, oldest first.
    Trades(Vec<(String, Trade)>),
    /// `ohlc`.
    Candles(Vec<KrakenCandle>),
    /// `heartbeat`, or the venue's `status`.
    Alive,
    /// The answer to a request: what it refuses, if it does.
    Answer {
        /// The venue's words, where it refuses.
        error: Option<String>,
    },
}

/// A book, or what changed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KrakenBookMessage {
    /// The market.
    pub symbol: String,
    /// Whether it is the whole book, as deep as was subscribed.
    pub is_snapshot: bool,
    /// Bids; without quantity where one went.
    pub bids: Vec<BookLevel>,
    /// Asks, the same.
    pub asks: Vec<BookLevel>,
    /// CRC-32 of the ten best levels of each side afterwards.
    pub checksum: u32,
    /// When the venue says so; snapshots may not say.
    pub time: Option<InstantUs>,
    /// How its numbers are written, which the checksum depends on.
    pub places: KrakenPlaces,
}

/// How many digits stand behind the point: the most that were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KrakenPlaces {
    /// In prices.
    pub price: usize,
    /// In quantities.
    pub quantity: usize,
}

/// A candle so far: the venue never says that it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KrakenCandle {
    /// The market.
    pub symbol: String,
    /// Its length.
    pub interval: Interval,
    /// The candle.
    pub candle: Candle,
}

impl KrakenPlaces {
    pub(crate) fn see(&mut self, price: &str, quantity: &str) {
        let places = |text: &str| text.split_once('.').map_or(0, |(_, behind)| behind.len());
        self.price = self.price.max(places(price));
        self.quantity = self.quantity.max(places(quantity));
    }

    pub(crate) fn widen(&mut self, other: Self) {
        self.price = self.price.max(other.price);
        self.quantity = self.quantity.max(other.quantity);
    }
}

/// Reads a message of the public channels `book`, `trade` and `ohlc`, or an answer.
///
/// Numbers are taken as they are written, bare or quoted. Fields that are not named here are
/// passed over.
///
/// Errors: no JSON object, another channel, a field that is missing or ill-typed.
///
/// Source: Kraken, "Spot WebSocket v2": `book.md`, `trade.md`, `ohlc.md` and
/// `book-checksum-v2.md` of docs.kraken.com (2026-04).
pub fn parse_kraken_message(text: &str) -> Result<KrakenMessage, MessageError> {
    let message = Object::read("message", text)?;
    let Some(channel) = message.find("channel") else {
        return answer(&message);
    };
    match channel.text()?.as_ref() {
        "heartbeat" | "status" => Ok(KrakenMessage::Alive),
        "book" => {
            let message = message.named("book");
            let is_snapshot = is_snapshot(&message)?;
            let entries = entries(&message)?;
            let books = entries.iter().map(|entry| book(entry, is_snapshot));
            books.collect::<Result<_, _>>().map(KrakenMessage::Book)
        }
        "trade" => {
            let entries = entries(&message.named("trade"))?;
            entries.iter().map(trade).collect::<Result<_, _>>().map(KrakenMessage::Trades)
        }
        "ohlc" => {
            let entries = entries(&message.named("ohlc"))?;
            entries.iter().map(candle).collect::<Result<_, _>>().map(KrakenMessage::Candles)
        }
        _ => Err(channel.expected("book, trade, ohlc, heartbeat or status")),
    }
}

fn answer(message: &Object<'_>) -> Result<KrakenMessage, MessageError> {
    message.get("method")?;
    let error = message.find("error").map(|error| clipped(error.json()));
    let refused = message.find("success").is_some_and(|told| told.json() == "false");
    let silent = || refused.then(|| "the request was refused".to_owned());
    Ok(KrakenMessage::Answer { error: error.or_else(silent) })
}

fn is_snapshot(message: &Object<'_>) -> Result<bool, MessageError> {
    let kind = message.get("type")?;
    match kind.text()?.as_ref() {
        "snapshot" => Ok(true),
        "update" => Ok(false),
        _ => Err(kind.expected("snapshot or update")),
    }
}

fn entries<'a>(message: &Object<'a>) -> Result<Vec<Object<'a>>, MessageError> {
    let entries = message.get("data")?.list(MOST_ENTRIES)?;
    entries.iter().map(Field::object).collect()
}

fn book(entry: &Object<'_>, is_snapshot: bool) -> Result<KrakenBookMessage, MessageError> {
    const NAMES: Option<(&str, &str)> = Some(("price", "qty"));
    let mut places = KrakenPlaces::default();
    let bids =
        entry.get("bids")?.levels_as(NAMES, |price, quantity| places.see(price, quantity))?;
    let asks =
        entry.get("asks")?.levels_as(NAMES, |price, quantity| places.see(price, quantity))?;
    let checksum = entry.get("checksum")?;
    Ok(KrakenBookMessage {
        symbol: entry.get("symbol")?.symbol()?,
        is_snapshot,
        bids,
        asks,
        checksum: u32::try_from(checksum.number()?)
            .map_err(|_| checksum.expected("a number below 2^32"))?,
        time: entry.find("timestamp").map(|time| time.rfc3339()).transpose()?,
        places,
    })
}

fn trade(entry: &Object<'_>) -> Result<(String, Trade), MessageError> {
    let side = entry.get("side")?;
    let taker = match side.text()?.as_ref() {
        "buy" => Taker::Buyer,
        "sell" => Taker::Seller,
        _ => return Err(side.expected("buy or sell")),
    };
    let trade = Trade {
        id: entry.get("trade_id")?.number()?,
        time: entry.get("timestamp")?.rfc3339()?,
        price: entry.get("price")?.price()?,
        quantity: entry.get("qty")?.quantity()?,
        taker,
    };
    Ok((entry.get("symbol")?.symbol()?, trade))
}

fn candle(entry: &Object<'_>) -> Result<KrakenCandle, MessageError> {
    let minutes = entry.get("interval")?;
    let candle = Candle {
        open_time: entry.get("interval_begin")?.rfc3339()?,
        open: entry.get("open")?.price()?,
        high: entry.get("high")?.price()?,
        low: entry.get("low")?.price()?,
        close: entry.get("close")?.price()?,
        volume: entry.get("volume")?.quantity()?,
        quote_volume: None,
        trades: Some(entry.get("trades")?.number()?),
    };
    let interval = minutes_long(minutes.number()?);
    let interval = interval.ok_or_else(|| minutes.expected("minutes above zero"))?;
    Ok(KrakenCandle { symbol: entry.get("symbol")?.symbol()?, interval, candle })
}

/// Returns the interval of so many minutes.
pub(crate) fn minutes_long(minutes: u64) -> Option<Interval> {
    i64::try_from(minutes).ok()?.checked_mul(60_000_000).and_then(Interval::from_us)
}

/// Returns an error about the venue's answer as a whole.
pub(crate) fn shape(message: &'static str, expected: &'static str, detail: &str) -> MessageError {
    let fault = MessageFault::Shape { expected, detail: clipped(detail) };
    MessageError { message, fault }
}
