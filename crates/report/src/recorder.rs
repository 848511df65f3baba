//! Follows a run event by event and gathers what its sheet shows.
//!
//! Values are taken at the end of an instant, when all events of one time are applied: before the
//! first event of a later time. Hours are whole hours from the start, at the value that held at
//! their end.

use std::collections::BTreeMap;

use tidemill_ledger::Ledger;
use tidemill_market::{Market, PoolMarket, Valuation};
use tidemill_model::{Event, EventBody, Outcome, OutcomeKind, PoolHeader, PositionId};
use tidemill_signals::{
    ConcentratedPosition, LvrMeter, MaxDrawdown, ReturnMoments, sqrt_price_to_f64,
};
use tidemill_units::{Amounts, Side, SignedAmount, SqrtPrice, Tick, TickRange, Timestamp};

use crate::attribution::{Attribution, AttributionError, Settlement};
use crate::price::PriceScale;
use crate::tear_sheet::{ActionRow, PricePoint, RangeSpan, ValuePoint};

/// What one run leaves for its sheet.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Where every unit went.
    pub settlement: Settlement,
    /// What the deposit was worth at the start, raw quote units.
    pub deposit_value: SignedAmount,
    /// Loss versus rebalancing, raw quote units.
    pub lvr: f64,
    /// Share of the period with liquidity in range.
    pub time_in_range: f64,
    /// Times a position was opened after the first.
    pub rebalances: u64,
    /// The pool's price over time.
    pub price: Vec<PricePoint>,
    /// Value and holding over time.
    pub value: Vec<ValuePoint>,
    /// The deepest fall of the sampled value.
    pub drawdown: MaxDrawdown,
    /// Returns of whole hours.
    pub hourly: ReturnMoments,
    /// Fees earned over time, whole quote tokens.
    pub cumulative_fees: Vec<(u64, f64)>,
    /// Ranges held.
    pub ranges: Vec<RangeSpan>,
    /// What was done.
    pub actions: Vec<ActionRow>,
}

/// Gathers a [`RunRecord`] while an engine is driven.
#[derive(Clone, Debug)]
pub struct Recorder {
    valuation: Valuation,
    scale: PriceScale,
    deposit: Amounts,
    attribution: Attribution,
    last: Option<Instant>,
    start: Option<(Timestamp, SignedAmount)>,
    open: BTreeMap<PositionId, Watched>,
    lvr: f64,
    seconds_in_range: u64,
    opened: u64,
    interval: u64,
    next_sample: u64,
    hour: Option<Hour>,
    price: Vec<PricePoint>,
    value: Vec<ValuePoint>,
    drawdown: MaxDrawdown,
    hourly: ReturnMoments,
    cumulative_fees: Vec<(u64, f64)>,
    ranges: Vec<RangeSpan>,
    actions: Vec<ActionRow>,
}

/// The state after the latest event.
#[derive(Clone, Copy, Debug)]
struct Instant {
    time: Timestamp,
    sqrt_price: SqrtPrice,
    tick: Tick,
}

/// The next whole hour, and what we were worth at the one before.
#[derive(Clone, Copy, Debug)]
struct Hour {
    next: u64,
    value: f64,
}

#[derive(Clone, Debug)]
struct Watched {
    range: TickRange,
    in_range: bool,
    lvr: LvrMeter,
    span: usize,
}

type Result<T> = std::result::Result<T, AttributionError>;

const HOUR: u64 = 3_600;

impl Recorder {
    /// Returns a recorder of a run over `seconds` that starts with `deposit`; charts get about a
    /// thousand points.
    pub fn new(valuation: Valuation, header: &PoolHeader, deposit: Amounts, seconds: u64) -> Self {
        Self {
            valuation,
            scale: PriceScale::new(header, valuation.quote),
            deposit,
            attribution: Attribution::new(valuation, deposit),
            last: None,
            start: None,
            open: BTreeMap::new(),
            lvr: 0.0,
            seconds_in_range: 0,
            opened: 0,
            interval: (seconds / 1_000).max(1),
            next_sample: 0,
            hour: None,
            price: Vec::new(),
            value: Vec::new(),
            drawdown: MaxDrawdown::default(),
            hourly: ReturnMoments::default(),
            cumulative_fees: Vec::new(),
            ranges: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// Takes note of an event before it is applied.
    ///
    /// Errors: [`AttributionError`].
    pub fn before(&mut self, market: &Market, ledger: &Ledger, event: &Event) -> Result<()> {
        self.note_state(market)?;
        if let Some(last) = self.last.filter(|last| last.time < event.happened_at) {
            if last.time.0 >= self.next_sample {
                self.sample(market, ledger, last)?;
            }
            self.close_hours(market, ledger, event.happened_at)?;
        }
        let EventBody::Outcome(outcome) = &event.body else { return Ok(()) };
        let price = self.valuation.price(market).ok_or(AttributionError::OutOfRange)?;
        self.attribution.observe(outcome, price)?;
        let wei = outcome.gas.cost().ok_or(AttributionError::OutOfRange)?;
        let gas = self.attribution.gas_value(price, wei)?;
        self.record_action(outcome, event.happened_at, gas);
        Ok(())
    }

    /// Takes note of an event after it was applied.
    ///
    /// Errors: [`AttributionError`].
    pub fn after(&mut self, market: &Market, event: &Event) -> Result<()> {
        self.note_state(market)?;
        if let EventBody::Outcome(outcome) = &event.body {
            self.follow_outcome(outcome, market);
        }
        Ok(())
    }

    /// Continues what depends on time and price alone, from the state before to the present one.
    fn note_state(&mut self, market: &Market) -> Result<()> {
        let Some(pool) = self.pool(market) else { return Ok(()) };
        let now = Instant {
            time: market.now(),
            sqrt_price: pool.pool().sqrt_price(),
            tick: pool.pool().tick(),
        };
        match self.last.replace(now) {
            None => {
                let value = self.valuation.value_at(now.sqrt_price, self.deposit);
                let value = value.and_then(SignedAmount::positive);
                let value = value.ok_or(AttributionError::OutOfRange)?;
                self.start = Some((now.time, value));
                let whole = self.scale.whole(value);
                self.hour = Some(Hour { next: now.time.0.saturating_add(HOUR), value: whole });
            }
            Some(last) if !self.open.is_empty() => self.follow(last, now),
            Some(_) => {}
        }
        Ok(())
    }

    fn pool<'a>(&self, market: &'a Market) -> Option<&'a PoolMarket> {
        market.pool(self.valuation.pool).filter(|pool| pool.pool().is_initialized())
    }

    fn follow(&mut self, last: Instant, now: Instant) {
        if self.open.values().any(|watched| watched.in_range) {
            self.seconds_in_range += now.time.seconds_since(last.time);
        }
        if last.tick != now.tick {
            for watched in self.open.values_mut() {
                watched.in_range = watched.range.contains(now.tick);
            }
        }
        if last.sqrt_price != now.sqrt_price {
            let (from, to) =
                (sqrt_price_to_f64(last.sqrt_price), sqrt_price_to_f64(now.sqrt_price));
            for watched in self.open.values_mut() {
                watched.lvr.moved(from, to);
            }
        }
    }

    fn follow_outcome(&mut self, outcome: &Outcome, market: &Market) {
        let Some(now) = self.last else { return };
        match outcome.kind {
            OutcomeKind::Opened { position, range, liquidity, .. } => {
                let Ok(curve) = ConcentratedPosition::from_ticks(liquidity, range) else { return };
                let lvr = LvrMeter::new(curve, self.valuation.quote);
                let in_range = range.contains(now.tick);
                let span = self.ranges.len();
                self.open.insert(position, Watched { range, in_range, lvr, span });
                self.ranges.push(self.span(range, market, now.time));
                self.opened += 1;
            }
            OutcomeKind::Closed { position, .. } => {
                if let Some(watched) = self.open.remove(&position) {
                    self.lvr += watched.lvr.total();
                    if let Some(span) = self.ranges.get_mut(watched.span) {
                        span.to_unix = now.time.0;
                    }
                }
            }
            OutcomeKind::Swapped { .. } | OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
    }

    fn span(&self, range: TickRange, market: &Market, now: Timestamp) -> RangeSpan {
        let ends = [range.lower, range.upper].map(|tick| self.scale.price_of_tick(tick));
        let [one, other] = ends;
        let spacing = self.pool(market).map(|pool| pool.header().tick_spacing);
        RangeSpan {
            from_unix: now.0,
            to_unix: now.0,
            lower_price: one.min(other),
            upper_price: one.max(other),
            full_range: spacing.and_then(TickRange::full) == Some(range),
        }
    }

    fn sample(&mut self, market: &Market, ledger: &Ledger, at: Instant) -> Result<()> {
        let settled = self.attribution.settle(market, ledger)?;
        let value = self.scale.whole(settled.final_value);
        let hold = self.scale.whole(settled.hold_value);
        let unix = at.time.0;
        self.value.push(ValuePoint { unix, value, hold });
        self.drawdown.update(value);
        self.price.push(PricePoint { unix, price: self.scale.price(at.sqrt_price) });
        self.cumulative_fees.push((unix, self.scale.whole(settled.identity.fees)));
        self.next_sample = unix.saturating_add(self.interval);
        Ok(())
    }

    /// Closes the hours that end before `until`, at the value that holds now. Of a gap, the first
    /// hour takes the whole change and the others are still.
    fn close_hours(&mut self, market: &Market, ledger: &Ledger, until: Timestamp) -> Result<()> {
        let Some(mut hour) = self.hour.filter(|hour| until.0 > hour.next) else { return Ok(()) };
        let settled = self.attribution.settle(market, ledger)?;
        let value = self.scale.whole(settled.final_value);
        while until.0 > hour.next {
            if hour.value > 0.0 {
                self.hourly.update(value / hour.value - 1.0);
            }
            hour = Hour { next: hour.next.saturating_add(HOUR), value };
        }
        self.hour = Some(hour);
        Ok(())
    }

    fn record_action(&mut self, outcome: &Outcome, at: Timestamp, gas_quote: SignedAmount) {
        let (what, detail) = match outcome.kind {
            OutcomeKind::Opened { range, liquidity, .. } => {
                ("open", format!("ticks {range}, liquidity {liquidity}"))
            }
            OutcomeKind::Closed { withdrawn, fees, .. } => (
                "close",
                format!(
                    "withdrew {} and {}, fees {} and {} (raw token0 and token1)",
                    withdrawn.amount0, withdrawn.amount1, fees.amount0, fees.amount1
                ),
            ),
            OutcomeKind::Swapped { input, amount_in, amount_out, .. } => {
                let (paid, received) = match input {
                    Side::Token0 => ("token0", "token1"),
                    Side::Token1 => ("token1", "token0"),
                };
                ("swap", format!("{amount_in} raw {paid} for {amount_out} raw {received}"))
            }
            OutcomeKind::Rejected(reason) => ("rejected", reason.describe().to_owned()),
            OutcomeKind::Expired => ("expired", "the tape ended before its block".to_owned()),
        };
        let (unix, block) = (at.0, outcome.block.0);
        self.actions.push(ActionRow { unix, block, what: what.to_owned(), detail, gas_quote });
    }

    /// Closes the record at the last event. `None` where the pool never had a price.
    ///
    /// Errors: [`AttributionError`].
    pub fn finish(mut self, market: &Market, ledger: &Ledger) -> Result<Option<RunRecord>> {
        let (Some((start, deposit_value)), Some(now)) = (self.start, self.last) else {
            return Ok(None);
        };
        self.sample(market, ledger, now)?;
        let still_open: f64 = self.open.values().map(|watched| watched.lvr.total()).sum();
        for watched in self.open.values() {
            if let Some(span) = self.ranges.get_mut(watched.span) {
                span.to_unix = now.time.0;
            }
        }
        let seconds = now.time.seconds_since(start);
        let in_range = self.seconds_in_range as f64;
        Ok(Some(RunRecord {
            settlement: self.attribution.settle(market, ledger)?,
            deposit_value,
            lvr: self.lvr + still_open,
            time_in_range: if seconds == 0 { 0.0 } else { in_range / seconds as f64 },
            rebalances: self.opened.saturating_sub(1),
            price: self.price,
            value: self.value,
            drawdown: self.drawdown,
            hourly: self.hourly,
            cumulative_fees: self.cumulative_fees,
            ranges: self.ranges,
            actions: self.actions,
        }))
    }
}
