//! The tables of `data.binance.vision`, as `.zip` with one CSV inside, or unpacked.
//!
//! Spot has no header, futures have one in newer files; times are milliseconds, and microseconds
//! on spot from 2025-01-01 on. Both are told from the file itself.
//!
//! Source: `README.md` of binance-public-data at 13ad8c5, and its note on microseconds (2024-12).

use std::path::Path;

use tidemill_model::{BestQuote, BookLevel, Candle, Funding, Trade};

use super::AggregateTrade;
use crate::dump::{Cells, Dump, DumpError, DumpOptions, Layout};
use crate::fault::MessageError;

const CANDLES: Layout<Candle> = Layout {
    name: "klines",
    columns: &[
        "open_time",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "close_time",
        "quote_volume",
        "count",
    ],
    read: candle,
};

const AGGREGATE_TRADES: Layout<AggregateTrade> = Layout {
    name: "aggTrades",
    columns: &[
        "agg_trade_id",
        "price",
        "quantity",
        "first_trade_id",
        "last_trade_id",
        "transact_time",
        "is_buyer_maker",
    ],
    read: aggregate_trade,
};

const TRADES: Layout<Trade> = Layout {
    name: "trades",
    columns: &["id", "price", "qty", "quote_qty", "time", "is_buyer_maker"],
    read: trade,
};

const FUNDING: Layout<Funding> = Layout {
    name: "fundingRate",
    columns: &["calc_time", "funding_interval_hours", "last_funding_rate"],
    read: funding,
};

const QUOTES: Layout<BestQuote> = Layout {
    name: "bookTicker",
    columns: &[
        "update_id",
        "best_bid_price",
        "best_bid_qty",
        "best_ask_price",
        "best_ask_qty",
        "transaction_time",
    ],
    read: quote,
};

/// Opens `klines`, of trades, mark prices or index prices.
///
/// Errors: [`DumpError`].
pub fn open_candles(path: &Path, options: DumpOptions<'_>) -> Result<Dump<Candle>, DumpError> {
    Dump::open(path, options, &CANDLES)
}

/// Opens `aggTrades`.
///
/// Errors: [`DumpError`].
pub fn open_aggregate_trades(
    path: &Path,
    options: DumpOptions<'_>,
) -> Result<Dump<AggregateTrade>, DumpError> {
    Dump::open(path, options, &AGGREGATE_TRADES)
}

/// Opens `trades`.
///
/// Errors: [`DumpError`].
pub fn open_trades(path: &Path, options: DumpOptions<'_>) -> Result<Dump<Trade>, DumpError> {
    Dump::open(path, options, &TRADES)
}

/// Opens `fundingRate`, which has no mark prices.
///
/// Errors: [`DumpError`].
pub fn open_funding(path: &Path, options: DumpOptions<'_>) -> Result<Dump<Funding>, DumpError> {
    Dump::open(path, options, &FUNDING)
}

/// Opens `bookTicker`.
///
/// Errors: [`DumpError`].
pub fn open_quotes(path: &Path, options: DumpOptions<'_>) -> Result<Dump<BestQuote>, DumpError> {
    Dump::open(path, options, &QUOTES)
}

fn candle(row: &Cells<'_>) -> Result<Candle, MessageError> {
    Ok(Candle {
        open_time: row.get(0).millis_or_micros()?,
        open: row.get(1).price()?,
        high: row.get(2).price()?,
        low: row.get(3).price()?,
        close: row.get(4).price()?,
        volume: row.get(5).quantity()?,
        quote_volume: Some(row.get(7).quantity()?),
        trades: Some(row.get(8).number()?),
    })
}

fn aggregate_trade(row: &Cells<'_>) -> Result<AggregateTrade, MessageError> {
    let trade = Trade {
        id: row.get(0).number()?,
        time: row.get(5).millis_or_micros()?,
        price: row.get(1).price()?,
        quantity: row.get(2).quantity()?,
        taker: row.get(6).buyer_was_maker()?,
    };
    let first_trade_id = row.get(3).number()?;
    Ok(AggregateTrade { trade, first_trade_id, last_trade_id: row.get(4).number()? })
}

fn trade(row: &Cells<'_>) -> Result<Trade, MessageError> {
    Ok(Trade {
        id: row.get(0).number()?,
        time: row.get(4).millis_or_micros()?,
        price: row.get(1).price()?,
        quantity: row.get(2).quantity()?,
        taker: row.get(5).buyer_was_maker()?,
    })
}

fn funding(row: &Cells<'_>) -> Result<Funding, MessageError> {
    let time = row.get(0).millis_or_micros()?;
    Ok(Funding { time, rate: row.get(2).decimal()?, mark_price: None })
}

fn quote(row: &Cells<'_>) -> Result<BestQuote, MessageError> {
    let level = |price, quantity| {
        let (price, quantity) = (row.get(price).price()?, row.get(quantity).quantity()?);
        Ok::<_, MessageError>(BookLevel { price, quantity })
    };
    Ok(BestQuote {
        update_id: row.get(0).number()?,
        time: Some(row.get(5).millis_or_micros()?),
        bid: level(1, 2)?,
        ask: level(3, 4)?,
    })
}
