use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use tidemill_units::{Amount, ParseError, Timestamp};

use crate::TapeError;
use crate::csv_lines::{CsvLines, Line};
use crate::error::clip;
use crate::time_text::read_week;

/// Decimals to which amounts, values and shares are read.
const DECIMALS: u8 = 18;
const HEADER: [&str; 9] = [
    "epoch_unix",
    "protocol",
    "gauge_name",
    "gauge_address",
    "reward_token",
    "reward_token_address",
    "reward_amount",
    "reward_sd_value",
    "share_pct_of_protocol",
];

/// What one voter was paid in one token for its votes for one gauge in one week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounty {
    /// Beginning of the week, a Thursday at 00:00 UTC.
    pub epoch: Timestamp,
    /// Whose gauge, as the source writes it.
    pub protocol: String,
    /// Name of the gauge, perhaps empty.
    pub gauge_name: String,
    /// Address of the gauge; some rows have none.
    pub gauge: Option<[u8; 20]>,
    /// Symbol of the token paid in.
    pub reward_token: String,
    /// Its address.
    pub reward_token_address: [u8; 20],
    /// How much, in 10^-18 of what the source counts in: whole tokens, but raw units for `cvx`.
    pub reward_amount: Amount,
    /// Its value in the protocol's liquid lock, in 10^-18.
    pub reward_sd_value: Option<Amount>,
    /// Its part of the week's value of the protocol, in 10^-18 percent.
    pub share_percent: Option<Amount>,
}

/// What a gauge's voters were paid in a week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BountyTotal {
    /// By token, in 10^-18 as the source counts.
    pub amounts: BTreeMap<[u8; 20], Amount>,
    /// Sum of the values that are there, in 10^-18.
    pub sd_value: Amount,
    /// Rows that were added up.
    pub rows: u64,
}

/// A week of a protocol's gauge; rows without an address go by their name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GaugeWeek {
    /// Beginning of the week.
    pub epoch: Timestamp,
    /// Whose gauge.
    pub protocol: String,
    /// Its address.
    pub gauge: Option<[u8; 20]>,
    /// Its name, where it has no address; else empty.
    pub name: String,
}

/// Why bounties could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BountyError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Read(#[from] TapeError),
    /// The first line is not the header.
    #[error("{file}: the header is not `epoch_unix,protocol,…,share_pct_of_protocol`")]
    Header {
        /// The file.
        file: String,
    },
    /// A row is wrong.
    #[error("{file}: row {row}, column {column}: {fault}")]
    Row {
        /// The file.
        file: String,
        /// The data row, counted from 1; the header is not counted.
        row: u64,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        fault: BountyFault,
    },
}

/// What is wrong in a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BountyFault {
    /// Not UTF-8, or too long.
    #[error("the line is not UTF-8 text of a reasonable length")]
    Text,
    /// Too many or too few fields.
    #[error("the row has {found} fields; the header has 9")]
    FieldCount {
        /// Fields of the row.
        found: usize,
    },
    /// Not the beginning of a week.
    #[error("`{0}` is not the second at which a Thursday begins")]
    Epoch(String),
    /// Not an address.
    #[error("`{0}` is not 0x and 40 hexadecimal digits")]
    Address(String),
    /// Not a number.
    #[error("not a decimal number of at most 18 decimals: {0}")]
    Number(ParseError),
    /// Nothing where something has to be.
    #[error("is empty")]
    Empty,
    /// A total passes 2^256 - 1.
    #[error("a total passes 2^256 - 1")]
    Overflow,
}

type Field<T> = Result<T, (usize, BountyFault)>;

/// Reads bounties from CSV text, one per row, in its order.
///
/// # Errors
///
/// [`BountyError`], with file, row and column. Nothing is guessed or repaired.
pub fn read_bounties<'a>(
    file: &'a str,
    text: impl BufRead + 'a,
) -> Result<Vec<Bounty>, BountyError> {
    let mut lines = CsvLines::new(file, Box::new(text), false);
    match lines.next()? {
        Some(Line::Whole(line)) if line == HEADER.join(",").as_bytes() => {}
        _ => return Err(BountyError::Header { file: file.to_owned() }),
    }
    let mut bounties = Vec::new();
    let mut row = 0_u64;
    while let Some(line) = lines.next()? {
        row = row.saturating_add(1);
        let bounty = read_bounty(line).map_err(|(column, fault)| BountyError::Row {
            file: file.to_owned(),
            row,
            column: HEADER.get(column).copied().unwrap_or(HEADER[0]),
            fault,
        })?;
        bounties.push(bounty);
    }
    Ok(bounties)
}

/// Reads bounties from a CSV file, compressed where its name ends in `.gz`.
///
/// # Errors
///
/// As [`read_bounties`].
pub fn read_bounties_file(path: &Path) -> Result<Vec<Bounty>, BountyError> {
    let name = path.display().to_string();
    let open = File::open(path).map_err(|source| TapeError::Read { file: name.clone(), source })?;
    let plain = BufReader::new(open);
    if path.extension().is_some_and(|extension| extension == "gz") {
        return read_bounties(&name, BufReader::new(MultiGzDecoder::new(plain)));
    }
    read_bounties(&name, plain)
}

/// Adds bounties up by gauge and week.
///
/// # Errors
///
/// [`BountyFault::Overflow`].
pub fn total_bounties(
    bounties: &[Bounty],
) -> Result<BTreeMap<GaugeWeek, BountyTotal>, BountyFault> {
    let mut totals: BTreeMap<GaugeWeek, BountyTotal> = BTreeMap::new();
    for bounty in bounties {
        let name = if bounty.gauge.is_none() { bounty.gauge_name.clone() } else { String::new() };
        let week = GaugeWeek {
            epoch: bounty.epoch,
            protocol: bounty.protocol.clone(),
            gauge: bounty.gauge,
            name,
        };
        let total = totals.entry(week).or_default();
        let amount = total.amounts.entry(bounty.reward_token_address).or_default();
        *amount = amount.checked_add(bounty.reward_amount).ok_or(BountyFault::Overflow)?;
        let value = bounty.reward_sd_value.unwrap_or_default();
        total.sd_value = total.sd_value.checked_add(value).ok_or(BountyFault::Overflow)?;
        total.rows = total.rows.saturating_add(1);
    }
    Ok(totals)
}

fn read_bounty(line: Line<'_>) -> Field<Bounty> {
    let Line::Whole(line) = line else { return Err((0, BountyFault::Text)) };
    let text = std::str::from_utf8(line).map_err(|_| (0, BountyFault::Text))?;
    let fields: Vec<_> = text.split(',').collect();
    let found = fields.len();
    let [epoch, protocol, gauge_name, gauge, token, token_address, amount, value, share] =
        fields[..]
    else {
        return Err((found.min(HEADER.len()).saturating_sub(1), BountyFault::FieldCount { found }));
    };
    let gauge = if gauge.is_empty() { None } else { Some(address(3, gauge)?) };
    Ok(Bounty {
        epoch: week(0, epoch)?,
        protocol: named(1, protocol)?,
        gauge_name: gauge_name.to_owned(),
        gauge,
        reward_token: named(4, token)?,
        reward_token_address: address(5, token_address)?,
        reward_amount: number(6, amount)?,
        reward_sd_value: optional_number(7, value)?,
        share_percent: optional_number(8, share)?,
    })
}

fn named(column: usize, text: &str) -> Field<String> {
    if text.is_empty() { Err((column, BountyFault::Empty)) } else { Ok(text.to_owned()) }
}

fn week(column: usize, text: &str) -> Field<Timestamp> {
    read_week(text).ok_or_else(|| (column, BountyFault::Epoch(clip(text))))
}

fn address(column: usize, text: &str) -> Field<[u8; 20]> {
    let fault = || (column, BountyFault::Address(clip(text)));
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40).ok_or_else(fault)?;
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let is_hex = pair.iter().all(u8::is_ascii_hexdigit);
        let pair = std::str::from_utf8(pair).ok().filter(|_| is_hex).ok_or_else(fault)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| fault())?;
    }
    Ok(bytes)
}

fn number(column: usize, text: &str) -> Field<Amount> {
    Amount::from_decimal_str(text, DECIMALS).map_err(|error| (column, BountyFault::Number(error)))
}

fn optional_number(column: usize, text: &str) -> Field<Option<Amount>> {
    if text.is_empty() { Ok(None) } else { number(column, text).map(Some) }
}
