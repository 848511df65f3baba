//! Histories, page by page. Each page knows what has to come next, and a hole is asked for once
//! more before it is named. One page is held at a time.

use tidemill_model::{Candle, Funding, Interval, Trade};
use tidemill_units::InstantUs;

use super::client::From;
use super::{AggregateTrade, BinanceRest};
use crate::continuity::{Continuity, Missing};
use crate::pages::{Page, TimeRange, cut_at_hole, disorder, rising, trade_page};
use crate::rest::RestError;

/// Candles of a time range.
#[derive(Debug)]
pub struct CandlePages {
    rest: BinanceRest,
    symbol: String,
    interval: Interval,
    range: TimeRange,
    /// The range's end, or the last candle's that is over by the venue's clock.
    until: Option<InstantUs>,
}

/// Aggregated trades of a time range.
#[derive(Debug)]
pub struct AggregateTradePages {
    rest: BinanceRest,
    symbol: String,
    range: TimeRange,
    until: Option<InstantUs>,
    next: Continuity,
}

/// Trades of a time range.
#[derive(Debug)]
pub struct TradePages {
    rest: BinanceRest,
    symbol: String,
    range: TimeRange,
    until: Option<InstantUs>,
    next: Continuity,
}

/// Funding of a time range.
#[derive(Debug)]
pub struct FundingPages {
    rest: BinanceRest,
    symbol: String,
    range: TimeRange,
    until: Option<InstantUs>,
}

impl CandlePages {
    pub(crate) fn new(
        rest: BinanceRest,
        symbol: String,
        interval: Interval,
        range: TimeRange,
    ) -> Self {
        let from = aligned_up(interval, range.from);
        Self { rest, symbol, interval, range: TimeRange { from, ..range }, until: None }
    }

    /// Returns the next candles that are over; `None` at the end.
    ///
    /// Errors: [`RestError`]; asking again goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Page<Candle>>, RestError> {
        let until = match self.until {
            Some(until) => until,
            None => {
                let now = self.rest.server_time().await?;
                let over = self.interval.start_of(now.min(self.range.until)).unwrap_or(now);
                *self.until.insert(over)
            }
        };
        let from = self.range.from;
        if from >= until {
            return Ok(None);
        }
        let asked = TimeRange { from, until };
        let rows = self.rest.candles_from(&self.symbol, self.interval, asked).await?;
        let told = self.check(rows, until)?;
        let mut page =
            cut_at_hole(told, micros(from), self.step(), |candle| micros(candle.open_time));
        page.answered_until = match page.rows.last() {
            Some(last) => self.interval.end_of(last.open_time).unwrap_or(until),
            None => {
                // Nothing at all: the venue has no more of it.
                page.missing.push(Missing { expected: micros(from), found: micros(until) });
                until
            }
        };
        self.range.from = page.answered_until;
        Ok(Some(page))
    }

    fn step(&self) -> Continuity {
        Continuity::of_candles(self.interval)
    }

    /// Keeps what was asked for, in rising order; the venue's word is not enough for that.
    fn check(&self, rows: Vec<Candle>, until: InstantUs) -> Result<Vec<Candle>, RestError> {
        let mut next = self.range.from;
        for row in &rows {
            let aligned = self.interval.start_of(row.open_time) == Some(row.open_time);
            if row.open_time < next || !aligned {
                return Err(disorder("klines", row.open_time.0, "opening times in rising order"));
            }
            next = self.interval.end_of(row.open_time).unwrap_or(row.open_time);
        }
        Ok(rows.into_iter().take_while(|row| row.open_time < until).collect())
    }
}

impl AggregateTradePages {
    pub(crate) fn new(rest: BinanceRest, symbol: String, range: TimeRange) -> Self {
        Self { rest, symbol, range, until: None, next: Continuity::by_one() }
    }

    /// Returns the next trades; `None` at the end.
    ///
    /// Errors: [`RestError`]; asking again goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Page<AggregateTrade>>, RestError> {
        let Some(until) = begin(&self.rest, &mut self.until, self.range).await? else {
            return Ok(None);
        };
        let from = self.next.next().map_or(From::Time(self.range.from), From::Id);
        let rows = self.rest.aggregate_trades_from(&self.symbol, from, 1_000).await?;
        let rows = rising("aggTrades", rows, |row| row.trade.id)?;
        let page = trade_page(rows, &mut self.next, until, |row| row.trade);
        self.range.from = page.answered_until;
        Ok(Some(page))
    }
}

impl TradePages {
    pub(crate) fn new(rest: BinanceRest, symbol: String, range: TimeRange) -> Self {
        Self { rest, symbol, range, until: None, next: Continuity::by_one() }
    }

    /// Returns the next trades; `None` at the end. The first is found through the aggregates,
    /// which alone can be asked for by time.
    ///
    /// Errors: [`RestError`]; asking again goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Page<Trade>>, RestError> {
        let Some(until) = begin(&self.rest, &mut self.until, self.range).await? else {
            return Ok(None);
        };
        let next = match self.next.next() {
            Some(next) => next,
            None => {
                let from = From::Time(self.range.from);
                let first = self.rest.aggregate_trades_from(&self.symbol, from, 1).await?;
                let Some(first) = first.first() else {
                    self.range.from = until;
                    let rows = Vec::new();
                    let page = Page { rows, missing: Vec::new(), answered_until: until };
                    return Ok(Some(page));
                };
                self.next = self.next.from(first.first_trade_id);
                first.first_trade_id
            }
        };
        let rows = self.rest.trades_from(&self.symbol, next).await?;
        let rows = rising("historicalTrades", rows, |row| row.id)?;
        let page = trade_page(rows, &mut self.next, until, |row| *row);
        self.range.from = page.answered_until;
        Ok(Some(page))
    }
}

impl FundingPages {
    pub(crate) fn new(rest: BinanceRest, symbol: String, range: TimeRange) -> Self {
        Self { rest, symbol, range, until: None }
    }

    /// Returns the next payments; `None` at the end. How often a market pays changes, so a hole
    /// cannot be seen from the payments alone.
    ///
    /// Errors: [`RestError`]; asking again goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Page<Funding>>, RestError> {
        let Some(until) = begin(&self.rest, &mut self.until, self.range).await? else {
            return Ok(None);
        };
        let asked = TimeRange { until, ..self.range };
        let rows = self.rest.funding_from(&self.symbol, asked).await?;
        let mut last = None;
        for row in &rows {
            if Some(row.time) <= last || row.time < self.range.from {
                return Err(disorder("fundingRate", row.time.0, "times in rising order"));
            }
            last = Some(row.time);
        }
        let rows: Vec<_> = rows.into_iter().take_while(|row| row.time < until).collect();
        let after = rows.last().and_then(|row| row.time.checked_add_us(1));
        let answered_until = after.unwrap_or(until);
        self.range.from = answered_until;
        Ok(Some(Page { rows, missing: Vec::new(), answered_until }))
    }
}

/// Returns the end of what can be asked for: not beyond the venue's clock, since what has not
/// happened yet is not missing. `None` where all of it is answered.
async fn begin(
    rest: &BinanceRest,
    until: &mut Option<InstantUs>,
    range: TimeRange,
) -> Result<Option<InstantUs>, RestError> {
    let end = match *until {
        Some(end) => end,
        None => *until.insert(rest.server_time().await?.min(range.until)),
    };
    Ok((range.from < end).then_some(end))
}

fn aligned_up(interval: Interval, time: InstantUs) -> InstantUs {
    match interval.start_of(time) {
        Some(start) if start == time => time,
        Some(start) => interval.end_of(start).unwrap_or(time),
        None => time,
    }
}

fn micros(time: InstantUs) -> u64 {
    u64::try_from(time.0).unwrap_or(0)
}
