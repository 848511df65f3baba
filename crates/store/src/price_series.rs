use std::io::BufRead;

use tidemill_units::{Amount, ParseError, Timestamp};

use crate::csv_lines::{CsvLines, Line};
use crate::error::clip;
use crate::time_text::parse_time;
use crate::{Fault, TapeError};

const HEADER: &str = "time_utc,price_quote";

/// The price of one whole token at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedAt {
    /// From when on it is known.
    pub time: Timestamp,
    /// Raw units of the quote token for one whole token.
    pub price: Amount,
}

/// Why a price series could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PriceSeriesError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Read(#[from] TapeError),
    /// The first line is not the header.
    #[error("{file}: the header is not `{HEADER}`")]
    Header {
        /// The file.
        file: String,
    },
    /// No row after the header.
    #[error("{file}: there is no price in it")]
    Empty {
        /// The file.
        file: String,
    },
    /// A row is wrong.
    #[error("{file}: row {row}: {fault}")]
    Row {
        /// The file.
        file: String,
        /// The data row, counted from 1; the header is not counted.
        row: u64,
        /// What is wrong with it.
        fault: PriceRowFault,
    },
}

/// What is wrong in a row of prices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceRowFault {
    /// Not two fields of text.
    #[error("`{0}` is not a time and a price, separated by a comma")]
    Fields(String),
    /// Not a time.
    #[error("time_utc {0}")]
    Time(Fault),
    /// Not a price.
    #[error("price_quote is not a decimal number of whole quote tokens: {0}")]
    Price(ParseError),
    /// A time that is not later than the one before.
    #[error("time_utc is not later than that of the row before")]
    Order,
}

/// Reads prices from CSV text with the header `time_utc,price_quote`: times as
/// `YYYY-MM-DD HH:MM:SS`, each later than the one before, prices in whole quote tokens for one
/// whole token.
///
/// # Errors
///
/// [`PriceSeriesError`], with file and row. Nothing is guessed or repaired.
pub fn read_price_series<'a>(
    file: &'a str,
    text: impl BufRead + 'a,
    quote_decimals: u8,
) -> Result<Vec<PricedAt>, PriceSeriesError> {
    let mut lines = CsvLines::new(file, Box::new(text), false);
    match lines.next()? {
        Some(Line::Whole(line)) if line == HEADER.as_bytes() => {}
        _ => return Err(PriceSeriesError::Header { file: file.to_owned() }),
    }
    let mut series: Vec<PricedAt> = Vec::new();
    let mut row: u64 = 0;
    while let Some(line) = lines.next()? {
        row = row.saturating_add(1);
        let failed = |fault| PriceSeriesError::Row { file: file.to_owned(), row, fault };
        let read = match line {
            Line::Whole(line) => read_row(line, quote_decimals),
            Line::TooLong(start) => Err(not_two(start)),
        };
        let priced = read.map_err(failed)?;
        if series.last().is_some_and(|last| last.time >= priced.time) {
            return Err(failed(PriceRowFault::Order));
        }
        series.push(priced);
    }
    if series.is_empty() {
        return Err(PriceSeriesError::Empty { file: file.to_owned() });
    }
    Ok(series)
}

fn not_two(line: &[u8]) -> PriceRowFault {
    PriceRowFault::Fields(clip(&String::from_utf8_lossy(line)))
}

fn read_row(line: &[u8], quote_decimals: u8) -> Result<PricedAt, PriceRowFault> {
    let text = std::str::from_utf8(line).map_err(|_| not_two(line))?;
    let (time, price) = text.split_once(',').ok_or_else(|| not_two(line))?;
    if price.is_empty() {
        // A price of zero has to be written out.
        return Err(not_two(line));
    }
    Ok(PricedAt {
        time: parse_time(time).map_err(PriceRowFault::Time)?,
        price: Amount::from_decimal_str(price, quote_decimals).map_err(PriceRowFault::Price)?,
    })
}
