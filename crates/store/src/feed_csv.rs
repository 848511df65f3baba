use std::io::BufRead;

use tidemill_model::{
    BestQuote, BookLevel, Candle, FeedItem, Funding, Interval, MarkPrice, Observation, Taker, Trade,
};
use tidemill_units::{Decimal, InstantUs, ParseError};

use crate::csv_lines::{CsvLines, Line};
use crate::error::clip;
use crate::time_text::parse_time;
use crate::{Fault, TapeError};

/// What a file of a feed holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedFileKind {
    /// Candles of this interval.
    Candles(Interval),
    /// Trades.
    Trades,
    /// The best bid and ask.
    Quotes,
    /// Funding payments.
    Funding,
    /// Mark prices.
    Marks,
    /// Values of a series.
    Series,
}

/// A row of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// What the feed said.
    pub item: FeedItem,
    /// When it was seen, where that was recorded.
    pub seen_at: Option<InstantUs>,
}

/// Reads a feed from CSV text, row by row; no more than a line is held.
pub struct FeedFile<'a> {
    file: String,
    lines: CsvLines<'a>,
    kind: FeedFileKind,
    columns: Vec<&'static str>,
    row: u64,
    last: Option<InstantUs>,
    is_over: bool,
}

/// Why a file of a feed could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedFileError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Read(#[from] TapeError),
    /// The first line is not the header.
    #[error("{file}: the header is not `{expected}`, perhaps with `{optional}` behind")]
    Header {
        /// The file.
        file: String,
        /// What it must begin with.
        expected: String,
        /// What may follow, each or not.
        optional: String,
    },
    /// No row after the header.
    #[error("{file}: there is nothing in it")]
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
        fault: FeedRowFault,
    },
}

/// What is wrong in a row of a feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedRowFault {
    /// Another number of fields than the header has, or no text.
    #[error("`{0}` does not have the fields of the header")]
    Fields(String),
    /// Not a time.
    #[error("{column} {fault}")]
    Time {
        /// The column.
        column: &'static str,
        /// What is wrong.
        fault: Fault,
    },
    /// Not a number.
    #[error("{column} {error}")]
    Number {
        /// The column.
        column: &'static str,
        /// What is wrong.
        error: ParseError,
    },
    /// Neither `buyer` nor `seller`.
    #[error("taker is `{0}`; allowed is buyer or seller")]
    Taker(String),
    /// Values that cannot be true together.
    #[error("{0}")]
    Impossible(&'static str),
    /// A row that became known before the one before it.
    #[error("it became known before the row before it")]
    Order,
}

impl FeedFileKind {
    /// The columns that must be there, in this order, and those that may follow, each or not.
    const fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Candles(_) => (
                &["open_time", "open", "high", "low", "close", "volume"],
                &["quote_volume", "trades", "seen_at"],
            ),
            Self::Trades => (&["id", "time", "price", "quantity", "taker"], &["seen_at"]),
            Self::Quotes => (
                &["update_id", "time", "bid_price", "bid_quantity", "ask_price", "ask_quantity"],
                &["seen_at"],
            ),
            Self::Funding => (&["time", "rate"], &["mark_price", "seen_at"]),
            Self::Marks => (&["time", "mark"], &["index", "expected_funding", "seen_at"]),
            Self::Series => (&["time", "published_at", "value"], &["seen_at"]),
        }
    }
}

impl<'a> FeedFile<'a> {
    /// Opens CSV text. The columns are those of the catalogue's dataset; times are UTC as
    /// `YYYY-MM-DD HH:MM:SS`, perhaps with up to six digits of a second behind a point.
    ///
    /// Errors: [`FeedFileError::Header`], [`FeedFileError::Read`].
    pub fn open(
        file: String,
        text: impl BufRead + 'a,
        kind: FeedFileKind,
    ) -> Result<Self, FeedFileError> {
        let mut lines = CsvLines::new(&file, Box::new(text), false);
        let (required, optional) = kind.columns();
        let columns = match lines.next()? {
            Some(Line::Whole(line)) => header(line, required, optional),
            Some(Line::TooLong(_)) | None => None,
        };
        let columns = columns.ok_or_else(|| FeedFileError::Header {
            file: file.clone(),
            expected: required.join(","),
            optional: optional.join(","),
        })?;
        Ok(Self { file, lines, kind, columns, row: 0, last: None, is_over: false })
    }

    fn read_next(&mut self) -> Result<Option<FeedRow>, FeedFileError> {
        let line = match self.lines.next()? {
            None if self.row == 0 => {
                return Err(FeedFileError::Empty { file: self.file.clone() });
            }
            None => return Ok(None),
            Some(line) => line,
        };
        self.row = self.row.saturating_add(1);
        let read = match line {
            Line::Whole(line) => read_row(line, &self.columns, self.kind),
            Line::TooLong(start) => Err(not_fields(start)),
        };
        let read = read.and_then(|row| {
            let known_from = row.seen_at.or_else(|| row.item.known_from());
            if self.last > known_from {
                return Err(FeedRowFault::Order);
            }
            self.last = known_from;
            Ok(row)
        });
        let (file, row) = (&self.file, self.row);
        read.map(Some).map_err(|fault| FeedFileError::Row { file: file.to_owned(), row, fault })
    }
}

impl Iterator for FeedFile<'_> {
    type Item = Result<FeedRow, FeedFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.read_next().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

fn header(
    line: &[u8],
    required: &[&'static str],
    optional: &[&'static str],
) -> Option<Vec<&'static str>> {
    let text = std::str::from_utf8(line).ok()?;
    let mut columns = required.to_vec();
    let mut names = text.split(',');
    if !required.iter().all(|column| names.next() == Some(*column)) {
        return None;
    }
    let mut allowed = optional.iter();
    for name in names {
        columns.push(allowed.find(|column| **column == name)?);
    }
    Some(columns)
}

fn not_fields(line: &[u8]) -> FeedRowFault {
    FeedRowFault::Fields(clip(&String::from_utf8_lossy(line)))
}

/// The fields of a row by their columns.
struct Fields<'a> {
    columns: &'a [&'static str],
    values: Vec<&'a str>,
}

impl Fields<'_> {
    fn text(&self, column: &'static str) -> Option<&str> {
        let place = self.columns.iter().position(|there| *there == column)?;
        self.values.get(place).copied().filter(|text| !text.is_empty())
    }

    fn maybe_time(&self, column: &'static str) -> Result<Option<InstantUs>, FeedRowFault> {
        let read = |text| parse_instant(text);
        let read = self.text(column).map(read).transpose();
        read.map_err(|fault| FeedRowFault::Time { column, fault })
    }

    fn time(&self, column: &'static str) -> Result<InstantUs, FeedRowFault> {
        let missing = || {
            let fault = parse_time("").err().unwrap_or(Fault::UnknownField);
            FeedRowFault::Time { column, fault }
        };
        self.maybe_time(column)?.ok_or_else(missing)
    }

    fn maybe_decimal(&self, column: &'static str) -> Result<Option<Decimal>, FeedRowFault> {
        let read = self.text(column).map(str::parse).transpose();
        read.map_err(|error| FeedRowFault::Number { column, error })
    }

    fn decimal(&self, column: &'static str) -> Result<Decimal, FeedRowFault> {
        let text = self.text(column).unwrap_or_default();
        text.parse().map_err(|error| FeedRowFault::Number { column, error })
    }

    fn maybe_count(&self, column: &'static str) -> Result<Option<u64>, FeedRowFault> {
        let expected = "a whole number below 2^64";
        let read = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            let not_one = || FeedRowFault::Number {
                column,
                error: ParseError::NotANumber { text: clip(text), expected },
            };
            text.parse().ok().filter(|_| is_plain).ok_or_else(not_one)
        };
        self.text(column).map(read).transpose()
    }

    fn count(&self, column: &'static str) -> Result<u64, FeedRowFault> {
        let expected = "a whole number below 2^64";
        let error = ParseError::Empty { expected };
        self.maybe_count(column)?.ok_or(FeedRowFault::Number { column, error })
    }
}

/// Reads a time of a feed, with a fraction of a second or without.
fn parse_instant(text: &str) -> Result<InstantUs, Fault> {
    let (second, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let not_one = || Fault::Value {
        found: clip(text),
        expected: "a UTC time as YYYY-MM-DD HH:MM:SS, perhaps with one to six more digits behind \
                   a point",
    };
    let second = parse_time(second).map_err(|_| not_one())?;
    let is_plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain || !(1..=6).contains(&fraction.len()) {
        return Err(not_one());
    }
    let micros = format!("{fraction:0<6}").parse().map_err(|_| not_one())?;
    InstantUs::at_second(second).checked_add_us(micros).ok_or_else(not_one)
}

fn read_row(
    line: &[u8],
    columns: &[&'static str],
    kind: FeedFileKind,
) -> Result<FeedRow, FeedRowFault> {
    let text = std::str::from_utf8(line).map_err(|_| not_fields(line))?;
    let values: Vec<_> = text.split(',').collect();
    if values.len() != columns.len() {
        return Err(not_fields(line));
    }
    let fields = Fields { columns, values };
    let item = match kind {
        FeedFileKind::Candles(interval) => candle(&fields, interval)?,
        FeedFileKind::Trades => trade(&fields)?,
        FeedFileKind::Quotes => quote(&fields)?,
        FeedFileKind::Funding => FeedItem::Funding(Funding {
            time: fields.time("time")?,
            rate: fields.decimal("rate")?,
            mark_price: fields.maybe_decimal("mark_price")?,
        }),
        FeedFileKind::Marks => FeedItem::Mark(MarkPrice {
            time: fields.time("time")?,
            mark: fields.decimal("mark")?,
            index: fields.maybe_decimal("index")?,
            expected_funding: fields.maybe_decimal("expected_funding")?,
        }),
        FeedFileKind::Series => observation(&fields)?,
    };
    if let Some(what) = item.impossibility() {
        return Err(FeedRowFault::Impossible(what));
    }
    Ok(FeedRow { item, seen_at: fields.maybe_time("seen_at")? })
}

fn candle(fields: &Fields<'_>, interval: Interval) -> Result<FeedItem, FeedRowFault> {
    let candle = Candle {
        open_time: fields.time("open_time")?,
        open: fields.decimal("open")?,
        high: fields.decimal("high")?,
        low: fields.decimal("low")?,
        close: fields.decimal("close")?,
        volume: fields.decimal("volume")?,
        quote_volume: fields.maybe_decimal("quote_volume")?,
        trades: fields.maybe_count("trades")?,
    };
    Ok(FeedItem::Candle { interval, candle })
}

fn trade(fields: &Fields<'_>) -> Result<FeedItem, FeedRowFault> {
    let taker = match fields.text("taker") {
        Some("buyer") => Taker::Buyer,
        Some("seller") => Taker::Seller,
        other => return Err(FeedRowFault::Taker(clip(other.unwrap_or_default()))),
    };
    let trade = Trade {
        id: fields.count("id")?,
        time: fields.time("time")?,
        price: fields.decimal("price")?,
        quantity: fields.decimal("quantity")?,
        taker,
    };
    Ok(FeedItem::Trade(trade))
}

fn quote(fields: &Fields<'_>) -> Result<FeedItem, FeedRowFault> {
    let level = |price, quantity| -> Result<BookLevel, FeedRowFault> {
        Ok(BookLevel { price: fields.decimal(price)?, quantity: fields.decimal(quantity)? })
    };
    let quote = BestQuote {
        update_id: fields.count("update_id")?,
        time: fields.maybe_time("time")?,
        bid: level("bid_price", "bid_quantity")?,
        ask: level("ask_price", "ask_quantity")?,
    };
    if quote.time.is_none() && fields.text("seen_at").is_none() {
        return Err(FeedRowFault::Impossible("neither time nor seen_at is there"));
    }
    Ok(FeedItem::Quote(quote))
}

fn observation(fields: &Fields<'_>) -> Result<FeedItem, FeedRowFault> {
    let observation = Observation {
        time: fields.time("time")?,
        published_at: fields.time("published_at")?,
        value: fields.decimal("value")?,
    };
    Ok(FeedItem::Observation(observation))
}
