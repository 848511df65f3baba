//! Follows a run event by event and gathers what its sheet shows.

use std::collections::BTreeMap;

use tidemill_ledger::Ledger;
use tidemill_market::{Market, Valuation};
use tidemill_model::{Event, EventBody, Outcome, OutcomeKind, PoolHeader, PositionId};
use tidemill_signals::{ConcentratedPosition, LvrMeter, sqrt_price_to_f64};
use tidemill_units::{Amounts, Side, SignedAmount, SqrtPrice, TickRange, Timestamp};

use crate::attribution::{Attribution, AttributionError, Settlement};
use crate::price::PriceScale;
use crate::tear_sheet::{ActionRow, RangeSpan, ValuePoint};

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
    /// Value and holding over time.
    pub value: Vec<ValuePoint>,
    /// Value at the end of each full hour, whole quote tokens.
    pub hourly: Vec<f64>,
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
    gas: SignedAmount,
    start: Option<(Timestamp, SignedAmount)>,
    last: (Timestamp, SqrtPrice),
    open: BTreeMap<PositionId, Watched>,
    lvr: f64,
    seconds_in_range: u64,
    opened: u64,
    interval: u64,
    next_sample: u64,
    next_hour: u64,
    value: Vec<ValuePoint>,
    hourly: Vec<f64>,
    cumulative_fees: Vec<(u64, f64)>,
    ranges: Vec<RangeSpan>,
    actions: Vec<ActionRow>,
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
            gas: SignedAmount::ZERO,
            start: None,
            last: (Timestamp(0), SqrtPrice::ZERO),
            open: BTreeMap::new(),
            lvr: 0.0,
            seconds_in_range: 0,
            opened: 0,
            interval: (seconds / 1_000).max(1),
            next_sample: 0,
            next_hour: 0,
            value: Vec::new(),
            hourly: Vec::new(),
            cumulative_fees: Vec::new(),
            ranges: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// Takes note of an event before it is applied.
    ///
    /// Errors: [`AttributionError`].
    pub fn before(&mut self, market: &Market, event: &Event) -> Result<()> {
        let EventBody::Outcome(outcome) = &event.body else { return Ok(()) };
        if outcome.kind == OutcomeKind::Expired {
            return Ok(());
        }
        let price = self.valuation.price(market).ok_or(AttributionError)?;
        self.attribution.observe(outcome, price)?;
        let wei = outcome.gas.cost().ok_or(AttributionError)?;
        let gas = self.attribution.gas_value(price, wei)?;
        self.gas = self.gas.checked_add(gas).ok_or(AttributionError)?;
        self.record_action(outcome, event.happened_at, gas);
        Ok(())
    }

    /// Takes note of an event after it was applied.
    ///
    /// Errors: [`AttributionError`].
    pub fn after(&mut self, market: &Market, ledger: &Ledger, event: &Event) -> Result<()> {
        let Some(price) = self.valuation.price(market) else { return Ok(()) };
        let now = event.happened_at;
        let (then, price_then) = self.last;
        if self.start.is_none() {
            self.begin(now, price)?;
        } else {
            self.follow(market, now.seconds_since(then), (price_then, price));
        }
        if let EventBody::Outcome(outcome) = &event.body {
            self.follow_outcome(outcome, market, now);
        }
        self.last = (now, price);
        if now.0 >= self.next_sample {
            self.sample(market, ledger, now)?;
        }
        Ok(())
    }

    fn begin(&mut self, now: Timestamp, price: SqrtPrice) -> Result<()> {
        let value = self.valuation.value_at(price, self.deposit).ok_or(AttributionError)?;
        let value = SignedAmount::positive(value).ok_or(AttributionError)?;
        self.start = Some((now, value));
        self.next_hour = now.0;
        Ok(())
    }

    /// Continues what open positions gather: time, and loss against rebalancing.
    fn follow(&mut self, market: &Market, elapsed: u64, (from, to): (SqrtPrice, SqrtPrice)) {
        if self.open.is_empty() {
            return;
        }
        if self.open.values().any(|watched| watched.in_range) {
            self.seconds_in_range += elapsed;
        }
        if from != to {
            let tick = market.pool(self.valuation.pool).map(|pool| pool.pool().tick());
            let (from, to) = (sqrt_price_to_f64(from), sqrt_price_to_f64(to));
            for watched in self.open.values_mut() {
                watched.in_range = tick.is_some_and(|tick| watched.range.contains(tick));
                watched.lvr.moved(from, to);
            }
        }
    }

    fn follow_outcome(&mut self, outcome: &Outcome, market: &Market, now: Timestamp) {
        match outcome.kind {
            OutcomeKind::Opened { position, range, liquidity, .. } => {
                let tick = market.pool(self.valuation.pool).map(|pool| pool.pool().tick());
                let Ok(position_curve) = ConcentratedPosition::from_ticks(liquidity, range) else {
                    return;
                };
                let lvr = LvrMeter::new(position_curve, self.valuation.quote);
                let in_range = tick.is_some_and(|tick| range.contains(tick));
                self.open
                    .insert(position, Watched { range, in_range, lvr, span: self.ranges.len() });
                self.ranges.push(self.span(range, market, now));
                self.opened += 1;
            }
            OutcomeKind::Closed { position, .. } => {
                if let Some(watched) = self.open.remove(&position) {
                    self.lvr += watched.lvr.total();
                    if let Some(span) = self.ranges.get_mut(watched.span) {
                        span.to_unix = now.0;
                    }
                }
            }
            OutcomeKind::Swapped { .. } | OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
    }

    fn span(&self, range: TickRange, market: &Market, now: Timestamp) -> RangeSpan {
        let ends = [range.lower, range.upper].map(|tick| self.scale.price_of_tick(tick));
        let [one, other] = ends;
        let spacing = market.pool(self.valuation.pool).map(|pool| pool.header().tick_spacing);
        RangeSpan {
            from_unix: now.0,
            to_unix: now.0,
            lower_price: one.min(other),
            upper_price: one.max(other),
            full_range: spacing.and_then(TickRange::full) == Some(range),
        }
    }

    fn sample(&mut self, market: &Market, ledger: &Ledger, now: Timestamp) -> Result<()> {
        let settled = self.attribution.settle(market, ledger)?;
        let value = self.scale.whole(settled.final_value);
        let hold = self.scale.whole(settled.hold_value);
        self.value.push(ValuePoint { unix: now.0, value, hold });
        self.cumulative_fees.push((now.0, self.scale.whole(settled.identity.fees)));
        self.next_sample = now.0 + self.interval;
        while now.0 >= self.next_hour {
            self.hourly.push(value);
            self.next_hour += HOUR;
        }
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
        let Some((start, deposit_value)) = self.start else { return Ok(None) };
        let now = market.now();
        if self.value.last().is_none_or(|point| point.unix < now.0) {
            self.sample(market, ledger, now)?;
        }
        let still_open: f64 = self.open.values().map(|watched| watched.lvr.total()).sum();
        for watched in self.open.values() {
            if let Some(span) = self.ranges.get_mut(watched.span) {
                span.to_unix = now.0;
            }
        }
        let seconds = now.seconds_since(start);
        Ok(Some(RunRecord {
            settlement: self.attribution.settle(market, ledger)?,
            deposit_value,
            lvr: self.lvr + still_open,
            time_in_range: if seconds == 0 {
                0.0
            } else {
                self.seconds_in_range as f64 / seconds as f64
            },
            rebalances: self.opened.saturating_sub(1),
            value: self.value,
            hourly: self.hourly,
            cumulative_fees: self.cumulative_fees,
            ranges: self.ranges,
            actions: self.actions,
        }))
    }
}
