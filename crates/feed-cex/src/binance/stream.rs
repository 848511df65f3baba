use tidemill_model::{BestQuote, BookLevel, BookUpdate, Candle, Interval, MarkPrice, Trade};

use crate::fault::MessageError;
use crate::field::{Field, Object};

/// What a message of Binance's market streams says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BinanceMessage {
    /// `depthUpdate`: changes of a book.
    Depth {
        /// The market.
        symbol: String,
        /// The changes; the time is the matching engine's where it is told.
        update: BookUpdate,
    },
    /// `trade`.
    Trade {
        /// The market.
        symbol: String,
        /// The trade.
        trade: Trade,
    },
    /// `aggTrade`.
    AggregateTrade {
        /// The market.
        symbol: String,
        /// Its number is the aggregate's.
        trade: Trade,
    },
    /// `bookTicker`.
    Quote {
        /// The market.
        symbol: String,
        /// Best bid and ask.
        quote: BestQuote,
    },
    /// `kline`.
    Candle {
        /// The market.
        symbol: String,
        /// Its length.
        interval: Interval,
        /// The candle so far.
        candle: Candle,
        /// Whether it is over; before that it changes.
        closed: bool,
    },
    /// `markPriceUpdate`.
    Mark {
        /// The market.
        symbol: String,
        /// Mark and index price and the rate expected.
        mark: MarkPrice,
    },
    /// The answer to a request: what it refuses, if it does.
    Answer {
        /// The venue's words, where it refuses.
        error: Option<String>,
    },
    /// `serverShutdown`: the venue is about to end the connection.
    Closing,
}

impl BinanceMessage {
    /// Returns the market it is of, if it is of one.
    pub(crate) fn symbol(&self) -> Option<&str> {
        match self {
            Self::Depth { symbol, .. }
            | Self::Trade { symbol, .. }
            | Self::AggregateTrade { symbol, .. }
            | Self::Quote { symbol, .. }
            | Self::Candle { symbol, .. }
            | Self::Mark { symbol, .. } => Some(symbol),
            Self::Answer { .. } | Self::Closing => None,
        }
    }
}

/// Reads a message of a market stream, wrapped (`stream`, `data`) or raw.
///
/// Times are milliseconds, as they are unless the connection asks for others. Fields that are not
/// named here are passed over.
///
/// Errors: no JSON object, an event of another type, a field that is missing or ill-typed.
///
/// Source: Binance, `web-socket-streams.md` of binance-spot-api-docs at 060fe48 (2023-12-04) and
/// "WebSocket Streams for Binance" (2025); "Websocket Market Streams" of USD-M futures (2025).
pub fn parse_stream_message(text: &str) -> Result<BinanceMessage, MessageError> {
    let outer = Object::read("stream message", text)?;
    match outer.find("data") {
        Some(data) => read_event(data.object()?),
        None => read_event(outer),
    }
}

fn read_event(event: Object<'_>) -> Result<BinanceMessage, MessageError> {
    let Some(kind) = event.find("e") else {
        return read_untyped(event);
    };
    match kind.text()?.as_ref() {
        "depthUpdate" => depth(&event.named("depthUpdate")),
        "trade" => trade(&event.named("trade")),
        "aggTrade" => aggregate_trade(&event.named("aggTrade")),
        "bookTicker" => quote(&event.named("bookTicker")),
        "kline" => candle(&event.named("kline")),
        "markPriceUpdate" => mark(&event.named("markPriceUpdate")),
        "serverShutdown" => Ok(BinanceMessage::Closing),
        _ => Err(kind.expected(
            "depthUpdate, trade, aggTrade, bookTicker, kline, markPriceUpdate or serverShutdown",
        )),
    }
}

/// Best quotes of spot and answers do not say what they are.
fn read_untyped(event: Object<'_>) -> Result<BinanceMessage, MessageError> {
    if event.find("u").is_some() {
        return quote(&event.named("bookTicker"));
    }
    let event = event.named("answer");
    let error = event.find("error").or_else(|| event.find("msg"));
    if error.is_none() {
        event.get("id")?;
    }
    let error = error.map(|error| crate::fault::clipped(error.json()));
    Ok(BinanceMessage::Answer { error })
}

fn depth(event: &Object<'_>) -> Result<BinanceMessage, MessageError> {
    let first = event.get("U")?;
    let update = BookUpdate {
        time: event.find("T").map_or_else(|| event.get("E"), Ok)?.millis()?,
        first_update_id: first.number()?,
        last_update_id: event.get("u")?.number()?,
        previous_update_id: event.find("pu").map(|id| id.number()).transpose()?,
        bids: event.get("b")?.levels(None)?,
        asks: event.get("a")?.levels(None)?,
    };
    if update.first_update_id > update.last_update_id {
        return Err(first.expected("at most `u`"));
    }
    Ok(BinanceMessage::Depth { symbol: event.get("s")?.symbol()?, update })
}

fn trade(event: &Object<'_>) -> Result<BinanceMessage, MessageError> {
    let trade = taken(event, event.get("t")?)?;
    Ok(BinanceMessage::Trade { symbol: event.get("s")?.symbol()?, trade })
}

fn aggregate_trade(event: &Object<'_>) -> Result<BinanceMessage, MessageError> {
    let trade = taken(event, event.get("a")?)?;
    Ok(BinanceMessage::AggregateTrade { symbol: event.get("s")?.symbol()?, trade })
}

fn taken(event: &Object<'_>, id: Field<'_>) -> Result<Trade, MessageError> {
    Ok(Trade {
        id: id.number()?,
        time: event.get("T")?.millis()?,
        price: event.get("p")?.price()?,
        quantity: event.get("q")?.quantity()?,
        taker: event.get("m")?.buyer_was_maker()?,
    })
}

fn quote(event: &Object<'_>) -> Result<BinanceMessage, MessageError> {
    let level = |price, quantity| {
        Ok::<_, MessageError>(BookLevel {
            price: event.get(price)?.price()?,
            quantity: event.get(quantity)?.quantity()?,
        })
    };
    let quote = BestQuote {
        update_id: event.get("u")?.number()?,
        time: event.find("T").map(|time| time.millis()).transpose()?,
        bid: level("b", "B")?,
        ask: level("a", "A")?,
    };
    Ok(BinanceMessage::Quote { symbol: event.get("s")?.symbol()?, quote })
}

fn candle(event: &Object<'_>) -> Result<BinanceMessage, MessageError> {
    let told = event.get("k")?.object()?;
    let candle = Candle {
        open_time: told.get("t")?.millis()?,
        open: told.get("o")?.price()?,
        high: told.get("h")?.price()?,
        low: told.get("l")?.price()?,
        close: told.get("c")?.price()?,
        volume: told.get("v")?.quantity()?,
        quote_volume: Some(told.get("q")?.quantity()?),
        trades: Some(told.get("n")?.number()?),
    };
    let interval = told.get("i")?.interval()?;
    let closed = told.get("x")?.flag()?;
    Ok(BinanceMessage::Candle { symbol: event.get("s")?.symbol()?, interval, candle, closed })
}

fn mark(event: &Object<'_>) -> Result<BinanceMessage, MessageError> {
    // Futures with an end of life have an empty rate.
    let rate = event.find("r").filter(|rate| !rate.is_empty());
    let mark = MarkPrice {
        time: event.get("E")?.millis()?,
        mark: event.get("p")?.price()?,
        index: event.find("i").map(|index| index.price()).transpose()?,
        expected_funding: rate.map(|rate| rate.decimal()).transpose()?,
    };
    Ok(BinanceMessage::Mark { symbol: event.get("s")?.symbol()?, mark })
}
