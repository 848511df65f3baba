use tidemill_model::{BestQuote, BookLevel, BookSnapshot, Candle, Funding, MarkPrice, Trade};
use tidemill_units::InstantUs;

use crate::fault::MessageError;
use crate::field::{Field, Object, Row};

/// More rows than any answer has.
const MOST_ROWS: usize = 10_000;

/// What one order took at one price, and which trades that were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AggregateTrade {
    /// Its number is the aggregate's.
    pub trade: Trade,
    /// The first of its trades.
    pub first_trade_id: u64,
    /// The last of its trades.
    pub last_trade_id: u64,
}

/// Reads the answer of `klines`: lists of twelve values, oldest first.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance, `rest-api.md` of binance-spot-api-docs (2025), "Kline/Candlestick data";
/// USD-M futures, "Kline/Candlestick Data" (2025): the same columns.
pub fn parse_candles(text: &str) -> Result<Vec<Candle>, MessageError> {
    let rows = Field::whole("klines", text).list(MOST_ROWS)?;
    rows.iter().map(|row| candle(&row.row()?)).collect()
}

fn candle(row: &Row<'_>) -> Result<Candle, MessageError> {
    Ok(Candle {
        open_time: row.get(0, "open time")?.millis_or_micros()?,
        open: row.get(1, "open")?.price()?,
        high: row.get(2, "high")?.price()?,
        low: row.get(3, "low")?.price()?,
        close: row.get(4, "close")?.price()?,
        volume: row.get(5, "volume")?.quantity()?,
        quote_volume: Some(row.get(7, "quote asset volume")?.quantity()?),
        trades: Some(row.get(8, "number of trades")?.number()?),
    })
}

/// Reads the answer of `aggTrades`, oldest first.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance, `rest-api.md` (2025) and USD-M futures (2025), "Compressed/Aggregate trades".
pub fn parse_aggregate_trades(text: &str) -> Result<Vec<AggregateTrade>, MessageError> {
    let rows = Field::whole("aggTrades", text).list(MOST_ROWS)?;
    let read = |row: &Field<'_>| {
        let row = row.object()?;
        let trade = Trade {
            id: row.get("a")?.number()?,
            time: row.get("T")?.millis_or_micros()?,
            price: row.get("p")?.price()?,
            quantity: row.get("q")?.quantity()?,
            taker: row.get("m")?.buyer_was_maker()?,
        };
        let first_trade_id = row.get("f")?.number()?;
        Ok(AggregateTrade { trade, first_trade_id, last_trade_id: row.get("l")?.number()? })
    };
    rows.iter().map(read).collect()
}

/// Reads the answer of `trades` or `historicalTrades`, oldest first.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance, `rest-api.md` (2025), "Recent trades list" and "Old trade lookup".
pub fn parse_trades(text: &str) -> Result<Vec<Trade>, MessageError> {
    let rows = Field::whole("trades", text).list(MOST_ROWS)?;
    let read = |row: &Field<'_>| {
        let row = row.object()?;
        Ok(Trade {
            id: row.get("id")?.number()?,
            time: row.get("time")?.millis_or_micros()?,
            price: row.get("price")?.price()?,
            quantity: row.get("qty")?.quantity()?,
            taker: row.get("isBuyerMaker")?.buyer_was_maker()?,
        })
    };
    rows.iter().map(read).collect()
}

/// Reads the answer of `depth`: a book as deep as was asked.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance, `rest-api.md` (2025) and USD-M futures (2025), "Order book".
pub fn parse_depth(text: &str) -> Result<BookSnapshot, MessageError> {
    let answer = Object::read("depth", text)?;
    Ok(BookSnapshot {
        last_update_id: answer.get("lastUpdateId")?.number()?,
        bids: answer.get("bids")?.levels(None)?,
        asks: answer.get("asks")?.levels(None)?,
    })
}

/// Reads the answer of `ticker/bookTicker` for one market. Spot does not say which update of the
/// book it is of: the number is then 0.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance, `rest-api.md` (2025) and USD-M futures (2025), "Symbol Order Book Ticker".
pub fn parse_best_quote(text: &str) -> Result<BestQuote, MessageError> {
    let answer = Object::read("bookTicker", text)?;
    let level = |price, quantity| {
        Ok::<_, MessageError>(BookLevel {
            price: answer.get(price)?.price()?,
            quantity: answer.get(quantity)?.quantity()?,
        })
    };
    Ok(BestQuote {
        update_id: answer.find("lastUpdateId").map_or(Ok(0), |id| id.number())?,
        time: answer.find("time").map(|time| time.millis()).transpose()?,
        bid: level("bidPrice", "bidQty")?,
        ask: level("askPrice", "askQty")?,
    })
}

/// Reads the answer of `fundingRate`, oldest first.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance USD-M futures, "Get Funding Rate History" (2025).
pub fn parse_funding(text: &str) -> Result<Vec<Funding>, MessageError> {
    let rows = Field::whole("fundingRate", text).list(MOST_ROWS)?;
    let read = |row: &Field<'_>| {
        let row = row.object()?;
        let mark = row.find("markPrice").filter(|mark| !mark.is_empty());
        Ok(Funding {
            time: row.get("fundingTime")?.millis()?,
            rate: row.get("fundingRate")?.decimal()?,
            mark_price: mark.map(|mark| mark.price()).transpose()?,
        })
    };
    rows.iter().map(read).collect()
}

/// Reads the answer of `premiumIndex` for one market.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Binance USD-M futures, "Mark Price" (2025).
pub fn parse_mark_price(text: &str) -> Result<MarkPrice, MessageError> {
    let answer = Object::read("premiumIndex", text)?;
    let rate = answer.find("lastFundingRate").filter(|rate| !rate.is_empty());
    Ok(MarkPrice {
        time: answer.get("time")?.millis()?,
        mark: answer.get("markPrice")?.price()?,
        index: answer.find("indexPrice").map(|index| index.price()).transpose()?,
        expected_funding: rate.map(|rate| rate.decimal()).transpose()?,
    })
}

/// Reads the answer of `time`: the venue's clock.
pub(crate) fn parse_server_time(text: &str) -> Result<InstantUs, MessageError> {
    Object::read("time", text)?.get("serverTime")?.millis()
}
