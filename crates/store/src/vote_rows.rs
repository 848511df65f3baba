use std::io::BufRead;

use tidemill_units::{Amount, ParseError, Timestamp};

use crate::TapeError;
use crate::csv_lines::{CsvLines, Line};
use crate::error::clip;
use crate::time_text::read_week;

const VOTES_HEADER: &str = "epoch,gauge,votes";
const BRIBES_HEADER: &str = "epoch,gauge,token,amount";

/// Others' votes for a gauge at the end of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OthersVotes {
    /// Beginning of the epoch, a Thursday at 00:00 UTC.
    pub epoch: Timestamp,
    /// Name of the gauge.
    pub gauge: String,
    /// Raw units of the locked token.
    pub votes: Amount,
}

/// What those who vote for a gauge at the end of an epoch share, in one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedBribe {
    /// Beginning of the epoch, a Thursday at 00:00 UTC.
    pub epoch: Timestamp,
    /// Name of the gauge.
    pub gauge: String,
    /// Symbol of the token.
    pub token: String,
    /// Raw units of it.
    pub amount: Amount,
}

/// Why votes or bribes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum VoteFileError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Read(#[from] TapeError),
    /// The first line is not the header.
    #[error("{file}: the header is not `{header}`")]
    Header {
        /// The file.
        file: String,
        /// What it has to be.
        header: &'static str,
    },
    /// A row is wrong.
    #[error("{file}: row {row}: {fault}")]
    Row {
        /// The file.
        file: String,
        /// The data row, counted from 1; the header is not counted.
        row: u64,
        /// What is wrong with it.
        fault: VoteRowFault,
    },
}

/// What is wrong in a row of votes or bribes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoteRowFault {
    /// Not UTF-8, too long, or with too many or too few fields.
    #[error("`{0}` is not text of as many fields as the header")]
    Fields(String),
    /// Not the beginning of a week.
    #[error("epoch `{0}` is not the second at which a Thursday begins")]
    Epoch(String),
    /// Not one of the gauges.
    #[error("`{0}` is not the name of a gauge")]
    Gauge(String),
    /// Not one of the tokens.
    #[error("`{0}` is not a token that has a price")]
    Token(String),
    /// Not an amount.
    #[error("not a decimal number of whole tokens: {0}")]
    Number(ParseError),
    /// The same votes again.
    #[error("the votes of that gauge and epoch were given before")]
    Twice,
}

/// Reads others' votes from CSV text with the header `epoch,gauge,votes`: the second at which an
/// epoch begins, a gauge that `is_gauge` knows, and votes in whole tokens of so many decimals.
///
/// # Errors
///
/// [`VoteFileError`], with file and row. Nothing is guessed or repaired.
pub fn read_votes<'a>(
    file: &'a str,
    text: impl BufRead + 'a,
    decimals: u8,
    is_gauge: &dyn Fn(&str) -> bool,
) -> Result<Vec<OthersVotes>, VoteFileError> {
    let mut all: Vec<OthersVotes> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    read_rows(file, text, VOTES_HEADER, |[epoch, gauge, votes]| {
        let (epoch, gauge) = (week(epoch)?, named(gauge, is_gauge)?);
        if !known.insert((epoch, gauge.clone())) {
            return Err(VoteRowFault::Twice);
        }
        all.push(OthersVotes { epoch, gauge, votes: amount(votes, decimals)? });
        Ok(())
    })?;
    Ok(all)
}

/// Reads bribes from CSV text with the header `epoch,gauge,token,amount`: the second at which an
/// epoch begins, a gauge that `is_gauge` knows, a token whose decimals `decimals_of` knows, and an
/// amount in whole tokens. Rows of one gauge, epoch and token add up.
///
/// # Errors
///
/// [`VoteFileError`], with file and row. Nothing is guessed or repaired.
pub fn read_bribes<'a>(
    file: &'a str,
    text: impl BufRead + 'a,
    is_gauge: &dyn Fn(&str) -> bool,
    decimals_of: &dyn Fn(&str) -> Option<u8>,
) -> Result<Vec<PostedBribe>, VoteFileError> {
    let mut all = Vec::new();
    read_rows(file, text, BRIBES_HEADER, |[epoch, gauge, token, paid]| {
        let (epoch, gauge) = (week(epoch)?, named(gauge, is_gauge)?);
        let decimals = decimals_of(token).ok_or_else(|| VoteRowFault::Token(clip(token)))?;
        let (token, amount) = (token.to_owned(), amount(paid, decimals)?);
        all.push(PostedBribe { epoch, gauge, token, amount });
        Ok(())
    })?;
    Ok(all)
}

fn read_rows<'a, const N: usize>(
    file: &'a str,
    text: impl BufRead + 'a,
    header: &'static str,
    mut take: impl FnMut([&str; N]) -> Result<(), VoteRowFault>,
) -> Result<(), VoteFileError> {
    let mut lines = CsvLines::new(file, Box::new(text), false);
    match lines.next()? {
        Some(Line::Whole(line)) if line == header.as_bytes() => {}
        _ => return Err(VoteFileError::Header { file: file.to_owned(), header }),
    }
    let mut row: u64 = 0;
    while let Some(line) = lines.next()? {
        row = row.saturating_add(1);
        let taken = fields(line).and_then(&mut take);
        taken.map_err(|fault| VoteFileError::Row { file: file.to_owned(), row, fault })?;
    }
    Ok(())
}

fn fields<const N: usize>(line: Line<'_>) -> Result<[&str; N], VoteRowFault> {
    let (Line::Whole(bytes) | Line::TooLong(bytes)) = line;
    let fault = || VoteRowFault::Fields(clip(&String::from_utf8_lossy(bytes)));
    let Line::Whole(line) = line else { return Err(fault()) };
    let text = std::str::from_utf8(line).map_err(|_| fault())?;
    let fields: Vec<_> = text.split(',').collect();
    <[&str; N]>::try_from(fields).map_err(|_| fault())
}

fn week(text: &str) -> Result<Timestamp, VoteRowFault> {
    read_week(text).ok_or_else(|| VoteRowFault::Epoch(clip(text)))
}

fn named(text: &str, is_gauge: &dyn Fn(&str) -> bool) -> Result<String, VoteRowFault> {
    if is_gauge(text) { Ok(text.to_owned()) } else { Err(VoteRowFault::Gauge(clip(text))) }
}

/// Zero has to be written out: an empty text is no amount.
fn amount(text: &str, decimals: u8) -> Result<Amount, VoteRowFault> {
    if text.is_empty() {
        return Err(VoteRowFault::Fields(String::new()));
    }
    Amount::from_decimal_str(text, decimals).map_err(VoteRowFault::Number)
}
