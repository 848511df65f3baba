use tidemill_model::Trade;
use tidemill_units::InstantUs;

use crate::continuity::{Continuity, Missing, Place};
use crate::fault::{MessageError, MessageFault};
use crate::rest::{RestError, RestFault};

/// A span of time: `from <= t < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// Its beginning.
    pub from: InstantUs,
    /// The first instant behind it.
    pub until: InstantUs,
}

/// A part of a history, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// What is missing before, among or behind them, after the venue was asked for just that.
    pub missing: Vec<Missing>,
    /// Everything before this is told or named as missing: where to resume.
    pub answered_until: InstantUs,
}

/// Takes rows up to a hole. What was asked for begins at `from`, so a hole before the first row
/// is the venue's answer to just that question, and is named; one further on is asked for next.
pub(crate) fn cut_at_hole<T>(
    rows: Vec<T>,
    from: u64,
    series: Continuity,
    number: impl Fn(&T) -> u64,
) -> Page<T> {
    let mut series = series.from(from);
    let mut page = Page { rows: Vec::new(), missing: Vec::new(), answered_until: InstantUs(0) };
    for row in rows {
        match series.place(number(&row)) {
            Place::Next => {}
            Place::Old => continue,
            Place::Hole(missing) if page.rows.is_empty() => page.missing.push(missing),
            Place::Hole(_) => break,
        }
        series.take(number(&row));
        page.rows.push(row);
    }
    page
}

/// Makes a page of trades and moves on to what is next.
pub(crate) fn trade_page<T>(
    rows: Vec<T>,
    next: &mut Continuity,
    until: InstantUs,
    trade: impl Fn(&T) -> Trade,
) -> Page<T> {
    let first = rows.first().map_or(0, |row| trade(row).id);
    let from = next.next().unwrap_or(first);
    let mut page = cut_at_hole(rows, from, *next, |row| trade(row).id);
    let told = page.rows.len();
    page.rows.retain(|row| trade(row).time < until);
    let ended = page.rows.len() < told;
    match page.rows.last().map(&trade) {
        Some(last) if !ended => {
            *next = next.from(last.id.saturating_add(1));
            page.answered_until = last.time;
        }
        // The range is over, or the venue has no more.
        Some(_) | None => page.answered_until = until,
    }
    page
}

/// Checks that numbers rise.
pub(crate) fn rising<T>(
    message: &'static str,
    rows: Vec<T>,
    number: impl Fn(&T) -> u64,
) -> Result<Vec<T>, RestError> {
    let mut last = None;
    for row in &rows {
        let number = number(row);
        if Some(number) <= last {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            return Err(disorder(message, number, "numbers in rising order"));
        }
        last = Some(number);
    }
    Ok(rows)
}

/// Returns an error about an answer whose rows are not in order.
pub(crate) fn disorder(message: &'static str, found: i64, expected: &'static str) -> RestError {
    let fault = MessageFault::Shape { expected, detail: format!("{found} is out of order") };
    let fault = RestFault::Answer(MessageError { message, fault });
    RestError { path: message.to_owned(), asked: 1, fault }
}
