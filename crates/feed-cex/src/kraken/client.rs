use std::time::Duration;

use tidemill_model::{BookSnapshot, Candle, Trade};
use tidemill_units::InstantUs;

use super::answers::{
    KrakenPage, kraken_errors, parse_kraken_candles, parse_kraken_depth, parse_kraken_time,
    parse_kraken_trades,
};
use crate::continuity::Continuity;
use crate::fault::{MessageError, clipped};
use crate::pages::{Page, TimeRange, rising, trade_page};
use crate::rest::{ErrorClass, Question, Rest, RestConfig, RestError, RestFault};

/// Kraken's public HTTP interface; needs no key. Clones share one budget.
///
/// Source: Kraken, "Spot REST", market data, and "API rate limits", docs.kraken.com (2026-04).
#[derive(Clone, Debug)]
pub struct KrakenRest {
    rest: Rest,
}

/// Trades of a time range.
#[derive(Debug)]
pub struct KrakenTradePages {
    rest: KrakenRest,
    pair: String,
    range: TimeRange,
    /// The range's end, or the venue's clock: what has not happened yet is not answered.
    until: Option<InstantUs>,
    since: String,
    next: Continuity,
}

impl KrakenRest {
    /// Returns where it is, and how it is asked: once a second.
    pub fn config() -> RestConfig {
        let window = Duration::from_secs(1);
        RestConfig { window, ..RestConfig::new("https://api.kraken.com", 1) }
    }

    /// Gets ready to ask.
    ///
    /// Errors: a base URL that is none.
    pub fn new(config: RestConfig) -> Result<Self, RestError> {
        Ok(Self { rest: Rest::new(config)? })
    }

    /// Returns the venue's clock, in whole seconds. One question.
    ///
    /// Errors: [`RestError`].
    pub async fn server_time(&self) -> Result<InstantUs, RestError> {
        self.ask("/0/public/Time", &[], parse_kraken_time).await
    }

    /// Returns the last candles that are over, 720 at most: the venue tells no others. One
    /// question.
    ///
    /// Errors: [`RestError`]; a number of minutes that the venue does not have.
    pub async fn candles(&self, pair: &str, minutes: u16) -> Result<Vec<Candle>, RestError> {
        const PATH: &str = "/0/public/OHLC";
        if ![1, 5, 15, 30, 60, 240, 1_440].contains(&minutes) {
            let allowed = "1, 5, 15, 30, 60, 240 or 1440 minutes";
            return Err(refused(PATH, format!("{minutes} minutes"), allowed));
        }
        let query = [("pair", known(PATH, pair)?), ("interval", minutes.to_string())];
        let mut page = self.ask(PATH, &query, parse_kraken_candles).await?;
        page.rows.pop();
        rising(PATH, page.rows, |row| u64::try_from(row.open_time.0).unwrap_or(0))
    }

    /// Returns the book, up to 500 levels deep on each side. One question.
    ///
    /// Errors: [`RestError`].
    pub async fn depth(&self, pair: &str, levels: u16) -> Result<BookSnapshot, RestError> {
        const PATH: &str = "/0/public/Depth";
        if !(1..=500).contains(&levels) {
            return Err(refused(PATH, format!("{levels} levels"), "1 to 500 levels"));
        }
        let query = [("pair", known(PATH, pair)?), ("count", levels.to_string())];
        self.ask(PATH, &query, parse_kraken_depth).await
    }

    /// Gives the trades of a time range, page by page, checked for holes. One question a thousand,
    /// and one for the venue's clock.
    ///
    /// Errors: a pair's name that the venue cannot have.
    pub fn trades(&self, pair: &str, range: TimeRange) -> Result<KrakenTradePages, RestError> {
        let (pair, since) = (known("Trades", pair)?, just_before(range.from));
        let (rest, next) = (self.clone(), Continuity::by_one());
        Ok(KrakenTradePages { rest, pair, range, until: None, since, next })
    }

    async fn ask<T>(
        &self,
        path: &'static str,
        query: &[(&'static str, String)],
        parse: fn(&str) -> Result<T, MessageError>,
    ) -> Result<T, RestError> {
        let read = |text: &str| {
            let errors = kraken_errors(text)?;
            if errors.is_empty() { Ok(parse(text)?) } else { Err(refusal(&errors)) }
        };
        self.rest.ask(Question { path, query, weight: 1 }, read).await
    }
}

impl KrakenTradePages {
    /// Returns the next trades; `None` at the end.
    ///
    /// Errors: [`RestError`]; asking again goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Page<Trade>>, RestError> {
        const PATH: &str = "/0/public/Trades";
        let until = match self.until {
            Some(until) => until,
            None => *self.until.insert(self.rest.server_time().await?.min(self.range.until)),
        };
        if self.range.from >= until {
            return Ok(None);
        }
        let query = [
            ("pair", self.pair.clone()),
            ("since", self.since.clone()),
            ("count", "1000".to_owned()),
        ];
        let told: KrakenPage<Trade> = self.rest.ask(PATH, &query, parse_kraken_trades).await?;
        let rows = rising(PATH, told.rows, |row| row.id)?;
        let last_told = rows.last().map(|row| row.id);
        let from = self.range.from;
        let new = |row: &Trade| row.time >= from && self.next.next().is_none_or(|id| row.id >= id);
        let rows = rows.into_iter().filter(new).collect();
        let page = trade_page(rows, &mut self.next, until, |row| *row);
        let whole = page.rows.last().map(|row| row.id) == last_told;
        self.since = match page.rows.last() {
            // Where the page was cut at a hole, what lies behind its last row is asked for again.
            Some(last) if !whole => just_before(last.time),
            Some(_) | None => told.last.to_string(),
        };
        self.range.from = page.answered_until;
        Ok(Some(page))
    }
}

/// The venue counts nanoseconds, and our times are rounded up to microseconds.
fn just_before(time: InstantUs) -> String {
    time.0.saturating_sub(2).max(0).saturating_mul(1_000).to_string()
}

/// Sorts the venue's words by what to do about them.
fn refusal(errors: &[String]) -> RestFault {
    let said = clipped(&errors.join(", "));
    let has = |text: &str| errors.iter().any(|error| error.contains(text));
    let class = if has("Rate limit") || has("Too many requests") {
        ErrorClass::RetryAfter(Duration::from_secs(5))
    } else if has("EService:") || has("EGeneral:Internal error") || has("EGeneral:Temporary") {
        ErrorClass::Retry
    } else {
        ErrorClass::DoNotRetry
    };
    RestFault::Refused { said, class }
}

fn refused(path: &str, found: String, allowed: &'static str) -> RestError {
    let fault = RestFault::Question { found, allowed };
    RestError { path: path.to_owned(), asked: 0, fault }
}

fn known(path: &str, pair: &str) -> Result<String, RestError> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_');
    if pair.is_empty() || pair.len() > 32 || !pair.bytes().all(letter) {
        return Err(refused(path, clipped(pair), "a pair's name such as XBTUSD or BTC/USD"));
    }
    Ok(pair.to_owned())
}
