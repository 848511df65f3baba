use tidemill_model::{BookSnapshot, Candle, Taker, Trade};
use tidemill_units::InstantUs;

use super::stream::shape;
use crate::fault::MessageError;
use crate::field::{Field, Object, Row};

/// More rows than any answer has.
const MOST_ROWS: usize = 10_000;

/// Rows, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KrakenPage<T> {
    /// The rows, oldest first.
    pub rows: Vec<T>,
    /// What to ask `since` next: the venue's own number.
    pub last: u64,
}

/// Reads the answer of `OHLC`; its last candle is not over yet.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Kraken, "Get OHLC Data", Spot REST, docs.kraken.com (2026-04).
pub fn parse_kraken_candles(text: &str) -> Result<KrakenPage<Candle>, MessageError> {
    const MESSAGE: &str = "OHLC";
    let candle = |row: &Row<'_>| {
        Ok(Candle {
            open_time: row.get(0, "time")?.seconds()?,
            open: row.get(1, "open")?.price()?,
            high: row.get(2, "high")?.price()?,
            low: row.get(3, "low")?.price()?,
            close: row.get(4, "close")?.price()?,
            volume: row.get(6, "volume")?.quantity()?,
            quote_volume: None,
            trades: Some(row.get(7, "count")?.number()?),
        })
    };
    page(MESSAGE, text, candle)
}

/// Reads the answer of `Trades`.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Kraken, "Get Recent Trades", Spot REST, docs.kraken.com (2026-04).
pub fn parse_kraken_trades(text: &str) -> Result<KrakenPage<Trade>, MessageError> {
    const MESSAGE: &str = "Trades";
    let trade = |row: &Row<'_>| {
        let side = row.get(3, "side")?;
        let taker = match side.text()?.as_ref() {
            "b" => Taker::Buyer,
            "s" => Taker::Seller,
            _ => return Err(side.expected("b or s")),
        };
        Ok(Trade {
            id: row.get(6, "trade_id")?.number()?,
            time: row.get(2, "time")?.seconds()?,
            price: row.get(0, "price")?.price()?,
            quantity: row.get(1, "volume")?.quantity()?,
            taker,
        })
    };
    page(MESSAGE, text, trade)
}

/// Reads the answer of `Depth`. It has no number of sequence: that is 0.
///
/// Errors: another shape, a field that is missing or ill-typed.
///
/// Source: Kraken, "Get Order Book", Spot REST, docs.kraken.com (2026-04).
pub fn parse_kraken_depth(text: &str) -> Result<BookSnapshot, MessageError> {
    const MESSAGE: &str = "Depth";
    let answer = Object::read(MESSAGE, text)?;
    let result = answer.get("result")?.object()?;
    let (_, book) = result.only_other("last").ok_or_else(|| not_one(MESSAGE))?;
    let book = Object::read(MESSAGE, book)?;
    let (bids, asks) = (book.get("bids")?.levels(None)?, book.get("asks")?.levels(None)?);
    Ok(BookSnapshot { last_update_id: 0, bids, asks })
}

/// Reads the answer of `Time`: the venue's clock, in whole seconds.
pub(crate) fn parse_kraken_time(text: &str) -> Result<InstantUs, MessageError> {
    Object::read("Time", text)?.get("result")?.object()?.get("unixtime")?.seconds()
}

/// Reads what an answer says went wrong; empty where nothing did.
pub(crate) fn kraken_errors(text: &str) -> Result<Vec<String>, MessageError> {
    let answer = Object::read("answer", text)?;
    let errors = answer.get("error")?.list(64)?;
    errors.iter().map(|error| Ok(error.text()?.into_owned())).collect()
}

fn page<T>(
    message: &'static str,
    text: &str,
    read: impl Fn(&Row<'_>) -> Result<T, MessageError>,
) -> Result<KrakenPage<T>, MessageError> {
    let answer = Object::read(message, text)?;
    let result = answer.get("result")?.object()?;
    let (_, rows) = result.only_other("last").ok_or_else(|| not_one(message))?;
    let rows = Field::cell(message, "result", rows).list(MOST_ROWS)?;
    let rows = rows.iter().map(|row| read(&row.row()?)).collect::<Result<_, _>>()?;
    Ok(KrakenPage { rows, last: result.get("last")?.number()? })
}

/// The pair's name in an answer is the venue's own, whatever was asked for.
fn not_one(message: &'static str) -> MessageError {
    shape(message, "one market beside `last`", "another number of them")
}
