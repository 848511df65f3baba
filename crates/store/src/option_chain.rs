use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use jiff::civil::Date;
use tidemill_model::OptionKind;
use tidemill_units::{Decimal, InstantUs, Timestamp};

use crate::TapeError;
use crate::csv_lines::{CsvLines, Line};
use crate::error::clip;

/// A listed option as its venue quoted it once, with prices in the coin that it is on.
///
/// Source: book summaries of Deribit (`public/get_book_summary_by_currency`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOption {
    /// What the venue calls it.
    pub name: String,
    /// Whether it buys or sells.
    pub kind: OptionKind,
    /// The price that it buys or sells at, in dollars; above zero.
    pub strike: Decimal,
    /// When it ends: 08:00 UTC of its day.
    pub expiry: Timestamp,
    /// When it was quoted.
    pub quoted_at: InstantUs,
    /// The price of the future of the same expiry then, in dollars; above zero.
    pub future: Decimal,
    /// What the venue valued it at, in the coin; zero or more.
    pub mark: Decimal,
    /// The highest bid, in the coin; none where nobody bid.
    pub bid: Option<Decimal>,
    /// The lowest ask, in the coin; none where nobody asked.
    pub ask: Option<Decimal>,
}

/// Why a chain of options could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OptionChainError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Read(#[from] TapeError),
    /// The first line does not name a column that is needed.
    #[error("{file}: the header has no column `{column}`")]
    Header {
        /// The file.
        file: String,
        /// The column.
        column: &'static str,
    },
    /// A row is wrong.
    #[error("{file}: row {row}, column {column}: `{found}` is not {expected}")]
    Row {
        /// The file.
        file: String,
        /// The data row, counted from 1; the header is not counted.
        row: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
}

/// The columns that are read, wherever they stand; all others are left alone.
const COLUMNS: [&str; 9] = [
    "instrument_name",
    "option_type",
    "strike_price",
    "expire_date",
    "creation_timestamp",
    "underlying_price",
    "mark_price",
    "bid_price",
    "ask_price",
];
const LINE: &str = "a line of UTF-8 text with as many fields as the header";
const PRICE: &str = "a decimal number above zero";
const PREMIUM: &str = "a decimal number of zero or more";
const DAY: &str = "a day such as 26JAN24";
const MILLIS: &str = "milliseconds since 1970";
/// Options of the venue end at eight o'clock.
const END_OF_DAY: u64 = 8 * 3_600;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// A column and what it should hold.
type Wrong = (usize, &'static str);

/// Reads a chain from CSV text, one option a row, in its order.
///
/// # Errors
///
/// [`OptionChainError`], with file, row and column. Nothing is guessed or repaired.
pub fn read_option_chain<'a>(
    file: &'a str,
    text: impl BufRead + 'a,
) -> Result<Vec<ListedOption>, OptionChainError> {
    let mut lines = CsvLines::new(file, Box::new(text), false);
    let header = match lines.next()? {
        Some(line) => fields(line).unwrap_or_default().iter().map(ToString::to_string).collect(),
        None => Vec::new(),
    };
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name: &String| name == column);
        let missing = || OptionChainError::Header { file: file.to_owned(), column };
        *place = found.ok_or_else(missing)?;
    }
    let mut chain = Vec::new();
    let mut row = 0_u64;
    while let Some(line) = lines.next()? {
        row = row.saturating_add(1);
        let fields = fields(line).filter(|fields| fields.len() == header.len());
        let cells = fields.map(|fields| places.map(|place| fields.get(place).copied()));
        let cells = cells.map(|cells| cells.map(Option::unwrap_or_default)).ok_or((0, LINE));
        let found = |column: usize| cells.ok().and_then(|cells| cells.get(column).copied());
        let listed = cells.and_then(|cells| listed(&cells));
        chain.push(listed.map_err(|(column, expected)| OptionChainError::Row {
            file: file.to_owned(),
            row,
            column: COLUMNS.get(column).copied().unwrap_or(COLUMNS[0]),
            found: clip(found(column).unwrap_or_default()),
            expected,
        })?);
    }
    Ok(chain)
}

/// Reads a chain from a CSV file.
///
/// # Errors
///
/// As [`read_option_chain`].
pub fn read_option_chain_file(path: &Path) -> Result<Vec<ListedOption>, OptionChainError> {
    let name = path.display().to_string();
    let open = File::open(path).map_err(|source| TapeError::Read { file: name.clone(), source })?;
    read_option_chain(&name, BufReader::new(open))
}

fn fields(line: Line<'_>) -> Option<Vec<&str>> {
    let Line::Whole(line) = line else { return None };
    Some(std::str::from_utf8(line).ok()?.split(',').collect())
}

fn listed(cells: &[&str; COLUMNS.len()]) -> Result<ListedOption, Wrong> {
    let [name, kind, strike, day, created, future, mark, bid, ask] = *cells;
    let kind = match kind {
        "C" => OptionKind::Call,
        "P" => OptionKind::Put,
        _ => return Err((1, "C or P")),
    };
    let created = created.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1_000));
    let premium =
        |column, text| number(text).filter(|it| !it.is_negative()).ok_or((column, PREMIUM));
    let quote = |column, text: &str| match text {
        "" => Ok(None),
        text => price(column, text).map(Some),
    };
    Ok(ListedOption {
        name: name.to_owned(),
        kind,
        strike: price(2, strike)?,
        expiry: expiry(day).ok_or((3, DAY))?,
        quoted_at: created.map(InstantUs).ok_or((4, MILLIS))?,
        future: price(5, future)?,
        mark: premium(6, mark)?,
        bid: quote(7, bid)?,
        ask: quote(8, ask)?,
    })
}

fn price(column: usize, text: &str) -> Result<Decimal, Wrong> {
    number(text).filter(|price| *price > Decimal::ZERO).ok_or((column, PRICE))
}

fn number(text: &str) -> Option<Decimal> {
    Decimal::from_scientific(text).ok().map(|rounded| rounded.value)
}

/// Reads `26JAN24`, of which the day may have one digit.
fn expiry(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = text.split_at_checked(digits)?;
    let (month, year) = rest.split_at_checked(3)?;
    let is_year = year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit());
    let month = MONTHS.iter().position(|name| *name == month)?.checked_add(1)?;
    let year = year.parse::<i16>().ok().filter(|_| is_year)?.checked_add(2_000)?;
    let date = Date::new(year, i8::try_from(month).ok()?, day.parse().ok()?).ok()?;
    let since = date.at(0, 0, 0, 0).duration_since(Date::constant(1970, 1, 1).at(0, 0, 0, 0));
    u64::try_from(since.as_secs()).ok()?.checked_add(END_OF_DAY).map(Timestamp)
}
