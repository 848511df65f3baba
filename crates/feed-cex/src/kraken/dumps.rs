//! The tables that Kraken publishes: `OHLCVT` and `Trading_History`, CSV without a header, many in
//! one archive.
//!
//! Source: Kraken Support, "Downloadable historical OHLCVT data" and "Downloadable historical
//! market data (time and sales)" (2026-04).

use std::path::Path;

use tidemill_model::Candle;
use tidemill_units::{Decimal, InstantUs};

use crate::dump::{Cells, Dump, DumpError, DumpOptions, Layout};
use crate::fault::MessageError;

/// A trade as the venue's files have it: without a number, and without who took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KrakenPrint {
    /// When.
    pub time: InstantUs,
    /// Quote units per base unit.
    pub price: Decimal,
    /// In base units.
    pub quantity: Decimal,
}

const CANDLES: Layout<Candle> = Layout {
    name: "OHLCVT",
    columns: &["time", "open", "high", "low", "close", "volume", "trades"],
    read: candle,
};

const PRINTS: Layout<KrakenPrint> =
    Layout { name: "Trading_History", columns: &["time", "price", "volume"], read: print };

/// Opens a table of candles, such as the member `XBTUSD_1.csv`. Intervals without a trade are not
/// in it.
///
/// Errors: [`DumpError`].
pub fn open_kraken_candles(
    path: &Path,
    options: DumpOptions<'_>,
) -> Result<Dump<Candle>, DumpError> {
    Dump::open(path, options, &CANDLES)
}

/// Opens a table of trades, such as the member `XBTUSD.csv`.
///
/// Errors: [`DumpError`].
pub fn open_kraken_prints(
    path: &Path,
    options: DumpOptions<'_>,
) -> Result<Dump<KrakenPrint>, DumpError> {
    Dump::open(path, options, &PRINTS)
}

fn candle(row: &Cells<'_>) -> Result<Candle, MessageError> {
    Ok(Candle {
        open_time: row.get(0).seconds()?,
        open: row.get(1).price()?,
        high: row.get(2).price()?,
        low: row.get(3).price()?,
        close: row.get(4).price()?,
        volume: row.get(5).quantity()?,
        quote_volume: None,
        trades: Some(row.get(6).number()?),
    })
}

fn print(row: &Cells<'_>) -> Result<KrakenPrint, MessageError> {
    Ok(KrakenPrint {
        time: row.get(0).seconds()?,
        price: row.get(1).price()?,
        quantity: row.get(2).quantity()?,
    })
}
